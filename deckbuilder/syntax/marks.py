"""``==marked==``, ``^^marked^^``, ``H~2~O``, ``x^2^``, and Pandoc's ``[text]{.underline}``."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

_MARKS = {
    "=": re.compile(r"(?<!=)==(?![=\s>])((?:[^=\n]|=(?!=))+?)(?<![\s=<!])==(?!=)"),
    "^": re.compile(r"(?<![\w^])\^\^(?![\^\s])([^^\n]{1,400}?)(?<!\s)\^\^(?![\w^])"),
}
# A script is one short run of letters, digits and signs after a letter, digit or bracket:
# ``5~10和10~20`` is two ranges, not a subscript.
_SCRIPTS = {
    "~": ("sub", re.compile(r"(?<=[A-Za-z)\]])~([A-Za-z0-9+\-−]{1,8})~(?!~)")),
    "^": ("sup", re.compile(r"(?<=[A-Za-z0-9)\]])\^([A-Za-z0-9+\-−]{1,8})\^")),
}

_ATTRIBUTE = r"(?:[#.][A-Za-z_][\w:.-]*|[\w-]+=(?:\"[^\"]*\"|[^\s\"{}]+))"
_SPAN = re.compile(
    r"\[((?:[^\[\]]|\[[^\[\]]*\](?:\([^()\s]*\))?){0,400})\]"
    rf"\{{\s*({_ATTRIBUTE}(?:\s+{_ATTRIBUTE})*)\s*\}}"
)
_CLASSES = {".underline": "u", ".ul": "u", ".mark": "mark", ".kbd": "kbd"}
"""Class of a span -> the element that shows it; another one is a matter of layout."""
_ID = re.compile(r"#([\w:.-]+)")


def _mark(state: StateInline, silent: bool) -> bool:
    pattern = _MARKS.get(state.src[state.pos])
    found = pattern.match(state.src, state.pos, state.posMax) if pattern else None
    if found is None:
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


def _span(state: StateInline, silent: bool) -> bool:
    """Read ``[text]{.class #id}`` as its text; the id is an anchor like any other."""
    found = _SPAN.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        if anchor := _ID.search(found[2]):
            state.push("html_inline", "", 0).content = f'<a id="{anchor[1]}"></a>'
        tag = next((_CLASSES[name] for name in found[2].split() if name in _CLASSES), "")
        if tag:
            state.push(f"{tag}_open", tag, 1)
        _nested(state, found.start(1), found.end(1))
        if tag:
            state.push(f"{tag}_close", tag, -1)
    state.pos = found.end()
    return True


def marks_plugin(md: MarkdownIt) -> None:
    """Add the inline rules."""
    md.inline.ruler.after("backticks", "mark", _mark)
    md.inline.ruler.before("strikethrough", "script", _script)
    md.inline.ruler.before("link", "span", _span)
