"""Titles, bold lines, and questions and answers with labels get paragraphs of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deckbuilder.markdown import (
    BREAKS,
    Token,
    block_end,
    blocks_in,
    inline_text,
    is_paragraph,
    lines_of,
    plain_text,
)
from deckbuilder.numbering import certain_number
from deckbuilder.wording import (
    ANSWER_LABEL,
    BARE_QUESTION,
    QUESTION_LABEL,
    RATING,
    bare,
    only_asks,
    starts_question_text,
)

_LEADS = {"text", "strong_open", "em_open"}


@dataclass(slots=True)
class _Line:
    """One line of a paragraph, with what it may begin."""

    children: list[Token]
    kind: str
    """``bold``, ``question``, ``answer`` or empty."""
    offset: int


def title_apart(tokens: list[Token]) -> list[Token]:
    """Return *tokens* with the first line in a paragraph of its own if it is a title.

    Right below it stands the first question, with a number or a label.
    """
    lines = _lines(tokens[1].children or []) if is_paragraph(tokens[:3]) else []
    if len(lines) < 2 or _begins(lines[0]) or not _begins(lines[1]):
        return tokens
    return [*_in_groups(tokens[:3], [lines[:1], lines[1:]]), *tokens[3:]]


def _begins(line: _Line) -> bool:
    number = certain_number(plain_text(line.children))
    return number is not None and (number.names or number.parts == (1,))


def split_paragraphs(tokens: list[Token]) -> list[Token]:
    """Give bold lines, question labels and answer labels paragraphs of their own."""
    result: list[Token] = []
    for block in blocks_in(tokens):
        if is_paragraph(block) and not block[0].hidden:
            _split(block, result)
        else:
            result += block
    return result


def _split(paragraph: list[Token], result: list[Token]) -> None:
    """Append *paragraph* to *result*, cut into several where lines ask for it."""
    inline = paragraph[1]
    children = inline.children or []
    lines = _lines(children)
    kinds = [line.kind for line in lines]
    if not any(kinds) or (len(lines) == 1 and kinds[0] != "bold"):
        kind = kinds[0] if len(kinds) == 1 else _kind(children, first=True)
        inline.meta = {**inline.meta, "line_kind": kind}
        result += paragraph
    else:
        result += _in_groups(paragraph, _group(lines))


def _in_groups(paragraph: list[Token], groups: list[list[_Line]]) -> Iterator[Token]:
    """Yield *paragraph* as one for each group of its lines."""
    opening, inline, closing = paragraph
    first, last = lines_of(inline)
    for group in groups:
        place = [first + group[0].offset, last]
        yield opening.copy(map=place) if group is not groups[0] else opening
        children = [token for line in group for token in line.children]
        while children and children[-1].type in BREAKS:
            children.pop()
        token = Token("inline", "", 0, map=place, level=inline.level, block=True, children=children)
        token.content = inline_text(children)
        kind = group[0].kind or _kind(children, first=True)
        token.meta = {**inline.meta, "line_kind": kind}
        yield token
        yield closing if group is groups[-1] else closing.copy()


def _group(lines: list[_Line]) -> list[list[_Line]]:
    """Group lines into paragraphs: bold lines alone, labels with the lines that follow."""
    groups: list[list[_Line]] = []
    for line in lines:
        if line.kind or not groups or groups[-1][0].kind == "bold":
            groups.append([line])
        else:
            groups[-1].append(line)
    return groups


def _lines(children: Sequence[Token]) -> list[_Line]:
    lines: list[_Line] = []
    current: list[Token] = []
    start = offset = depth = 0
    for token in children:
        current.append(token)
        depth += token.nesting
        if token.type in BREAKS:
            offset += 1
            if depth == 0:
                lines.append(_Line(current, _kind(current, first=not lines), start))
                current, start = [], offset
    if current:
        lines.append(_Line(current, _kind(current, first=not lines), start))
    return lines


def _kind(line: Sequence[Token], *, first: bool) -> str:
    """Return what a line is; all of the *first* one may be bold for any reason."""
    visible = [t for t in line if t.type not in BREAKS and (t.type != "text" or t.content.strip())]
    if not visible or visible[0].type not in _LEADS:
        return ""
    is_bold = visible[0].type == "strong_open" and _covers(visible)
    if is_bold and first:
        return "bold"
    text = plain_text(line)
    if is_bold and (
        QUESTION_LABEL.match(text)
        or re.match(r"\d|第|附录", text)
        or bare(text).endswith(("?", "？", ":", "："))
    ):
        return "bold"
    if ANSWER_LABEL.match(text):
        return "answer"
    return "question" if starts_question_text(text) or BARE_QUESTION.match(text) else ""


def _covers(visible: Sequence[Token]) -> bool:
    """Return whether the first span is all there is, but for a full stop, a colon or stars."""
    stop = block_end(visible, 0)
    text = "".join([token.content for token in visible[stop:]]).strip()
    if any(token.type != "text" for token in visible[stop:]):
        return False
    if RATING.fullmatch(text):
        return only_asks(plain_text(visible[:stop]))
    return text in {"", ":", "：", ".", "。"}


def line_kind(inline: Token) -> str:
    """Return what a paragraph begins with: ``bold``, ``question``, ``answer`` or nothing."""
    if "line_kind" in inline.meta:
        return str(inline.meta["line_kind"])
    return _kind(inline.children or [], first=True)
