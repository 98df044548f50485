"""Where an answer is set off from what its author put before it: code, choices, a picture.

    ## 1. What does it print?
    (code and choices)
    **Answer:** B

What stands before the label belongs to the question, in a file where that is the way to write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from deckbuilder.answers import answer_label
from deckbuilder.detection.evidence import Evidence
from deckbuilder.detection.weights import amount_of
from deckbuilder.markdown import Token, plain_text, top_blocks
from deckbuilder.model import REAL_HEADINGS, HeadingKind, Structure
from deckbuilder.wording import BARE_QUESTION, loose

PROMPTS = ", prompts"
"""What the rule ends in that the lock keeps of a file with such questions."""
_UNDECIDED = {"", "none", "file"}
"""What the lock holds of a file in which no headings were questions."""
_HEADED = {*REAL_HEADINGS, HeadingKind.BOLD}
_LONGEST = 800
"""Characters beside code and formulas: more is an explanation with an exercise at its end."""


def with_prompts(evidence: Evidence, structure: Structure, kept: str) -> Structure:
    """Return *structure* with the answers that are set off, if its file goes by them.

    *kept*, the rule that the lock holds, says so; else it takes two such answers, and half of
    those that have a label.
    """
    starts = dict(_labelled(evidence, structure))
    answers = {at: begins for at, begins in starts.items() if begins}
    clear = len(answers) >= 2 and len(answers) * 2 >= len(starts)
    asked = f"what stands before {len(answers)} of the answers is asked, too"
    if not (clear if kept in _UNDECIDED else kept.endswith(PROMPTS)):
        return replace(structure, today=structure.today or asked) if clear else structure
    rule = structure.rule + PROMPTS if structure.questions else structure.rule
    return replace(structure, rule=rule, answers=answers, why=f"{structure.why}; {asked}")


def _labelled(evidence: Evidence, structure: Structure) -> Iterator[tuple[int, int]]:
    """Yield where the text below each question begins that has an answer label in it.

    With it goes where the answer begins, or 0 where what stands before it is no part of the
    question.
    """
    headings, tokens = evidence.document.headings, evidence.document.tokens
    bounds = sorted(structure.questions | structure.dividers)
    for index, following in zip_longest(bounds, bounds[1:]):
        if index not in structure.questions or not _is_headed(evidence, index):
            continue
        start = headings[index].stop
        blocks = tokens[start : headings[following].start if following else len(tokens)]
        if labels := list(_labels(blocks)):
            first, names = labels[0][0], [name for _, name in labels]
            alone = len({*names}) == len(names)
            yield start, start + first if alone and _is_prompt(blocks[:first]) else 0


def _is_headed(evidence: Evidence, index: int) -> bool:
    """Return whether a question is a heading that asks or counts, and says more than its number."""
    heading = evidence.heading(index)
    asks = evidence.asking[index] or evidence.numbers[index] is not None
    return asks and heading.kind in _HEADED and not BARE_QUESTION.match(heading.text)


def _labels(blocks: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """Yield place and name of the answer labels that stand on their own, outside of folds."""
    folds = 0
    for start, _ in top_blocks(blocks):
        if not folds and (label := answer_label(blocks, start)):
            yield start, loose(label).strip("0123456789")
        change = {"details_open": 1, "details_close": -1}.get(blocks[start].type, 0)
        folds = max(folds + change, 0)


def _is_prompt(blocks: Sequence[Token]) -> bool:
    """Return whether a question may go on with *blocks*.

    It has no parts, is no long text nor only links, and no choice in it is ticked.
    """
    said = sum(len(plain_text(t.children or ())) for t in blocks if t.type == "inline")
    shown, linked, _ = amount_of(blocks)
    more = any(t.type == "heading_open" or t.attrs.get("class") == "done" for t in blocks)
    return shown > linked and said <= _LONGEST and not more
