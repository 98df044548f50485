"""Chapters of a paper that are no headings: ``二、判断题`` on a line right above a question.

They count from one on; the last points of answers, which stand there as well, do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from deckbuilder.dialects.blocks import text_of
from deckbuilder.inline import text_lines
from deckbuilder.markdown import Token, is_paragraph, top_blocks
from deckbuilder.numbering import number_of
from deckbuilder.wording import CHAPTER

_LEAST = 2
_LONGEST = 30


def with_chapters(tokens: list[Token]) -> list[Token]:
    """Return *tokens* with two or more such lines as headings; the cards are found already."""
    above = pairwise(top_blocks(tokens))
    places = [
        start
        for (start, stop), (below, _) in above
        if tokens[below].meta.get("unit") == "question" and _names_chapter(tokens[start:stop])
    ]
    numbers = [number_of(text_of(tokens[start : start + 3])) for start in places]
    counts = [number.parts[0] for number in numbers if number]
    counted = all(b == 1 or b > a > 0 for a, b in pairwise([0, *counts]))
    if len(places) < _LEAST or not counted:
        return tokens
    result = list(tokens)
    for start in places:
        result[start] = tokens[start].copy(type="heading_open", tag="h6")
        result[start + 2] = tokens[start + 2].copy(type="heading_close", tag="h6")
    return result


def _names_chapter(block: Sequence[Token]) -> bool:
    if not is_paragraph(block) or "unit" in block[0].meta or len(text_lines(block)) > 1:
        return False
    text = text_of(block)
    number = number_of(text)
    counted = CHAPTER.match(text) or (number is not None and number.kind == "chinese")
    return bool(counted) and len(text) <= _LONGEST
