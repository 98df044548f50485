"""Questions of an examination whose author filled in the blank: the answer is in the question.

1. A page is ( B )                 1. A page is (   )
   A. a process            ->         A. a process
   B. a piece of memory               B. a piece of memory
                                      Answer: B
2. True or false: it is read-only. (×)

The blank is emptied and the answer put below, with a label, to be read like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from deckbuilder.answers import answer_label, is_choices
from deckbuilder.dialects.blocks import label_of, paragraph
from deckbuilder.inline import (
    drop_empty_spans,
    join_lines,
    split_lines,
    text_lines,
    text_token,
    with_text,
)
from deckbuilder.markdown import LINES, Token, inline_text, lines_of, plain_text, top_blocks
from deckbuilder.numbering import certain_number
from deckbuilder.wording import BLANK, CHOICE, LETTER, starts_answer_text

_JUDGEMENTS = "√×✓✗✔✘对错"
_ANSWER = rf"[\s_*]*([A-H](?:[\s,，、_*]*[A-H])*|[{_JUDGEMENTS}])[\s_*]*[)）]"
FILLED = (re.compile(r"\(" + _ANSWER), re.compile("（" + _ANSWER))
"""A blank with its answer in it."""
_FILLED = re.compile("[(（]" + _ANSWER)
_LETTER = re.compile(rf"(?<![A-Za-z]){LETTER}")
_JUDGED = re.compile(r"判断|是非|正误|对错|true\s*(?:or|/)\s*false", re.IGNORECASE)
_LEAST = 2
_TEXT = {"text", "code_inline"}


class _Question(NamedTuple):
    """A question with its answer in it."""

    at: int
    """Its inline token."""
    lines: list[list[Token]]
    """What that becomes: the blank is empty; the answer stands there, too, if choices do."""
    end: int
    """Where the choices end, if they are blocks of their own, …"""
    answer: list[Token]
    """… and what comes there."""


def emptied(tokens: list[Token]) -> list[Token]:
    """Return *tokens* with empty blanks and the answers below, if two or more are filled.

    An answer is a letter of the choices below; or, where the file speaks of judging, a tick or
    cross at the end of what counts.
    """
    judged = any(t.type == "inline" and _JUDGED.search(t.content) for t in tokens)
    places = (at for at, one in enumerate(tokens) if one.type == "inline")
    found = [one for at in places if (one := _question(tokens, at, judged=judged))]
    if len(found) < _LEAST:
        return tokens
    result = list(tokens)
    for one in reversed(found):
        result[one.end : one.end] = one.answer
        shown = "\n".join(map(inline_text, one.lines))
        result[one.at] = tokens[one.at].copy(children=join_lines(one.lines), content=shown)
    return result


def _question(tokens: Sequence[Token], at: int, *, judged: bool) -> _Question | None:
    """Return the question that the inline token *at* is, if its answer is in it."""
    if tokens[at - 1].type not in LINES or not _FILLED.search(tokens[at].content):
        return None
    lines = split_lines(tokens[at].children)
    texts = ["".join([one.content for one in line if one.type in _TEXT]) for line in lines]
    asked = list(takewhile(lambda text: not CHOICE.match(text), texts))
    blanks = [(row, found) for row, text in enumerate(asked) for found in _FILLED.finditer(text)]
    if len(blanks) != 1 or any(map(BLANK.search, asked)):
        return None
    row, found = blanks[0]
    if found[1] in _JUDGEMENTS:
        ends = row == 0 and not re.search(r"\w", texts[0][found.end() :])
        stop, end = (1, at + 2) if judged and ends and _counts(tokens, at) else (0, 0)
    else:
        stop, end = _below_choices(tokens, at, texts, found[1])
    if not stop:
        return None
    lines[row] = _without(lines[row], found)
    answer = [text_token(label_of(texts[0]) + found[1])]
    below = next((i for i in range(end, len(tokens)) if tokens[i].nesting >= 0), end)
    if answer_label(tokens, below) if stop == len(lines) else starts_answer_text(texts[stop]):
        return _Question(at, lines, end, [])
    if end > at + 2 or tokens[at - 1].type == "heading_open":
        return _Question(at, lines, end, paragraph(answer, lines_of(tokens[at])))
    return _Question(at, [*lines[:stop], answer, *lines[stop:]], end, [])


def _below_choices(
    tokens: Sequence[Token], at: int, texts: Sequence[str], letters: str
) -> tuple[int, int]:
    """Return where the choices below a question end: its line, and the token.

    (0, 0) where they do not offer *letters*.
    """
    own = [row for row, text in enumerate(texts) if CHOICE.match(text)]
    stop, end = len(texts), at + 2
    if own:
        offered = list(takewhile(CHOICE.match, texts[own[0] :]))
        stop = own[0] + len(offered)
    else:
        end = _end_of_choices(tokens, end)
        offered = text_lines(tokens[at + 2 : end])
    known = {found[0].upper() for found in _LETTER.findall("\n".join(offered))}
    return (stop, end) if {*re.findall("[A-H]", letters)} <= known else (0, 0)


def _end_of_choices(tokens: Sequence[Token], at: int) -> int:
    """Return where the blocks end that are choices, from *at* on; a list may end before them."""
    end = at
    for start, stop in top_blocks(tokens[at:]):
        if is_choices(tokens[at + start : at + stop]):
            end = at + stop
        elif end > at or tokens[at + start].nesting >= 0:
            break
    return end


def _counts(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a text has a number in front, or begins an item of a numbered list."""
    item = tokens[at - 2]
    if item.type == "list_item_open" and item.info:
        return True
    return certain_number(plain_text(tokens[at].children)) is not None


def _without(line: Sequence[Token], found: re.Match[str]) -> list[Token]:
    """Return a *line* with nothing between the brackets of its blank."""
    begin, end = found.start() + 1, found.end() - 1
    gap = "\u3000" if found[0][0] == "（" else "\u00a0" * 3
    result, at = [], 0
    for child in line:
        if child.type in _TEXT:
            start, at = at, at + len(child.content)
            text = child.content[: max(begin - start, 0)] + (gap if start < begin <= at else "")
            child = with_text(child, text + child.content[max(end - start, 0) :])
        result.append(child)
    return drop_empty_spans(result)
