"""The rules of structure that look at the levels and numbers of headings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise, starmap

from deckbuilder.detection.choice import Choice, above
from deckbuilder.detection.evidence import Evidence
from deckbuilder.detection.listed import asked_within
from deckbuilder.model import HeadingKind
from deckbuilder.numbering import counts_on, position_lengths
from deckbuilder.problems import many
from deckbuilder.wording import (
    DEFINES,
    FURTHER,
    GENERIC_PART,
    OPENERS,
    SUMMARY,
    ends_asking,
    loose,
)

_LONG_ANSWER = 2500
"""Characters: sections longer than this on average are cut at the level below."""
_OWN_CARD = 120
"""Characters: a chapter's own text of this length is more than a line that introduces it."""
LONG_INTRODUCTION = 400
"""Characters: what stands below the title of a file is more than an introduction."""
_INTRODUCES = 20
"""Times: what a chapter says itself is a line above its parts if they say that much more."""
_COUNTED = ("dot", "question", "item", "hash", "chinese", "bracket")


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the headings of one level are like."""

    level: int
    headings: tuple[int, ...]
    asking: int
    """How many of them ask."""
    numbered: int
    labelled: int
    distinct: int
    """How many different texts they have."""

    @property
    def asks(self) -> bool:
        """Whether they are questions: half of them ask, and they do not repeat each other."""
        enough = self.asking * 2 >= len(self.headings) or self.labelled * 2 >= len(self.headings)
        return self.stands and enough

    @property
    def counts(self) -> bool:
        """Whether they are numbered."""
        return self.stands and self.numbered * 5 >= len(self.headings) * 3

    @property
    def differs(self) -> bool:
        """Whether there are several, and hardly one says what another does."""
        return len(self.headings) >= 2 and self.distinct * 5 >= len(self.headings) * 4

    @property
    def stands(self) -> bool:
        """Whether there are several, and each has a name of its own."""
        return len(self.headings) >= 2 and self.distinct * 2 >= len(self.headings)


# Questions by their level ----------------------------------------------------------------------


def by_level(evidence: Evidence) -> Choice | None:
    """The level that most looks like the author's unit."""
    shapes = _shapes(evidence)
    asked = [
        shape
        for shape in shapes
        if shape.asks
        and not _are_chapters(evidence, shape)
        and _outnumbering(evidence, shape) <= len(shape.headings)
    ]
    if asked:
        shape = max(asked, key=lambda one: (one.labelled * 2 >= len(one.headings), -one.level))
        said = f"{max(shape.asking, shape.labelled)} of {len(shape.headings)} are questions"
    elif counted := [shape for shape in shapes if shape.counts]:
        shape = _deepest(evidence, counted)
        said = f"{shape.numbered} of {len(shape.headings)} are numbered"
    elif shapes:
        shape = _deepest(evidence, [shapes[0], *(one for one in shapes[1:] if one.differs)])
        return at_level(evidence, shape.level, sections=True)
    else:
        return None
    return replace(at_level(evidence, shape.level), why=f"level {shape.level}: {said}")


def _units(evidence: Evidence) -> list[int]:
    """Return the headings that could be units: the title of the file is none."""
    real = [i for i in evidence.real if i not in evidence.skipped and i not in evidence.answers]
    levels = {evidence.level(i) for i in real}
    if len(levels) > 1 and evidence.title == real[0]:
        return real[1:]
    return real


def _shapes(evidence: Evidence) -> list[_Shape]:
    by_level: dict[int, list[int]] = {}
    for i in _units(evidence):
        by_level.setdefault(evidence.level(i), []).append(i)
    return [_shape(evidence, level, by_level[level]) for level in sorted(by_level)]


def _shape(evidence: Evidence, level: int, at: Sequence[int]) -> _Shape:
    texts = [evidence.heading(i).text for i in at]
    return _Shape(
        level=level,
        headings=tuple(at),
        asking=sum(evidence.asking[i] and not GENERIC_PART.match(evidence.texts[i]) for i in at),
        numbered=sum(length > 0 for length in position_lengths(texts)),
        labelled=sum(evidence.labelled[i] for i in at),
        distinct=len({loose(text) for text in texts}),
    )


def _outnumbering(evidence: Evidence, shape: _Shape) -> int:
    """Return how many sections above a level have text and no question of that level in them."""
    return sum(
        evidence.own(i) >= _OWN_CARD and not _has_child(evidence, i, shape.level)
        for i in _units(evidence)
        if evidence.level(i) < shape.level
    )


def _are_chapters(evidence: Evidence, shape: _Shape) -> bool:
    """Return whether most headings of a level only hold questions of the levels below."""
    chapters = 0
    for i in shape.headings:
        children = [j for j in range(i + 1, evidence.ends[i]) if evidence.is_real[j]]
        asking = sum(evidence.asking[j] for j in children)
        chapters += asking >= 2 and asking * 2 >= len(children) and not evidence.has_own(i)
    return chapters * 2 > len(shape.headings)


