"""Answers that stand together below the questions of a page go to their questions, by number.

1. Which of these is memory?        ## Answers
   A. a page  B. a process          1. A
2. Who hands out the CPU?           2. The scheduler.

Each is put below its question with a label, and is then read like any other labelled answer.
Where they do not fit, and the questions have no other answers, all of it is on no card.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, filterfalse, pairwise, zip_longest
from typing import NamedTuple

from deckbuilder.answers import answer_label, answer_line, is_choices, is_ticked
from deckbuilder.dialects.answer_keys import LEAST, Answer, Blocks, Key, count_of, keys
from deckbuilder.dialects.blocks import label_of, on_no_card, paragraph, text_of
from deckbuilder.inline import join_lines, text_lines, text_token
from deckbuilder.markdown import LISTS, Token, blocks_in, is_paragraph, items, lines_of
from deckbuilder.numbering import number_of
from deckbuilder.problems import shortened
from deckbuilder.wording import ANSWER_LABEL, BARE_QUESTION, BLANK, EXERCISE, asks


class _Question(NamedTuple):
    """A numbered question, and where it stands."""

    number: int
    text: str
    block: int
    item: int
    """Of the list that the block is; -1 where the block is the question itself."""


_Asked = tuple[_Question, Answer]


def with_answers(tokens: list[Token]) -> list[Token]:
    """Return *tokens* with each answer of a key below its question, if all of these have one."""
    blocks = blocks_in(tokens)
    below: dict[tuple[int, int], list[Token]] = {}
    instead: dict[int, list[Token]] = {}
    start = 0
    for key in keys(blocks):
        if asked := _asked(blocks, start, key):
            instead |= key.instead | {key.block: _with_spare(key, asked)}
            for (question, answer), following in zip_longest(asked, asked[1:]):
                place = _end_of(blocks, question, following and following[0], key.block)
                below.setdefault(place, []).extend(_labelled(answer, blocks[key.block]))
        elif row := _unanswered(blocks, start, key):
            instead |= _misfit(blocks, row, key)
        start = key.stop
    return _rewritten(blocks, below, instead) if instead else tokens


def _asked(blocks: Blocks, start: int, key: Key) -> list[_Asked]:
    """Return the questions above a key with their answers in it, in order.

    None if that is not clear, or if one of them has an answer of its own.
    """
    for row in _rows(blocks, start, key):
        asked = _matched(row, key.answers)
        clear = [question for question, _ in asked if _asks(question, blocks)]
        if asked and len(clear) * 2 >= len(asked):
            first = asked[0][0].block
            if not any(map(_has_answer, blocks[first : key.block])):
                return asked
    return []


def _matched(row: Sequence[_Question], answers: Sequence[Answer]) -> list[_Asked]:
    """Return the last questions of *row* with their answers, by number; none if one has none.

    Answers of questions that were taken out may be left over, but none behind the last
    question: where that has a smaller number, all may have been counted anew.
    """
    numbers = [answer.number for answer in answers]
    last = row[-len(numbers) :]
    if [question.number for question in last] == numbers:
        return list(zip(last, answers, strict=True))
    begins = max(i for i, one in enumerate(row) if not i or one.number <= row[i - 1].number)
    last = row[begins:]
    counted_once = numbers == sorted({*numbers}) and last[-1].number == numbers[-1]
    by_number = dict(zip(numbers, answers, strict=True))
    found = [(one, by_number[one.number]) for one in last if one.number in by_number]
    whole = len(found) == len(last) and len(last) * 2 >= len(numbers)
    return found if counted_once and whole else []


def _unanswered(blocks: Blocks, start: int, key: Key) -> list[_Question]:
    """Return the questions above a key that have no answer but in it, though it does not fit.

    Of exercises, often but some are solved: these stay as they are.
    """
    rows = filterfalse(_are_exercises, _rows(blocks, start, key))
    for row in (*rows, _uncounted(blocks, start, key)):
        clear = [question for question in row if _asks(question, blocks)]
        if len(row) >= LEAST and len(clear) * 2 >= len(row):
            pairs = zip_longest(row, row[1:])
            if all(_is_open(_below(blocks, *pair, stop=key.block)) for pair in pairs):
                return row
    return []


def _uncounted(blocks: Blocks, start: int, key: Key) -> list[_Question]:
    """Return what stands above choices, with no number."""
    pairs = pairwise(range(start, key.block))
    chosen = [at for at, below in pairs if is_choices(blocks[below]) and not is_choices(blocks[at])]
    return [_Question(0, text_of(blocks[at]), at, -1) for at in chosen]


def _below(
    blocks: Blocks, question: _Question, following: _Question | None, *, stop: int
) -> list[Sequence[Token]]:
    """Return the blocks between a question and the next one, or *stop*."""
    item = items(blocks[question.block])[question.item][1:-1] if question.item >= 0 else []
    stop = following.block if following else stop
    return [*blocks_in(item)[1:], *blocks[question.block + 1 : stop]]


def _is_open(below: Blocks) -> bool:
    """Return whether a question has nothing *below* it but choices, and what introduces these."""
    chosen = (at for at, block in enumerate(below, 1) if is_choices(block))
    rest = below[max(chosen, default=0) :]
    ticked = any(is_ticked(block, 0) for block in below)
    return not ticked and all(block[0].type in {"heading_open", "hr"} for block in rest)


def _misfit(blocks: Blocks, row: Sequence[_Question], key: Key) -> dict[int, list[Token]]:
    """Return what stands instead of questions and a key that does not fit: nothing on a card."""
    answers, questions = (_counted([one.number for one in some]) for some in (key.answers, row))
    message = (
        f"these answers have the numbers {answers}, the questions above {questions}: nobody can "
        "tell which belong together, so they make no cards; give both the same numbers"
    )
    line = lines_of(blocks[key.block][0])[0] + 1
    places = range(row[0].block, key.stop)
    quiz = on_no_card([*chain(*(blocks[at] for at in places))], line, message)
    return {at: quiz if at == places[0] else [] for at in places}


def _counted(numbers: Sequence[int]) -> str:
    """Return numbers as people say them; 0 is none."""
    if [*numbers] == [*range(numbers[0], numbers[0] + len(numbers))]:
        return f"{numbers[0]} to {numbers[-1]}"
    return shortened(", ".join(map(str, numbers))) if any(numbers) else "none"


def _with_spare(key: Key, asked: Sequence[_Asked]) -> list[Token]:
    """Return what announced a key with its answers that belong to none of the questions."""
    given = {answer.number for _, answer in asked}
    spare = (answer.tokens for answer in key.answers if answer.number not in given)
    return [*key.instead[key.block], *chain(*spare)]


def _has_answer(block: Sequence[Token]) -> bool:
    """Return whether a block holds an answer with a label, or announces one."""
    return bool(answer_label(block, 0)) or answer_line(text_lines(block)) is not None


def _rows(blocks: Blocks, start: int, key: Key) -> Iterator[list[_Question]]:
    """Yield what is numbered alike above a key: headings of each level, bold lines, items.

    Exercises come last: what is asked in them, or beside them, is more clearly what is answered.
    """
    rows: dict[str, list[_Question]] = defaultdict(list)
    own = _level(blocks[key.block])
    for at in range(start, key.block):
        block = blocks[at]
        text = text_of(block)
        if block[0].type == "ordered_list_open":
            for index, item in enumerate(items(block)):
                said = text_of(item[1:-1])
                rows["items"].append(_Question(int(item[0].info or 0), said, at, index))
        elif (number := count_of(block)) is not None:
            kind = block[0].tag if block[0].type == "heading_open" else "items"
            bold = (block[1].children or [])[:1]
            kind = "lines" if kind == "items" and bold and bold[0].type == "strong_open" else kind
            rows[kind].append(_Question(number, text, at, -1))
    headings = sorted(kind for kind in rows if kind.startswith("h") and kind >= own)
    found = [rows[kind] for kind in [*headings[::-1], "lines", "items"] if rows[kind]]
    yield from sorted(found, key=_are_exercises)


def _are_exercises(row: Sequence[_Question]) -> bool:
    return bool(row and EXERCISE.match(row[0].text))


def _asks(question: _Question, blocks: Blocks) -> bool:
    """Return whether a question says that it is one, leaves a blank, or has choices."""
    number = number_of(question.text)
    text = question.text[number.length :] if number else question.text
    labelled = BARE_QUESTION.match(question.text) or EXERCISE.match(question.text)
    if labelled or (number and number.names) or asks(text) or BLANK.search(text):
        return True
    block = blocks[question.block]
    if question.item >= 0:
        block = items(block)[question.item]
    following = blocks[question.block + 1 : question.block + 2]
    return is_choices(block) or any(map(is_choices, following))


def _end_of(
    blocks: Blocks, question: _Question, following: _Question | None, stop: int
) -> tuple[int, int]:
    """Return where a question ends: a block, and an item of it, or -1 for the block's end."""
    if following and following.block == question.block:
        return question.block, question.item
    of_list, level = question.item >= 0, _level(blocks[question.block])
    last = question.block
    for at in range(question.block + 1, following.block if following else stop):
        if blocks[at][0].type == "heading_open" and blocks[at][0].tag <= level:
            break
        if of_list and not is_choices(blocks[at]):
            break
        last = at
    return (last, -1) if last > question.block or not of_list else (last, question.item)


