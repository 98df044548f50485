"""hashcards: ``Q:`` and ``A:`` at line starts, and ``C:`` with ``[gaps]`` in its text.

Questions with answers are pairs to every reader; what is special are the gaps, each a card.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

from deckbuilder.dialects.blocks import end_after, paragraph, unit
from deckbuilder.inline import join_lines, split_lines
from deckbuilder.markdown import Token, blocks_in, is_paragraph, lines_of, plain_text

_CLOZE = re.compile(r"C:\s+\S")
_GAP = re.compile(r"\[([^\[\]\n]+)\]")
_PAIR = re.compile(r"Q:\s+\S")


def hashcards(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with its ``C:`` paragraphs as units, or None where it has too few."""
    blocks = blocks_in(tokens)
    clozes = sum(map(_is_cloze, blocks))
    pairs = sum(t.type == "inline" and bool(_PAIR.match(plain_text(t.children))) for t in tokens)
    if not clozes or (not known and clozes + pairs < 2):
        return None
    return [*chain(*(_cards(block) if _is_cloze(block) else block for block in blocks))]


def _is_cloze(block: Sequence[Token]) -> bool:
    if not is_paragraph(block):
        return False
    lines = split_lines(block[1].children)
    marked = any(_CLOZE.match(plain_text(line)) for line in lines)
    return marked and any(_GAP.search(c.content) for c in block[1].children or [])


def _cards(block: Sequence[Token]) -> list[Token]:
    """Return the lines from the mark on as a card, and those above it as they are."""
    place, lines = lines_of(block[0]), split_lines(block[1].children)
    first = next(i for i, line in enumerate(lines) if _CLOZE.match(plain_text(line)))
    above, card = join_lines(lines[:first]), _with_gaps(join_lines(lines[first:]))
    return [*paragraph(above, place), *unit(card, place), *end_after(place)]


def _with_gaps(children: Sequence[Token]) -> list[Token]:
    """Return the text without its mark, each ``[gap]`` as a numbered cloze."""
    result: list[Token] = []
    number = 0

    def gap(found: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return f"{{{{c{number}::{found[1]}}}}}"

    for child in children:
        if child.type == "text":
            content = child.content if result else re.sub(r"^C:\s+", "", child.content)
            child = child.copy(content=_GAP.sub(gap, content))
        result.append(child)
    return result
