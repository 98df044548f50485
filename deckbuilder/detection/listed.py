"""The rule of structure that reads the author's contents list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from deckbuilder.detection.choice import Choice
from deckbuilder.detection.evidence import Evidence
from deckbuilder.model import REAL_HEADINGS, Heading, HeadingKind
from deckbuilder.numbering import follows
from deckbuilder.problems import many
from deckbuilder.wording import CHAPTER, GENERIC_PART, GENERIC_SUMMARY, ends_asking

_Profile = tuple[HeadingKind, int]


def by_contents(evidence: Evidence) -> Choice | None:
    """The author's contents list names them; headings it leaves out belong to the answers."""
    questions, dividers = _listed(evidence)
    if len(questions) < 2:
        return None
    if inner := _under_chapters(evidence, questions, dividers):
        return inner
    like = _Like.of(evidence, questions)
    chapters = _Chapters.of(evidence, questions, dividers)
    forgotten: set[int] = set()
    last = -1
    for index in evidence.body:
        if index in questions:
            last = index
        if index in questions or index in dividers or index in evidence.skipped:
            continue
        if index in evidence.pairs or like.forgotten(index):
            chapter = _holds_counted_questions(evidence, index)
            (dividers if chapter else forgotten).add(index)
            last = last if chapter else index
        elif chapters.include(index) and not _is_deeper(evidence, index, last, questions):
            dividers.add(index)
    forgotten |= _in_unlisted_chapters(evidence, questions | forgotten, dividers)
    why = f"{many(len(questions), 'heading')}, listed in contents"
    return Choice(
        "contents",
        frozenset(questions | forgotten),
        frozenset(dividers),
        why + (f", and {len(forgotten)} like them" if forgotten else ""),
    )


def _is_deeper(evidence: Evidence, index: int, last: int, questions: set[int]) -> bool:
    """Return whether a heading is below that of the question above it, and holds none itself."""
    if last < 0 or index >= evidence.ends[last]:
        return False
    return questions.isdisjoint(range(index + 1, evidence.ends[index]))


def _listed(evidence: Evidence) -> tuple[set[int], set[int]]:
    """Return what the contents lists name: leaves with text of their own, and chapters."""
    body = set(evidence.body)
    leaves = {i for one in evidence.contents for i in one.leaves if i in body}
    branches = {i for one in evidence.contents for i in one.branches if i in body} - leaves
    spans = evidence.spans(sorted(leaves | branches))
    empty = {i for i, stop in spans if i in leaves and not evidence.weights.shows(i, stop)}
    return leaves - empty, branches | empty


# A contents list of chapters -------------------------------------------------------------------


def _under_chapters(
    evidence: Evidence, leaves: Collection[int], branches: Collection[int]
) -> Choice | None:
    """Return the questions below, where the contents list names nothing but chapters.

    A chapter has no text of its own before the first of its questions, and these are marked
    as such: labelled, folded, or ending in a question mark.
    """
    found: set[int] = set()
    chapters: set[int] = set()
    for index, stop in evidence.spans(sorted({*leaves, *branches})):
        single = index not in leaves or _asks_itself(evidence, index)
        if not single and (inside := asked_within(evidence, index, stop)):
            chapters.add(index)
            found.update(inside)
    if len(chapters) * 2 < len(leaves):
        return None
    questions = found | (set(leaves) - chapters)
    why = f"{len(found)} questions under {len(chapters)} chapters, which the contents list"
    return Choice("contents", frozenset(questions), frozenset(chapters | {*branches}), why)


def _asks_itself(evidence: Evidence, index: int) -> bool:
    if ends_asking(evidence.texts[index]) or evidence.labelled[index] or index in evidence.asked:
        return True
    return evidence.asking[index] and evidence.counted(index)


