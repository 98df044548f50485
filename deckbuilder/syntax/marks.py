"""``==marked==``, ``^^marked^^``, ``H~2~O``, ``x^2^``, and Pandoc's ``[text]{.underline}``."""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline

from deckbuilder.syntax.shared import reads

_MARK = re.compile(r"(?<!=)==(?![=\s>])((?:[^=\n]|=(?!=))+?)(?<![\s=<!])==(?!=)")
_CARET_MARK = re.compile(r"(?<![\w^])\^\^(?![\^\s])([^^\n]{1,400}?)(?<!\s)\^\^(?![\w^])")
# A script is one short run of letters, digits and signs after a letter, digit or bracket:
# ``5~10和10~20`` is two ranges, not a subscript.
_SUB = re.compile(r"(?<=[A-Za-z)\]])~([A-Za-z0-9+\-−]{1,8})~(?!~)")
_SUP = re.compile(r"(?<=[A-Za-z0-9)\]])\^([A-Za-z0-9+\-−]{1,8})\^")

_ATTRIBUTE = r"(?:[#.][A-Za-z_][\w:.-]*|[\w-]+=(?:\"[^\"]*\"|[^\s\"{}]+))"
_SPAN = re.compile(
    r"\[((?:[^\[\]]|\[[^\[\]]*\](?:\([^()\s]*\))?){0,400})\]"
    rf"\{{\s*({_ATTRIBUTE}(?:\s+{_ATTRIBUTE})*)\s*\}}"
)
_CLASSES = {".underline": "u", ".ul": "u", ".mark": "mark", ".kbd": "kbd"}
"""Class of a span -> the element that shows it; another one is a matter of layout."""
_ID = re.compile(r"#([\w:.-]+)")


def _push(state: StateInline, tag: str, found: re.Match[str]) -> None:
    """Add what the first group holds, in an element unless *tag* is empty."""
    if tag:
        state.push(f"{tag}_open", tag, 1)
    end = state.posMax
    state.pos, state.posMax = found.span(1)
    state.md.inline.tokenize(state)
    state.posMax = end
    if tag:
        state.push(f"{tag}_close", tag, -1)


def _push_mark(state: StateInline, found: re.Match[str]) -> None:
    _push(state, "mark", found)


def _push_span(state: StateInline, found: re.Match[str]) -> None:
    """Add ``[text]{.class #id}`` as its text; the id is an anchor like any other."""
    if anchor := _ID.search(found[2]):
        state.push("html_inline", "", 0).content = f'<a id="{anchor[1]}"></a>'
    _push(state, next((_CLASSES[name] for name in found[2].split() if name in _CLASSES), ""), found)


mark = reads(_MARK, _push_mark)
caret_mark = reads(_CARET_MARK, _push_mark)
subscript = reads(_SUB, lambda state, found: _push(state, "sub", found))
superscript = reads(_SUP, lambda state, found: _push(state, "sup", found))
span = reads(_SPAN, _push_span)
