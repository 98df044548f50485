"""Definition lists, in a file that is made of them: each term is a card."""

from __future__ import annotations

from collections.abc import Sequence

from deckbuilder.dialects.blocks import end, length, unit
from deckbuilder.markdown import Token, as_blocks, items, lines_of, top_blocks

_LEAST = 2


def definition_list(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with terms as questions, or None where other text outweighs them."""
    total = inside = terms = 0
    for start, stop in top_blocks(tokens):
        size = length(tokens[start:stop])
        if tokens[start].type == "dl_open":
            inside += size
            terms += sum(token.type == "dt_open" for token in tokens[start:stop])
        if tokens[start].type != "heading_open":
            total += size
    if terms < (1 if known else _LEAST) or (not known and inside * 4 < total * 3):
        return None
    result: list[Token] = []
    for start, stop in top_blocks(tokens):
        block = tokens[start:stop]
        result += _cards(block) if block[0].type == "dl_open" else block
    return result


def _cards(block: Sequence[Token]) -> list[Token]:
    result: list[Token] = []
    for start, stop in items(block):
        if block[start].type == "dt_open":
            result += unit(block[start + 1].children or [], lines_of(block[start + 1]))
        else:
            result += as_blocks(block[start + 1 : stop - 1])
    return [*result, *end(lines_of(block[0]))]
