"""``##Heading`` without the space that CommonMark wants, and kramdown's attribute lines.

One ``#`` alone is a tag (``#hashtag``, ``#[[two words]]``) or a number (``#1``) as often as a
heading: it counts only below a blank line, with a space in its text or a question mark at its end,
and no remark behind a tag (``#todo ask the ward``) where headings above have their space.
"""

from __future__ import annotations

import re
from functools import lru_cache

from markdown_it.rules_block import StateBlock

from deckbuilder.syntax.shared import line_at, text_block

_TIGHT = re.compile(r"(#{1,6})(?=[^\s#\\!{}()<>=:;,./|~+-])(.*)$")
DIRECTIVE = re.compile(
    r"#(?:include|define|undef|ifdef|ifndef|if|else|elif|endif|pragma|error|import|region)\b"
)
_TAG_LINE = re.compile(r"(?:#\S++[ \t]*+)++$")
_REMARK = re.compile(r"[a-z][\w/-]*[ \t]")
"""A tag with a remark behind it: ``todo ask the ward``."""
_SPACED = re.compile(r"^#{2,6}[ \t]", re.MULTILINE)
"""A heading with its space; with one ``#`` it could be a comment in code."""
_ATTRIBUTES = re.compile(r"\{:{1,2}[^{}\n]*\}\s*$")
_ID = re.compile(r"#([\w\-.:]+)")


def tight_heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read such a heading."""
    text = line_at(state, start)
    if not text.startswith("#") or state.is_code_block(start):
        return False
    found = _TIGHT.match(text)
    if found is None or DIRECTIVE.match(text) or not _is_meant(state, found, start, silent):
        return False
    if silent:
        return True
    state.line = start + 1
    tag, lines = f"h{len(found[1])}", (start, state.line)
    state.tokens += text_block("heading", tag, _title(found), lines, state.level, markup=found[1])
    return True


def _title(found: re.Match[str]) -> str:
    """Return what a heading says, without the signs that may close it."""
    return found[2].rstrip(" \t").rstrip("#").strip()


def _is_meant(state: StateBlock, found: re.Match[str], start: int, silent: bool) -> bool:
    content = _title(found)
    if not any(c.isalnum() for c in content):
        return False
    if len(found[1]) > 1:
        return not re.match(r"\d+\s*$", content)
    if silent or (start > 0 and not state.isEmpty(start - 1)):
        return False  # it does not break into a paragraph
    if content[0].isdigit() or content.startswith("[["):
        return False
    if _REMARK.match(content) and state.bMarks[start] > _first_spaced(state.src):
        return False
    return content[-1] in "?？" or (" " in content and not _TAG_LINE.match(found[0]))


@lru_cache(maxsize=1)
def _first_spaced(text: str) -> int:
    """Return where the first heading with a space begins, or the end of *text*."""
    found = _SPACED.search(text)
    return found.start() if found else len(text)


def attributes(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Leave out ``{: .class #id}``; an id under a heading is the heading's."""
    text = line_at(state, start)
    if not text.startswith("{:") or not _ATTRIBUTES.match(text):
        return False
    if silent:
        return True
    state.line = start + 1
    found = _ID.search(text)
    if found and state.tokens and state.tokens[-1].type == "heading_close":
        opening = state.tokens[-3]
        known = opening.meta.get("anchors", ())
        opening.meta = {**opening.meta, "anchors": [*known, found[1]]}
    return True