def asked_within(evidence: Evidence, index: int, stop: int) -> list[int]:
    """Return the marked questions between two headings, if what is there is made of them."""
    body = [i for i in range(index + 1, stop) if i not in evidence.skipped]
    units = [i for i in body if _is_marked(evidence, i)]
    headed = [] if units else _headed_questions(evidence, body)
    units = units or headed or [i for i in body if _is_bold_question(evidence, i)]
    if not units:
        return []
    before, after = evidence.weight(index, units[0]), evidence.weight(units[0], stop)
    if headed and not evidence.labelled[headed[0]]:
        return units if before == 0 and len(units) >= 2 else []
    return units if before * 4 <= after and (len(units) >= 2 or before == 0) else []


def _headed_questions(evidence: Evidence, body: Sequence[int]) -> list[int]:
    """Return the headings of the uppermost level that asks, if nearly all of it does."""
    real = [i for i in body if evidence.is_real[i]]
    asked = {i for i in real if _asks_itself(evidence, i) and i not in evidence.repeated}
    top = min((evidence.heading(i).level for i in asked), default=0)
    same = [i for i in real if evidence.heading(i).level == top]
    if len(asked.intersection(same)) * 5 < len(same) * 4:
        return []
    if any(evidence.labelled[i] for i in same):
        return [i for i in real if i in same or (i in asked and evidence.labelled[i])]
    return [i for i in same if i in asked or not GENERIC_PART.match(evidence.texts[i])]


def _is_bold_question(evidence: Evidence, index: int) -> bool:
    return evidence.heading(index).kind is HeadingKind.BOLD and _asks_itself(evidence, index)


def _is_marked(evidence: Evidence, index: int) -> bool:
    """Return whether something other than a heading is a question in so many words."""
    heading = evidence.heading(index)
    if index in evidence.pairs:
        return not evidence.is_real[index]
    return heading.kind is HeadingKind.SUMMARY and not GENERIC_SUMMARY.match(heading.text)


def _holds_counted_questions(evidence: Evidence, index: int) -> bool:
    """Return whether a heading, listed or not, is a chapter of counted or folded questions."""
    stop = evidence.ends[index]
    if stop - index < 3 or evidence.has_own(index) or _asks_itself(evidence, index):
        return False
    inside = asked_within(evidence, index, stop)
    return len(inside) >= 2 and all(
        not evidence.is_real[i] or evidence.labelled[i] or evidence.numbers[i] for i in inside
    )


# What the author forgot to list ----------------------------------------------------------------


def _profile(evidence: Evidence, index: int) -> _Profile:
    heading = evidence.heading(index)
    return heading.kind, heading.level


@dataclass(frozen=True, slots=True)
class _Like:
    """What the listed questions look like."""

    evidence: Evidence
    questions: Sequence[int]
    """Sorted."""
    alike: Counter[_Profile]
    """Listed questions by profile."""
    everywhere: Counter[_Profile]
    """All headings by profile."""
    kinds: dict[_Profile, Counter[str]]
    """How the listed ones of a profile are numbered."""
    between: frozenset[int]
    """Headings whose numbers fill a gap between those of listed questions."""

    @classmethod
    def of(cls, evidence: Evidence, questions: Collection[int]) -> _Like:
        """Return what *questions* look like."""
        kinds: dict[_Profile, Counter[str]] = {}
        for i in questions:
            if number := evidence.numbers[i]:
                kinds.setdefault(_profile(evidence, i), Counter())[number.kind] += 1
        between = _filling(evidence, questions, kinds)
        return cls(
            evidence,
            sorted(questions),
            Counter(_profile(evidence, i) for i in questions),
            Counter(_profile(evidence, i) for i in evidence.body),
            kinds,
            frozenset(between),
        )

    def forgotten(self, index: int) -> bool:
        """Return whether the author merely forgot to list this heading.

        It is written like the listed ones, and its number, if they have numbers, fits between
        theirs: ``1. 原则`` inside the answer to question 5 does not.
        """
        evidence = self.evidence
        profile = _profile(evidence, index)
        if not self.alike[profile] or index in evidence.answers or index in evidence.repeated:
            return False
        kinds = self.kinds.get(profile, Counter())
        if kinds.total() * 2 < self.alike[profile]:
            share = 2 if evidence.asking[index] else 1.5
            usual = self.alike[profile] * share >= self.everywhere[profile]
            return (
                profile[0] in REAL_HEADINGS
                and usual
                and not GENERIC_PART.match(evidence.texts[index])
            )
        return index in self.between


