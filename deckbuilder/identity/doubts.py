"""What the author has to know of how drafts found their notes, or found none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from deckbuilder.identity.fingerprint import sketch_values
from deckbuilder.identity.lock import Lock, LockedNote
from deckbuilder.identity.matching import ALIKE, Facts, Table, grouped, question_and_answer
from deckbuilder.problems import Problem, error, note, warning

FOREIGN_LOCK = 10
"""Live notes from which on a lock of which nothing is found counts as another deck's."""


def refusal(table: Table, lock: Lock, namespace: str, files: Collection[str]) -> list[Problem]:
    """Return why nothing may be written, if so; *files* are all that exist."""
    return _foreign(table, lock, namespace, files) or [*_kind_changes(table)]


def doubts(table: Table, went: Sequence[LockedNote]) -> tuple[Problem, ...]:
    """Return what the author should look at; *went* are the notes that went in this run."""
    return (
        *_unsure(table),
        *_replaced(table, went),
        *_copied(table, went),
        *_left_behind(table),
        *_misnamed(table),
        *_same_questions(table.facts),
    )


def _foreign(table: Table, lock: Lock, namespace: str, files: Collection[str]) -> list[Problem]:
    """Return an error where the lock seems to be another deck's."""
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


def _kind_changes(table: Table) -> Iterator[Problem]:
    """Yield an error for each note that would change between section and cloze (fact 21)."""
    for facts in table.facts:
        locked = table.note_of.get(facts.at)
        if locked and locked.kind is not facts.draft.kind:
            message = (
                f"this note was a {locked.kind} and would become a {facts.draft.kind}, which Anki "
                "does not allow; undo the change, or write <!-- card: new --> under "
                "the heading: then this is a new note and the old one counts as gone"
            )
            yield error("kind-changed", facts.where, message)


def _unsure(table: Table) -> Iterator[Problem]:
    """Yield a warning for each new note that may well be an old one."""
    for facts, likely in table.unsure:
        left = table.still_free(likely)
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
            "shown under the heading, and its history continues"
        )
        yield warning("note-unsure", facts.where, message)


def _replaced(table: Table, went: Iterable[LockedNote]) -> Iterator[Problem]:
    """Tell of places where one note came and one went: that may be one note, written anew."""
    written = [facts for facts in table.free_facts() if not facts.draft.directives.new]
    came = grouped(written, lambda facts: facts.places)
    gone = grouped(went, lambda locked: locked.places)
    asked = {facts.at for facts, _ in table.unsure}
    for place, (facts, *more) in came.items():
        found = gone.get(place, [])
        if more or len(found) != 1 or facts.at in asked or not _is_related(facts, found[0]):
            continue
        message = (
            f"{facts.draft.question!r} is new, and {found[0].question!r} is gone from there; "
            f"if they are the same, {_as_note(found[0])}, and its history continues"
        )
        yield note("note-replaced", facts.where, message)


def _copied(table: Table, went: Iterable[LockedNote]) -> Iterator[Problem]:
    """Tell of what went and stands elsewhere as a newer note: copied there first, cut later."""
    gone = grouped(went, lambda locked: [question_and_answer(locked)])
    for facts in table.facts if gone else ():
        for locked in gone.get(question_and_answer(facts), []):
            if facts.at in table.note_of and locked.id < table.note_of[facts.at].id:
                message = (
                    f"an older note of the question {locked.question!r} and the same answer is "
                    f"gone; if its section was moved here, {_as_note(locked)}, and its history "
                    "continues"
                )
                yield note("note-replaced", facts.where, message)


def _as_note(locked: LockedNote) -> str:
    """Return what to do to let a section go on as a note."""
    return f"write <!-- card: id={locked.guid} --> under the heading"


def _is_related(facts: Facts, locked: LockedNote) -> bool:
    """Return whether two notes are of one matter: their questions, or their answers, are alike."""
    from deckbuilder.identity.likeness import compare_answers, compare_questions, shape

    answers = sketch_values(facts.draft.fingerprint.sketch), sketch_values(locked.sketch)
    questions = shape(facts.draft.question), shape(locked.question)
    likeness = max(compare_answers(*answers).likeness, compare_questions(*questions).likeness)
    return likeness >= ALIKE


def _misnamed(table: Table) -> Iterator[Problem]:
    """Warn of comments that name another note than the one whose section they stand in."""
    for at, locked in table.misnamed.items():
        facts = table.facts[at]
        message = (
            f"<!-- card: id={facts.draft.directives.card_id} --> names the note "
            f"{locked.question!r}, and this section is another, which it stays: remove the "
            "comment, or put it below the heading that it belongs to"
        )
        yield warning("card-id-other", facts.where, message)


def _left_behind(table: Table) -> Iterator[Problem]:
    """Warn of new notes that seem to come from a file outside this run."""
    away = {question_and_answer(one): one for one in table.untouched}
    for facts in table.free_facts():
        if locked := away.get(question_and_answer(facts)):
            message = (
                f"this question and answer are also in {locked.places[0].name}, which is not "
                "part of this run, so this is a new note; if the section was moved, "
                f"{_as_note(locked)} and build all files together, and its history continues"
            )
            yield warning("note-elsewhere", facts.where, message)


def _same_questions(facts: Iterable[Facts]) -> Iterator[Problem]:
    """Yield a note for each question that was asked above."""
    first: dict[str, Facts] = {}
    for one in facts:
        other = first.setdefault(one.question, one)
        if other is not one:
            same = one.draft.fields.answer == other.draft.fields.answer
            message = (
                f"the question {one.draft.question!r} is also asked at {other.where}, with "
                f"{'the same' if same else 'another'} answer; both are notes, "
            )
            if one.draft.fields.context != other.draft.fields.context:
                message += "told apart by what stands above them"
            else:
                message += "and nothing on their fronts tells them apart"
            yield note("same-question", one.where, message)
