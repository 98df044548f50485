"""A list whose items are one line of text each, read at once: most lists are no more.

Whatever else a list may hold, and lines it is not clear of, is left to markdown-it.
"""

from __future__ import annotations

import re

from markdown_it.common.utils import mdTrim
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from deckbuilder.syntax.lines import paragraph
from deckbuilder.syntax.prose import PLAIN

_ITEM = re.compile(rf"(?:[-*+]|([0-9]{{1,9}})[.)])(?= {{1,4}}{PLAIN}) +")
_MARK = re.compile(r"(?:[-*+]|[0-9]{1,9}[.)])(?=[ \t]|$)")


def plain_list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a tight list of single lines."""
    if state.is_code_block(start) or state.level + 2 >= state.md.options.maxNesting:
        return False
    found = _items(state, start, end)
    below = start + len(found)
    below = state.skipEmptyLines(below) if below < end else below
    if not found or not _ends(state, found[0], start, below, end):
        return False
    _push(state, found, start, below)
    state.line = below
    return True


def _items(state: StateBlock, start: int, end: int) -> list[re.Match[str]]:
    """Return the beginnings of the lines of a list, none if one of them is more than text."""
    found: list[re.Match[str]] = []
    for line in range(start, end):
        at, stop = state.bMarks[line] + state.tShift[line], state.eMarks[line]
        if at >= stop:
            break
        item = _ITEM.match(state.src, at, stop)
        if state.sCount[line] < state.blkIndent and _MARK.match(state.src, at, stop):
            break
        if item is None or state.sCount[line] != state.sCount[start]:
            return []
        if found and _kind(item) != _kind(found[0]):
            return []
        found.append(item)
    return found


def _ends(state: StateBlock, item: re.Match[str], start: int, below: int, end: int) -> bool:
    """Return whether the next line that is not blank is no part of the list."""
    if below >= end or state.sCount[below] < state.blkIndent:
        return True
    at = state.bMarks[below] + state.tShift[below]
    mark = _MARK.match(state.src, at, state.eMarks[below])
    return state.sCount[below] <= state.sCount[start] and not (mark and _kind(mark) == _kind(item))


def _kind(item: re.Match[str]) -> str:
    """Return the character that all items of a list have in common."""
    return item[0].rstrip()[-1]


def _push(state: StateBlock, found: list[re.Match[str]], start: int, below: int) -> None:
    kind, number, level = _kind(found[0]), found[0][1], state.level
    name, tag = ("ordered_list", "ol") if number else ("bullet_list", "ul")
    opening = Token(f"{name}_open", tag, 1, level=level, markup=kind, block=True)
    opening.map = [start, below]
    if number and int(number) != 1:
        opening.attrs = {"start": int(number)}
    state.tokens.append(opening)
    for line, item in enumerate(found, start):
        opening = Token("list_item_open", "li", 1, level=level + 1, markup=kind, block=True)
        opening.map = [line, line + 1]
        opening.info = item[1] or ""
        text = mdTrim(state.src[item.end() : state.eMarks[line]])
        state.tokens += [
            opening,
            *paragraph(text, line, line + 1, level + 2, hidden=True),
            Token("list_item_close", "li", -1, level=level + 1, markup=kind, block=True),
        ]
    opening.map = [start + len(found) - 1, below]
    state.tokens.append(Token(f"{name}_close", tag, -1, level=level, markup=kind, block=True))
