"""Answers that stand together below the questions of a page, told by their numbers.

1. Which of these is memory?        ## Answers
   A. a page  B. a process          1. A
2. Who hands out the CPU?           2. The scheduler.

Each goes below its question with a label, and is then read like any other labelled answer. A
key may also be short: ``1-5 BADCB 6. A``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from deckbuilder.answers import answer_label
from deckbuilder.dialects.blocks import Lines, end, is_choices, paragraph
from deckbuilder.inline import drop_prefix, join_lines, split_lines
from deckbuilder.markdown import (
    LISTS,
    Token,
    as_blocks,
    inline_text,
    is_paragraph,
    items,
    lines_of,
    plain_text,
    table_rows,
    top_blocks,
)
from deckbuilder.numbering import number_of
from deckbuilder.wording import (
    ANSWER_KEY,
    ANSWER_LABEL,
    BARE_QUESTION,
    BLANK,
    asks,
    starts_answer_text,
)

_LEAST = 2
_LABELS = {"question", "item"}
"""Kinds of numbers that say what they count."""
_SHORT = re.compile(
    r"(\d{1,3})(?:\s*[-~～–—至]\s*(\d{1,3}))?\s*[.．、:：)）]?\s*"
    r"([A-H](?:[\s,，、]*[A-H])*|[√×✓✗对错])[\s,，;；。]*"
)
_CELL = re.compile(r"\W*(\d{1,3})\W*")
_CHINESE = re.compile("[\u4e00-\u9fff]")

_Blocks = Sequence[Sequence[Token]]


class _Question(NamedTuple):
    """A numbered question, and where it stands."""

    number: int
    text: str
    block: int
    item: int
    """Of the list that the block is; -1 where the block is the question itself."""


class _Answer(NamedTuple):
    number: int
    tokens: list[Token]
    """Block tokens, the first a paragraph if that is what the answer begins with."""


class _Key(NamedTuple):
    """What announces answers at *block*, and these, up to the block *stop*."""

    block: int
    stop: int
    answers: list[_Answer]
    instead: dict[int, list[Token]]
    """What is left of its blocks when the answers have gone to their questions."""


def with_answers(tokens: list[Token]) -> list[Token]:
    """Return *tokens* with each answer of a key below its question, if all of them find one."""
    if not any(t.type == "inline" and ANSWER_KEY.match(t.content) for t in tokens):
        return tokens
    blocks = [tokens[start:stop] for start, stop in top_blocks(tokens)]
    below: dict[tuple[int, int], list[Token]] = {}
    instead: dict[int, list[Token]] = {}
    start = 0
    for key in _keys(blocks):
        if asked := _asked(blocks, start, key):
            instead |= key.instead
            followed = zip(asked, [*asked[1:], None], key.answers, strict=True)
            for question, following, answer in followed:
                place = _end_of(blocks, question, following, key.block)
                below.setdefault(place, []).extend(_labelled(answer, blocks[key.block]))
        start = key.stop
    return _rewritten(blocks, below, instead) if instead else tokens


# The key -----------------------------------------------------------------------------------------


def _keys(blocks: _Blocks) -> Iterator[_Key]:
    """Yield the headings and lines that announce answers by number, and these."""
    for at, block in enumerate(blocks):
        if _announces(block):
            headed = block[0].type == "heading_open"
            key = _below_heading(blocks, at) if headed else _below_line(blocks, at)
            if len(key.answers) >= _LEAST and all(answer.tokens for answer in key.answers):
                yield key


def _announces(block: Sequence[Token]) -> bool:
    """Return whether a block is the heading of a key, or a line that says no more than one."""
    found = ANSWER_KEY.match(_text(block))
    if not found or block[0].type == "heading_open":
        return bool(found)
    return is_paragraph(block) and not re.search(r"\w", found["more"] or "")


def _below_line(blocks: _Blocks, at: int) -> _Key:
    """Return the key below a line: what follows it as long as there are answers in it."""
    key = _Key(at, at + 1, [], {at: _ending(blocks[at])})
    while key.stop < len(blocks) and (found := _answers(blocks[key.stop])):
        key.answers.extend(found)
        key.instead[key.stop] = _spare(blocks[key.stop])
        key = key._replace(stop=key.stop + 1)
    return key


def _below_heading(blocks: _Blocks, at: int) -> _Key:
    """Return the key below a heading, up to the next one as high.

    Headings in it count an answer or part the key; other blocks go on with the answer above.
    """
    level = blocks[at][0].tag
    key = _Key(at, at + 1, [], {at: _ending(blocks[at])})
    for stop in range(at + 1, len(blocks)):
        block = blocks[stop]
        heading = block[0].type == "heading_open"
        if heading and block[0].tag <= level:
            break
        key = key._replace(stop=stop + 1)
        key.instead[stop] = []
        if heading and (counted := BARE_QUESTION.match(_text(block)) and _number(block)):
            key.answers.append(_Answer(counted, []))
        elif heading:
            key.instead[stop] = _as_text(block)
        elif found := _answers(block):
            key.answers.extend(found)
            key.instead[stop] = _spare(block)
        elif key.answers and block[0].type != "hr":
            key.answers[-1].tokens.extend(block)
        elif block[0].type != "hr":
            return key._replace(answers=[])
    return key


def _answers(block: Sequence[Token]) -> list[_Answer]:
    """Return the answers that a block of a key holds; none if it holds anything else."""
    if block[0].type == "ordered_list_open":
        inner = [(block[start], block[start + 1 : stop - 1]) for start, stop in items(block)]
        text = " ".join(f"{item.info}. {plain_text(_first(below))}" for item, below in inner)
        plain = all(len(below) == 3 for _, below in inner)
        short = _short(text, lines_of(block[0])) if plain else []
        return short or [_Answer(int(item.info or 0), as_blocks(below)) for item, below in inner]
    if block[0].type == "table_open":
        return _of_table(block)
    return _of_lines(block) if is_paragraph(block) else []


def _of_lines(block: Sequence[Token]) -> list[_Answer]:
    """Return the answers of a paragraph: short ones, or one on each line behind its number."""
    place = lines_of(block[0])
    lines = split_lines(block[1].children or [])
    if short := _short(" ".join(map(plain_text, lines)), place):
        return short
    answers: list[_Answer] = []
    for line in lines:
        number = number_of(plain_text(line))
        if number and number.certain and number.parts:
            said = drop_prefix(line, number.length)
            answers.append(_Answer(number.parts[-1], paragraph(said, place)))
        elif not answers:
            return []
        else:
            answers[-1].tokens.extend(paragraph(line, place))
    return answers


def _of_table(table: Sequence[Token]) -> list[_Answer]:
    """Return the answers of a table, if there is one for each number in it."""
    pairs = [(_CELL.fullmatch(number.content), told) for number, told in _cells(table)]
    return [
        _Answer(int(number[1]), paragraph(told.children or [], lines_of(told)))
        for number, told in pairs
        if number and all(one for one, _ in pairs)
    ]


def _cells(table: Sequence[Token]) -> list[tuple[Token, Token]]:
    """Return number and answer of a table: beside each other, or else one below the other."""
    head, *body = table_rows(table)
    if len(body) > 1:
        return [(cells[0], cells[1]) for cells in body if len(cells) == len(head) == 2]
    return list(zip(head, body[0], strict=False))[1:] if body else []


def _spare(block: Sequence[Token]) -> list[Token]:
    """Return what a block of a key says besides the answers: how the columns are called."""
    if block[0].type != "table_open":
        return []
    used = {id(cell) for pair in _cells(block) for cell in pair}
    names = [
        cell.children or [] for row in table_rows(block) for cell in row if id(cell) not in used
    ]
    return paragraph(join_lines(names), lines_of(block[0]))


def _short(text: str, place: Lines) -> list[_Answer]:
    """Return the answers that *text* says in letters, none if it says more: ``1-5 BADCB``."""
    found = list(_SHORT.finditer(text))
    if "".join(one[0] for one in found) != text:
        return []
    answers = []
    for one in found:
        first, last = int(one[1]), int(one[2] or one[1])
        said = re.findall(r"\S", re.sub(r"[,，、]", "", one[3])) if one[2] else [one[3]]
        if len(said) != last - first + 1:
            return []
        for number, letter in enumerate(said, first):
            answers.append(_Answer(number, paragraph([_word(letter)], place)))
    return answers


def _word(text: str) -> Token:
    return Token("text", "", 0, content=text)


# The questions -----------------------------------------------------------------------------------


def _asked(blocks: _Blocks, start: int, key: _Key) -> list[_Question]:
    """Return the questions above a key that its answers belong to, in order.

    None if that is not clear, or if one of them has an answer of its own.
    """
    numbers = [answer.number for answer in key.answers]
    for row in _rows(blocks, start, key):
        asked = row[-len(numbers) :]
        if [one.number for one in asked] != numbers:
            continue
        clear = [one for one in asked if _asks(one, blocks)]
        first = asked[0].block
        answered = any(map(_has_answer, blocks[first : key.block]))
        if len(clear) * 2 >= len(asked) and not answered:
            return asked
    return []


def _has_answer(block: Sequence[Token]) -> bool:
    """Return whether a block holds an answer with a label, or announces one."""
    texts = [inline_text(token.children or ()) for token in block if token.type == "inline"]
    lines = [line for text in texts for line in text.split("\n")]
    pairs = ("\n".join(two) for two in pairwise([*lines, ""]))
    return bool(answer_label(block, 0)) or any(map(starts_answer_text, pairs))


def _rows(blocks: _Blocks, start: int, key: _Key) -> Iterator[list[_Question]]:
    """Yield what is numbered alike above a key: headings of each level, bold lines, items."""
    rows: dict[str, list[_Question]] = defaultdict(list)
    own = blocks[key.block][0].tag if blocks[key.block][0].type == "heading_open" else "h9"
    for at in range(start, key.block):
        block = blocks[at]
        text = _text(block)
        if block[0].type == "ordered_list_open":
            for index, (begin, stop) in enumerate(items(block)):
                said = plain_text(_first(block[begin + 1 : stop - 1]))
                rows["items"].append(_Question(int(block[begin].info or 0), said, at, index))
        elif (number := _number(block)) is not None:
            kind = block[0].tag if block[0].type == "heading_open" else "items"
            bold = (block[1].children or [])[:1]
            kind = "lines" if kind == "items" and bold and bold[0].type == "strong_open" else kind
            rows[kind].append(_Question(number, text, at, -1))
    headings = sorted(kind for kind in rows if kind.startswith("h") and kind >= own)
    yield from (rows[kind] for kind in [*headings[::-1], "lines", "items"] if rows[kind])


def _number(block: Sequence[Token]) -> int | None:
    """Return the number in front of a heading or paragraph, if it counts a question."""
    if block[0].type != "heading_open" and not is_paragraph(block):
        return None
    text = _text(block)
    if BARE_QUESTION.match(text):
        return int(re.findall(r"\d+", text)[0])
    number = number_of(text)
    return number.parts[-1] if number and number.certain and number.parts else None


def _asks(question: _Question, blocks: _Blocks) -> bool:
    """Return whether a question says that it is one, leaves a blank, or has choices."""
    number = number_of(question.text)
    text = question.text[number.length :] if number else question.text
    labelled = BARE_QUESTION.match(question.text) or (number and number.kind in _LABELS)
    if labelled or asks(text) or BLANK.search(text):
        return True
    block = blocks[question.block]
    if question.item >= 0:
        begin, stop = items(block)[question.item]
        block = block[begin:stop]
    following = blocks[question.block + 1 : question.block + 2]
    return is_choices(block) or any(map(is_choices, following))


def _end_of(
    blocks: _Blocks, question: _Question, following: _Question | None, stop: int
) -> tuple[int, int]:
    """Return where a question ends: a block, and an item of it, or -1 for the block's end."""
    if following and following.block == question.block:
        return question.block, question.item
    of_list = question.item >= 0
    last = question.block
    for at in range(question.block + 1, following.block if following else stop):
        if blocks[at][0].type == "heading_open" and blocks[at][0].tag <= _level(blocks, question):
            break
        if of_list and not is_choices(blocks[at]):
            break
        last = at
    return (last, -1) if last > question.block or not of_list else (last, question.item)


