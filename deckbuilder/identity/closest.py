"""Who is clearly closest to whom, by question and answer together (rule 5 of identity).

Candidates come from an index of what the texts share, rarest first, so that ten thousand
sections reworded at once need no hundred million comparisons. A pair is clear where both sides
choose each other, ahead of every other candidate by `MARGIN`. Of what is not, nothing is matched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest

from deckbuilder.identity.likeness import (
    AnswerLikeness,
    QuestionLikeness,
    compare_answers,
    compare_questions,
    shape,
)

ANSWER_WEIGHT = 0.7
"""Share of a long answer in the score."""

TELLING_SIZE = 20.0
"""Pairs of words from which on an answer has its full weight."""

ALONE = 0.4
"""What a short answer counts that only this section and this note have; as a share of that."""

DOUBT = 0.2
"""What the shortest answers cost."""

SWAPPED = 0.7
"""What remains of the likeness of two questions of which each has a word of its own."""

SAME_QUESTION = 0.7
"""What the same question in another form counts at least, whatever became of its answer."""

OTHER_NAME = 0.35
"""What another name costs besides."""

ENOUGH = 0.62
MARGIN = 0.08
"""The score that a pair needs, and its lead over every other.

Measured by tests/bench/bench_identity on 95 hand-written sections, 61 with near-duplicates:
wrong matches in 8094 edits, and missed ones of 407 in which question and answer were rewritten::

    ENOUGH   0.45  0.50  0.55  0.58  0.60  0.62  0.64  0.66  0.70
    wrong      48    23    11     0     0     0     0     0     0
    missed     17    32    56    67    85    95   104   113   193

No wrong match of the corpus hangs on the margin (0 to 0.2 give the same figures); it is there
for what the corpus does not hold. Without `DOUBT` 26 would be wrong, with `OTHER_NAME` at 0.1
14.
"""

WORTH_ASKING = 0.45
SAME_ANSWER_WORTH_ASKING = 0.1
"""The score from which on the author is asked; less where even the answer is the same."""

POSTINGS = 1000
CANDIDATES = 12
"""How many entries of the index are read for a section, and how many notes are compared."""


@dataclass(frozen=True, slots=True)
class Side:
    """A section or a note, as far as likeness goes."""

    kind: str
    question: str
    features: frozenset[Hashable]
    """What it may share with others: words, pairs of characters, places."""
    sketch: tuple[int, ...]
    answer_hash: str
    alone: bool
    """Whether no other section, or no other note, has this answer."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A section and a note that may be the same."""

    section: int
    note: int
    score: float
    same_answer: bool

    @property
    def worth_asking(self) -> bool:
        """Whether the author should be asked, if this is not sure enough."""
        return self.score >= (SAME_ANSWER_WORTH_ASKING if self.same_answer else WORTH_ASKING)


def score(question: QuestionLikeness, answer: AnswerLikeness, *, same: bool, alone: bool) -> float:
    """Return how sure it is that two notes are one, from below 0 to 1.

    The longer the answer the more it counts, and short ones leave a doubt that the question
    has to outweigh; less where the answers are the *same* and nobody else has them (*alone*).
    """
    trust = min(1.0, answer.size / TELLING_SIZE)
    if same and alone:
        trust = max(trust, ALONE)
    weight = ANSWER_WEIGHT * trust
    alike = question.likeness * (SWAPPED if question.swapped else 1.0)
    both = (1 - weight) * alike + weight * (1.0 if same else answer.likeness)
    both -= DOUBT * (1 - trust)
    if question.other_name:
        return both - OTHER_NAME
    return max(both, SAME_QUESTION) if question.same else both


def closest(
    sections: Sequence[Side], notes: Sequence[Side], rivals: Callable[[], Sequence[Side]]
) -> tuple[list[Pair], dict[int, list[Pair]]]:
    """Return the pairs that are clear, and for every section its candidates, best first.

    *rivals* are notes that have found their sections: they cannot be had any more, but what is
    as like to one of them as to a candidate is a near-duplicate, not a new wording.
    """
    of_section = _candidates(sections, notes)
    of_note: dict[int, list[Pair]] = defaultdict(list)
    for pair in (pair for pairs in of_section.values() for pair in pairs):
        of_note[pair.note].append(pair)
    clear = [
        pair
        for pairs in of_section.values()
        for pair in pairs[:1]
        if pair.score >= ENOUGH and _leads(pair, pairs) and _leads(pair, of_note[pair.note])
    ]
    if clear:
        against = _candidates([sections[pair.section] for pair in clear], rivals())
        clear = [pair for at, pair in enumerate(clear) if _leads(pair, against[at])]
    return clear, of_section


def _candidates(sections: Sequence[Side], notes: Sequence[Side]) -> dict[int, list[Pair]]:
    """Return the notes that each section may be, likest first."""
    found = {}
    for index, likely in _likely(sections, notes):
        pairs = [_judge(index, sections[index], other, notes[other]) for other in likely]
        found[index] = sorted(pairs, key=lambda pair: (-pair.score, pair.note))
    return found


def _leads(pair: Pair, pairs: Sequence[Pair]) -> bool:
    return all(pair.score - other.score >= MARGIN for other in pairs if other is not pair)


def _judge(index: int, section: Side, other: int, note: Side) -> Pair:
    same = section.answer_hash == note.answer_hash
    question = compare_questions(shape(section.question), shape(note.question), typos=same)
    answer = compare_answers(section.sketch, note.sketch)
    sure = score(question, answer, same=same, alone=section.alone and note.alone)
    return Pair(index, other, sure, same)


def _likely(sections: Sequence[Side], notes: Sequence[Side]) -> Iterator[tuple[int, list[int]]]:
    """Yield every section's index with the notes that share the most with it."""
    index: dict[Hashable, list[int]] = defaultdict(list)
    wanted: set[Hashable] = set()
    wanted.update(*(section.features for section in sections))
    wanted.update(*(section.sketch for section in sections))
    for number, note in enumerate(notes):
        for feature in (*wanted.intersection(note.features), *wanted.intersection(note.sketch)):
            index[feature].append(number)
    for number, section in enumerate(sections):
        found = {feature: index[feature] for feature in section.features if feature in index}
        found |= {value: index[value] for value in section.sketch if value in index}
        shared: dict[int, float] = defaultdict(float)
        read = 0
        for others in sorted(found.values(), key=lambda others: (len(others), others)):
            read += len(others)
            if read > POSTINGS and shared:
                break
            rare = 1 / len(others)
            for other in others:
                shared[other] += rare
        best = nlargest(CANDIDATES, ((how, -other) for other, how in shared.items()))
        yield number, [-other for _, other in best if notes[-other].kind == section.kind]
