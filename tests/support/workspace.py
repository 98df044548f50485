"""A folder of notes that is edited and built again, as its author would over the years."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from deckbuilder.model import CardStatus
from deckbuilder.pipeline import Outcome, plan, write
from deckbuilder.setting import Request

START_MS = 1_700_000_000_000
DAY_MS = 86_400_000

PAIRS = [
    ("What is a tokenizer for?", "It cuts text into the units that a model reads, and back."),
    ("How does attention weigh its inputs?", "By the softmax of scaled query-key products."),
    ("什么是词嵌入？", "把离散的词映射到连续向量空间，使语义相近的词彼此靠近。"),
]
"""Questions and answers in two languages."""


@dataclass
class Workspace:
    """Notes in ``source/`` of a temporary folder; every build is a day after the last."""

    folder: Path
    name: str = "Deck"
    now_ms: int = START_MS
    built: int = field(default=0)

    def note(self, name: str, text: str) -> Path:
        """Write a note file."""
        path = self.folder / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def request(self, *only: str, **more: object) -> Request:
        """Return a request for the folder, or for files of it alone."""
        source = self.folder / "source"
        values = {
            "notes": tuple(source / one for one in only) or (source,),
            "now_ms": self.now_ms,
            "output": self.package,
            "name": self.name,
            "lock": self.lock,
            "offline": True,
            **more,
        }
        return Request(**values)  # type: ignore[arg-type]  # values are checked by the dataclass

    @property
    def lock(self) -> Path:
        """The lock, beside the notes."""
        return self.folder / "source" / "deck.lock"

    @property
    def package(self) -> Path:
        """The package of the last build."""
        return self.folder / f"deck-{self.built}.apkg"

    def edit(self, text: str, **more: object) -> Outcome:
        """Build with *text* in ``a.md``."""
        self.note("a.md", text)
        return self.build(**more)

    def build(self, *only: str, **more: object) -> Outcome:
        """Build a day later, and return what was decided."""
        self.built += 1
        self.now_ms += DAY_MS
        outcome = plan(self.request(*only, **more))
        write(outcome)
        return outcome


def statuses(outcome: Outcome) -> dict[str, CardStatus]:
    """Return question -> first status, of the notes that are there."""
    return {change.question: change.statuses[0] for change in outcome.identified.changes}


def guids(outcome: Outcome) -> dict[str, str]:
    """Return question -> guid."""
    return {note.draft.question: note.guid for note in outcome.deck.notes}


def qa(*pairs: tuple[str, str], level: int = 2) -> str:
    """Return notes of headings and answers."""
    return "".join(f"{'#' * level} {question}\n\n{answer}\n\n" for question, answer in pairs)
