"""Paragraphs that begin with a bold question, and go on with its answer.

**What is a page?** A fixed piece of memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deckbuilder.dialects.blocks import length, paragraph, unit
from deckbuilder.dialects.lists import bold_lead, headings_asking
from deckbuilder.inline import join_lines, split_lines
from deckbuilder.markdown import Token, blocks_in, is_paragraph, lines_of, plain_text

_LEAST = 3
_ENDS = {"heading_open", "summary_open"}


def bold_leads(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with such paragraphs as cards, or None where the file is not made of them."""
    blocks = blocks_in(tokens)
    leads = {at: lead for at, block in enumerate(blocks) if (lead := _lead(block))}
    if len(leads) < (1 if known else _LEAST) or not (known or _outweigh(tokens, blocks, leads)):
        return None
    result: list[Token] = []
    for at, block in enumerate(blocks):
        if at in leads:
            question, answer = leads[at]
            place = lines_of(block[0])
            block = [*unit(question, place), *paragraph(answer, place)]
        result += block
    return result


def _lead(block: Sequence[Token]) -> tuple[list[Token], list[Token]] | None:
    """Return question and answer of a paragraph that holds both."""
    if not is_paragraph(block) or not block[1].children:
        return None
    first, *more = split_lines(block[1].children) or [[]]
    stop = bold_lead(first) if first else 0
    return (first[:stop], join_lines([first[stop:], *more])) if stop else None


def _outweigh(
    tokens: Sequence[Token],
    blocks: Sequence[Sequence[Token]],
    leads: Mapping[int, tuple[list[Token], list[Token]]],
) -> bool:
    """Return whether the file is made of such paragraphs, each with a question of its own."""
    weight, inside = 0, False
    for at, block in enumerate(blocks):
        inside = at in leads or (inside and block[0].type not in _ENDS)
        weight += length(block) if inside else 0
    asked = {plain_text(question) for question, _ in leads.values()}
    own = len(asked) * 5 >= len(leads) * 4 and headings_asking(tokens) * 3 <= len(leads)
    return own and weight * 2 >= length(tokens)
