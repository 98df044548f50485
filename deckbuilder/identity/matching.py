"""The rules by which drafts find their notes in the lock, surest first, and what they work on.

Every rule sees only what the rules before it left over, and none undoes another's work (CONTRACT
section 5). A wrong match would hand one note's review history to another, a missed one costs the
history of one note and is reported: so each rule prefers missing to guessing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from deckbuilder.identity.fingerprint import (
    digest,
    is_generic,
    normalise_question,
    sketch_values,
)
from deckbuilder.identity.lock import Hashes, Lock, LockedNote, LockedPlace, shared
from deckbuilder.model import Draft
from deckbuilder.problems import BuildError, Location, Problem, error

if TYPE_CHECKING:
    from deckbuilder.identity.closest import Side

TELLING_ANSWER = 24
"""Length from which on an answer is enough to know a note by (rule 4); 12 Chinese characters.

What is shorter, ``O(1)`` or a port, is shared by many questions; of the 95 sections of
tests/bench the 27 with answers below it are told apart by what they ask alone (rule 5).
"""

ALIKE = 0.3
ALIKE_MARGIN = 0.1
"""Likeness of answers that tells notes of one question apart, and its lead over every other."""

MANY = 10_000
"""Comparisons beyond which notes of one question are not told apart by likeness."""

_Evidence = Callable[["Facts | LockedNote"], Hashable]
_One = TypeVar("_One")


class Facts(NamedTuple):
    """A draft, and what the rules ask of it."""

    at: int
    """Index among the drafts."""
    draft: Draft
    question: str
    answer_size: int
    """As `fingerprint.information` counts."""
    hash: Hashes
    """All but that of the body, which is seldom asked for."""
    places: tuple[LockedPlace, ...]
    """Sorted; one counts as often as equal copies stand there."""

    @property
    def where(self) -> Location:
        """Where the draft stands in the notes, first of all."""
        return self.draft.places[0].where


def facts_of(at: int, draft: Draft) -> Facts:
    """Return what the rules ask of the draft of index *at*."""
    question, question_hash, answer_hash, answer_size, _ = draft.fingerprint
    hashes = Hashes(question_hash, answer_hash, "", draft.source, draft.packaged)
    places = sorted([LockedPlace(place.name, place.context) for place in draft.places])
    return Facts(at, draft, question, answer_size, hashes, shared(tuple(places)))


def body_of(draft: Draft) -> str:
    """Return the hash of the answer of *draft* as shown."""
    return digest(draft.fields.answer, draft.fields.reverse)


@dataclass(slots=True)
class Table:
    """Who is still looking for whom."""

    facts: tuple[Facts, ...]
    notes: tuple[LockedNote, ...]
    """Candidates: everything in the lock but what stands in files outside this run alone."""
    untouched: tuple[LockedNote, ...]
    elsewhere: frozenset[str]
    note_of: dict[int, LockedNote] = field(default_factory=dict)
    """Index of a draft -> its note."""
    taken: set[str] = field(default_factory=set)
    """Guids of the notes that were found."""
    unsure: list[tuple[Facts, list[LockedNote]]] = field(default_factory=list)
    """Drafts without a note, and the notes that each may be, likest first."""
    misnamed: dict[int, LockedNote] = field(default_factory=dict)
    """Index of a draft -> the note that its comment names, though it stands for another."""

    @classmethod
    def of(cls, drafts: Sequence[Draft], lock: Lock, elsewhere: frozenset[str]) -> Table:
        """Return the table on which nobody has found anything yet."""
        untouched = tuple(
            one
            for one in (lock.notes if elsewhere else ())
            if not one.gone and one.places and all(place.name in elsewhere for place in one.places)
        )
        away = {one.guid for one in untouched}
        facts = tuple(facts_of(index, draft) for index, draft in enumerate(drafts))
        notes = tuple(one for one in lock.notes if one.guid not in away)
        return cls(facts, notes, untouched, elsewhere)

    def free_facts(self) -> list[Facts]:
        """Return the drafts without a note."""
        return self.still_looking(self.facts)

    def free_notes(self, *, gone: bool = False) -> list[LockedNote]:
        """Return the live notes without a draft, or those that are *gone*."""
        return [one for one in self.notes if one.gone is gone and one.guid not in self.taken]

    def still_looking(self, facts: Iterable[Facts]) -> list[Facts]:
        """Return those of *facts* that have no note yet."""
        return [one for one in facts if one.at not in self.note_of]

    def still_free(self, notes: Iterable[LockedNote]) -> list[LockedNote]:
        """Return those of *notes* that no draft has found yet."""
        return [one for one in notes if one.guid not in self.taken]

    def match(self, facts: Facts, locked: LockedNote) -> None:
        """Give a draft its note."""
        self.note_of[facts.at] = locked
        self.taken.add(locked.guid)


def _may_match(facts: Facts, locked: LockedNote) -> bool:
    """Return whether it may be.

    ``card: new`` goes on only with a note that it made, and what is gone comes back only as
    the kind that it was (fact 21).
    """
    if locked.gone and locked.kind is not facts.draft.kind:
        return False
    return locked.fresh or not facts.draft.directives.new


# The rules -------------------------------------------------------------------------------------


def look_up(table: Table) -> None:
    """Apply the rules until nobody is looking for a note any more."""
    for rule in RULES:
        rule(table)
        if len(table.note_of) == len(table.facts) or not table.notes:
            break


def explicit_id(table: Table) -> None:
    """1. ``card: id=``: a name that the lock knows, or the Key of a note."""
    claiming = [facts for facts in table.facts if facts.draft.directives.card_id]
    if not claiming:
        return
    named, away, standing = _named(table.notes), _named(table.untouched), _standing(table.notes)
    claimed: dict[str, Facts] = {}
    problems = []
    for facts in claiming:
        name = facts.draft.directives.card_id
        locked = named.get(name)
        claims = {name, locked.guid if locked else name} - {""}
        twice = next((claimed[claim] for claim in sorted(claims) if claim in claimed), None)
        claimed |= dict.fromkeys(claims, facts)
        if twice:
            problems.append(_claimed_twice(name, facts, twice))
        elif locked and _may_match(facts, locked):
            if locked.guid == name or not _stands_for_another(facts, locked, standing):
                table.match(facts, locked)
            else:
                table.misnamed[facts.at] = locked
        elif not locked and name in away:
            problems.append(_claimed_away(name, facts, away[name]))
    if problems:
        raise BuildError(problems)


def _standing(notes: Iterable[LockedNote]) -> Mapping[Hashable, set[str]]:
    """Return hash of a question and place -> the guids of the live notes that stood there."""
    standing: dict[Hashable, set[str]] = defaultdict(set)
    for one in notes:
        for place in () if one.gone else one.places:
            standing[one.hash.question, place].add(one.guid)
    return standing


def _stands_for_another(
    facts: Facts, named: LockedNote, standing: Mapping[Hashable, set[str]]
) -> bool:
    """Return whether a section matches its own note anyway: no comment changes its guid then.

    Only a Key is meant to take over another note.
    """
    here = (standing.get((facts.hash.question, place), set()) for place in facts.places)
    own = set[str]().union(*here)
    return bool(own) and named.guid not in own


def _named(notes: Sequence[LockedNote]) -> dict[str, LockedNote]:
    """Return notes by the names that comments may call them; a live one's name counts first."""
    named: dict[str, LockedNote] = {}
    for one in sorted(notes, key=lambda one: (one.gone, one.id)):
        if one.card_id:
            named.setdefault(one.card_id, one)
    return {one.guid: one for one in notes} | named


