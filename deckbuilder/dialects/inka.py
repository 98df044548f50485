"""Inka: between two rules, numbered questions and quoted answers.

---
Deck: Memory

1. What is a page?

> A fixed piece of memory.
---
"""

from __future__ import annotations

import re

from deckbuilder.dialects.blocks import end, prompt, tag_comment, unit
from deckbuilder.markdown import (
    Token,
    as_blocks,
    inline_text,
    items,
    lines_of,
    plain_text,
    top_blocks,
)

_SETTING = re.compile(r"(?:Deck|Tags)\s*:", re.IGNORECASE)
_TAGS = re.compile(r"^Tags\s*:\s*(.+)$", re.IGNORECASE | re.MULTILINE)


def inka(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with the cards between rules as units, or None where there are none."""
    blocks = list(top_blocks(tokens))
    kinds = [tokens[start].type for start, _ in blocks]
    if kinds.count("hr") < 1 or "ordered_list_open" not in kinds:
        return None
    found = 0
    result: list[Token] = []
    tags: list[str] = []
    position = 0
    inside = False
    while position < len(blocks):
        start, stop = blocks[position]
        quoted = position + 1 < len(blocks) and kinds[position + 1] == "blockquote_open"
        if kinds[position] == "hr":
            inside, tags = not inside, []
            result += end(lines_of(tokens[start])) if found else tokens[start:stop]
        elif inside and kinds[position] == "ordered_list_open" and quoted:
            last = items(tokens[start:stop])[-1]
            item = tokens[start + last[0] + 1 : start + last[1] - 1]
            after = blocks[position + 1]
            result += [
                *unit(item[1].children or [], lines_of(item[1])),
                *prompt(as_blocks(item[3:])),
            ]
            result += tag_comment(tags)
            result += tokens[after[0] + 1 : after[1] - 1]
            found += 1
            position += 1
        elif inside and _is_setting(tokens[start:stop]):
            tags = tags or _TAGS.findall(inline_text(tokens[start + 1].children or []))
            result += [*end(lines_of(tokens[start])), *tokens[start:stop]]
        else:
            result += tokens[start:stop]
        position += 1
    return result if found >= (1 if known else 2) or (found and _settled(tokens)) else None


def _is_setting(block: list[Token]) -> bool:
    return len(block) == 3 and bool(_SETTING.match(plain_text(block[1].children or [])))


def _settled(tokens: list[Token]) -> bool:
    return any(_is_setting(tokens[start:stop]) for start, stop in top_blocks(tokens))
