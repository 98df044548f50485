"""A rule for the sources at the end of an answer: they stay, set small."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deckbuilder.markdown import LINES, LISTS, Token, is_paragraph, plain_text, top_blocks
from deckbuilder.model import Section
from deckbuilder.wording import FURTHER


def set_sources_small(section: Section) -> tuple[Section, int]:
    """Put "Sources and further reading" and the links below it into a block of their own."""
    answer = section.answer
    blocks = [b for b in top_blocks(answer) if answer[b[0]].type != "footnotes_open"]
    stop = blocks[-1][1] if blocks else 0
    for start, end in reversed(blocks):
        block = answer[start:end]
        if _is_title(block):
            return section._replace(answer=_wrapped(answer, start, stop)), 1
        if not _is_links(block):
            break
    return section, 0


def _is_title(block: Sequence[Token]) -> bool:
    if len(block) != 3 or block[0].type not in LINES:
        return False
    children = block[1].children or []
    text = plain_text(children)
    if FURTHER.match(text):
        return True
    before, *_ = text.replace("：", ":").split(":")
    return bool(FURTHER.match(before)) and _is_links(block, label=len(before) + 1)


_ADDRESS = re.compile(r"https?://\S+")


def _has_link(block: Sequence[Token]) -> bool:
    children = [child for token in block for child in token.children or []]
    return any(c.type == "link_open" or _ADDRESS.search(c.content) for c in children)


def _is_links(block: Sequence[Token], *, label: int = 0) -> bool:
    """Return whether each line of a list, or most of a paragraph but its *label*, is a link."""
    if block[0].type in LISTS:
        lines = [token for token in block if token.type == "inline"]
        return bool(lines) and all(_has_link([line]) for line in lines)
    if not is_paragraph(block) or not _has_link(block):
        return False
    depth = 0
    inside = outside = 0
    for child in block[1].children or []:
        depth += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if child.type in {"text", "code_inline"}:
            inside += len(child.content) if depth else 0
            outside += 0 if depth else len(child.content)
    return inside >= outside - label


def _wrapped(answer: tuple[Token, ...], start: int, stop: int) -> tuple[Token, ...]:
    opening = Token("further_open", "div", 1, block=True, attrs={"class": "further"})
    closing = Token("further_close", "div", -1, block=True)
    inner = list(answer[start:stop])
    if inner[0].type == "heading_open":  # no title of its own, among the small print
        inner[0] = inner[0].copy(type="paragraph_open", tag="p")
        inner[2] = inner[2].copy(type="paragraph_close", tag="p")
    return (*answer[:start], opening, *inner, closing, *answer[stop:])
