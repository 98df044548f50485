"""Lines of two columns with a tab between, as Quizlet and spreadsheets give them away.

page	A fixed piece of memory.
frame	A place for a page.
"""

from __future__ import annotations

from collections.abc import Sequence

from deckbuilder.dialects.blocks import paragraph, unit
from deckbuilder.inline import split_lines
from deckbuilder.markdown import Token, blocks_in, is_paragraph, lines_of

_LEAST = 3


def tabbed(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with such lines as cards, or None where anything but headings is beside."""
    result: list[Token] = []
    count = 0
    for block in blocks_in(tokens):
        cards = _cards(block) if is_paragraph(block) else []
        if not all(cards) or not (cards or block[0].type == "heading_open"):
            return None
        count += len(cards)
        result += [token for card in cards for token in card] or block
    return result if count >= (1 if known else _LEAST) else None


def _cards(block: Sequence[Token]) -> list[list[Token]]:
    """Return the cards of the lines of a paragraph; an empty one for a line that is none."""
    first = lines_of(block[0])[0]
    lines = enumerate(split_lines(block[1].children), first)
    return [_card(line, (number, number + 1)) for number, line in lines]


def _card(line: Sequence[Token], place: tuple[int, int]) -> list[Token]:
    tabs = [at for at, token in enumerate(line) if "\t" in token.content]
    if len(tabs) != 1 or line[tabs[0]].type != "text":
        return []
    (at,) = tabs
    left, _, right = line[at].content.partition("\t")
    question = paragraph([*line[:at], line[at].copy(content=left)], place)
    answer = paragraph([line[at].copy(content=right), *line[at + 1 :]], place)
    if not question or not answer or "\t" in right:
        return []
    return [*unit(question[1].children, place), *answer]
