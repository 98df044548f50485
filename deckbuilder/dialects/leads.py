"""Paragraphs that begin with a question, and go on with its answer.

**What is a page?** A fixed piece of memory.        1、什么是页？        问题1：页
                                                    固定的内存块。      固定的内存块。
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

from deckbuilder.answers import begins_answer
from deckbuilder.dialects.blocks import Card, length, paragraph
from deckbuilder.dialects.lists import bold_lead, headings_asking
from deckbuilder.dialects.statements import statements
from deckbuilder.inline import join_lines, split_lines, text_lines
from deckbuilder.markdown import Token, blocks_in, is_paragraph, lines_of, plain_text
from deckbuilder.numbering import certain_number
from deckbuilder.wording import ANSWER_LABEL, CHOICE, ends_asking

_LEAST = 3
_ENDS = {"heading_open", "summary_open"}
_Block = Sequence[Token]


_Leads = Mapping[int, Sequence[Card]]
"""Index of a paragraph -> what is asked in it."""


def question_leads(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with such paragraphs as cards, or None where the file is not made of them."""
    blocks = blocks_in(tokens)
    leads = _bold(blocks)
    if not leads and (known or not headings_asking(tokens)):
        leads = _lines(blocks, known=known)
    return _rewritten(tokens, blocks, leads, known=known)


def stated(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with what is counted and stated as cards, or None where other text is more.

    Its name in the lock is not that of questions: their answers hold definitions, too, and these
    would take the place of all cards.
    """
    blocks = blocks_in(tokens)
    return _rewritten(tokens, blocks, statements(blocks), known=known)


def _rewritten(
    tokens: list[Token], blocks: Sequence[_Block], leads: _Leads, *, known: bool
) -> list[Token] | None:
    """Return *tokens* with *leads* as cards, or None where these are few, or other text is more."""
    count = sum(map(len, leads.values()))
    if count < (1 if known else _LEAST) or not (known or _outweigh(tokens, blocks, leads)):
        return None
    result: list[Token] = []
    for at, block in enumerate(blocks):
        result += chain(*(card.blocks() for card in leads[at])) if at in leads else block
    return result


def _bold(blocks: Sequence[_Block]) -> _Leads:
    """Return the questions that are bold and have their answers on the same line."""
    leads = {}
    for at, block in enumerate(blocks):
        if is_paragraph(block) and block[1].children:
            first, *more = split_lines(block[1].children) or [[]]
            if stop := bold_lead(first) if first else 0:
                leads[at] = [_card(block, 0, first[:stop], [first[stop:], *more])]
    return leads


def _lines(blocks: Sequence[_Block], *, known: bool) -> _Leads:
    """Return the questions on lines of their own: they ask, or count on from one that does.

    A label asks, too, unless its question goes on to the end of the paragraph.
    """
    leads = {}
    last = 0
    for at, block in enumerate(blocks):
        lines = split_lines(block[1].children) if is_paragraph(block) else []
        starts = []
        goes_below = bool(lines) and ends_asking(plain_text(lines[-1]))
        for i, line in enumerate(lines):
            text = plain_text(line)
            number = certain_number(text)
            labelled = number is not None and number.names and not goes_below
            goes_on = number is not None and last > 0 and number.parts == (last + 1,)
            counts = number is not None and (number.parts == (1,) or number.parts >= (last,))
            answered = i == 0 and len(lines) > 1
            asks = line[0].type == "text" and (labelled or ends_asking(text))
            if (asks and (counts or answered or labelled)) or (goes_on and answered):
                starts.append(i)
                last = number.parts[0] if number and counts else last
        if starts[:1] == [0]:
            ends = pairwise([*starts, len(lines)])
            leads[at] = [_card(block, a, lines[a], lines[a + 1 : b]) for a, b in ends]
    return leads if known or _are_plain(blocks, leads) else {}


def _card(
    block: _Block, line: int, question: Sequence[Token], answer: Sequence[Sequence[Token]]
) -> Card:
    """Return the card whose question stands on *line* of a paragraph, its answer on others."""
    first, last = lines_of(block[0])
    place = first + line, last
    return Card(question, paragraph(join_lines(answer), place), place)


def _are_plain(blocks: Sequence[_Block], leads: _Leads) -> bool:
    """Return whether the file has no answer labels, no choices, and few headings for its leads."""
    headings = sum(block[0].type == "heading_open" for block in blocks)
    texts = chain(*(text_lines(block) for block in blocks if is_paragraph(block)))
    marked = any(ANSWER_LABEL.match(text) or CHOICE.match(text) for text in texts)
    marked = marked or any(map(begins_answer, blocks))
    return not marked and (headings - 1) * 2 <= sum(map(len, leads.values()))


def _outweigh(tokens: Sequence[Token], blocks: Sequence[_Block], leads: _Leads) -> bool:
    """Return whether the file is made of such paragraphs, each with a question of its own."""
    weight, inside = 0, False
    for at, block in enumerate(blocks):
        inside = at in leads or (inside and block[0].type not in _ENDS)
        weight += length(block) if inside else 0
    questions = [plain_text(lead.question) for lead in chain(*leads.values())]
    own = len({*questions}) * 5 >= len(questions) * 4
    return own and headings_asking(tokens) * 3 <= len(questions) and weight * 2 >= length(tokens)