def _claimed_away(name: str, facts: Facts, locked: LockedNote) -> Problem:
    message = (
        f"<!-- card: id={name} --> names a note of {locked.places[0].name}, which is not part of "
        "this run; build both files together, or remove the comment"
    )
    return error("card-id-elsewhere", facts.where, message)


def _claimed_twice(name: str, facts: Facts, first: Facts) -> Problem:
    message = (
        f"<!-- card: id={name} --> names the same note as the comment at {first.where}; "
        "a note has one section: remove one of the two comments"
    )
    return error("card-id-twice", facts.where, message)


def same_place(table: Table) -> None:
    """2. The same question in the same place; equal ones are told apart by answer.

    One that stands elsewhere with its old answer has only moved: what is in its place now is
    another.
    """
    for evidence in (_question_and_source, question_and_answer):
        facts, notes = _by_place(table, evidence)
        for key, found in notes.items():  # oldest first: copies built apart go on as that one
            _in_order(table, facts.get(key, []), found)
    _same_whole(table)
    facts, notes = _by_place(table, _question)
    for key, found in notes.items():
        _same_place_by_likeness(table, facts.get(key, []), found)


def _by_place(
    table: Table, evidence: _Evidence
) -> tuple[dict[Hashable, list[Facts]], dict[Hashable, list[LockedNote]]]:
    """Return drafts and notes by place and *evidence*; notes oldest first."""
    facts: dict[Hashable, list[Facts]] = defaultdict(list)
    notes: dict[Hashable, list[LockedNote]] = defaultdict(list)
    for one in table.free_facts():
        for place in dict.fromkeys(one.places):
            facts[place, evidence(one)].append(one)
    for locked in sorted(table.free_notes(), key=attrgetter("id")):
        for place in locked.places:
            notes[place, evidence(locked)].append(locked)
    return facts, notes


