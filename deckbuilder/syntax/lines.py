"""Small things that block rules share."""

from __future__ import annotations

from markdown_it.rules_block import StateBlock


def line_at(state: StateBlock, line: int) -> str:
    """Return the text of *line* without its indentation and line end."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def push_paragraph(state: StateBlock, text: str, line: int) -> None:
    """Add a paragraph of one line, unless *text* is empty."""
    if not text:
        return
    state.push("paragraph_open", "p", 1).map = [line, line + 1]
    inline = state.push("inline", "", 0)
    inline.content = text
    inline.map = [line, line + 1]
    inline.children = []
    state.push("paragraph_close", "p", -1)
