"""Footnotes written where they are referred to: ``text^[A note.]``."""

from __future__ import annotations

import re

from markdown_it.helpers import parseLinkLabel
from markdown_it.rules_inline import StateInline

from deckbuilder.characters import CJK, regex

_WORD = regex(rf"[^\W\d_]{{3}}|[{CJK}]{{2}}")
"""What a note holds, and ``x^[n+1]`` does not."""


def inline_footnote(state: StateInline, silent: bool) -> bool:
    """Read such a note; it is in the children of its reference."""
    start = state.pos + 2
    if not state.src.startswith("^[", state.pos):
        return False
    stop = parseLinkLabel(state, state.pos + 1)
    if stop < 0 or not _WORD.search(state.src, start, stop):
        return False
    alone = state.pos == 0 or state.src[state.pos - 1].isspace()
    if alone and not re.search(r"\s", state.src[start:stop]):
        return False  # ``^[aeiou]`` is an expression
    if not silent:
        text = state.src[start:stop]
        token = state.push("footnote_ref", "", 0)
        token.meta = {"label": f"^{text}"}
        token.children = []
        state.md.inline.parse(text, state.md, state.env, token.children)
    state.pos = stop + 1
    return True
