"""``==marked==``, ``H~2~O`` and ``x^2^``."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

_MARK = re.compile(r"==(?![=\s>])((?:[^=\n]|=(?!=))+?)(?<![\s=<!])==(?!=)")
# A script is one short run of letters, digits and signs after a letter, digit or bracket:
# ``5~10和10~20`` is two ranges, not a subscript.
_SCRIPTS = {
    "~": ("sub", re.compile(r"(?<=[A-Za-z)\]])~([A-Za-z0-9+\-−]{1,8})~(?!~)")),
    "^": ("sup", re.compile(r"(?<=[A-Za-z0-9)\]])\^([A-Za-z0-9+\-−]{1,8})\^")),
}


def _mark(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("==", state.pos):
        return False
    found = _MARK.match(state.src, state.pos, state.posMax)
    if found is None or (state.pos and state.src[state.pos - 1] == "="):
        return False
    if not silent:
        state.push("mark_open", "mark", 1)
        _nested(state, found.start(1), found.end(1))
        state.push("mark_close", "mark", -1)
    state.pos = found.end()
    return True


def _nested(state: StateInline, start: int, stop: int) -> None:
    pos_max = state.posMax
    state.pos, state.posMax = start, stop
    state.md.inline.tokenize(state)
    state.posMax = pos_max


def _script(state: StateInline, silent: bool) -> bool:
    known = _SCRIPTS.get(state.src[state.pos])
    if known is None:
        return False
    tag, pattern = known
    found = pattern.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push(f"{tag}_open", tag, 1)
        state.push("text", "", 0).content = found[1]
        state.push(f"{tag}_close", tag, -1)
    state.pos = found.end()
    return True


def marks_plugin(md: MarkdownIt) -> None:
    """Add the inline rules."""
    md.inline.ruler.after("backticks", "mark", _mark)
    md.inline.ruler.before("strikethrough", "script", _script)
