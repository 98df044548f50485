"""The plan: what a learner is told before an import, and searches that the real Anki takes."""

from __future__ import annotations

import pytest

from deckbuilder.plan import key_search, plan_text, summarise
from tests.support.collection import RealCollection
from tests.support.drafts import NOW, a_draft, guids, run

LONG = "A model that learns pictures and their captions in one space."
OTHER = "Sorting by repeatedly merging runs that are sorted already, bottom up."


def test_the_plan_tells_what_an_import_does() -> None:
    first = run(
        [
            a_draft("What is CLIP?", LONG, deck="Old", ords=(0, 1)),
            a_draft("B", OTHER),
            a_draft("Gone", "This one will be deleted from the notes."),
        ]
    )
    now = [a_draft("Tell me about CLIP", LONG, deck="New", line=7), a_draft("B", OTHER)]
    second = run(now, first.lock, now_ms=NOW + 9000)
    plan = summarise(second.changes, first.lock, second.lock)
    assert (plan.kept, plan.updated) == (2, 1)
    assert plan.staying == (("New", (guids(first)[0],)),)
    assert plan.empty == (guids(first)[0],)
    assert plan.gone == (guids(first)[2],)
    text = "\n".join(plan_text(plan, verbose=False))
    assert "1 renamed\n  source/notes.md:7: What is CLIP? → Tell me about CLIP" in text
    assert "1 gone from the notes, kept in Anki\n  notes.md: Gone" in text
    assert "1 will be updated in Anki; tags and edits made there on these are lost" in text
    assert "1 belong in deck New now and stay where they are" in text
    assert f'to move them, search in its browser:\n  "Key:re:^({guids(first)[0]})$"' in text
    assert "Tools > Empty Cards" in text
    assert f'"Key:re:^({guids(first)[2]})$"' in text
    assert "2 keep their schedule" in text


def test_each_deck_that_cards_belong_in_has_a_search_of_its_own() -> None:
    """Where they are nobody knows: who renames a deck twice may not have moved them in between."""
    first = run([a_draft("What is CLIP?", LONG, deck="Old"), a_draft("B", OTHER, deck="Old")])
    now = [a_draft("What is CLIP?", LONG, deck="One"), a_draft("B", OTHER, deck="Two")]
    second = run(now, first.lock)
    plan = summarise(second.changes, first.lock, second.lock)
    clip, other = guids(first)
    assert plan.staying == (("One", (clip,)), ("Two", (other,)))
    assert "Old" not in "\n".join(plan_text(plan, verbose=False))
    many = run([a_draft(f"What is {n}?", f"{n} {LONG}", deck=f"D{n}") for n in range(30)])
    rest = run(
        [a_draft(f"What is {n}?", f"{n} {LONG}", deck=f"E{n}") for n in range(30)], many.lock
    )
    plan = summarise(rest.changes, many.lock, rest.lock)
    assert "  … and of 10 more decks; -v shows all" in plan_text(plan, verbose=False)


def test_a_first_build_and_one_with_nothing_to_do_are_short() -> None:
    first = run([a_draft("What is CLIP?", LONG)])
    plan = summarise(first.changes, None, first.lock)
    assert plan_text(plan, verbose=False) == ["1 new"]
    again = run([a_draft("What is CLIP?", LONG)], first.lock)
    plan = summarise(again.changes, first.lock, again.lock)
    assert plan_text(plan, verbose=False) == ["1 keep their schedule"]


def test_own_keys_are_searched_as_the_contract_says() -> None:
    assert key_search(["abc", "def"]) == '"Key:re:^(abc|def)$"'
    assert key_search([]) == ""


def add_notes(anki: RealCollection, keys: list[str], deck: str) -> None:
    col = anki.col
    model = col.models.new("Keyed")
    for name in ("Question", "Key"):
        col.models.add_field(model, col.models.new_field(name))
    template = col.models.new_template("Card")
    template["qfmt"], template["afmt"] = "{{Question}}", "{{Key}}"
    col.models.add_template(model, template)
    col.models.add(model)
    kind, number = col.models.by_name("Keyed"), col.decks.id(deck)
    assert kind is not None
    assert number is not None
    for key in keys:
        note = col.new_note(kind)
        note["Question"], note["Key"] = "?", key
        col.add_note(note, number)


def test_two_thousand_keys_are_found_in_one_search(anki: RealCollection) -> None:
    keys = [f"k{number:014d}" for number in range(2100)]
    add_notes(anki, keys[::100], "Deck")
    assert len(anki.col.find_notes(key_search(keys[:2000]))) == 20


@pytest.mark.parametrize(
    "key",
    [
        "a<b&c",
        "a&lt;b&amp;c",
        "x*y_z",
        "p(q)[r]{s}|t",
        "u^v$w.",
        "~`!@#%",
        "a:b;c",
        "e/f\\g",
        'h"i',
    ],
)
def test_adopted_keys_of_any_characters_are_found(anki: RealCollection, key: str) -> None:
    add_notes(anki, [key, "other", key + "x"], "Deck")
    guid = key.replace("&lt;", "<").replace("&amp;", "&")
    (found,) = anki.col.find_notes(key_search([guid]))
    assert anki.col.get_note(found)["Key"] == key
