"""``<details>`` and ``<summary>`` on lines of their own, with Markdown between them.

The summary is a heading to the stages that follow: many collections fold each answer
under its question.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from deckbuilder.syntax.lines import line_at, push_paragraph

_TAGS = re.compile(r"</?(?:details|summary)\b[^>]*>", re.IGNORECASE)
_START = re.compile(r"</?(?:details|summary)\b", re.IGNORECASE)
_SUMMARY = re.compile(r"<summary\b[^>]*>(.*?)</summary\s*>", re.IGNORECASE | re.DOTALL)
_MAX_LINES = 8


def _details(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """One line of these tags; a summary may run over several lines."""
    text = line_at(state, start)
    if not _START.match(text):
        return False
    if state.sCount[start] - state.blkIndent >= 4 and not _inside_details(state):
        return False
    last = start
    while text.lower().count("<summary") > text.lower().count("</summary"):
        last += 1
        if last >= min(end, start + _MAX_LINES) or state.isEmpty(last):
            return False
        text += "\n" + line_at(state, last)
    if not _TAGS.match(text):
        return False
    if silent:
        return True
    _push_line(state, text, start, last)
    state.line = last + 1
    return True


def _inside_details(state: StateBlock) -> bool:
    for token in reversed(state.tokens):
        if token.type == "details_close":
            return False
        if token.type == "details_open":
            return True
    return False


def _push_line(state: StateBlock, text: str, start: int, last: int) -> None:
    position = 0
    while position < len(text):
        summary = _SUMMARY.match(text, position)
        tag = _TAGS.match(text, position)
        if summary:
            _push_summary(state, " ".join(summary[1].split()), start, last + 1)
            position = summary.end()
        elif tag and "details" in tag[0].lower():
            opening = not tag[0].startswith("</")
            token = state.push("details_open" if opening else "details_close", "details", 0)
            token.map = [start, last + 1]
            token.meta = {"open": bool(re.search(r"\sopen\b", tag[0], re.IGNORECASE))}
            position = tag.end()
        elif tag:
            position = tag.end()
        else:
            following = _START.search(text, position)
            stop = following.start() if following else len(text)
            push_paragraph(state, text[position:stop].strip(), start)
            position = max(stop, position + 1)


def _push_summary(state: StateBlock, content: str, start: int, stop: int) -> None:
    state.push("summary_open", "summary", 1).map = [start, stop]
    inline = state.push("inline", "", 0)
    inline.content = content
    inline.map = [start, stop]
    inline.children = []
    state.push("summary_close", "summary", -1)


def details_plugin(md: MarkdownIt) -> None:
    """Add the rule before indented code, because people indent inside ``<details>``."""
    md.block.ruler.before(
        "code", "details", _details, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
