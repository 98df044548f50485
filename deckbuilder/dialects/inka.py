"""Inka: between two rules, numbered questions and quoted answers.

---
Deck: Memory

1. What is a page?

> A fixed piece of memory.
---
"""

from __future__ import annotations

import re
from itertools import pairwise

from deckbuilder.dialects.blocks import end, prompt, tag_comment, unit
from deckbuilder.markdown import Token, as_blocks, blocks_in, inline_text, items, lines_of

_SETTING = re.compile(r"(?:Deck|Tags)\s*:", re.IGNORECASE)
_TAGS = re.compile(r"^Tags\s*:\s*(.+)$", re.IGNORECASE | re.MULTILINE)


def inka(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with the cards between rules as units, or None where there are none."""
    blocks = blocks_in(tokens)
    result: list[Token] = []
    tags: list[str] = []
    answer: list[Token] = []
    inside, count = False, 0
    for block, below in pairwise([*blocks, []]):
        if block is answer:
            continue
        if block[0].type == "hr":
            inside, tags = not inside, []
            result += end(lines_of(block[0]))
        elif inside and _is_quote(below) and (question := _question(block)):
            result += [*question, *tag_comment(tags), *below[1:-1]]
            answer = below
            count += 1
        elif inside and _is_setting(block):
            tags = tags or _TAGS.findall(inline_text(block[1].children))
            result += [*end(lines_of(block[0])), *block]
        else:
            result += block
    return result if count >= (1 if known or any(map(_is_setting, blocks)) else 2) else None


def _is_quote(block: list[Token]) -> bool:
    return bool(block) and block[0].type == "blockquote_open"


def _question(block: list[Token]) -> list[Token]:
    """Return the last item of a list as a question, with what stands below its first lines.

    Nothing where the block is no such list, or where its last item does not begin with text.
    """
    if block[0].type != "ordered_list_open":
        return []
    _, *inner, _ = items(block)[-1]
    if not inner or inner[0].type != "paragraph_open":
        return []
    return [*unit(inner[1].children, lines_of(inner[1])), *prompt(as_blocks(inner[3:]))]


def _is_setting(block: list[Token]) -> bool:
    return len(block) == 3 and bool(_SETTING.match(inline_text(block[1].children)))
