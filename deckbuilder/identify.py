"""Stage 6: which note of the lock is each draft? The only place where identity is made.

Drafts find their notes by the rules in `RULES`, surest first; every rule sees only what the
rules before it left over, and none undoes another's work (CONTRACT section 5). What finds no
note is new; a note that no draft found is gone. A wrong match would hand one note's review
history to another, a missed one costs the history of one note and is reported: so each rule
prefers missing to guessing.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from deckbuilder import __version__
from deckbuilder.fingerprint import digest, framed, is_generic, sketch_values
from deckbuilder.lock import Hashes, Lock, LockedNote, LockedPicture, LockedPlace, shared
from deckbuilder.model import CardStatus, Change, Draft, Note
from deckbuilder.problems import BuildError, Location, Problem, error, note, warning

if TYPE_CHECKING:
    from deckbuilder.closest import Side

__all__ = [
    "Identified",
    "find_notes",
    "guid_for",
    "identify",
    "locked_note",
    "settled",
]

GUID_LENGTH = 15
"""Base 36 digits of a guid: 77 bits."""

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

FOREIGN_LOCK = 10
"""Live notes from which on a lock of which nothing is found counts as another deck's."""


@dataclass(frozen=True, slots=True)
class Identified:
    """What the stage gives."""

    notes: tuple[Note, ...]
    """One a draft, in the order of the drafts."""
    lock: Lock
    """To be written in place of the old one."""
    changes: tuple[Change, ...]
    """One a note, in the order of the drafts; then what went in this run, sorted by guid."""
    problems: tuple[Problem, ...]


def guid_for(namespace: str, normalised_question: str, series: int) -> str:
    """Return the guid of a new note: lower-case letters and digits.

    *series* counts up from 0 while the lock holds what comes out. This function never changes:
    another guid is another note, and costs the learner's history.
    """
    parts = (unicodedata.normalize("NFC", namespace), normalised_question, str(series))
    number = int.from_bytes(hashlib.sha256(framed(parts)).digest(), "big")
    digits = []
    for _ in range(GUID_LENGTH):
        number, digit = divmod(number, 36)
        digits.append("0123456789abcdefghijklmnopqrstuvwxyz"[digit])
    return "".join(digits)


def identify(
    drafts: Sequence[Draft],
    lock: Lock | None,
    *,
    namespace: str,
    now_ms: int,
    elsewhere: Collection[str],
    structures: Mapping[str, str],
) -> Identified:
    """Give every draft its note, and return what the lock has to remember.

    Args:
        drafts: in document order.
        lock: what the last run left, or None.
        namespace: the deck's name; counts only where there is no lock.
        now_ms: the time of the run in milliseconds since the epoch.
        elsewhere: names of files that exist and are not part of this run, or could not be read.
            Notes that stand in them alone are neither candidates nor gone.
        structures: file name -> `Structure.rule`, of the files that were read.

    Raises:
        BuildError: two sections claim one ``card: id=``; a note would change between section
            and cloze (fact 21); the lock belongs to other notes. Nothing may be written then.

    """
    old = lock or Lock(namespace, __version__)
    table = _Table.of(drafts, old, frozenset(elsewhere))
    _look_up(table)
    table.refuse(_foreign(table, old, namespace, {*structures, *elsewhere}))
    table.refuse(_kind_changes(table))
    return _result(table, old, now_ms, structures)


def settled(result: Identified) -> Identified:
    """Return what `identify` will say of the same drafts when the lock is the one it gave."""
    present = [one for one in result.changes if CardStatus.GONE not in one.statuses]
    changes = [
        one if one.statuses == _UNCHANGED else one._replace(statuses=_UNCHANGED, was="")
        for one in present
    ]
    problems = (one for one in result.problems if one.code not in PASSING)
    return replace(result, changes=tuple(changes), problems=tuple(problems))


PASSING = frozenset({"note-unsure", "note-replaced", "note-elsewhere"})
"""Problems with finding a note; the next run has it."""


