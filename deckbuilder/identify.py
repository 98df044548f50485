"""Stage 6: which note of the lock is each draft? The only place where identity is made.

Drafts find their notes by the rules of `deckbuilder.identity.matching`. What finds no note is
new; a note that no draft found is gone. What the author has to know of it is in
`deckbuilder.identity.doubts`.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from deckbuilder import __version__
from deckbuilder.identity.doubts import doubts, refusal
from deckbuilder.identity.fingerprint import framed
from deckbuilder.identity.lock import Lock, LockedNote, LockedPicture
from deckbuilder.identity.matching import Facts, Table, body_of, facts_of, look_up
from deckbuilder.model import CardStatus, Change, Draft, Note
from deckbuilder.problems import BuildError, Problem

GUID_LENGTH = 15
"""Base 36 digits of a guid: 77 bits."""


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
    table = Table.of(drafts, old, frozenset(elsewhere))
    look_up(table)
    if refused := refusal(table, old, namespace, {*structures, *elsewhere}):
        raise BuildError(refused)
    return _result(table, old, now_ms, structures)


def settled(result: Identified) -> Identified:
    """Return *result* with the changes of a run on the same drafts and the lock that it gave."""
    present = [one for one in result.changes if CardStatus.GONE not in one.statuses]
    changes = [
        one if one.statuses == _UNCHANGED else one._replace(statuses=_UNCHANGED, was="")
        for one in present
    ]
    return replace(result, changes=tuple(changes))


PASSING = frozenset({"note-unsure", "note-replaced", "note-elsewhere"})
"""Problems with finding a note; the next run has it."""


def find_notes(drafts: Sequence[Draft], notes: Sequence[LockedNote]) -> dict[int, LockedNote]:
    """Return the index of each draft that finds one of *notes*, with the note it finds.

    By the rules alone: whoever calls decides what a match is good for. Raises as `identify`
    does for two sections that claim one ``card: id=``.
    """
    table = Table.of(drafts, Lock("", "", notes=tuple(notes)), frozenset())
    look_up(table)
    return table.note_of


def locked_note(draft: Draft, *, guid: str, number: int, mod: int) -> LockedNote:
    """Return the line of a note that looks as *draft* does; *number* is its note id."""
    return _line(facts_of(0, draft), None, guid, number, mod)


# What comes out --------------------------------------------------------------------------------


def _result(table: Table, old: Lock, now_ms: int, structures: Mapping[str, str]) -> Identified:
    notes, lines, changes = _of_drafts(table, old, now_ms)
    left = [one for one in table.notes if one.guid not in table.taken]
    stays = {one.guid for one in left if any(p.name in table.elsewhere for p in one.places)}
    lines += [one if one.guid in stays else one.but(gone=True) for one in left]
    lines += table.untouched
    went = [one for one in left if one.guid not in stays and not one.gone]
    changes += map(_gone, went)
    kept = {name: rule for name, rule in old.structures.items() if name in table.elsewhere}
    lock = Lock(
        namespace=old.namespace,
        program=__version__,
        structures={**kept, **structures},
        notes=tuple(sorted(lines, key=lambda line: line.guid)),
    )
    return Identified(tuple(notes), lock, tuple(changes), doubts(table, went))


def _of_drafts(
    table: Table, old: Lock, now_ms: int
) -> tuple[list[Note], list[LockedNote], list[Change]]:
    """Return for each draft its note, the note's line, and what happened to it."""
    new = _new_names(table, old, now_ms)
    notes, lines, changes = [], [], []
    for facts in table.facts:
        locked = table.note_of.get(facts.at)
        guid, number = (locked.guid, locked.id) if locked else next(new)
        said = _nameless(facts) if facts.at in table.misnamed else facts
        line = _line(said, locked, guid, number, now_ms // 1000)
        if locked and table.elsewhere:
            line = _with_places_elsewhere(line, locked, table.elsewhere)
        lines.append(line)
        notes.append(Note(line.guid, line.id, line.mod, facts.draft))
        changes.append(_change(facts, locked, line))
    return notes, lines, changes


def _nameless(facts: Facts) -> Facts:
    """Return *facts* without the name in its comment: that stays the other note's."""
    directives = replace(facts.draft.directives, card_id="")
    return facts._replace(draft=facts.draft._replace(directives=directives))


def _new_names(table: Table, old: Lock, now_ms: int) -> Iterator[tuple[str, int]]:
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


def _line(facts: Facts, locked: LockedNote | None, guid: str, number: int, now: int) -> LockedNote:
    """Return what the lock has to say of a note: *locked* itself, where that is right as it is."""
    draft = facts.draft
    same = locked is not None and locked.hash.packaged == facts.hash.packaged
    body = locked.hash.body if locked and same else body_of(draft)
    mod = now if locked is None else locked.mod if same else max(now, locked.mod + 1)
    line = LockedNote(
        guid=guid,
        id=number,
        mod=mod,
        kind=draft.kind,
        question=draft.question,
        places=facts.places,
        deck=draft.deck,
        ords=draft.ords,
        hash=facts.hash.but(body=body),
        sketch=draft.fingerprint.sketch,
        card_id=draft.directives.card_id,
        fresh=draft.directives.new,
        remote=tuple([LockedPicture(one.url, one.name, one.digest) for one in draft.remote]),
    )
    return locked if line == locked else line


def _with_places_elsewhere(
    line: LockedNote, locked: LockedNote, elsewhere: frozenset[str]
) -> LockedNote:
    kept = [place for place in locked.places if place.name in elsewhere]
    return line.but(places=tuple(sorted([*line.places, *kept]))) if kept else line


def _change(facts: Facts, locked: LockedNote | None, line: LockedNote) -> Change:
    statuses = _statuses(locked, line)
    was = locked.question if locked and CardStatus.RENAMED in statuses else ""
    path, number = facts.where
    return Change(line.guid, statuses, path, number, line.question, was)


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
