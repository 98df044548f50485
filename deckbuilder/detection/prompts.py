"""Where an answer is set off from what its author put before it: code, choices, a picture.

    ## 1. What does it print?
    (code and choices)
    **Answer:** B

What stands before the label belongs to the question, in a file where that is the way to write.
So do choices of which the right ones are ticked, without the ticks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from deckbuilder.answers import RIGHT, answer_label, is_choices, is_ticked
from deckbuilder.characters import regex
from deckbuilder.detection.evidence import Evidence
from deckbuilder.detection.weights import amount_of
from deckbuilder.markdown import Token, block_end, last_blocks, plain_text, top_blocks
from deckbuilder.model import TITLES, Structure
from deckbuilder.wording import BARE_QUESTION, EXAMPLE, EXERCISE, NUMBER, TASK_LABEL, loose

PROMPTS = ", prompts"
"""What the rule ends in that the lock keeps of a file with such questions."""
_UNDECIDED = {"", "none", "file"}
"""What the lock holds of a file in which no headings were questions."""
_TICKS = ("[x]", "[X]", *RIGHT)
_LONGEST = 800
"""Characters beside code and formulas: more is an explanation with an exercise at its end."""
_CHINESE_EXAMPLE = regex(rf"\W*例[题題]?\s*(?:{NUMBER}|[:：])")


def with_prompts(evidence: Evidence, structure: Structure, kept: str) -> Structure:
    """Return *structure* with the answers that are set off, if its file goes by them.

    *kept*, the rule that the lock holds, says so; else it takes two such answers, or one right
    below choices, and half of those that have a label.
    """
    labelled = dict(_labelled(evidence, structure))
    starts = labelled | _ticked(evidence, structure)
    answers = {at: begins for at, begins in starts.items() if begins}
    clear = len(answers) * 2 >= len(starts) and (
        len(answers) >= 2
        or any(_end_in_choices(evidence.document.tokens[a:b]) for a, b in labelled.items())
    )
    asked = f"what stands before {len(answers)} of the answers is asked too"
    if not (clear if kept in _UNDECIDED else kept.endswith(PROMPTS)):
        return replace(structure, today=structure.today or asked) if clear else structure
    rule = structure.rule + PROMPTS if structure.questions else structure.rule
    return replace(structure, rule=rule, answers=answers, why=f"{structure.why}; {asked}")


def _labelled(evidence: Evidence, structure: Structure) -> Iterator[tuple[int, int]]:
    """Yield where the text below each question begins that has an answer label in it.

    With it goes where the answer begins, or 0 where what stands before it is no part of the
    question.
    """
    for index, start, blocks in _sections(evidence, structure):
        if _is_headed(evidence, index) and (labels := list(_labels(blocks))):
            first, names = labels[0][0], [name for _, name in labels]
            alone = len({*names}) == len(names)
            is_prompt = alone and _is_prompt(blocks[:first], names[0])
            yield start, start + first if is_prompt else 0


def _end_in_choices(blocks: Sequence[Token]) -> bool:
    """Return whether the last of *blocks* is there to choose from."""
    start, end = next(last_blocks(blocks), (0, 0))
    return is_choices(blocks[start:end])


def _ticked(evidence: Evidence, structure: Structure) -> dict[int, int]:
    """Return the same for choices of which some are ticked: there the answer begins.

    Nothing where most of what they stand below does not ask: tasks are ticked when done.
    """
    if not any(map(evidence.document.file.text.__contains__, _TICKS)):
        return {}
    found = {}
    asking = 0
    for index, start, blocks in _sections(evidence, structure):
        lists = (at for at, _ in top_blocks(blocks) if is_ticked(blocks, at))
        at = next(lists, -1)
        if at == 0 or (at > 0 and _is_prompt(blocks[:at])):
            found[start] = start + at
            asking += evidence.asking[index] or is_choices(blocks[at : block_end(blocks, at)])
    return found if asking * 2 >= len(found) else {}


def _sections(
    evidence: Evidence, structure: Structure
) -> Iterator[tuple[int, int, Sequence[Token]]]:
    """Yield the headings that are questions: index, the token below, and the blocks from there."""
    headings, tokens = evidence.document.headings, evidence.document.tokens
    for index, following in evidence.spans(sorted(structure.questions | structure.dividers)):
        if index in structure.questions and headings[index].kind in TITLES:
            start = headings[index].stop
            stop = headings[following].start if following < len(headings) else None
            yield index, start, tokens[start:stop]


def _is_headed(evidence: Evidence, index: int) -> bool:
    """Return whether a question is a heading that asks or counts, and says more than its number.

    One that counts tasks need not say more.
    """
    text = evidence.heading(index).text
    asks = evidence.asking[index] or evidence.numbers[index] is not None
    counts = EXERCISE.match(text) or EXAMPLE.match(text)
    return bool(counts) or (asks and not BARE_QUESTION.match(text))


def _labels(blocks: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """Yield place and name of the answer labels that stand on their own, outside of folds."""
    folds = 0
    for start, _ in top_blocks(blocks):
        if not folds and (label := answer_label(blocks, start)):
            yield start, loose(label).strip("0123456789")
        change = {"details_open": 1, "details_close": -1}.get(blocks[start].type, 0)
        folds = max(folds + change, 0)


def _is_prompt(blocks: Sequence[Token], label: str = "") -> bool:
    """Return whether a question may go on with *blocks*, up to an answer with this *label*.

    It has no parts, no task of its own nor an example that ends in ``解：…``, is no long text nor
    only links, and no choice in it is ticked.
    """
    said = [plain_text(t.children) for t in blocks if t.type == "inline"]
    shown, linked, *_ = amount_of(blocks)
    more = any(t.type == "heading_open" or t.attrs.get("class") == "done" for t in blocks)
    solved = label == "解" and any(map(_CHINESE_EXAMPLE.match, said))
    if more or solved or any(map(TASK_LABEL.match, said)):
        return False
    return shown > linked and sum(map(len, said)) <= _LONGEST
