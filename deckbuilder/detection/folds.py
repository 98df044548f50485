"""Folded blocks: ``<details>`` around headings, which may belong to the answer that is folded."""

from __future__ import annotations

from typing import NamedTuple

from deckbuilder.answers import hides_answer
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
    begin = _folds(document)[::-1]
    found: list[Fold] = []
    open_ = [NO_FOLD]
    for heading in headings:
        while begin and begin[-1].start < heading.start:
            open_.append(begin.pop())
        while 0 <= open_[-1].stop <= heading.start:
            open_.pop()
        found.append(open_[-1])
    return tuple(found)


def _folds(document: Document) -> list[Fold]:
    """Return the folds of *document* that are closed, in the order in which they begin."""
    tokens = document.tokens
    found: list[Fold] = []
    open_: list[int] = []
    for index, token in enumerate(tokens):
        if token.type == "details_open":
            open_.append(index)
        elif token.type == "details_close" and open_:
            start = open_.pop()
            found.append(Fold(start, index, hides_answer(tokens, start)))
    return sorted(found)
