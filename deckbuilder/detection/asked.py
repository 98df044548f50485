"""What was a question stays one, whatever becomes of the sections around it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

from deckbuilder.detection.choice import Choice
from deckbuilder.detection.evidence import Evidence


def with_asked(evidence: Evidence, choice: Choice) -> Choice:
    """Return *choice* with the headings that were asked before.

    Unless one was made a part of an answer: it stands in one, and no question is written so.
    What holds nothing but questions now, be it one of these or above one, is a chapter.
    """
    written = {evidence.writing(i) for i in choice.questions}
    ordered = sorted(choice.questions)
    found, beside = set(), set()
    first: dict[int, int] = {}
    """Question -> the first below it that was asked before."""
    for index in sorted(evidence.asked - choice.questions):
        at = bisect_left(ordered, index) - 1
        above = ordered[at] if at >= 0 and index < evidence.ends[ordered[at]] else -1
        alike = evidence.writing(index) in written
        if alike or _is_apart(evidence, above, first.setdefault(above, index), index):
            found.add(index)
            beside |= {index, above} - {-1}
    ordered = sorted(choice.questions | found)
    spans = evidence.spans(ordered)
    chapters = {i for i, stop in spans if i in beside and not evidence.weights.shows(i, stop)}
    questions = (choice.questions | found) - chapters
    return replace(choice, questions=questions, dividers=(choice.dividers | chapters) - questions)


def _is_apart(evidence: Evidence, above: int, first: int, index: int) -> bool:
    """Return whether a heading is no part of the answer of the question *above*; -1 is none.

    That one holds no answer before the *first* that was asked, or its number comes before.
    """
    if above < 0 or not evidence.weights.shows(above, min(evidence.parts[above], first)):
        return True
    one, other = evidence.numbers[above], evidence.numbers[index]
    if one is None or other is None or not one.certain:
        return False
    return one.kind == other.kind and one.parts < other.parts