def find_notes(drafts: Sequence[Draft], notes: Sequence[LockedNote]) -> dict[int, LockedNote]:
    """Return the index of each draft that finds one of *notes*, with the note it finds.

    By the rules alone: whoever calls decides what a match is good for. Raises as `identify`
    does for two sections that claim one ``card: id=``.
    """
    table = _Table.of(drafts, Lock("", "", notes=tuple(notes)), frozenset())
    _look_up(table)
    return table.note_of


def _look_up(table: _Table) -> None:
    """Apply the rules until nobody is looking for a note any more."""
    for rule in RULES:
        rule(table)
        if len(table.note_of) == len(table.facts) or not table.notes:
            break


def locked_note(draft: Draft, *, guid: str, number: int, mod: int) -> LockedNote:
    """Return the line of a note that looks as *draft* does; *number* is its note id."""
    return _line(_facts(0, draft), None, guid, number, mod)


# What the rules work on ------------------------------------------------------------------------

_Evidence = Callable[["_Facts | LockedNote"], Hashable]


class _Facts(NamedTuple):
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
        return self.draft.places[0].where


def _facts(at: int, draft: Draft) -> _Facts:
    question, question_hash, answer_hash, answer_size, _ = draft.fingerprint
    hashes = Hashes(question_hash, answer_hash, "", draft.source, draft.packaged)
    places = sorted(LockedPlace(place.name, place.context) for place in draft.places)
    return _Facts(at, draft, question, answer_size, hashes, shared(tuple(places)))


@dataclass(slots=True)
class _Table:
    """Who is still looking for whom."""

    facts: tuple[_Facts, ...]
    notes: tuple[LockedNote, ...]
    """Candidates: everything in the lock but what stands in files outside this run alone."""
    untouched: tuple[LockedNote, ...]
    elsewhere: frozenset[str]
    note_of: dict[int, LockedNote] = field(default_factory=dict)
    """Index of a draft -> its note."""
    taken: set[str] = field(default_factory=set)
    """Guids of the notes that were found."""
    unsure: list[tuple[_Facts, list[LockedNote]]] = field(default_factory=list)
    """Drafts without a note, and the notes that each may be, likest first."""

    @classmethod
    def of(cls, drafts: Sequence[Draft], lock: Lock, elsewhere: frozenset[str]) -> _Table:
        untouched = tuple(
            one
            for one in (lock.notes if elsewhere else ())
            if not one.gone and one.places and all(place.name in elsewhere for place in one.places)
        )
        away = {one.guid for one in untouched}
        facts = tuple(_facts(index, draft) for index, draft in enumerate(drafts))
        notes = tuple(one for one in lock.notes if one.guid not in away)
        return cls(facts, notes, untouched, elsewhere)

    def free_facts(self) -> list[_Facts]:
        return [one for one in self.facts if one.at not in self.note_of]

    def free_notes(self, *, gone: bool = False) -> list[LockedNote]:
        return [one for one in self.notes if one.gone is gone and one.guid not in self.taken]

    def match(self, facts: _Facts, locked: LockedNote) -> None:
        self.note_of[facts.at] = locked
        self.taken.add(locked.guid)

    def refuse(self, problems: Sequence[Problem]) -> None:
        if problems:
            raise BuildError(problems)


def _may_match(facts: _Facts, locked: LockedNote) -> bool:
    """Return whether it may be.

    ``card: new`` goes on only with a note that it made, and what is gone comes back only as
    the kind that it was (fact 21).
    """
    if locked.gone and locked.kind is not facts.draft.kind:
        return False
    return locked.fresh or not facts.draft.directives.new


# The rules -------------------------------------------------------------------------------------


def explicit_id(table: _Table) -> None:
    """1. ``card: id=``: a name that the lock knows, or the Key of a note."""
    claiming = [facts for facts in table.facts if facts.draft.directives.card_id]
    if not claiming:
        return
    named, away, standing = _named(table.notes), _named(table.untouched), _standing(table.notes)
    claimed: dict[str, _Facts] = {}
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
        elif not locked and name in away:
            problems.append(_claimed_away(name, facts, away[name]))
    table.refuse(problems)


