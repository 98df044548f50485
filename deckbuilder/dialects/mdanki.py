"""mdanki: a line ``%`` parts the front of a card from its back, ``[#tag]()`` tags it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deckbuilder.dialects.blocks import paragraph, prompt, tag_comment
from deckbuilder.inline import join_lines, split_lines
from deckbuilder.markdown import Token, blocks_in, href_of, is_paragraph, lines_of, plain_text

_TAG = re.compile(r"#([^\s#]+)")
_LEVEL = "h2"


def mdanki(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with the ``##`` headings as units, or None without ``%`` and tags."""
    parted = [part for block in blocks_in(tokens) for part in _parted(block)]
    marks = sum(map(_is_percent, parted))
    tags = sum(bool(_tags(block)) for block in parted)
    cards = sum(token.type == "heading_open" and token.tag == _LEVEL for token in tokens)
    if not cards or marks + tags < (1 if known else max(2, cards / 4)):
        return None
    result: list[Token] = []
    front: list[Token] | None = None
    for block in parted:
        if block[0].type == "heading_open" and block[0].tag == _LEVEL:
            result += front or []
            opening = block[0].copy(meta={**block[0].meta, "unit": "question"})
            result += [opening, *block[1:]]
            front = []
        elif front is not None and _is_percent(block):
            result += prompt(front)
            front = None
        else:
            (result if front is None else front).extend([*tag_comment(_tags(block)), *block])
    return [*result, *(front or [])]


def _parted(block: list[Token]) -> list[list[Token]]:
    """Return a block, or what is above and below a line ``%`` in it."""
    if len(block) != 3 or block[1].type != "inline":
        return [block]
    lines = split_lines(block[1].children)
    at = next((i for i, line in enumerate(lines) if plain_text(line) == "%"), None)
    if at is None or len(lines) == 1:
        return [block]
    place = lines_of(block[1])
    parts = [join_lines(lines[:at]), lines[at], join_lines(lines[at + 1 :])]
    return [paragraph(part, place) for part in parts if part]


def _is_percent(block: Sequence[Token]) -> bool:
    return len(block) == 3 and block[1].type == "inline" and block[1].content.strip() == "%"


def _tags(block: Sequence[Token]) -> list[str]:
    """Return the tags of a paragraph that is made of ``[#tag]()``."""
    if not is_paragraph(block):
        return []
    children = block[1].children or []
    links = [c for c in children if c.type == "link_open"]
    if not links or any(href_of(link) not in {"", "."} for link in links):
        return []
    return _TAG.findall(plain_text(children))