def _level(blocks: _Blocks, question: _Question) -> str:
    opening = blocks[question.block][0]
    return opening.tag if opening.type == "heading_open" else "h9"


# Together ----------------------------------------------------------------------------------------


def _labelled(answer: _Answer, heading: Sequence[Token]) -> list[Token]:
    """Return an answer with the words of its key in front, as a label."""
    word = re.sub(r"^\W+|\W+$", "", _text(heading))
    chinese = bool(_CHINESE.search(word))
    if not ANSWER_LABEL.fullmatch(f"{word}:"):
        word = "答案" if chinese else "Answer"
    label = _word(f"{word}：" if chinese else f"{word}: ")
    first, rest = answer.tokens[:3], answer.tokens[3:]
    if not is_paragraph(first):
        return [*paragraph([label], lines_of(heading[0])), *answer.tokens]
    said = join_lines([[label, *(first[1].children or [])]])
    return [*paragraph(said, lines_of(first[0])), *rest]


def _ending(block: Sequence[Token]) -> list[Token]:
    """Return what announced the answers as text that ends the last card, and is on none."""
    return [*end(lines_of(block[0])), *_as_text(block)]


def _as_text(heading: Sequence[Token]) -> list[Token]:
    return paragraph(_first(heading), lines_of(heading[0]))


def _rewritten(
    blocks: _Blocks,
    below: Mapping[tuple[int, int], list[Token]],
    instead: Mapping[int, list[Token]],
) -> list[Token]:
    """Return the blocks as tokens, with what goes *below* each of their ends, or *instead*."""
    result: list[Token] = []
    for at, block in enumerate(blocks):
        if at in instead:
            result += instead[at]
            continue
        last = 0
        for index, (_, stop) in enumerate(items(block) if block[0].type in LISTS else ()):
            result += [*block[last : stop - 1], *below.get((at, index), ())]
            last = stop - 1
        result += [*block[last:], *below.get((at, -1), ())]
    return result


def _first(block: Sequence[Token]) -> Sequence[Token]:
    """Return the inline tokens that a block begins with."""
    return next((token.children or () for token in block[:2] if token.type == "inline"), ())


def _text(block: Sequence[Token]) -> str:
    return plain_text(_first(block))
