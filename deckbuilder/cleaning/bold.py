"""A rule for bold that its author mistyped: ``** Rouge-L**``."""

from __future__ import annotations

import re

from deckbuilder.cleaning.edit import edit_inline
from deckbuilder.inline import text_token
from deckbuilder.markdown import Token
from deckbuilder.model import Section

# One side is loose, the other tight: ``2 ** 3 ** 4`` is loose on both, and stays.
_LOOSE = re.compile(
    r"\*\*(?:[ \t]+(?P<a>[^\s*](?:[^*\n]*[^\s*])?)|(?P<b>[^\s*](?:[^*\n]*[^\s*])?)[ \t]+)\*\*(?!\*)"
)


def mend_bold(section: Section) -> tuple[Section, int]:
    """Make ``** text**`` and ``**text **`` bold."""
    return edit_inline(section, {"text"}, _mended)


def _mended(children: list[Token]) -> tuple[list[Token], int]:
    result: list[Token] = []
    count = 0
    for child in children:
        if child.type != "text" or "**" not in child.content:
            result.append(child)
            continue
        position = 0
        for found in _LOOSE.finditer(child.content):
            inner = found["a"] or found["b"]
            before = child.content[position : found.start()]
            gap = " " if found["a"] and before[-1:].isascii() and before[-1:].isalnum() else ""
            result.append(child.copy(content=before + gap))
            result.append(Token("strong_open", "strong", 1, markup="**"))
            result.append(text_token(inner))
            result.append(Token("strong_close", "strong", -1, markup="**"))
            position = found.end()
            after = child.content[position : position + 1]
            if found["b"] and after.isascii() and after.isalnum():
                result.append(text_token(" "))
            count += 1
        result.append(child.copy(content=child.content[position:]))
    return result, count