def _in_order(table: Table, facts: Sequence[Facts], notes: Sequence[LockedNote]) -> None:
    """Match what is alike in every respect, first with oldest."""
    if len(facts) == len(notes) == 1 and notes[0].guid not in table.taken:  # as nearly all are
        if facts[0].at not in table.note_of and _may_match(facts[0], notes[0]):
            table.match(facts[0], notes[0])
        return
    left = [*{one.guid: one for one in table.still_free(notes)}.values()][::-1]
    for one in facts:
        passed_over = []
        while left and one.at not in table.note_of:
            locked = left.pop()
            if _may_match(one, locked):
                table.match(one, locked)
            else:
                passed_over.append(locked)
        left += reversed(passed_over)


def _same_place_by_likeness(
    table: Table, facts: Iterable[Facts], notes: Iterable[LockedNote]
) -> None:
    """Settle one question in one place whose answers all changed.

    A note stands here as often as it had equal copies here. One against one is the same note;
    of several the like ones are; and if as many are left as there were, their order tells.
    """
    ones, standing = table.still_looking(facts), table.still_free(notes)
    if len(ones) == len(standing) == 1:
        _in_order(table, ones, standing)
        return
    _match_alike(table, ones, standing)
    ones, standing = table.still_looking(ones), table.still_free(standing)
    if len(ones) == len(standing) or len({locked.guid for locked in standing}) == len(ones) == 1:
        _in_order(table, ones, standing)


class _Alike(NamedTuple):
    """A draft and a note of one question, and how alike their answers are."""

    likeness: float
    one: Facts
    locked: LockedNote