def _level(block: Sequence[Token]) -> str:
    """Return the tag of a heading; of what is none, one below them all."""
    return block[0].tag if block[0].type == "heading_open" else "h9"


def _labelled(answer: Answer, heading: Sequence[Token]) -> list[Token]:
    """Return an answer with the words of its key in front, as a label."""
    word = re.sub(r"^\W+|\W+$", "", text_of(heading))
    known = word if ANSWER_LABEL.fullmatch(f"{word}:") else ""
    label = text_token(label_of(word, known))
    first, rest = answer.tokens[:3], answer.tokens[3:]
    if not is_paragraph(first):
        return [*paragraph([label], lines_of(heading[0])), *answer.tokens]
    said = join_lines([[label, *(first[1].children or [])]])
    return [*paragraph(said, lines_of(first[0])), *rest]


def _rewritten(
    blocks: Blocks,
    below: Mapping[tuple[int, int], list[Token]],
    instead: Mapping[int, list[Token]],
) -> list[Token]:
    """Return the blocks as tokens, with what goes *below* each of their ends, or *instead*."""
    result: list[Token] = []
    for at, block in enumerate(blocks):
        if at in instead:
            result += instead[at]
            continue
        if block[0].type in LISTS:
            result.append(block[0])
            for index, item in enumerate(items(block)):
                result += [*item[:-1], *below.get((at, index), ()), item[-1]]
            result.append(block[-1])
        else:
            result += block
        result += below.get((at, -1), ())
    return result
