"""Definition lists, in a file that is made of them: each term is a card."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from deckbuilder.dialects.blocks import end, length, unit
from deckbuilder.markdown import Token, as_blocks, blocks_in, items, lines_of

_LEAST = 2


def definition_list(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with terms as questions, or None where other text outweighs them."""
    total = inside = terms = 0
    blocks = blocks_in(tokens)
    for block in blocks:
        if block[0].type == "dl_open":
            inside += length(block)
            terms += sum(token.type == "dt_open" for token in block)
        if block[0].type != "heading_open":
            total += length(block)
    if terms < (1 if known else _LEAST) or (not known and inside * 4 < total * 3):
        return None
    parts = (cards_of_terms(block) if block[0].type == "dl_open" else block for block in blocks)
    return [*chain(*parts)]


def cards_of_terms(block: Sequence[Token]) -> list[Token]:
    """Return the terms of a definition list as cards."""
    result: list[Token] = []
    for item in items(block):
        if item[0].type == "dt_open":
            result += unit(item[1].children, lines_of(item[1]))
        else:
            result += as_blocks(item[1:-1])
    return [*result, *end(lines_of(block[0]))]