def _standing(notes: Iterable[LockedNote]) -> Mapping[Hashable, set[str]]:
    """Return hash of a question and place -> the guids of the live notes that stood there."""
    standing: dict[Hashable, set[str]] = defaultdict(set)
    for one in notes:
        for place in () if one.gone else one.places:
            standing[one.hash.question, place].add(one.guid)
    return standing


def _stands_for_another(
    facts: _Facts, named: LockedNote, standing: Mapping[Hashable, set[str]]
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


def _claimed_away(name: str, facts: _Facts, locked: LockedNote) -> Problem:
    message = (
        f"<!-- card: id={name} --> names a note of {locked.places[0].name}, which is not part of "
        "this run; build both files together, or take the comment away"
    )
    return error("card-id-elsewhere", facts.where, message)


def _claimed_twice(name: str, facts: _Facts, first: _Facts) -> Problem:
    message = (
        f"<!-- card: id={name} --> names the same note as the comment at {first.where}; "
        "a note has one section: remove one of the two comments"
    )
    return error("card-id-twice", facts.where, message)


def same_place(table: _Table) -> None:
    """2. The same question in the same place; equal ones are told apart by answer."""
    for evidence in (_source, _answer):
        facts, notes = _by_place(table, evidence)
        for key, some in facts.items():
            _in_order(table, some, notes.get(key, []))
    facts, notes = _by_place(table, None)
    for key, found in notes.items():
        _same_place_by_likeness(table, facts.get(key, []), found)


def _by_place(
    table: _Table, evidence: _Evidence | None
) -> tuple[dict[Hashable, list[_Facts]], dict[Hashable, list[LockedNote]]]:
    """Return drafts and notes by question, place and *evidence*; notes oldest first."""
    facts: dict[Hashable, list[_Facts]] = defaultdict(list)
    for one in table.free_facts():
        for place in dict.fromkeys(one.places):
            facts[one.hash.question, place, evidence and evidence(one)].append(one)
    notes: dict[Hashable, list[LockedNote]] = defaultdict(list)
    for locked in sorted(table.free_notes(), key=lambda locked: locked.id):
        for place in locked.places:
            notes[locked.hash.question, place, evidence and evidence(locked)].append(locked)
    return facts, notes


def _in_order(table: _Table, facts: Sequence[_Facts], notes: Sequence[LockedNote]) -> None:
    """Match what is alike in every respect, first with oldest."""
    if len(facts) == len(notes) == 1 and notes[0].guid not in table.taken:  # as nearly all are
        if facts[0].at not in table.note_of and _may_match(facts[0], notes[0]):
            table.match(facts[0], notes[0])
        return
    left = list({one.guid: one for one in notes if one.guid not in table.taken}.values())
    left.reverse()
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
    table: _Table, facts: Iterable[_Facts], notes: Iterable[LockedNote]
) -> None:
    """Settle one question in one place whose answers all changed.

    A note stands here as often as it had equal copies here. One against one is the same note;
    of several the like ones are; and if as many are left as there were, their order tells.
    """
    ones = [one for one in facts if one.at not in table.note_of]
    standing = [locked for locked in notes if locked.guid not in table.taken]
    if len(ones) == len(standing) == 1:
        _in_order(table, ones, standing)
        return
    _match_alike(table, ones, standing)
    ones = [one for one in ones if one.at not in table.note_of]
    standing = [locked for locked in standing if locked.guid not in table.taken]
    if len(ones) == len(standing) or len({locked.guid for locked in standing}) == len(ones) == 1:
        _in_order(table, ones, standing)


def _match_alike(table: _Table, facts: Sequence[_Facts], notes: Sequence[LockedNote]) -> None:
    """Match what has clearly the likest answers among notes of one question."""
    if not facts or not notes or len(facts) * len(notes) > MANY:
        return
    from deckbuilder.likeness import compare_answers

    sketches = {locked.guid: sketch_values(locked.sketch) for locked in notes}
    drafts = {one.at: sketch_values(one.draft.fingerprint.sketch) for one in facts}
    pairs = [
        (compare_answers(drafts[one.at], sketches[locked.guid]).likeness, one, locked)
        for one in facts
        for locked in {locked.guid: locked for locked in notes}.values()
        if _may_match(one, locked)
    ]
    for likeness, one, locked in sorted(pairs, key=lambda pair: (-pair[0], pair[1].at)):
        rivals = [
            other
            for other, a_draft, a_note in pairs
            if (a_draft is one) != (a_note is locked)
            and a_draft.at not in table.note_of
            and a_note.guid not in table.taken
        ]
        free = one.at not in table.note_of and locked.guid not in table.taken
        if free and likeness >= ALIKE and likeness - max(rivals, default=0.0) >= ALIKE_MARGIN:
            table.match(one, locked)


