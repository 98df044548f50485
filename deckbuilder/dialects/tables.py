"""Tables headed question and answer, or whose first column asks: each row is a card."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deckbuilder.dialects.blocks import end, end_after, length, paragraph, unit
from deckbuilder.inline import join_lines
from deckbuilder.markdown import Token, href_of, lines_of, plain_text, table_rows, top_blocks
from deckbuilder.wording import FOREIGN_ANSWERS, QUESTION_WORDS, ends_asking

_QUESTION = re.compile(rf"\W*(?:(?:{QUESTION_WORDS})s?|题干|front|正面)\W*", re.IGNORECASE)
_ANSWER = re.compile(
    r"\W*(?:(?:short\s+|sample\s+)?answers?|a|response|答案|回答|答|解答|参考答案|back|背面|"
    rf"{FOREIGN_ANSWERS})\W*",
    re.IGNORECASE,
)

_NUMBER = re.compile(r"\W*\d*\W*")


def question_tables(tokens: list[Token], *, undecided: bool) -> list[Token]:
    """Return *tokens* with the rows of such tables as cards.

    In a file of which it is still *undecided* what its questions are, so are the rows of a table
    that makes up half of it, and whose first column asks.
    """
    result: list[Token] = []
    half = length(tokens) / 2
    done = 0
    for start, stop in top_blocks(tokens):
        if tokens[start].type == "table_open":
            table = tokens[start:stop]
            if cards := _cards(table, undecided and length(table) >= half):
                result += [*tokens[done:start], *cards]
                done = stop
    return [*result, *tokens[done:]] if done else tokens


def _cards(table: Sequence[Token], main: bool) -> list[Token] | None:
    head, *rows = table_rows(table)
    question, answer = column(head, _QUESTION), column(head, _ANSWER)
    if question >= 0 and answer >= 0:
        return cards_of(table, question, answer)
    asks = main and all(ends_asking(plain_text(row[0].children)) for row in rows)
    return cards_of(table, 0, 1) if asks and len(head) > 1 else None


def column(head: Sequence[Token], name: re.Pattern[str]) -> int:
    """Return which of the cells in the first row of a table is called *name*, or -1."""
    names = (plain_text(cell.children) for cell in head)
    return next((at for at, one in enumerate(names) if name.fullmatch(one)), -1)


def cards_of(table: Sequence[Token], question: int, answer: int) -> list[Token] | None:
    """Return the rows of a table as cards, or None where they are none.

    *question* and *answer* are columns; what other ones say belongs to the answer.
    """
    rows = table_rows(table)
    if len(rows) < 2 or len(rows[0]) > 4:
        return None
    asked = [row[question] for row in rows[1:]]
    if any(_is_contents(cell.children or []) for cell in asked):
        return None
    if all(_NUMBER.fullmatch(cell.content.strip()) for cell in asked):
        return None  # it is the key to questions elsewhere
    place = lines_of(table[0])
    head = join_lines([cell.children or [] for cell in rows[0]])
    result = [*end(place), *paragraph(head, place)]
    for row in rows[1:]:
        lines = lines_of(row[question])
        result += unit(row[question].children, lines)
        told = paragraph(row[answer].children, lines)
        for token in told[:1]:
            token.meta = row[-1].meta  # it may know of lost cells
        result += told
        for at, cell in enumerate(row):  # what else the row says belongs to its answer
            is_number = at < question and _NUMBER.fullmatch(cell.content.strip())
            if at not in {question, answer} and cell.content.strip() and not is_number:
                result += paragraph(cell.children, lines)
    return [*result, *end_after(place)]


def _is_contents(children: Sequence[Token]) -> bool:
    """Return whether a cell leads to a place on this page: the table is a contents list."""
    return any(c.type == "link_open" and href_of(c).startswith("#") for c in children)
