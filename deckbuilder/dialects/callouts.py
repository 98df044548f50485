"""Callouts that ask or count in their title and answer below it, at the end of a section.

> [!question]- What is a page?
> A fixed piece of memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deckbuilder.dialects.blocks import end_after, text_of, unit
from deckbuilder.markdown import Token, block_end, blocks_in, lines_of, plain_text
from deckbuilder.numbering import certain_number
from deckbuilder.wording import GENERIC_SUMMARY, ends_asking

_BETWEEN = {"hr", "html_block"}


def question_callouts(tokens: list[Token]) -> list[Token]:
    """Return *tokens* with such callouts as cards; one amid the text of a section is part of it."""
    sections: list[list[list[Token]]] = [[]]
    for block in blocks_in(tokens):
        if block[0].type == "heading_open":
            sections.append([])
        sections[-1].append(block)
    return [token for blocks in sections for block in _with_cards(blocks) for token in block]


def _with_cards(blocks: list[list[Token]]) -> list[list[Token]]:
    """Return the blocks of a section, with the callouts that it ends with as cards.

    Where its heading asks, or text follows that is more than a remark, they are part of its answer.
    """
    headed = bool(blocks) and blocks[0][0].type == "heading_open"
    if headed and ends_asking(text_of(blocks[0])):
        return blocks
    cards = _asking({at: card for at, block in enumerate(blocks) if (card := _card(block))})
    begun = min(cards, default=len(blocks))
    others = [block for at, block in enumerate(blocks) if at > begun and at not in cards]
    if sum(not _is_between(block) for block in others) * 3 > len(cards):
        return blocks
    return [cards.get(at, block) for at, block in enumerate(blocks)]


def _is_between(block: Sequence[Token]) -> bool:
    """Return whether a block says nothing of its own: a rule, or a question without an answer."""
    return block[0].type in _BETWEEN or (_is_question(block[0]) and not _body(block))


def _is_question(token: Token) -> bool:
    return token.type == "callout_open" and token.meta["kind"] == "question"


def _card(block: Sequence[Token]) -> list[Token]:
    """Return a callout of questions with title and text as a card, or nothing for another block."""
    if not _is_question(block[0]) or block[1].type != "callout_title_open":
        return []
    title, body = block[2], _body(block)
    if not body:
        return []
    line, after = lines_of(block[0])
    return [*unit(title.children, (line, after)), *body, *end_after((line, after))]


def _body(block: Sequence[Token]) -> Sequence[Token]:
    """Return what a callout shows below its title; nothing where that is empty."""
    titled = block[1].type == "callout_title_open"
    body = block[block_end(block, 1) : -1] if titled else block[1:-1]
    return body if any(token.content.strip() for token in body) else ()


def _asking(cards: Mapping[int, list[Token]]) -> dict[int, list[Token]]:
    """Return those of which the title asks or counts; where most do, all but hints and the like."""
    titles = {at: plain_text(card[1].children) for at, card in cards.items()}
    asking = {at for at, title in titles.items() if ends_asking(title) or certain_number(title)}
    if len(asking) * 2 > len(cards):
        asking |= {at for at, title in titles.items() if not GENERIC_SUMMARY.match(title)}
    return {at: card for at, card in cards.items() if at in asking}
