"""Rows of a table that have more cells than its head, where Markdown leaves out the rest.

A bar parts cells inside code and formulas too. Where that alone makes the cells too many,
such a bar is text here; where cells are lost all the same, the last one says how many there were.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_SPAN = re.compile(r"(?<![`\\])(`+)(?!`)[^`]+\1(?!`)|(?<![\\$])\$(?![\s$])[^$`]+(?<!\s)\$")
_BAR = re.compile(r"(?<!\\)\|")


def table_rows(state: StateCore) -> None:
    """Mend such rows, or mark them."""
    lines = state.src.split("\n")
    columns = 0
    for index, token in enumerate(state.tokens):
        if token.type == "table_open":
            columns = 0
        elif token.type == "th_open":
            columns += 1
        elif token.type == "tr_open" and columns and token.map:
            row = lines[token.map[0]].lstrip("> \t").removeprefix("|").rstrip("| \t")
            row += "|" if row.endswith("\\") else ""
            if row.count("|") >= columns and (count := len(escapedSplit(row))) > columns:
                cells = state.tokens[index + 2 : index + 2 + 3 * columns : 3]
                _mend(cells, row, count)


def _mend(cells: Sequence[Token], row: str, count: int) -> None:
    """Fill *cells* anew from the text of their row, or mark that there are *count* in it."""
    texts = escapedSplit(_SPAN.sub(lambda span: _BAR.sub(r"\|", span[0]), row))
    if len(texts) > len(cells):
        cells[-1].meta = {"cells": (count, len(cells))}
        return
    for place, cell in enumerate(cells):
        cell.content = texts[place].strip() if place < len(texts) else ""
