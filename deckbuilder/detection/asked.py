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
    written = {_writing(evidence, i) for i in choice.questions}
    ordered = sorted(choice.questions)
    found, beside = set(), set()
    for index in evidence.asked - choice.questions:
        at = bisect_left(ordered, index) - 1
        above = ordered[at] if at >= 0 and index < evidence.ends[ordered[at]] else -1
        if above < 0 or not evidence.has_own(above) or _writing(evidence, index) in written:
            found.add(index)
            beside |= {index, above} - {-1}
    ordered = sorted(choice.questions | found)
    stops = zip(ordered, [*ordered[1:], len(evidence.texts)], strict=True) if found else ()
    chapters = {i for i, stop in stops if i in beside and not evidence.weights.shows(i, stop)}
    questions = (choice.questions | found) - chapters
    return replace(choice, questions=questions, dividers=(choice.dividers | chapters) - questions)


def _writing(evidence: Evidence, index: int) -> tuple[str, int]:
    heading = evidence.heading(index)
    return heading.kind, heading.level
