"""A rule for lines that mean to be lines: choices, pictures, what is listed but no list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from deckbuilder.characters import EMOJI, regex
from deckbuilder.cleaning.edit import edit_inline
from deckbuilder.inline import every_line
from deckbuilder.markdown import BREAKS, Token, plain_text
from deckbuilder.model import Section
from deckbuilder.wording import ANSWER_LABEL, EXPLANATION_LABEL, LETTERED

_ANSWERS = regex(rf"\W{{0,2}}(?:{ANSWER_LABEL.pattern}|{EXPLANATION_LABEL.pattern})", re.IGNORECASE)
_COUNT = r"\d{1,2}|[一二三四五六七八九十]{1,3}"
_WORD = r"[^\s|:：。!！?？,，;；]{1,30}"
_WORDS = rf"(?:{_WORD}\s){{0,3}}?{_WORD}?"
"""A label has few: a line of prose that goes on has more before its colon or dash."""
_ALIKE = (
    regex(rf"{_WORDS}[:：](?![:：/])"),
    regex(rf"{_WORDS}\s[-–—]+\s"),
    regex(rf"{_WORDS}\s=\s"),
    regex(
        rf"[(（\[【]\s*(?:{_COUNT}|[ivx]{{1,4}})\s*[)）\]】]|[①-⒇]|"
        rf"(?:{_COUNT}|[IVX]{{1,4}})\s*(?:[、)）]|[.．](?!\d))"
    ),
    regex(rf"[\u2190-\u21ff{EMOJI}]|[-=]+>"),
)
"""What several lines begin with that mean to be lines: labels, numbers, arrows and emoji."""


def keep_lines(section: Section) -> tuple[Section, int]:
    """Keep lines that begin alike on a line each: choices, labels, ``1、``, ``（一）``, ``→``.

    What says the answer to choices, or explains it, begins a line by itself. So does a picture
    that has a line of its own, and the text below it.
    """
    return edit_inline(section, {"softbreak"}, _broken)


def _broken(children: list[Token]) -> tuple[list[Token], int]:
    breaks = [i for i, child in enumerate(children) if child.type in BREAKS]
    lines = every_line(children)
    texts = [plain_text(line) for line in lines]
    several = [[i for i, text in enumerate(texts) if mark.match(text)] for mark in _ALIKE]
    several.append([*_choices(texts)])
    starts_line = {i for found in several if len(found) >= 2 for i in found}
    starts_line |= {i for i, text in enumerate(texts) if _ANSWERS.match(text)}
    pictures = map(_is_picture, lines)
    starts_line |= {i for i, (one, two) in enumerate(pairwise(pictures), 1) if one != two}
    at = {breaks[i - 1] for i in starts_line if i}
    soft = {i for i in at if children[i].type == "softbreak"}
    new = [Token("hardbreak", "br", 0) if i in soft else child for i, child in enumerate(children)]
    return new, len(soft)


def _is_picture(line: list[Token]) -> bool:
    pictures = [one for one in line if one.type == "image" or one.content.startswith("<img")]
    return bool(pictures) and not plain_text([one for one in line if one.type != "image"])


def _choices(lines: Sequence[str]) -> Iterator[int]:
    """Yield which lines begin with ``A.``, ``B.`` and so on."""
    expected = "A"
    for index, line in enumerate(lines):
        found = LETTERED.match(line)
        if found and found[1].upper() == expected:
            yield index
            expected = chr(ord(expected) + 1)
