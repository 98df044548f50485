"""Whether the structure that the lock holds for a file still finds the notes of that file.

A structure is held so that no later edit turns a studied deck over. Where the author writes the
whole file in another way, in lists instead of headings or with all headings a level deeper,
holding on to it is what would turn the deck over.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from deckbuilder.lock import Lock
from deckbuilder.model import FileNotes


@dataclass(frozen=True, slots=True)
class Studied:
    """The live notes of a lock, by the names of the files in which they stood."""

    questions: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    answers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """File name -> hashes."""

    @classmethod
    def of(cls, lock: Lock) -> Studied:
        """Return those of *lock*."""
        studied = cls()
        for one in lock.notes:
            for place in () if one.gone else one.places:
                studied.questions[place.name].add(one.hash.question)
                studied.answers[place.name].add(one.hash.answer)
        return studied

    def found(self, file: FileNotes) -> int:
        """Return how many sections of *file* ask or answer what one of its notes did."""
        questions, answers = self.questions.get(file.name, ()), self.answers.get(file.name, ())
        prints = [draft.fingerprint for draft in file.drafts]
        return sum(one.question_hash in questions or one.answer_hash in answers for one in prints)

    def is_missed(self, file: FileNotes) -> bool:
        """Return whether the structure held for *file* finds less than half of its notes."""
        return bool(file.kept) and self.found(file) * 2 < len(self.questions.get(file.name, ()))
