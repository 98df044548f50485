"""Lists whose items are one line of text each, and lists of such: read at once.

Whatever else a list may hold, and lines it is not clear of, is left to markdown-it.
"""

from __future__ import annotations

import re

from markdown_it.common.utils import mdTrim
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from deckbuilder.syntax.shared import PLAIN, paragraph

_ITEM = re.compile(rf"(?:[-*+]|([0-9]{{1,9}})[.)])(?= {{1,4}}{PLAIN}) +")
_MARK = re.compile(r"(?:[-*+]|[0-9]{1,9}[.)])(?=[ \t]|$)")


def plain_list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a tight list of single lines."""
    if state.is_code_block(start):
        return False
    lists = _Lists(state, end)
    below = lists.read(start, state.blkIndent, state.level)
    if below is None or (lists.at_blank and not lists.are_over(start, below)):
        return False
    state.tokens += lists.tokens
    state.line = below
    return True


class _Lists:
    """Reads a list and those inside it, as far as each of their items is a line of text."""

    def __init__(self, state: StateBlock, end: int) -> None:
        self.state, self.end = state, end
        self.tokens: list[Token] = []
        self.at_blank = False
        """Whether a blank line has ended all lists."""

    def read(self, start: int, floor: int, level: int) -> int | None:
        """Return the line below the list that begins at *start*, or None if it holds more.

        *floor* is how far a line must be indented to belong to what the list stands in.
        """
        first, indent = self._match(_ITEM, start), self.state.sCount[start]
        if first is None or level + 2 >= self.state.md.options.maxNesting:
            return None
        kind, tag = _kind(first), "ol" if first[1] else "ul"
        name = "ordered_list" if first[1] else "bullet_list"
        opening = Token(f"{name}_open", tag, 1, level=level, markup=kind, block=True)
        if first[1] and int(first[1]) != 1:
            opening.attrs = {"start": int(first[1])}
        self.tokens.append(opening)
        line: int | None = start
        while line is not None and line < self.end and not self.at_blank:
            if 0 <= self.state.sCount[line] < floor and self._match(_MARK, line):
                break
            item = self._match(_ITEM, line)
            if item is None or self.state.sCount[line] != indent or _kind(item) != kind:
                return None
            line = self._read_item(item, line, level + 1)
        if line is not None:
            opening.map = [start, line]
        self.tokens.append(Token(f"{name}_close", tag, -1, level=level, markup=kind, block=True))
        return line

    def _read_item(self, item: re.Match[str], line: int, level: int) -> int | None:
        """Return the line below an item and the list inside it, or None if it holds more."""
        state, kind = self.state, _kind(item)
        opening = Token("list_item_open", "li", 1, level=level, markup=kind, block=True)
        opening.info = item[1] or ""
        text = mdTrim(state.src[item.end() : state.eMarks[line]])
        self.tokens += [opening, *paragraph(text, line, line + 1, level + 1, hidden=True)]
        below = self._read_inside(line + 1, state.sCount[line] + len(item[0]), level + 1)
        if below is not None:
            opening.map = [line, below]
        self.tokens.append(Token("list_item_close", "li", -1, level=level, markup=kind, block=True))
        return below

    def _read_inside(self, line: int, indent: int, level: int) -> int | None:
        """Return the line below the list that may begin at *line*, inside an item."""
        state = self.state
        if line >= self.end:
            return line
        if state.isEmpty(line):
            self.at_blank = True
            return state.skipEmptyLines(line + 1) if line + 1 < self.end else line + 1
        if state.sCount[line] < indent:
            return line
        item = self._match(_ITEM, line)
        if item is None or item[1] not in {None, "1"} or state.sCount[line] > indent + 3:
            return None
        return self.read(line, indent, level)

    def are_over(self, start: int, below: int) -> bool:
        """Return whether the next line that is not blank belongs to none of the lists."""
        state, first = self.state, self._match(_MARK, start)
        if below >= self.end or state.sCount[below] < state.blkIndent:
            return True
        mark = self._match(_MARK, below)
        is_alike = first and mark and _kind(mark) == _kind(first)
        return state.sCount[below] <= state.sCount[start] and not is_alike

    def _match(self, pattern: re.Pattern[str], line: int) -> re.Match[str] | None:
        state = self.state
        at = state.bMarks[line] + state.tShift[line]
        return pattern.match(state.src, at, state.eMarks[line])


def _kind(item: re.Match[str]) -> str:
    """Return the character that all items of a list have in common."""
    return item[0].rstrip()[-1]
