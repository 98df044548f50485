"""What lies beside the repository on the maintainers' machines, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckbuilder.pipeline import Outcome, plan
from deckbuilder.setting import Request

SHARED = Path(__file__).parents[3] / "shared"
NOTES = SHARED / "notes"
SPEC = SHARED / "spec" / "commonmark-0.31.2.json"

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not here")


def notes_of(*numbers: str) -> tuple[Path, ...]:
    """Return the note files with these numbers."""
    return tuple(path for number in numbers for path in sorted(NOTES.glob(f"{number}_*.txt")))


def plan_shared(folder: Path, *numbers: str) -> Outcome:
    """Plan a deck of the note files with these numbers; *folder* is for package and lock."""
    request = Request(
        notes=notes_of(*numbers),
        now_ms=1_700_000_000_000,
        name="Shared",
        output=folder / "deck.apkg",
        lock=folder / "deck.lock",
        offline=True,
    )
    return plan(request)