def same_question(table: _Table) -> None:
    """3. The same question elsewhere, where one candidate is left on both sides.

    What says little (`GENERIC_QUESTIONS`), or is asked more than once, needs a like answer.
    """
    _same_question(table, gone=False)


def _same_question(table: _Table, *, gone: bool) -> None:
    for evidence in (_source_and_context, _answer_and_context, _answer):
        _match_unique(table, _asking(evidence), gone=gone)
    often = _asked_often(table)
    facts, notes = _grouped(table, _question, gone=gone)
    for key, ones in facts.items():
        found = notes.get(key, [])
        vague = key in often or is_generic(ones[0].question)
        if len(ones) == len(found) == 1 and not vague:
            _in_order(table, ones, found)
        elif found and not gone:
            _match_alike(table, ones, found)


def _asked_often(table: _Table) -> set[str]:
    asked = Counter(one.hash.question for one in table.facts)
    was_asked = Counter(one.hash.question for one in table.notes if not one.gone)
    return {key for counted in (asked, was_asked) for key, times in counted.items() if times > 1}


def same_answer(table: _Table) -> None:
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


def came_back_whole(table: _Table) -> None:
    """Bring gone notes back by question and answer, or by an answer long enough and unique."""
    _match_unique(table, _asking(_answer), gone=True)
    given, _ = _answers(table)
    _match_unique(
        table,
        _answer,
        only=lambda one: one.answer_size >= TELLING_ANSWER and given[one.hash.answer] == 1,
        gone=True,
    )


def clearly_closest(table: _Table) -> None:
    """5. The closest question and answer together, if clearly closest; else ask the author."""
    facts, notes = table.free_facts(), table.free_notes()
    if not facts or not notes:
        return
    from deckbuilder.closest import closest  # seldom needed, and long to load

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
        likely = [notes[pair.note] for pair in pairs if pair.worth_asking]
        likely = [locked for locked in likely if locked.guid not in table.taken]
        if likely and facts[index].at not in table.note_of:
            table.unsure.append((facts[index], likely[:2]))


def _side(one: _Facts | LockedNote, answers: Counter[str]) -> Side:
    from deckbuilder.closest import Side
    from deckbuilder.likeness import features

    asked = one.draft if isinstance(one, _Facts) else one
    sketch = one.draft.fingerprint.sketch if isinstance(one, _Facts) else one.sketch
    return Side(
        kind=asked.kind,
        question=asked.question,
        features=frozenset({*features(asked.question), *one.places}),
        sketch=sketch_values(sketch),
        answer_hash=one.hash.answer,
        alone=answers[one.hash.answer] == 1,
    )


def _answers(table: _Table) -> tuple[Counter[str], Counter[str]]:
    """Return how many sections give each answer, and how many live notes gave it."""
    given = Counter(one.hash.answer for one in table.facts)
    return given, Counter(one.hash.answer for one in table.notes if not one.gone)


def came_back(table: _Table) -> None:
    """Bring gone notes back by their exact question, never by likeness."""
    _same_question(table, gone=True)


RULES: tuple[Callable[[_Table], None], ...] = (
    explicit_id,
    same_place,
    same_question,
    same_answer,
    came_back_whole,
    clearly_closest,
    came_back,
)


# What several rules need -------------------------------------------------------------------------


def _asking(evidence: _Evidence) -> _Evidence:
    return lambda one: (one.hash.question, evidence(one))


def _question(one: _Facts | LockedNote) -> Hashable:
    return one.hash.question


