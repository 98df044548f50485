"""Tables that are drawn with signs, as Pandoc writes those of Word: shown as they are drawn.

+-----+-----+      Name     Size      -----------------
| a   | b   |      ------  -----      Name     Size
+=====+=====+      a           1      ------  -------
| 1   | 2   |      b           2      a       1, or
+-----+-----+                                 more
                                      -----------------
"""

from __future__ import annotations

import re
from textwrap import dedent

from markdown_it.rules_block import StateBlock

from deckbuilder.syntax.shared import line_at, push_lines

_GRID = re.compile(r"\+(?:[-=:]+\+)+[ \t]*$")
_COLUMNS = re.compile(r"(?:-{2,}[ \t]+)+-{2,}[ \t]*$")
_BORDER = re.compile(r"-{5,}[ \t]*$")
_HEAD = 4
"""Lines that names of columns may take."""
_MOST_LINES = 200


def drawn_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read such a table as code."""
    if silent or not (_begins(state, start, "+-") or _begins(state, start + 1, "-")):
        return False
    if state.is_code_block(start):
        return False
    stop = _end_of_table(state, start, min(end, start + _MOST_LINES))
    if stop is None:
        return False
    drawn = dedent(state.getLines(start, stop, state.blkIndent, True))
    push_lines(state, "code_block", "code", drawn, (start, stop))
    return True


def _begins(state: StateBlock, line: int, signs: str) -> bool:
    at = state.bMarks[line] + state.tShift[line]
    return state.src.startswith((*signs,), at, state.eMarks[line])


def _end_of_table(state: StateBlock, start: int, end: int) -> int | None:
    """Return the line after the table that begins at *start*; None if none does."""
    text = line_at(state, start)
    if _GRID.match(text):
        rows = range(start, end)
        stop = next((i for i in rows if not line_at(state, i).startswith(("+", "|"))), end)
        return stop if stop > start + 2 and _GRID.match(line_at(state, stop - 1)) else None
    if start + 1 < end and _COLUMNS.match(line_at(state, start + 1)) and not _BORDER.match(text):
        stop = next((i for i in range(start + 2, end) if state.isEmpty(i)), end)
        return stop if stop > start + 2 else None
    border = _COLUMNS if _COLUMNS.match(text) else _BORDER
    if not border.match(text):
        return None
    head = range(start, min(start + _HEAD + 1, end))
    if not any(_COLUMNS.match(line_at(state, line)) for line in head):
        return None
    below = range(start + 1 + _HEAD * (border is _BORDER), end)
    return next((line + 1 for line in below if border.match(line_at(state, line))), None)
