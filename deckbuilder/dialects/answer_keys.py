"""Keys: the answers to all questions of a page, in one place, each behind a number.

## Answers        **Answers:** 1-5 BADCB 6. A        | 1 | B |
1. B                                                 | 2 | A |
2. A: a pole with a blade.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from deckbuilder.characters import regex
from deckbuilder.dialects.blocks import Lines, end, inline_of, paragraph, text_of
from deckbuilder.inline import drop_prefix, join_lines, split_lines, text_token
from deckbuilder.markdown import (
    Token,
    as_blocks,
    is_comment,
    is_paragraph,
    items,
    lines_of,
    plain_text,
    table_rows,
)
from deckbuilder.numbering import certain_number, count_in
from deckbuilder.wording import ANSWER_KEY, ANSWER_LABEL, ANSWER_TO, BARE_QUESTION, EXERCISE

LEAST = 2
"""Answers that make a key, and questions that make a quiz."""

_SHORT = regex(
    r"(\d{1,3})(?:\s*[-~～–—至]\s*(\d{1,3}))?\s*[.．、:：)）]?\s*"
    r"([A-H](?:[\s,，、]*[A-H])*|[√×✓✗对错])[\s,，;；。]*"
)
_CELL = regex(r"\W*(\d{1,3})\W*")

Blocks = Sequence[Sequence[Token]]


class Answer(NamedTuple):
    """An answer of a key, behind its number."""

    number: int
    tokens: list[Token]
    """Block tokens, the first a paragraph if that is what the answer begins with."""


class Key(NamedTuple):
    """What announces answers at *block*, and these, up to the block *stop*."""

    block: int
    stop: int
    answers: list[Answer]
    instead: dict[int, list[Token]]
    """What is left of its blocks when the answers have gone to their questions."""


def keys(blocks: Blocks) -> Iterator[Key]:
    """Yield the headings and lines that announce answers by number, and these."""
    for at, block in enumerate(blocks):
        if _announces(block):
            headed = block[0].type == "heading_open"
            key = _below_heading(blocks, at) if headed else _below_line(blocks, at)
            if _is_whole(key.answers):
                yield key


def _is_whole(answers: Sequence[Answer]) -> bool:
    """Return whether no answer is empty, and all count up, or anew from 1."""
    numbers = [answer.number for answer in answers]
    pairs = pairwise(numbers)
    counting = all(after > before or after == 1 < before for before, after in pairs)
    return len(answers) >= LEAST and counting and all(answer.tokens for answer in answers)


def _announces(block: Sequence[Token]) -> bool:
    """Return whether a block is the heading of a key, or a line that says no more than one."""
    found = ANSWER_KEY.match(text_of(block))
    if not found or block[0].type == "heading_open":
        return bool(found)
    return is_paragraph(block) and not re.search(r"\w", found["more"] or "")


def _below_line(blocks: Blocks, at: int) -> Key:
    """Return the key below a line: what follows it as long as there are answers in it."""
    answers: list[Answer] = []
    instead = {at: _ending(blocks[at])}
    stop = at + 1
    while stop < len(blocks) and (found := _answers(blocks[stop])):
        answers += found
        instead[stop] = _spare(blocks[stop])
        stop += 1
    return Key(at, stop, answers, instead)


def _below_heading(blocks: Blocks, at: int) -> Key:
    """Return the key below a heading, up to the next one as high.

    Headings in it count an answer or part the key; other blocks go on with the answer above.
    """
    answers: list[Answer] = []
    instead = {at: _ending(blocks[at])}
    level = blocks[at][0].tag
    following = ((i, block[0]) for i, block in enumerate(blocks[at + 1 :], at + 1))
    ends = (i for i, one in following if one.type == "heading_open" and one.tag <= level)
    stop = next(ends, len(blocks))
    for place in range(at + 1, stop):
        block = blocks[place]
        heading = block[0].type == "heading_open"
        instead[place] = []
        if heading and (counted := _counted_by(block, blocks[place + 1 : stop])):
            answers.append(Answer(counted, []))
        elif heading:
            instead[place] = _as_text(block)
        elif found := _answers(block):
            answers += found
            instead[place] = _spare(block)
        elif block[0].type == "hr" or (not answers and is_comment(block[0])):
            continue
        elif not answers:
            return Key(at, place + 1, [], {})
        else:
            answers[-1].tokens.extend(block)
    return Key(at, stop, answers, instead)


def _ending(block: Sequence[Token]) -> list[Token]:
    """Return what announced the answers as text that ends the last card, and is on none."""
    return [*end(lines_of(block[0])), *_as_text(block)]


def _as_text(heading: Sequence[Token]) -> list[Token]:
    return paragraph(inline_of(heading), lines_of(heading[0]))


def _answers(block: Sequence[Token]) -> list[Answer]:
    """Return the answers that a block of a key holds; none if it holds anything else."""
    if block[0].type == "ordered_list_open":
        inner = [(item[0].info, item[1:-1]) for item in items(block)]
        text = " ".join(f"{number}. {text_of(below)}" for number, below in inner)
        plain = all(len(below) == 3 for _, below in inner)
        short = _short(text, lines_of(block[0])) if plain else []
        return short or [Answer(int(number or 0), as_blocks(below)) for number, below in inner]
    if block[0].type == "table_open":
        return _of_table(block)
    return _of_lines(block) if is_paragraph(block) else []


def _of_lines(block: Sequence[Token]) -> list[Answer]:
    """Return the answers of a paragraph: short ones, or one on each line behind its number."""
    place = lines_of(block[0])
    lines = split_lines(block[1].children)
    if short := _short(" ".join(map(plain_text, lines)), place):
        return short
    answers: list[Answer] = []
    for line in lines:
        count, length = _in_front(plain_text(line))
        if count:
            answers.append(Answer(count, paragraph(drop_prefix(line, length), place)))
        elif not answers:
            return []
        else:
            answers[-1].tokens.extend(paragraph(line, place))
    return answers


def _in_front(line: str) -> tuple[int, int]:
    """Return which question a line answers, 0 for none, and how long what says so is."""
    if (label := ANSWER_LABEL.match(line)) and (count := count_in(label[0])):
        return count, label.end()
    number = certain_number(line)
    return (number.parts[-1], number.length) if number and number.parts else (0, 0)


def _of_table(table: Sequence[Token]) -> list[Answer]:
    """Return the answers of a table, if there is one for each number in it."""
    pairs = [(_CELL.fullmatch(number.content), told) for number, told in _cells(table)]
    return [
        Answer(int(number[1]), paragraph(told.children, lines_of(told)))
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


def _short(text: str, place: Lines) -> list[Answer]:
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
            answers.append(Answer(number, paragraph([text_token(letter)], place)))
    return answers


def _counted_by(heading: Sequence[Token], below: Blocks) -> int:
    """Return the number of the question that a heading in a key answers; 0 for none.

    Where answers of its parts are counted right *below*, it is none of an exercise.
    """
    text = text_of(heading)
    if BARE_QUESTION.match(text) or ANSWER_TO.match(text):
        return count_in(text)
    counted = EXERCISE.fullmatch(text) or ANSWER_LABEL.fullmatch(f"{text}:")
    return count_in(counted[0]) if counted and not any(map(_answers, below[:1])) else 0


def count_of(block: Sequence[Token]) -> int | None:
    """Return the number in front of a heading or paragraph, if it counts a question."""
    if block[0].type != "heading_open" and not is_paragraph(block):
        return None
    text = text_of(block)
    if BARE_QUESTION.match(text):
        return count_in(text)
    if task := EXERCISE.match(text):
        return count_in(task[0])
    number = certain_number(text)
    return number.parts[-1] if number and number.parts else None
