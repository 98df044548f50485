"""Equal sections become one note, and which they are."""

from __future__ import annotations

from itertools import permutations

import pytest

from deckbuilder.merge import merge_equal
from deckbuilder.model import Directives, Draft
from tests.support.drafts import a_draft


def merged(*drafts: Draft) -> Draft:
    """Return the one note of *drafts*, which is the same in whatever order they come."""
    results = [merge_equal(order) for order in permutations(drafts)]
    assert all(result == results[0] for result in results)
    ((one,), saved) = results[0]
    assert saved == len(drafts) - 1
    return one


def test_copies_are_one_note_of_all_their_files_in_the_deck_of_the_first() -> None:
    one = merged(
        a_draft(name="b.md", deck="Deck::b"),
        a_draft(name="a.md", line=9, deck="Deck::a"),
        a_draft(name="a.md", line=2, deck="Deck::a"),
    )
    assert [(place.name, place.where.line) for place in one.places] == [
        ("a.md", 2),
        ("a.md", 9),
        ("b.md", 1),
    ]
    assert one.fields.source == "a.md<br>b.md"
    assert one.deck == "Deck::a"


def test_a_name_below_any_copy_is_that_of_the_note() -> None:
    copies = [a_draft(name=name) for name in ("a.md", "b.md")]
    named = a_draft(name="c.md")._replace(directives=Directives(card_id="clip"))
    assert merged(*copies, named).directives.card_id == "clip"


def test_the_tags_of_all_copies_are_the_notes_each_in_its_first_spelling() -> None:
    copies = a_draft(tags=["CLIP", "x"]), a_draft(tags=["clip", "a"])
    ((one,), _) = merge_equal(copies)
    assert one.tags == ("CLIP", "a", "x")


def test_an_edit_of_any_copy_is_its_authors() -> None:
    """Or else the plan would say that the program had changed the note."""
    copies = a_draft(name="a.md"), a_draft(name="b.md")
    assert merged(*copies).source != merged(copies[0], copies[1]._replace(source="edited")).source


@pytest.mark.parametrize(
    "other",
    [
        a_draft("What is BLIP?"),
        a_draft(answer="Another answer."),
        a_draft(context=["Another chapter"]),
        a_draft(ords=(0, 1), directives=Directives(reverse=True)),
    ],
)
def test_what_differs_in_anything_that_tells_is_another_note(other: Draft) -> None:
    drafts = [a_draft(), other]
    assert merge_equal(drafts) == (drafts, 0)
