"""What a rule of `deckbuilder.structure` finds."""

from __future__ import annotations

from collections.abc import Collection, Set
from dataclasses import dataclass

from deckbuilder.detection.evidence import Evidence
from deckbuilder.model import BELOW_ALL


@dataclass(frozen=True, slots=True)
class Choice:
    """Questions, chapters, and the reason in a few words."""

    rule: str
    questions: Set[int]
    dividers: Set[int]
    why: str


def above(evidence: Evidence, chosen: Collection[int]) -> frozenset[int]:
    """Return the headings that stand above the chosen ones and end their answers."""
    top = min((evidence.level(i) for i in chosen), default=BELOW_ALL)
    return frozenset(
        i
        for i in evidence.real
        if i not in chosen
        and evidence.level(i) < top
        and i not in evidence.answers
        and i not in evidence.repeated
    )
