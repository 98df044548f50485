"""A line ``<h2 id="…">…</h2>`` is a heading, and what follows it is Markdown again.

CommonMark's HTML block would swallow the lines up to the next blank one unrendered.
"""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock

from deckbuilder.syntax.shared import line_at, push_paragraph, text_block

_ATTRIBUTE = r"""\s+[\w:.-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?"""
_OPEN = re.compile(rf"<h([1-6])((?:{_ATTRIBUTE})*)\s*>", re.IGNORECASE)
_ANCHOR = re.compile(
    r"""(?:^|\s)(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))""", re.IGNORECASE
)
_MAX_LINES = 6


def anchors_in(attributes: str) -> list[str]:
    """Return the values of ``id`` and ``name`` in the text of a tag's attributes."""
    return [next(filter(None, found.groups()), "") for found in _ANCHOR.finditer(attributes)]


def html_heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read such a heading, which may go on for some lines, and what stands behind it."""
    if state.is_code_block(start):
        return False
    text = line_at(state, start)
    opening = _OPEN.match(text) if text.startswith(("<h", "<H")) else None
    if opening is None:
        return False
    closing = re.compile(rf"</h{opening[1]}\s*>", re.IGNORECASE)
    last = start
    while not closing.search(text):
        last += 1
        if last >= min(end, start + _MAX_LINES) or state.isEmpty(last):
            return False
        text += "\n" + line_at(state, last)
    if silent:
        return True
    found = closing.search(text)
    assert found is not None
    content = " ".join(text[opening.end() : found.start()].split())
    lines = (start, last + 1)
    heading = text_block("heading", f"h{opening[1]}", content, lines, state.level, markup="html")
    heading[0].meta = {"anchors": anchors_in(opening[2])}
    state.tokens += heading
    push_paragraph(state, text[found.end() :].strip(), last)
    state.line = last + 1
    return True