def _match_alike(table: Table, facts: Sequence[Facts], notes: Sequence[LockedNote]) -> None:
    """Match what has clearly the likest answers among notes of one question."""
    if not facts or not notes or len(facts) * len(notes) > MANY:
        return
    from deckbuilder.identity.likeness import compare_answers

    def still_free(one: Facts, locked: LockedNote) -> bool:
        return one.at not in table.note_of and locked.guid not in table.taken

    def rival(likest: Sequence[_Alike], pair: _Alike) -> float:
        others = (it.likeness for it in likest if it is not pair and still_free(it.one, it.locked))
        return next(others, 0.0)

    sketches = {locked.guid: sketch_values(locked.sketch) for locked in notes}
    drafts = {one.at: sketch_values(one.draft.fingerprint.sketch) for one in facts}
    pairs = [
        _Alike(compare_answers(drafts[one.at], sketches[locked.guid]).likeness, one, locked)
        for one in facts
        for locked in {locked.guid: locked for locked in notes}.values()
        if _may_match(one, locked)
    ]
    pairs.sort(key=lambda pair: (-pair.likeness, pair.one.at))
    of_draft = grouped(pairs, lambda pair: [pair.one.at])
    of_note = grouped(pairs, lambda pair: [pair.locked.guid])
    for pair in pairs:
        likeness, one, locked = pair
        if likeness < ALIKE:
            break
        if still_free(one, locked):
            most = max(rival(of_draft[one.at], pair), rival(of_note[locked.guid], pair))
            if likeness - most >= ALIKE_MARGIN:
                table.match(one, locked)


def same_question(table: Table) -> None:
    """3. The same question elsewhere, where one candidate is left on both sides.

    What says little (`GENERIC_QUESTIONS`), or is asked more than once, needs a like answer.
    """
    _same_question(table, gone=False)


def _same_whole(table: Table, *, gone: bool = False) -> None:
    """Match the same question with the same answer, by the headings above where that tells."""
    for evidence in (_said_in_context, question_and_answer, _shown):
        _match_unique(table, evidence, gone=gone)


def _same_question(table: Table, *, gone: bool) -> None:
    often = _asked_often(table)
    facts, notes = _grouped(table, _question, gone=gone)
    for key, ones in facts.items():
        found = notes.get(key, [])
        vague = key in often or is_generic(ones[0].question)
        if len(ones) == len(found) == 1 and not vague:
            _in_order(table, ones, found)
        elif found and not gone:
            _match_alike(table, ones, found)


def _asked_often(table: Table) -> set[str]:
    asked = Counter(one.hash.question for one in table.facts)
    was_asked = Counter(one.hash.question for one in table.notes if not one.gone)
    return {key for counted in (asked, was_asked) for key, times in counted.items() if times > 1}


def same_but_for_number(table: Table) -> None:
    """3. The same question and answer, with a number in front or without.

    Whether a number is a position hangs on its neighbours, and on what the program knows of it.
    """
    _match_unique(table, _numberless)


def same_answer(table: Table) -> None:
    """4. The same answer under a changed question, if long enough and unique on both sides."""
    given, was_given = _answers(table)
    _match_unique(
        table,
        _answer,
        only=lambda one: (
            one.answer_size >= TELLING_ANSWER
            and given[one.hash.answer] == 1
            and was_given[one.hash.answer] == 1
        ),
    )


def came_back_whole(table: Table) -> None:
    """Bring gone notes back by question and answer, or by an answer long enough and unique."""
    _same_whole(table, gone=True)
    given, _ = _answers(table)
    _match_unique(
        table,
        _answer,
        only=lambda one: one.answer_size >= TELLING_ANSWER and given[one.hash.answer] == 1,
        gone=True,
    )


def clearly_closest(table: Table) -> None:
    """5. The closest question and answer together, if clearly closest; else ask the author."""
    facts, notes = table.free_facts(), table.free_notes()
    if not facts or not notes:
        return
    from deckbuilder.identity.closest import closest  # seldom needed, and long to load

    given, was_given = _answers(table)
    taken = [one for one in table.notes if not one.gone and one.guid in table.taken]
    clear, candidates = closest(
        [_side(one, given) for one in facts],
        [_side(one, was_given) for one in notes],
        lambda: [_side(one, was_given) for one in taken],
    )
    for pair in clear:
        if _may_match(facts[pair.section], notes[pair.note]):
            table.match(facts[pair.section], notes[pair.note])
    for index, pairs in candidates.items():
        likely = table.still_free(notes[pair.note] for pair in pairs if pair.worth_asking)
        if likely and facts[index].at not in table.note_of:
            table.unsure.append((facts[index], likely[:2]))


