"""Which reading of a file is taken, told by what each asks: one that costs no studied note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from deckbuilder.identity.lock import Lock
from deckbuilder.identity.studied import true_to_notes
from deckbuilder.model import FileNotes
from deckbuilder.problems import Location, warning
from tests.support.drafts import a_draft, run

KEPT = warning("structure-kept", Location("source/a.md", 1), "the questions stay as first chosen")


def reading(name: str, questions: str, *, rule: str = "level 2") -> FileNotes:
    """Return a file that asks *questions*, a letter each."""
    drafts = tuple(a_draft(f"What is {q}?", f"It is {q * 9}.", name=name) for q in questions)
    return FileNotes(name, rule, "", drafts, (), {}, ())


def lock_of(**asked: str) -> Lock:
    """Return the lock of files that asked so, by the name of each."""
    files = [reading(f"{name}.md", questions) for name, questions in asked.items()]
    return run([draft for file in files for draft in file.drafts]).lock


def taken(files: Sequence[FileNotes], lock: Lock, ways: Mapping[str, str]) -> list[str]:
    """Return what the files ask in the end.

    *ways* are other readings of the first: by a rule, ``anew``, or ``again`` for what was asked.
    """

    def read(at: int, structure: str, asked: Sequence[str]) -> FileNotes:
        way = "again" if asked else structure or "anew"
        return reading(files[0].name, ways[way]) if at == 0 and way in ways else files[at]

    truer = true_to_notes(files, (), lock, read)
    return ["".join(draft.question[8] for draft in file.drafts) for file in truer]


@pytest.mark.parametrize(
    ("ways", "asked"),
    [
        ({"level 2": "abc"}, "abc"),
        ({"level 2": "abcxyz"}, "ab"),
        ({"again": "abc"}, "abc"),
        ({"again": "abcxy"}, "ab"),
    ],
)
def test_a_file_with_a_new_name_is_read_so_that_it_gives_back_more_than_it_makes_new(
    ways: Mapping[str, str], asked: str
) -> None:
    file = reading("new.md", "ab", rule="level 3")
    assert taken([file], lock_of(old="abc"), ways) == [asked]


@pytest.mark.parametrize(
    ("ways", "asked"),
    [({"anew": "abc"}, "abc"), ({"anew": "c"}, "ab"), ({"anew": "abcx"}, "ab")],
)
def test_a_choice_that_the_lock_overrules_is_taken_where_it_gives_back_what_is_missing(
    ways: Mapping[str, str], asked: str
) -> None:
    file = replace(reading("a.md", "ab"), problems=(KEPT,))
    assert taken([file], lock_of(a="abc"), ways) == [asked]


def test_what_another_file_no_longer_asks_is_asked_where_it_was_put() -> None:
    files = [replace(reading("a.md", "ab"), headings=("What is c?",)), reading("b.md", "d")]
    assert taken(files, lock_of(a="ab", b="cd"), {"again": "abc"}) == ["abc", "d"]
    files[0] = replace(files[0], headings=("Something else",))
    assert taken(files, lock_of(a="ab", b="cd"), {"again": "abc"}) == ["ab", "d"]
