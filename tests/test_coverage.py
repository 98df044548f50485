"""docs/coverage.md: every question of the notes in ../shared is answered in the shipped deck."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.shared import needs_shared, plan_shared
from tests.support.shipped import ROOT, plan_shipped

TABLE = ROOT / "docs" / "coverage.md"


def same(question: str) -> str:
    """A question as it is compared: letters and digits alone, in one width and case."""
    folded = unicodedata.normalize("NFKC", question).casefold()
    return "".join(c for c in folded if c.isalnum())


def rows(part: str) -> Iterator[tuple[str, str, str]]:
    """Yield question, file and our question of each row below the heading *part*."""
    _, _, rest = TABLE.read_text("utf-8").partition(f"\n## {part}")
    section, *_ = rest.split("\n## ")
    for line in section.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 3 and cells[1].endswith(".md"):
            yield cells[0], cells[1], cells[2]


def asked(folder: Path, *numbers: str) -> set[str]:
    """Return the questions of these files of ../shared/notes, equal ones once."""
    notes = plan_shared(folder, *numbers).deck.notes
    return {same(note.draft.question) for note in notes}


@needs_shared
@pytest.mark.parametrize(
    ("part", "numbers", "count"),
    [("面试题", ("000", "001", "002", "003"), 51), ("文章", ("004",), 35)],
)
def test_the_table_names_every_question_of_the_notes_and_no_other(
    part: str, numbers: tuple[str, ...], count: int, tmp_path: Path
) -> None:
    listed = {same(question) for question, _, _ in rows(part)}
    assert len(listed) == count
    assert listed == asked(tmp_path, *numbers)


def test_the_answers_that_the_table_names_are_in_the_deck(tmp_path: Path) -> None:
    ours = {
        (place.name, note.draft.question)
        for note in plan_shipped(tmp_path).deck.notes
        for place in note.draft.places
    }
    named = {(name, question) for part in ("面试题", "文章") for _, name, question in rows(part)}
    assert named
    assert named <= ours
