"""Obsidian to Anki: a note between ``START`` and ``END``, its type first, its fields with labels.

START
Basic
What is a page?
Back: A fixed piece of memory.
END
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deckbuilder.dialects.blocks import Lines, end_after, paragraph, prompt, tag_comment, unit
from deckbuilder.inline import join_lines, split_lines
from deckbuilder.markdown import Token, blocks_in, inline_text, is_paragraph, lines_of, plain_text
from deckbuilder.rendering.cloze import has_gap

_MARK = re.compile(r"(START|END)$")
_LABEL = re.compile(r"(Front|Text|Back|Extra|Back Extra|Tags)\s*:(?!:)\s*")
_FRONT = {"START", "Front", "Text"}

_Piece = tuple[str, list[Token]]
"""The mark or label that a block begins with, or nothing, and the block as it is written."""


def start_end(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with such notes as units, or None where there are none."""
    result: list[Token] = []
    open_: list[_Piece] = []
    found = False
    for block in blocks_in(tokens):
        for label, piece in _pieces(block, inside=bool(open_)):
            if open_ and label in {"START", "END"}:
                note = _note(open_, lines_of(block[0])) if label == "END" else []
                found = found or bool(note)
                result += note or [token for _, one in open_ for token in one]
                open_ = []
                if note:
                    continue
            if label == "START" or open_:
                open_.append((label, piece))
            else:
                result += piece
    return [*result, *(token for _, one in open_ for token in one)] if found else None


def _pieces(block: list[Token], *, inside: bool) -> Iterator[_Piece]:
    """Yield a block, parted where a mark begins or, inside a note, a label."""
    at = next((i for i in reversed(range(len(block))) if block[i].type == "inline"), 0)
    lines = split_lines(block[at].children) if inside or is_paragraph(block) else []
    parts = list(_parts(lines, lines_of(block[at]), inside))
    if len(parts) < 2 or is_paragraph(block):
        yield from parts if is_paragraph(block) else [("", block)]
        return
    (_, (_, first, _)), *rest = parts  # what follows a list without an empty line goes on with it
    yield "", [*block[:at], first, *block[at + 1 :]]
    yield from rest


def _parts(lines: Sequence[list[Token]], place: Lines, inside: bool) -> Iterator[_Piece]:
    """Yield the lines of a paragraph as one or more, each with what it begins with.

    ``END`` has a line of its own.
    """
    begun, label = 0, ""
    for at, line in enumerate([*lines, []]):
        text = plain_text(line)
        found = _MARK.match(text) or (_LABEL.match(text) if inside else None)
        inside = found[1] != "END" if found else inside
        if found or label == "END" or at == len(lines):
            if part := paragraph(join_lines(lines[begun:at]), place):
                yield label, part
            begun, label = at, found[1] if found else ""


def _note(pieces: Sequence[_Piece], line: Lines) -> list[Token]:
    """Return the card of a note, or nothing where what stands between the marks is none."""
    (_, head), *fields = pieces
    _, *lines = split_lines(head[1].children)
    front, back = paragraph(join_lines(lines[1:]), lines_of(head[0])), list[Token]()
    tags: list[str] = []
    current = "START"
    for label, block in fields:
        current = label or current
        block = _without_label(block) if label else block
        if current == "Tags":
            tags += [word for t in block if t.type == "inline" for word in t.content.split()]
        elif current in _FRONT:
            front += block
        else:
            back += block
    asked = bool(lines and front and front[0].type == "paragraph_open")
    if not asked or not (back or has_gap(inline_text(front[1].children))):
        return []
    question = unit(front[1].children, lines_of(front[0]))
    return [*question, *prompt(front[3:]), *tag_comment(tags), *back, *end_after(line)]


def _without_label(block: list[Token]) -> list[Token]:
    """Return a paragraph without the label at its beginning; nothing if that is all."""
    first, *rest = block[1].children or []
    text = first.copy(content=_LABEL.sub("", first.content, count=1))
    return paragraph([text, *rest], lines_of(block[0]))
