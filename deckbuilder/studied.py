"""Whether a file, read as the lock says, still gives the notes that it gave.

A structure is held so that no later edit turns a studied deck over. It would do just that where
the author writes the whole file in another way, in lists instead of headings or all headings a
level deeper, or mends what was broken for a while; and a file with a new name would be turned
over for want of a structure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from deckbuilder.fingerprint import is_generic
from deckbuilder.lock import Lock, LockedNote
from deckbuilder.model import FileNotes


def true_to_notes(
    files: Sequence[FileNotes], lock: Lock, read: Callable[[int, str], FileNotes]
) -> list[FileNotes]:
    """Return *files*, each read in the way that gives most of the notes of *lock*.

    *read* returns what the file at an index gives by a structure, or by today's choice. That is
    tried where the structure held for a file misses more than half of its notes; and the lock's
    structures are tried on files that are new to it, if there are notes that no file gives: one
    is taken where half of what it gives is known.
    """
    of_file: dict[str, _Known] = defaultdict(_Known)
    for one in lock.notes:
        for place in one.places:
            of_file[place.name].add(one)
    rules, every = [], _Known()
    if any(not file.kept for file in files) and _some_missing(lock, files):
        rules, every = sorted(set(lock.structures.values())), _Known.of(lock.notes)
    truer = []
    for at, file in enumerate(files):
        if file.kept:
            truer.append(_kept_or_anew(file, of_file[file.name], partial(read, at, "")))
        else:
            others = (read(at, rule) for rule in rules if rule != file.structure)
            mostly = [one for one in others if every.count(one) * 2 >= len(one.drafts)]
            truer.append(max([file, *mostly], key=every.count))
    return truer


def _kept_or_anew(kept: FileNotes, known: _Known, read: Callable[[], FileNotes]) -> FileNotes:
    """Return a file as it is *kept*, or as it is *read* today if that gives more of its notes.

    Where nothing of them is left, nothing says how to read it but the file itself.
    """
    left = known.count(kept)
    if left * 2 >= len(known.questions):
        return kept
    anew = read()
    return anew if known.count(anew) > left or (anew.drafts and not left) else kept


@dataclass(slots=True)
class _Known:
    """What some notes ask and answer, as hashes."""

    questions: set[str] = field(default_factory=set)
    answers: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, notes: Iterable[LockedNote]) -> _Known:
        return cls({one.hash.question for one in notes}, {one.hash.answer for one in notes})

    def add(self, one: LockedNote) -> None:
        self.questions.add(one.hash.question)
        self.answers.add(one.hash.answer)

    def count(self, file: FileNotes) -> int:
        """Return how many sections of *file* ask or answer what one of the notes does."""
        prints = [draft.fingerprint for draft in file.drafts]
        return sum(
            one.answer_hash in self.answers
            or (one.question_hash in self.questions and not is_generic(one.question))
            for one in prints
        )


def _some_missing(lock: Lock, files: Iterable[FileNotes]) -> bool:
    """Return whether there is a live note that no section asks for, nor gives the answer of."""
    prints = [draft.fingerprint for file in files for draft in file.drafts]
    said = {one.question_hash for one in prints} | {one.answer_hash for one in prints}
    live = (one.hash for one in lock.notes if not one.gone)
    return any(one.question not in said and one.answer not in said for one in live)
