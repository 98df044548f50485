"""The rule of structure that reads the author's contents list."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from deckbuilder.detection.choice import Choice
from deckbuilder.detection.evidence import Evidence
from deckbuilder.model import HeadingKind
from deckbuilder.numbering import Number, follows
from deckbuilder.problems import many
from deckbuilder.wording import CHAPTER, GENERIC_PART, GENERIC_SUMMARY, ends_asking

_Writing = tuple[HeadingKind, int]


def by_contents(evidence: Evidence) -> Choice | None:
    """The author's contents list names them; headings it leaves out belong to the answers."""
    questions, dividers = _listed(evidence)
    if len(questions) < 2:
        return None
    if inner := _under_chapters(evidence, questions, dividers):
        return inner
    parted = {i for i in questions if _holds_counted_questions(evidence, i)}
    questions, dividers = questions - parted, dividers | parted
    if len(questions) < 2:
        return None
    forgotten = _forgotten(evidence, questions)
    chapters = set(_chapters(evidence, questions, dividers))
    found: set[int] = set()
    last = -1
    for index in evidence.body:
        if index in questions:
            last = index
        elif index in dividers or index in evidence.skipped:
            continue
        elif index in evidence.pairs or index in forgotten:
            if _holds_counted_questions(evidence, index):
                dividers.add(index)
            else:
                found.add(index)
                last = index
        elif index in chapters and not _is_deeper(evidence, index, last, questions):
            dividers.add(index)
    found |= _in_unlisted_chapters(evidence, questions | found, dividers)
    why = f"{many(len(questions), 'heading')}, listed in contents"
    more = f", and {len(found)} like them" if found else ""
    return Choice("contents", questions | found, dividers, why + more)


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
    questions = found.union(leaves) - chapters
    why = f"{len(found)} questions under {len(chapters)} chapters, which the contents list"
    return Choice("contents", questions, chapters.union(branches), why)


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
    top = min((evidence.level(i) for i in asked), default=0)
    same = [i for i in real if evidence.level(i) == top]
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


def _forgotten(evidence: Evidence, questions: Collection[int]) -> set[int]:
    """Return the headings that the author merely forgot to list.

    They are written like the listed ones, and their numbers, if these have numbers, fit between
    theirs: ``1. 原则`` inside the answer to question 5 does not.
    """
    listed = Counter(map(evidence.writing, questions))
    everywhere = Counter(map(evidence.writing, evidence.body))
    numbered: dict[_Writing, Counter[str]] = defaultdict(Counter)
    for i in questions:
        if number := evidence.numbers[i]:
            numbered[evidence.writing(i)][number.kind] += 1
    between = set(_filling(evidence, questions, numbered))
    found = set()
    for i in set(evidence.body) - evidence.answers - evidence.repeated:
        writing = evidence.writing(i)
        if numbered[writing].total() * 2 >= listed[writing] > 0:
            fits = i in between
        else:
            share = 2 if evidence.asking[i] else 1.5
            usual = listed[writing] * share >= everywhere[writing]
            fits = usual and evidence.is_real[i] and not GENERIC_PART.match(evidence.texts[i])
        if fits:
            found.add(i)
    return found


def _filling(
    evidence: Evidence, questions: Collection[int], kinds: Mapping[_Writing, Counter[str]]
) -> Iterator[int]:
    """Yield the headings whose numbers lead, one by one, from a listed question to the next.

    They are written and numbered like listed ones. Before the first and after the last of
    these, one end is enough.
    """
    out = (evidence.answers | evidence.repeated | evidence.skipped).difference(questions)
    chain: list[int] = []
    last: Number | None = None
    for index in evidence.body:
        number = evidence.numbers[index]
        if number is None or index in out:
            continue
        if index in questions:
            if _fits(last, number):
                yield from chain
            chain, last = [], number
        elif kinds[evidence.writing(index)][number.kind] and _fits(last, number):
            chain.append(index)
            last = number
    yield from chain


def _fits(before: Number | None, after: Number) -> bool:
    """Return whether one number may come next to another; where none is before, any may."""
    return before is None or before.kind != after.kind or follows(before.parts, after.parts)


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


def _chapters(
    evidence: Evidence, questions: Collection[int], dividers: Collection[int]
) -> Iterator[int]:
    """Yield the headings that end the answer above them without being listed."""
    listed = set(map(evidence.writing, dividers))
    top: dict[HeadingKind, int] = {}
    for kind, level in map(evidence.writing, questions):
        top[kind] = min(level, top.get(kind, level))
    lists = {one.start for one in evidence.contents}
    for i in set(evidence.real) - evidence.answers:
        heading = evidence.heading(i)
        bare = i + 1 in questions and not evidence.has_own(i)
        above = heading.level < top.get(heading.kind, 0) and i not in evidence.repeated
        # One that is written like a question and not listed is a part of an answer.
        apart = heading.kind not in top and heading.level <= min(top.values())
        called = apart and CHAPTER.match(heading.text) and heading.stop not in lists
        if bare or above or called or evidence.writing(i) in listed:
            yield i
    for i in evidence.of_kind(HeadingKind.BOLD):
        if evidence.writing(i) in listed and CHAPTER.match(evidence.heading(i).text):
            yield i
