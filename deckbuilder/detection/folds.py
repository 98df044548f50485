"""Folded blocks: ``<details>`` around headings, which may belong to the answer that is folded."""

from __future__ import annotations

from typing import NamedTuple

from deckbuilder.answers import hides_answer
from deckbuilder.markdown import folds_in
from deckbuilder.model import Document, HeadingKind


class Fold(NamedTuple):
    """Token range of a ``<details>``."""

    start: int
    stop: int
    answers: bool
    """Whether its summary only announces an answer."""


NO_FOLD = Fold(-2, -2, False)


def folds_around(document: Document) -> tuple[Fold, ...]:
    """Return the innermost closed fold around each heading, or `NO_FOLD`."""
    headings = document.headings
    if all(heading.kind is not HeadingKind.SUMMARY for heading in headings):
        return (NO_FOLD,) * len(headings)
    tokens = document.tokens
    begin = [Fold(*place, hides_answer(tokens, place[0])) for place in folds_in(tokens)]
    begin.sort(reverse=True)
    found: list[Fold] = []
    open_ = [NO_FOLD]
    for heading in headings:
        while begin and begin[-1].start < heading.start:
            open_.append(begin.pop())
        while 0 <= open_[-1].stop <= heading.start:
            open_.pop()
        found.append(open_[-1])
    return tuple(found)
