"""Running text, read at once where nothing can come of it but a paragraph."""

from __future__ import annotations

import re

from markdown_it.common.utils import mdTrim
from markdown_it.rules_block import StateBlock

from deckbuilder.syntax.shared import line_at, paragraph

PLAIN = r"(?:[^\s<$\\:`~>*_+\-0-9\[{#%!?=]|\*+[^\s*]|\[[^\[\]\\\n]*\](?!:)|[0-9]+(?![0-9.)]))"
"""How text begins that is the beginning of nothing else, as a regular expression."""

_UNSURE = re.compile(r"[-=:|][-=:| \t]*$|[:~]")
"""A line that may make a heading, a table or a term of what stands above it."""


def prose(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a paragraph whose first line begins nothing; what is unsure is left to other rules."""
    if state.is_code_block(start):
        return False
    stop = _end_of_text(state, start)
    if stop is None:
        return False
    one_line = stop == start + 1
    text = (
        line_at(state, start) if one_line else state.getLines(start, stop, state.blkIndent, False)
    )
    state.tokens += paragraph(mdTrim(text), start, stop, state.level)
    state.line = stop
    return True


def _end_of_text(state: StateBlock, start: int) -> int | None:
    """Return the line after the paragraph, or None where that may be something else."""
    (interrupts,) = state.md.block.ruler.getRules("paragraph")
    begins, shifts, ends, last = state.bMarks, state.tShift, state.eMarks, state.lineMax
    parent, state.parentType = state.parentType, "paragraph"
    line = start + 1
    while line < last and (at := begins[line] + shifts[line]) < ends[line]:
        if _UNSURE.match(state.src, at, ends[line]):
            state.parentType = parent
            return None
        in_reach = 0 <= state.sCount[line] < state.blkIndent + 4
        if in_reach and interrupts(state, line, last, True):
            break
        line += 1
    state.parentType = parent
    is_term = line + 1 < last and state.src.startswith(
        (":", "~"), begins[line + 1] + shifts[line + 1]
    )
    return None if is_term else line