def _answer(one: _Facts | LockedNote) -> Hashable:
    return one.hash.answer


def _source_and_context(one: _Facts | LockedNote) -> Hashable:
    return one.hash.source, frozenset(place.context for place in one.places)


def _answer_and_context(one: _Facts | LockedNote) -> Hashable:
    return one.hash.answer, frozenset(place.context for place in one.places)


def _source(one: _Facts | LockedNote) -> Hashable:
    return one.hash.source


def _grouped(
    table: _Table, key: _Evidence, *, gone: bool
) -> tuple[dict[Hashable, list[_Facts]], dict[Hashable, list[LockedNote]]]:
    """Return drafts and notes that are still looking, by *key*."""
    facts: dict[Hashable, list[_Facts]] = defaultdict(list)
    for one in table.free_facts():
        facts[key(one)].append(one)
    notes: dict[Hashable, list[LockedNote]] = defaultdict(list)
    for locked in table.free_notes(gone=gone):
        notes[key(locked)].append(locked)
    return facts, notes


def _match_unique(
    table: _Table,
    key: _Evidence,
    *,
    only: Callable[[_Facts], bool] = lambda _: True,
    gone: bool = False,
) -> None:
    """Match what is alone with its key on both sides."""
    facts, notes = _grouped(table, key, gone=gone)
    for value, ones in facts.items():
        found = notes.get(value, [])
        if len(ones) == len(found) == 1 and only(ones[0]):
            _in_order(table, ones, found)


# What comes out --------------------------------------------------------------------------------


def _foreign(table: _Table, lock: Lock, namespace: str, files: Collection[str]) -> list[Problem]:
    """Return an error where the lock seems to be another deck's; *files* are all that exist."""
    live = [one for one in table.notes if not one.gone]
    if table.note_of or table.untouched or not table.facts or len(live) < FOREIGN_LOCK:
        return []
    names = {place.name for one in live for place in one.places}
    if not names.isdisjoint(files) and lock.namespace == namespace:
        return []
    message = (
        f"the lock holds {len(live)} notes of the deck {lock.namespace!r} "
        f"({', '.join(sorted(names)[:3])}), and none of them is in these notes; if the lock is "
        "another deck's, name the right one with --lock; if it is of no use, move it away"
    )
    return [error("lock-foreign", table.facts[0].where, message)]


def _kind_changes(table: _Table) -> list[Problem]:
    problems = []
    for facts in table.facts:
        locked = table.note_of.get(facts.at)
        if locked and locked.kind is not facts.draft.kind:
            message = (
                f"this note was a {locked.kind} and would become a {facts.draft.kind}, which Anki "
                "refuses for a note that it has; undo that, or write <!-- card: new --> under the "
                "heading: a new note, while the old one counts as gone"
            )
            problems.append(error("kind-changed", facts.where, message))
    return problems


def _result(table: _Table, old: Lock, now_ms: int, structures: Mapping[str, str]) -> Identified:
    notes, lines, changes = _of_drafts(table, old, now_ms)
    left = [one for one in table.notes if one.guid not in table.taken]
    left_lines = [_left_over(one, table.elsewhere) for one in left]
    lines += [*left_lines, *table.untouched]
    went = [one for one, line in zip(left, left_lines, strict=True) if line.gone and not one.gone]
    changes += [_gone(one) for one in sorted(went, key=lambda one: one.guid)]
    kept = {name: rule for name, rule in old.structures.items() if name in table.elsewhere}
    lock = Lock(
        namespace=old.namespace,
        program=__version__,
        structures=dict(sorted({**kept, **structures}.items())),
        notes=tuple(sorted(lines, key=lambda line: line.guid)),
    )
    problems = (
        *_unsure(table),
        *_replaced(table, went),
        *_left_behind(table),
        *_same_questions(table.facts),
    )
    return Identified(tuple(notes), lock, tuple(changes), problems)


