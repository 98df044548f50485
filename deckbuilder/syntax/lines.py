"""Small things that block rules share."""

from __future__ import annotations

from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

MARKS = r"\n$\\`=~^*_!\[\]<&%"
"""The characters in a line that may begin or end more than text, for a class of a pattern."""


def line_at(state: StateBlock, line: int) -> str:
    """Return the text of *line* without its indentation and line end."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def push_paragraph(state: StateBlock, text: str, line: int) -> None:
    """Add a paragraph of one line, unless *text* is empty."""
    if text:
        state.tokens += paragraph(text, line, line + 1, state.level)


def paragraph(text: str, start: int, stop: int, level: int, *, hidden: bool = False) -> list[Token]:
    """Return a paragraph as block tokens; a tight list hides its paragraphs."""
    opening = Token("paragraph_open", "p", 1, level=level, block=True, hidden=hidden)
    inline = Token("inline", "", 0, level=level + 1, content=text, block=True)
    opening.map, inline.map = [start, stop], [start, stop]
    inline.children = []
    return [
        opening,
        inline,
        Token("paragraph_close", "p", -1, level=level, block=True, hidden=hidden),
    ]