def _filling(
    evidence: Evidence, questions: Collection[int], kinds: Mapping[_Profile, Counter[str]]
) -> Iterator[int]:
    """Yield the headings whose numbers lead, one by one, from a listed question to the next.

    They are written and numbered like listed ones. Before the first and after the last of
    these, one end is enough.
    """

    def fit(before: int | None, after: int | None) -> bool:
        one, other = (None if i is None else evidence.numbers[i] for i in (before, after))
        if one is None or other is None or one.kind != other.kind:
            return True
        return one.parts == other.parts or follows(one.parts, other.parts)

    out = {*evidence.answers, *evidence.repeated, *evidence.skipped}
    left_out: list[int] = []
    last: int | None = None
    for index in evidence.body:
        number = evidence.numbers[index]
        if number and index in questions:
            if last is None:
                yield from _leading(lambda later, one: fit(one, later), index, left_out[::-1], None)
            else:
                yield from _leading(fit, last, left_out, index)
            last, left_out = index, []
        elif (
            number
            and index not in out
            and kinds.get(_profile(evidence, index), Counter())[number.kind]
        ):
            left_out.append(index)
    yield from _leading(fit, last, left_out, None)


def _leading(
    fit: Callable[[int | None, int | None], bool],
    first: int | None,
    among: Iterable[int],
    last: int | None,
) -> list[int]:
    """Return those of *among* that lead from *first* to *last*, if they do."""
    found, at = [], first
    for index in among:
        if fit(at, index):
            found.append(index)
            at = index
    return found if fit(at, last) else []


def _in_unlisted_chapters(
    evidence: Evidence, questions: Collection[int], dividers: Collection[int]
) -> set[int]:
    """Return the questions of chapters that the contents list leaves out as a whole.

    Below the heading of such a chapter there is no answer that its headings could belong to.
    """
    found: set[int] = set()
    bounds = [i for i in evidence.body if i in questions or i in dividers]
    for index, stop in evidence.spans(bounds):
        if index in dividers and index not in evidence.skipped and stop - index > 2:
            found.update(asked_within(evidence, index, stop))
    return found


@dataclass(frozen=True, slots=True)
class _Chapters:
    """What ends an answer without being listed."""

    evidence: Evidence
    profiles: frozenset[_Profile]
    top: dict[HeadingKind, int]
    above: frozenset[int]
    """What stands right above a question."""

    @classmethod
    def of(cls, evidence: Evidence, questions: Iterable[int], dividers: Iterable[int]) -> _Chapters:
        """Return what chapters look like, given the listed ones."""
        top: dict[HeadingKind, int] = {}
        for i in questions:
            kind, level = _profile(evidence, i)
            top[kind] = min(level, top.get(kind, level))
        above = frozenset(i - 1 for i in questions)
        return cls(evidence, frozenset(_profile(evidence, i) for i in dividers), top, above)

    def include(self, index: int) -> bool:
        """Return whether an unlisted heading ends the answer above it."""
        heading = self.evidence.heading(index)
        profile = (heading.kind, heading.level)
        if heading.kind is HeadingKind.BOLD:
            return bool(CHAPTER.match(heading.text)) and profile in self.profiles
        if heading.kind not in REAL_HEADINGS or index in self.evidence.answers:
            return False
        if profile in self.profiles or self._names_chapter(heading):
            return True
        if index in self.above and not self.evidence.has_own(index):
            return True
        return heading.level < self.top.get(heading.kind, 0) and index not in self.evidence.repeated

    def _names_chapter(self, heading: Heading) -> bool:
        """Return whether a heading is called a chapter, and is none of a part of the contents.

        One that is written like a question and not listed is a part of an answer.
        """
        if heading.kind in self.top or heading.level > min(self.top.values()):
            return False
        listing = any(one.start == heading.stop for one in self.evidence.contents)
        return bool(CHAPTER.match(heading.text)) and not listing
