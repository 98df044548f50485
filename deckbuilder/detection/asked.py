"""What was a question stays one, whatever becomes of the sections around it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

from deckbuilder.detection.choice import Choice
from deckbuilder.detection.evidence import Evidence


def with_asked(evidence: Evidence, choice: Choice) -> Choice:
    """Return *choice* with the headings that were asked before.

    Unless one was made a part of an answer: it stands in one, and no question is written so.
    A question that holds nothing but such headings is a chapter.
    """
    written = {_writing(evidence, i) for i in choice.questions}
    ordered = sorted(choice.questions)
    found, chapters = set(), set()
    for index in evidence.asked - choice.questions:
        at = bisect_left(ordered, index) - 1
        above = ordered[at] if at >= 0 and index < evidence.ends[ordered[at]] else -1
        bare = above >= 0 and not evidence.has_own(above)
        if above < 0 or bare or _writing(evidence, index) in written:
            found.add(index)
            chapters |= {above} if bare else set()
    questions = (choice.questions | found) - chapters
    return replace(choice, questions=questions, dividers=(choice.dividers | chapters) - questions)


def _writing(evidence: Evidence, index: int) -> tuple[str, int]:
    heading = evidence.heading(index)
    return heading.kind, heading.level
