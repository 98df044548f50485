"""A code fence that its author forgot to close must not swallow the rest of the file.

CommonMark lets it run to the end. Here it ends before the next heading, if that heading
cannot be code: another fence opens after it before this one closes, or none closes it at
all, or its number is the next one after the heading above.
"""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.fence import fence

from deckbuilder.syntax.shared import line_at

_OPENING = re.compile(r"(`{3,}|~{3,})[ \t]*([^`\n]*)$")
_HEADING = re.compile(r"(?:(\d{1,4})[.)][ \t]+)?(#{1,6})[ \t]+(?:\**(\d{1,4})[.、)][ \t]*)?[^\s#]")
_HTML_HEADING = re.compile(r"<h[1-6](?:\s[^<>]*)?>[^<>]*</h[1-6]>", re.IGNORECASE)
_TOP_LINK = re.compile(r"\**\[[^\[\]\n]*\]\(#[\w\-]*\)\**\s*$")
"""A link back to the top of the page, alone on its line: no code either."""
_NUMBER = re.compile(r"\W*(\d{1,4})\s*[.、)]")
_ABOUT_MARKDOWN = {"markdown", "md", "mdx", "rst", "text", "txt"}


def open_fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a fence, which ends before a heading if its author forgot to close it."""
    if not silent and not state.is_code_block(start):
        opening = _OPENING.match(line_at(state, start))
        if opening and opening[2].strip().lower() not in _ABOUT_MARKDOWN:
            end = _end_of_code(state, opening[1], start, end)
    return fence(state, start, end, silent)


def _end_of_code(state: StateBlock, marks: str, start: int, end: int) -> int:
    """Return the line that ends the code at the latest: that of a heading, or *end*."""
    candidate = top_link = 0
    for line in range(start + 1, end):
        text = line_at(state, line)
        if text and state.sCount[line] < state.blkIndent:
            return top_link or end  # the list item or quote ends, and the code with it
        if text[:3] == marks[:3]:
            mark = _OPENING.match(text)
            if mark and mark[2].strip():
                if candidate or top_link:
                    return min(filter(None, (candidate, top_link)))
            elif mark and len(mark[1]) >= len(marks):
                return end
        elif text[:1] in "*[" and _TOP_LINK.match(text):
            top_link = top_link or line
        elif text[:1] in "#<0123456789" and text and state.sCount[line] - state.blkIndent < 4:
            found = _HEADING.match(text)
            above = _headings_above(state, f"h{len(found[2])}") if found else []
            if found and above and _is_next(state, above[-1], found):
                return line
            usual = any(state.tokens[at].markup != "html" for at in above)  # ``# comment`` is not
            candidate = candidate or (line if usual or _HTML_HEADING.match(text) else 0)
    return min(filter(None, (candidate, top_link, end)))


def _headings_above(state: StateBlock, tag: str) -> list[int]:
    """Return where the headings of a level begin that stand not far above."""
    recent = range(max(len(state.tokens) - 400, 0), len(state.tokens))
    tokens = state.tokens
    return [at for at in recent if tokens[at].type == "heading_open" and tokens[at].tag == tag]


def _is_next(state: StateBlock, heading: int, found: re.Match[str]) -> bool:
    """Return whether the number of a heading line comes after that of the *heading* above."""
    number = found[1] or found[3]
    if not number or int(number) < 2:
        return False
    above = state.tokens[heading - 1].info if heading and found[1] else ""
    above = above or (_NUMBER.match(state.tokens[heading + 1].content) or [""] * 2)[1]
    return above.isdigit() and int(above) + 1 == int(number)