def _side(one: Facts | LockedNote, answers: Counter[str]) -> Side:
    from deckbuilder.identity.closest import Side
    from deckbuilder.identity.likeness import features

    asked = one.draft if isinstance(one, Facts) else one
    sketch = one.draft.fingerprint.sketch if isinstance(one, Facts) else one.sketch
    return Side(
        kind=asked.kind,
        question=asked.question,
        features=frozenset({*features(asked.question), *one.places}),
        sketch=sketch_values(sketch),
        answer_hash=one.hash.answer,
        alone=answers[one.hash.answer] == 1,
    )


def _answers(table: Table) -> tuple[Counter[str], Counter[str]]:
    """Return how many sections give each answer, and how many live notes gave it."""
    given = Counter(one.hash.answer for one in table.facts)
    return given, Counter(one.hash.answer for one in table.notes if not one.gone)


def came_back(table: Table) -> None:
    """Bring gone notes back by their exact question, never by likeness."""
    _same_question(table, gone=True)


RULES: tuple[Callable[[Table], None], ...] = (
    explicit_id,
    same_place,
    same_question,
    same_but_for_number,
    same_answer,
    came_back_whole,
    clearly_closest,
    came_back,
)


# What several rules need -------------------------------------------------------------------------


_question: _Evidence = attrgetter("hash.question")
_answer: _Evidence = attrgetter("hash.answer")
_question_and_source: _Evidence = attrgetter("hash.question", "hash.source")
question_and_answer: _Evidence = attrgetter("hash.question", "hash.answer")
"""What a section that was copied or moved shares with its note, as hashes."""


def _numberless(one: Facts | LockedNote) -> Hashable:
    """Return what a draft with a number in front shares with a note without one, or the reverse."""
    from deckbuilder.numbering import without_number  # seldom needed, and long to load

    asked = one.draft.question if isinstance(one, Facts) else one.question
    rest = normalise_question(without_number(asked))
    numbered = rest != normalise_question(asked)
    return rest, one.hash.answer, numbered is isinstance(one, Facts)


def _said_in_context(one: Facts | LockedNote) -> Hashable:
    return question_and_answer(one), frozenset(place.context for place in one.places)


def _shown(one: Facts | LockedNote) -> Hashable:
    """Return question and answer as shown: pictures and formulas, where the text is equal."""
    body = body_of(one.draft) if isinstance(one, Facts) else one.hash.body
    return one.hash.question, body


def grouped(
    ones: Iterable[_One], keys: Callable[[_One], Iterable[Hashable]]
) -> dict[Hashable, list[_One]]:
    """Return key -> those of *ones* that have it, in their order."""
    groups: dict[Hashable, list[_One]] = defaultdict(list)
    for one in ones:
        for key in keys(one):
            groups[key].append(one)
    return groups


def _grouped(
    table: Table, key: _Evidence, *, gone: bool
) -> tuple[dict[Hashable, list[Facts]], dict[Hashable, list[LockedNote]]]:
    """Return drafts and notes that are still looking, by *key*."""

    def alone(one: Facts | LockedNote) -> list[Hashable]:
        return [key(one)]

    return grouped(table.free_facts(), alone), grouped(table.free_notes(gone=gone), alone)


def _match_unique(
    table: Table,
    key: _Evidence,
    *,
    only: Callable[[Facts], bool] = lambda _: True,
    gone: bool = False,
) -> None:
    """Match what is alone with its key on both sides."""
    facts, notes = _grouped(table, key, gone=gone)
    for value, ones in facts.items():
        found = notes.get(value, [])
        if len(ones) == len(found) == 1 and only(ones[0]):
            _in_order(table, ones, found)