def _of_drafts(
    table: _Table, old: Lock, now_ms: int
) -> tuple[list[Note], list[LockedNote], list[Change]]:
    """Return for each draft its note, the note's line, and what happened to it."""
    new = _new_names(table, old, now_ms)
    notes, lines, changes = [], [], []
    for facts in table.facts:
        locked = table.note_of.get(facts.at)
        guid, number = (locked.guid, locked.id) if locked else next(new)
        line = _line(facts, locked, guid, number, now_ms // 1000)
        line = _with_places_elsewhere(line, locked, table.elsewhere)
        lines.append(line)
        notes.append(Note(line.guid, line.id, line.mod, facts.draft))
        changes.append(_change(facts, locked, line))
    return notes, lines, changes


def _new_names(table: _Table, old: Lock, now_ms: int) -> Iterator[tuple[str, int]]:
    """Yield guid and note id for each draft that found no note, in their order."""
    guids = {one.guid for one in old.notes}
    ids = {one.id for one in old.notes}
    series: Counter[str] = Counter()
    number = now_ms
    for facts in table.free_facts():
        while (guid := guid_for(old.namespace, facts.question, series[facts.question])) in guids:
            series[facts.question] += 1
        while number in ids:
            number += 1
        guids.add(guid)
        ids.add(number)
        yield guid, number


def _line(facts: _Facts, locked: LockedNote | None, guid: str, number: int, now: int) -> LockedNote:
    draft = facts.draft
    same = locked is not None and locked.hash.packaged == facts.hash.packaged
    if locked and same and _says_all(locked, facts):
        return locked
    body = (
        locked.hash.body if locked and same else digest(draft.fields.answer, draft.fields.reverse)
    )
    mod = now if locked is None else locked.mod if same else max(now, locked.mod + 1)
    same_answer_text = locked is not None and locked.hash.answer == facts.hash.answer
    return LockedNote(
        guid=guid,
        id=number,
        mod=mod,
        kind=draft.kind,
        question=draft.question,
        places=facts.places,
        deck=draft.deck,
        ords=draft.ords,
        hash=facts.hash.but(body=body),
        sketch=locked.sketch if locked and same_answer_text else draft.fingerprint.sketch,
        card_id=draft.directives.card_id,
        fresh=draft.directives.new,
        remote=_pictures(draft),
    )


def _says_all(locked: LockedNote, facts: _Facts) -> bool:
    """Return whether a note's line is right as it is, if it is packaged as it was."""
    draft = facts.draft
    return (
        locked.hash.source == facts.hash.source
        and locked.hash.question == facts.hash.question
        and locked.hash.answer == facts.hash.answer
        and locked.question == draft.question
        and locked.places == facts.places
        and locked.deck == draft.deck
        and locked.ords == draft.ords
        and locked.card_id == draft.directives.card_id
        and locked.fresh == draft.directives.new
        and locked.remote == _pictures(draft)
        and not locked.gone
    )


def _pictures(draft: Draft) -> tuple[LockedPicture, ...]:
    return tuple([LockedPicture(one.url, one.name, one.digest) for one in draft.remote])


def _with_places_elsewhere(
    line: LockedNote, locked: LockedNote | None, elsewhere: frozenset[str]
) -> LockedNote:
    if locked is None or not elsewhere:
        return line
    kept = [place for place in locked.places if place.name in elsewhere]
    if not kept:
        return line
    return line.but(places=tuple(sorted([*line.places, *kept])))


def _left_over(locked: LockedNote, elsewhere: frozenset[str]) -> LockedNote:
    if any(place.name in elsewhere for place in locked.places):
        return locked
    return locked.but(gone=True)


def _change(facts: _Facts, locked: LockedNote | None, line: LockedNote) -> Change:
    statuses = _statuses(locked, line)
    was = locked.question if locked and CardStatus.RENAMED in statuses else ""
    return Change(line.guid, statuses, *facts.where, facts.draft.question, was)


_NEW, _UNCHANGED = (CardStatus.NEW,), (CardStatus.UNCHANGED,)
"""Shared: most notes of a run have one of them."""


def _statuses(locked: LockedNote | None, line: LockedNote) -> tuple[CardStatus, ...]:
    if locked is None:
        return _NEW
    if locked is line:
        return _UNCHANGED
    statuses = []
    if locked.hash.question != line.hash.question:
        statuses.append(CardStatus.RENAMED)
    if set(locked.places) != set(line.places):
        statuses.append(CardStatus.MOVED)
    if locked.hash.packaged != line.hash.packaged and (
        locked.hash.body != line.hash.body or not statuses
    ):
        by_author = locked.hash.source != line.hash.source
        statuses.append(CardStatus.CHANGED if by_author else CardStatus.RERENDERED)
    return tuple(statuses) or _UNCHANGED


def _gone(locked: LockedNote) -> Change:
    path = locked.places[0].name if locked.places else ""
    return Change(locked.guid, (CardStatus.GONE,), path, 0, locked.question)


def _unsure(table: _Table) -> list[Problem]:
    problems = []
    for facts, likely in table.unsure:
        left = [locked for locked in likely if locked.guid not in table.taken]
        if not left or facts.at in table.note_of:
            continue
        were = " or ".join(
            f"{locked.question!r} ({', '.join(sorted({place.name for place in locked.places}))}; "
            f"<!-- card: id={locked.guid} -->)"
            for locked in left
        )
        message = (
            f"{facts.draft.question!r} may be what was {were}; that is not certain, so this is a "
            "new note and the old one counts as gone. If they are the same, write the comment "
            "shown under the heading, and it goes on with its history"
        )
        problems.append(warning("note-unsure", facts.where, message))
    return problems


def _replaced(table: _Table, went: Iterable[LockedNote]) -> list[Problem]:
    """Tell of places where one note came and one went: that may be one note, written anew."""
    came: dict[LockedPlace, list[_Facts]] = defaultdict(list)
    for facts in table.free_facts():
        for place in () if facts.draft.directives.new else facts.places:
            came[place].append(facts)
    gone: dict[LockedPlace, list[LockedNote]] = defaultdict(list)
    for locked in went:
        for place in locked.places:
            gone[place].append(locked)
    asked = {facts.at for facts, _ in table.unsure}
    problems = []
    for place, (facts, *more) in came.items():
        found = gone.get(place, [])
        if more or len(found) != 1 or facts.at in asked or not _is_related(facts, found[0]):
            continue
        message = (
            f"{facts.draft.question!r} is new, and {found[0].question!r} went from the same place; "
            f"if they are the same, write <!-- card: id={found[0].guid} --> under the heading, and "
            "it goes on with its history"
        )
        problems.append(note("note-replaced", facts.where, message))
    return problems


def _is_related(facts: _Facts, locked: LockedNote) -> bool:
    """Return whether two notes are of one matter: their questions, or their answers, are alike."""
    from deckbuilder.likeness import compare_answers, compare_questions, shape

    answers = sketch_values(facts.draft.fingerprint.sketch), sketch_values(locked.sketch)
    questions = shape(facts.draft.question), shape(locked.question)
    likeness = max(compare_answers(*answers).likeness, compare_questions(*questions).likeness)
    return likeness >= ALIKE


def _left_behind(table: _Table) -> list[Problem]:
    """Warn of new notes that seem to come from a file outside this run."""
    away = {(one.hash.question, one.hash.answer): one for one in table.untouched}
    problems = []
    for facts in table.free_facts():
        locked = away.get((facts.hash.question, facts.hash.answer))
        if locked:
            message = (
                f"this question and answer also stand in {locked.places[0].name}, which is not "
                "part of this run, so this is a new note; if the section was moved, build all "
                "files together to keep its history"
            )
            problems.append(warning("note-elsewhere", facts.where, message))
    return problems


def _same_questions(facts: Iterable[_Facts]) -> list[Problem]:
    first: dict[str, _Facts] = {}
    problems = []
    for one in facts:
        other = first.setdefault(one.question, one)
        if other is not one:
            message = (
                f"the question {one.draft.question!r} is also asked at {other.where}, with another "
                "answer; both are notes, "
            )
            if one.draft.fields.context != other.draft.fields.context:
                message += "told apart by the headings above them"
            else:
                message += "and nothing on their fronts tells them apart"
            problems.append(note("same-question", one.where, message))
    return problems
