"""What is said of a run; above all the plan: what an import does to a learner's deck."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from deckbuilder.identity.lock import Lock
from deckbuilder.model import CardStatus, Change, Written
from deckbuilder.pipeline import Outcome
from deckbuilder.problems import many

MOST_LINES = 20
"""Lines of one kind that are printed unless all are asked for."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is new, changed and kept, and what the learner has to know or do."""

    changes: tuple[Change, ...]
    updated: int
    """Notes that Anki will update: tags and edits made there on them are replaced (fact 28)."""
    kept: int
    """Notes that Anki knows and that keep their schedule."""
    gone: tuple[str, ...]
    """Guids of all notes that the notes folder no longer has."""
    staying: tuple[tuple[str, tuple[str, ...]], ...]
    """New deck -> guids of notes whose cards stay in another (fact 24)."""
    empty: tuple[str, ...]
    """Guids of notes of which a card becomes empty (fact 30)."""


def summarise(changes: Sequence[Change], before: Lock | None, after: Lock) -> Plan:
    """Return the plan of a run; *before* is the lock that it found."""
    old = {line.guid: line for line in before.notes} if before else {}
    first = Counter(change.statuses[0] for change in changes)
    staying: dict[str, list[str]] = {}
    empty: list[str] = []
    updated = 0
    for line in after.notes:
        was = old.get(line.guid, line)
        if was is line:
            continue
        updated += line.mod != was.mod
        if line.deck != was.deck:
            staying.setdefault(line.deck, []).append(line.guid)
        if set(was.ords) - set(line.ords):
            empty.append(line.guid)
    return Plan(
        changes=tuple(changes),
        updated=updated,
        kept=len(changes) - first[CardStatus.GONE] - first[CardStatus.NEW],
        gone=tuple(sorted(line.guid for line in after.notes if line.gone)),
        staying=tuple((deck, tuple(sorted(guids))) for deck, guids in sorted(staying.items())),
        empty=tuple(sorted(empty)),
    )


def key_search(guids: Iterable[str]) -> str:
    """Return what to paste into Anki's browser to select notes by key; empty for none.

    One regular expression: a search with OR breaks at 1,000 terms (CONTRACT section 6).
    """
    keys = "|".join(map(_pattern, guids))
    return f'"Key:re:^({keys})$"' if keys else ""


_LOOSE = {'"': r"\x22", "<": "(?:<|&lt;)", ">": "(?:>|&gt;)", "&": "&(?:amp;)?"}


def _pattern(guid: str) -> str:
    """Return a guid as a pattern; ours need nothing, adopted ones hold any character."""
    return "".join(
        one if one.isalnum() else _LOOSE.get(one, rf"\{one}")
        for one in unicodedata.normalize("NFC", guid)
    )


def plan_text(plan: Plan, *, verbose: bool) -> list[str]:
    """Return the plan as lines for people."""
    lines: list[str] = []
    most = len(plan.changes) if verbose else MOST_LINES
    for status in _TITLES:
        lines += _section(plan, status, most)
    lines += _warnings(plan, most)
    if plan.kept:
        lines.append(f"{plan.kept} keep their schedule")
    return lines


_TITLES = {
    CardStatus.NEW: "new",
    CardStatus.RENAMED: "renamed",
    CardStatus.MOVED: "moved",
    CardStatus.CHANGED: "changed",
    CardStatus.RERENDERED: "rendered anew by a newer version; the notes are the same",
    CardStatus.GONE: "gone from the notes, kept in Anki",
}


def _section(plan: Plan, status: CardStatus, most: int) -> list[str]:
    of_status = [change for change in plan.changes if change.statuses[0] is status]
    if not of_status:
        return []
    lines = [f"{len(of_status)} {_TITLES[status]}"]
    if status is CardStatus.NEW and not plan.kept and most <= MOST_LINES:
        return lines  # a first build: all are new, and nobody reads the list
    lines += [f"  {_line(change)}" for change in of_status[:most]]
    if len(of_status) > most:
        lines.append(f"  … and {len(of_status) - most} more; -v shows all")
    return lines


def _line(change: Change) -> str:
    place = f"{change.path}:{change.line}" if change.line else change.path
    if change.was:
        return f"{place}: {_short(change.was)} → {_short(change.question)}"
    return f"{place}: {_short(change.question)}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _warnings(plan: Plan, most: int) -> list[str]:
    lines = []
    if plan.updated:
        lines.append(
            f"{plan.updated} will be updated in Anki; tags and edits made there on these are lost"
        )
    for deck, guids in plan.staying[:most]:
        lines.append(f"{len(guids)} belong in deck {deck} now and stay where they are in Anki;")
        lines.append("  to move them, search in its browser:")
        lines.append(f"  {key_search(guids)}")
    if len(plan.staying) > most:
        lines.append(f"  … and of {len(plan.staying) - most} more decks; -v shows all")
    if plan.empty:
        lines.append(f"{len(plan.empty)} lose a card: Tools > Empty Cards removes it; they are")
        lines.append(f"  {key_search(plan.empty)}")
    if plan.gone:
        lines.append(f"{len(plan.gone)} in Anki that the notes no longer have; to select them:")
        lines.append(f"  {key_search(plan.gone)}")
    return lines


# The whole run ---------------------------------------------------------------------------------


def summary(outcome: Outcome, written: Written | None, *, verbose: bool) -> Iterator[str]:
    """Yield what a run came to, as lines for people; *written* is None after ``--check``."""
    if verbose:
        yield from _details(outcome)
    changes, lock, notes = outcome.identified.changes, outcome.identified.lock, outcome.deck.notes
    yield from plan_text(summarise(changes, outcome.old_lock, lock), verbose=verbose)
    cards = sum(len(note.draft.ords) for note in notes)
    merged = f", {outcome.merged} merged" if outcome.merged else ""
    media = f", {many(len(outcome.deck.media), 'media file')}" if outcome.deck.media else ""
    yield f"{outcome.deck.name}: {many(len(notes), 'note')}, {many(cards, 'card')}{merged}{media}"
    missed = sum(skip.is_missed for skip in outcome.skipped)
    if missed and not verbose:
        yield f"{many(missed, 'passage')} of the notes on no card; -v says where and why"
    if outcome.old_lock is None:
        lock_path = outcome.setting.places.lock
        if written:
            yield f"{lock_path} is new: it knows which card is which; keep it with the notes"
        else:
            yield f"{lock_path} is missing: all notes would be new to Anki"
        yield "  If this deck was studied before, put the old one, or the old package, back first."
    if written:
        size, output = written.size / 1e6, outcome.setting.output
        amount = f"{size:.1f} MB" if size >= 0.1 else f"{1000 * size:.0f} kB"
        if written.anew:
            yield f"wrote {output} ({amount}): import it into Anki"
        else:
            yield f"{output} is up to date ({amount})"
    if verbose:
        yield "seconds: " + ", ".join(f"{k} {v:.2f}" for k, v in outcome.seconds.items())


def _details(outcome: Outcome) -> Iterator[str]:
    for file in outcome.files:
        yield f"{file.name}: {many(len(file.drafts), 'note')}; questions: {file.why}"
    for name, count in outcome.removed.items():
        yield f"  removed {name}: {count}"
    for skip in outcome.skipped:
        yield f"  skipped {skip.path}:{skip.line}: {skip.heading or '(no heading)'}: {skip.why}"
    before, after = outcome.media_bytes
    if before:
        yield f"  media: {before / 1e6:.1f} MB in the notes, {after / 1e6:.1f} MB in the package"
