"""Pages that Notion exported: ``Memory 3f2a9c1d4b5e4f6a8b7c9d0e1f2a3b4c.md``, titled ``Memory``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from deckbuilder.characters import regex
from deckbuilder.markdown import Token, is_paragraph
from deckbuilder.model import REAL_HEADINGS, Heading
from deckbuilder.wording import loose

_NAME = re.compile(r"([^/]+) [0-9a-f]{32}\.[^./]+$")
_ALIKE = 20
"""Characters in which name and title agree: long names are cut."""
_NAMED = r"[^\W\d_][^:\n]{0,39}:"
_ENDS = "(?<![.!?。！？])"
_STATED = rf"{_NAMED}(?:[ \t].*)?{_ENDS}"
_PROPERTIES = regex(rf"{_NAMED}[^\n]{{0,40}}{_ENDS}|{_STATED}(?:\n{_STATED})+")
"""Lines ``Course: Baking`` that are no sentences; a single one is short."""


def page_name(name: str) -> str:
    """Return what the page is called whose file has this *name*; nothing for another file."""
    found = _NAME.search(name)
    return found[1] if found else ""


def is_exported(name: str, tokens: Sequence[Token]) -> bool:
    """Return whether a file of this *name* that holds *tokens* is such a page."""
    page = page_name(name)
    if not page or not tokens or tokens[0].tag != "h1":
        return False
    return loose(tokens[1].content).startswith(loose(page)[:_ALIKE])


def without_properties(tokens: list[Token]) -> list[Token]:
    """Return the tokens of a page without the properties that stand below its title."""
    stated = is_paragraph(tokens[3:6]) and _PROPERTIES.fullmatch(tokens[4].content)
    return [*tokens[:3], *tokens[6:]] if stated else tokens


def title_above(headings: tuple[Heading, ...]) -> tuple[Heading, ...]:
    """Return the headings of a page, with its title above those that are written as large."""
    large = [one for one in headings if one.level == 1 and one.kind in REAL_HEADINGS]
    if len(large) < 2 or large[0].start:
        return headings
    return replace(large[0], level=0), *headings[1:]