def _deepest(evidence: Evidence, shapes: Sequence[_Shape]) -> _Shape:
    """Return the level that is the unit: deeper while sections above hold little themselves."""
    chosen = shapes[0]
    for shape in shapes[1:]:
        if _splits(evidence, chosen.headings, shape.level):
            chosen = shape
    return chosen


def _splits(evidence: Evidence, upper: Sequence[int], level: int) -> bool:
    """Return whether the author's unit is *level*: sections above hold little themselves."""
    divided = [i for i in upper if _has_child(evidence, i, level)]
    if not divided:
        return False
    bare = sum(evidence.own(i) * _INTRODUCES <= evidence.whole(i) for i in divided)
    if bare * 2 >= len(divided):
        return True
    return sum(evidence.whole(i) for i in divided) > _LONG_ANSWER * len(divided)


def exactly(evidence: Evidence, level: int) -> Choice:
    """Return the headings of *level*, whatever they are like; those above it are chapters."""
    at = {i for i in evidence.real if evidence.level(i) == level}
    above_it = {i for i in evidence.real if evidence.level(i) < level}
    return _choice(evidence, "level", level, at, above_it)


def _choice(
    evidence: Evidence, name: str, level: int, chosen: Set[int], dividers: Set[int]
) -> Choice:
    questions = chosen | evidence.pairs
    why = f"level {level}, {many(len(questions), 'heading')}" if questions else "no questions found"
    return Choice(f"{name} {level}", questions, dividers, why)


def at_level(evidence: Evidence, level: int, *, sections: bool = False) -> Choice:
    """Return the headings of *level* as questions; those above it are chapters.

    Parts that stand on the level by accident belong to the answer above them: ``Example``,
    ``Answer: C``, what opens the file, lists of links. What stands above the level and holds none
    of it is a question, too, if it is like one, and what stands on it may be a chapter; with
    *sections*, all above it that has text of its own is a question.
    """
    at = [i for i in evidence.real if evidence.level(i) == level]
    above_it = [i for i in evidence.real if evidence.level(i) < level]
    first = next((i for i in at if i not in evidence.skipped), -1)
    chosen = {i for i in at if _stands_alone(evidence, i, first, parts=not sections)}
    dividers = {i for i in above_it if i not in evidence.answers}
    dividers |= {i for i in at if i not in chosen and not _is_part(evidence, i)}
    alike = above_it if sections else _like(evidence, above_it, at)
    chosen |= {i for i in alike if _has_own_card(evidence, i, level)}
    inner = {} if sections else {i: _questions_in(evidence, i) for i in chosen}
    chapters = {i for i, found in inner.items() if found}
    chosen = chosen.union(*inner.values()) - chapters
    if sum(evidence.labelled[i] for i in at) * 2 > len(at):
        chosen |= {i for i in evidence.real if evidence.labelled[i]}
    chosen.update(_bold_between(evidence, chosen))
    name = "sections" if sections else "level"
    return _choice(evidence, name, level, chosen, (dividers | chapters) - chosen)


def _stands_alone(evidence: Evidence, index: int, first: int, *, parts: bool = True) -> bool:
    """Return whether a heading on the level of the questions is one of them.

    *first* is the first of the level. With *parts*, one like ``Example`` belongs to the answer
    above it.
    """
    if index in evidence.answers or index in evidence.skipped:
        return False
    text = evidence.texts[index]
    asking = evidence.asking[index]
    if not asking and evidence.only_questions(index):
        return False
    if evidence.counted(index):
        return True
    if OPENERS.match(text) and index == first:
        return False
    if not asking and evidence.only_links(index):
        return False
    return not parts or not _is_part(evidence, index) or _sums_up(evidence, index)


def _sums_up(evidence: Evidence, index: int) -> bool:
    """Return whether a heading sums up the file: there is one like it, last of its level."""
    if not SUMMARY.match(evidence.texts[index]) or index in evidence.repeated:
        return False
    level = evidence.level(index)
    others = (i for i in evidence.real if i != index and i not in evidence.skipped)
    return not any(
        SUMMARY.match(evidence.texts[i]) if i < index else evidence.level(i) <= level
        for i in others
    )


def _is_part(evidence: Evidence, index: int) -> bool:
    """Return whether a heading is a part of the answer above it, though on the same level."""
    if index in evidence.answers:
        return True
    text = evidence.texts[index]
    named = GENERIC_PART.match(text) or FURTHER.match(text)
    return bool(named or index in evidence.repeated) and not evidence.numbers[index]


def _has_child(evidence: Evidence, index: int, level: int) -> bool:
    return any(
        evidence.is_real[i] and evidence.level(i) == level
        for i in range(index + 1, evidence.ends[index])
    )


def _has_own_card(evidence: Evidence, index: int, level: int) -> bool:
    """Return whether a heading above the level has something to say by itself.

    Where nothing of the level stands below it, it may be called ``Background``: there is no
    answer above that this could be a part of.
    """
    divided = _has_child(evidence, index, level)
    if not _stands_alone(evidence, index, index, parts=divided):
        return False
    own = evidence.weight(index, _next_above(evidence, index, level))
    if index == evidence.title:
        return own >= LONG_INTRODUCTION
    if divided:
        return own >= _OWN_CARD
    return own > 0 and not FURTHER.match(evidence.texts[index])


def _next_above(evidence: Evidence, index: int, level: int) -> int:
    """Return the next heading of a level or above, or that past the section of *index*."""
    end = evidence.ends[index]
    inside = (i for i in range(index + 1, end) if evidence.is_real[i])
    return next((i for i in inside if evidence.level(i) <= level), end)


def _questions_in(evidence: Evidence, index: int) -> list[int]:
    """Return the questions below a heading on their level that is none, but another chapter."""
    if evidence.asking[index] or evidence.numbers[index] or evidence.has_own(index):
        return []
    found = asked_within(evidence, index, evidence.ends[index])
    return found if all(evidence.is_real[i] for i in found) else []


def _bold_between(evidence: Evidence, chosen: Collection[int]) -> Iterator[int]:
    """Yield bold lines that count on from one question to the next, all that are numbered."""
    numbers = evidence.numbers
    bold = [i for i in evidence.of_kind(HeadingKind.BOLD) if numbers[i]]
    for one, other in pairwise(sorted(chosen)) if bold else ():
        between = bold[bisect_left(bold, one) : bisect_left(bold, other)]
        row = [numbers[i] for i in (one, *between, other)]
        if between and all(starmap(counts_on, pairwise(row))):
            yield from between


def _like(evidence: Evidence, above_it: Sequence[int], at: Sequence[int]) -> Iterator[int]:
    """Yield the headings above the questions that are some themselves, and merely have no chapter.

    They hold none of them, and are numbered, or ask among them; where hardly one of them asks,
    what they are called is no matter.
    """
    if not at:
        return
    hardly_ask = sum(evidence.asking[i] or evidence.labelled[i] for i in at) * 5 < len(at)
    lengths = position_lengths([evidence.heading(i).text for i in above_it])
    for i, length in zip(above_it, lengths, strict=True):
        among = evidence.asking[i] and at[0] < i < at[-1]
        counts = hardly_ask or length > 0 or evidence.counted(i)
        if (among or counts) and not _has_child(evidence, i, evidence.level(at[0])):
            yield i


# Other rules -----------------------------------------------------------------------------------


def by_numbers(evidence: Evidence) -> Choice | None:
    """Questions counted through from first to last on whatever level each stands."""
    chain = max((_counted_through(evidence, kind) for kind in _COUNTED), key=len)
    levels = {evidence.level(i) for i in chain}
    asked = sum(evidence.asking[i] for i in chain)
    if len(chain) < 5 or len(levels) < 2 or asked * 2 < len(chain):
        return None
    on = ", ".join(map(str, sorted(levels)))
    why = f"{len(chain)} questions, numbered through on levels {on}"
    return Choice("numbers", evidence.pairs.union(chain), above(evidence, chain), why)


def _counted_through(evidence: Evidence, kind: str) -> list[int]:
    """Return the headings that count up in numbers of one kind; ``一、`` does not go on ``2.``."""
    chain: list[int] = []
    last = 0
    for i in evidence.real:
        number = evidence.numbers[i]
        if number is None or number.kind != kind or len(number.parts) != 1:
            continue
        if i not in evidence.skipped and i != evidence.title and last < number.parts[0] <= last + 2:
            chain.append(i)
            last = number.parts[0]
    return chain


def by_title(evidence: Evidence) -> Choice | None:
    """One file, one question: the title asks, and the headings below do not."""
    title = evidence.title
    parts = [i for i in evidence.real if i != title and i not in evidence.skipped]
    if title < 0 or not parts or evidence.pairs:
        return None
    if not evidence.weights.shows(title, evidence.ends[title]):
        return None
    if not all(GENERIC_PART.match(evidence.texts[i]) for i in parts):
        least = 3 if ends_asking(evidence.texts[title]) else 2
        if not _asks_as_title(evidence, title):
            return None
        if any(shape.asks and shape.asking >= least for shape in _shapes(evidence)):
            return None
    return Choice("title", {title}, set(), "the title is the question")


def _asks_as_title(evidence: Evidence, title: int) -> bool:
    """Return whether a title is a question: ``How to use Git`` names a course as often."""
    text = evidence.texts[title]
    if ends_asking(text):
        return True
    return bool(DEFINES.search(text)) and evidence.whole(title) <= 2 * _LONG_ANSWER


def only_links(evidence: Evidence) -> Choice | None:
    """A page of links to elsewhere asks nothing."""
    units = [i for i in _units(evidence) if evidence.has_own(i)]
    if evidence.pairs or len(units) < 2 or any(evidence.asking[i] for i in units):
        return None
    linked = sum(evidence.own(i) for i in units if evidence.leads_elsewhere(i))
    if linked * 10 < sum(evidence.own(i) for i in units) * 8:
        return None
    why = "no questions: little but links under its headings"
    return Choice("none", set(), {*evidence.real}, why)
