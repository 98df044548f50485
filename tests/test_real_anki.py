"""Packages in the real Anki: what the official library makes of them, now and after an edit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deckbuilder import templates
from deckbuilder.collection import CONF_KEY
from deckbuilder.model import Deck, Note, NoteKind
from tests.support.collection import RealCollection
from tests.support.notes import FIRST_MOD, a_deck, a_note, some_notes
from tests.support.package import pack, rows


def package(deck: Deck, folder: Path, name: str = "deck") -> Path:
    path = folder / f"{name}.apkg"
    pack(deck, path)
    return path


def mixed_deck(folder: Path) -> Deck:
    """Return a deck with a note of every sort."""
    sound = folder / "sound-1.mp3"
    sound.write_bytes(b"not really a sound")
    notes = (
        a_note("图 <img src='pic-1.png'> &amp; <b>a</b>&nbsp;b", guid="picture", context="A › B"),
        a_note("Both ways", guid="reverse", number=1, reverse=True, tags=("x::y", "中文")),
        a_note(
            "{{c1::a {{c3::b}}::hint}} and {{c1,2::c}}",
            "",
            kind=NoteKind.CLOZE,
            guid="cloze",
            number=2,
        ),
        a_note("In a part", "[sound:sound-1.mp3]", guid="part", number=3, deck="Deck::Part"),
        a_note("1e5", guid="number", number=4, tags=()),
    )
    media: dict[str, bytes | Path] = {"pic-1.png": b"not really a picture", "sound-1.mp3": sound}
    return a_deck(*notes, media=media, description="About <it>")


def test_everything_arrives_and_all_checks_are_clean(anki: RealCollection, tmp_path: Path) -> None:
    deck = mixed_deck(tmp_path)
    assert anki.load(package(deck, tmp_path)) == {"new": 5}
    notes = anki.notes()
    cards = {guid: [(c.ord, c.deck, c.due) for c in note.cards] for guid, note in notes.items()}
    assert cards == {
        "picture": [(0, "Deck", 1)],
        "reverse": [(0, "Deck", 2), (1, "Deck", 2)],
        "cloze": [(0, "Deck", 3), (1, "Deck", 3), (2, "Deck", 3)],
        "part": [(0, "Deck::Part", 4)],
        "number": [(0, "Deck", 5)],
    }
    assert notes["reverse"].tags == ("x::y", "中文")
    assert {guid: note.id for guid, note in notes.items()} == {
        note.guid: note.id for note in deck.notes
    }
    assert anki.media().keys() == {"pic-1.png", "sound-1.mp3"}
    assert list(anki.col.get_empty_cards().notes) == []
    checks = anki.checks()
    assert checks.clean, checks
    # Check Database makes no card that the package did not have.
    assert {g: [c.ord for c in n.cards] for g, n in anki.notes().items()} == {
        guid: [ord_ for ord_, *_ in found] for guid, found in cards.items()
    }


def test_the_importer_finds_every_field_as_it_would_make_it(
    anki: RealCollection, tmp_path: Path
) -> None:
    path = package(mixed_deck(tmp_path), tmp_path)
    anki.load(path)
    query = "SELECT guid, flds, tags, sfld, csum, mod FROM notes ORDER BY guid"
    assert [tuple(row) for row in anki.rows(query)] == rows(path, query)


def test_the_description_is_shown_as_written(anki: RealCollection, tmp_path: Path) -> None:
    anki.load(package(mixed_deck(tmp_path), tmp_path))
    deck = anki.col.decks.by_name("Deck")
    assert deck is not None
    assert deck["desc"] == "About &lt;it&gt;"


def test_our_key_in_the_settings_stays_out_of_the_collection(
    anki: RealCollection, tmp_path: Path
) -> None:
    anki.load(package(a_deck(), tmp_path))
    assert anki.col.get_config(CONF_KEY) is None


# Again -----------------------------------------------------------------------------------------


def test_the_same_package_again_changes_nothing(anki: RealCollection, tmp_path: Path) -> None:
    path = package(mixed_deck(tmp_path), tmp_path)
    anki.load(path)
    anki.study_all()
    anki.mark_synced()
    before = anki.notes()
    assert anki.load(path) == {"duplicate": 5}
    assert anki.dirty() == 0
    assert anki.notes() == before


def test_one_edit_updates_one_note_and_keeps_its_reviews(
    anki: RealCollection, tmp_path: Path
) -> None:
    notes = some_notes(20)
    anki.load(package(a_deck(*notes), tmp_path))
    anki.study_all()
    anki.mark_synced()
    before = anki.notes()
    changed = edited(notes[7], "<p>Better.</p>", FIRST_MOD + 1)
    log = anki.load(package(a_deck(*notes[:7], changed, *notes[8:]), tmp_path))
    assert log == {"updated": 1, "duplicate": 19}
    assert anki.dirty() == 1
    after = anki.notes()
    assert after[changed.guid].fields[1] == "<p>Better.</p>"
    assert after[changed.guid].cards == before[changed.guid].cards
    assert {g: n for g, n in after.items() if g != changed.guid} == {
        g: n for g, n in before.items() if g != changed.guid
    }


def test_removed_notes_stay_and_new_ones_come(anki: RealCollection, tmp_path: Path) -> None:
    notes = some_notes(6)
    anki.load(package(a_deck(*notes[:4]), tmp_path))
    assert anki.load(package(a_deck(*notes[2:]), tmp_path)) == {"new": 2, "duplicate": 2}
    assert anki.notes().keys() == {note.guid for note in notes}


def test_a_changed_picture_with_its_new_name_is_shown(anki: RealCollection, tmp_path: Path) -> None:
    old = a_note("Q", '<p><img src="pic-1.png"></p>')
    anki.load(package(a_deck(old, media={"pic-1.png": b"one"}), tmp_path))
    new = edited(old, '<p><img src="pic-2.png"></p>', FIRST_MOD + 5)
    anki.load(package(a_deck(new, media={"pic-2.png": b"two"}), tmp_path))
    assert anki.media()["pic-2.png"] == b"two"
    checks = anki.checks()
    assert checks.media_missing == ()
    assert checks.media_unused == ("pic-1.png",)


def edited(note: Note, answer: str, mod: int) -> Note:
    fields = note.draft.fields._replace(answer=answer)
    return note._replace(mod=mod, draft=note.draft._replace(fields=fields))


# Note types ------------------------------------------------------------------------------------


def style(anki: RealCollection) -> dict[str, Any]:
    found = anki.col.models.by_name("Deckbuilder Section")
    assert found is not None
    return found


def test_another_deck_leaves_a_style_that_the_learner_changed(
    anki: RealCollection, tmp_path: Path
) -> None:
    anki.load(package(a_deck(), tmp_path))
    changed = style(anki)
    changed["css"] += "\n.card { color: green; }"
    anki.col.models.update_dict(changed)
    other = a_deck(a_note("Other", guid="other", number=1, deck="Other"), name="Other")
    assert anki.load(package(other, tmp_path, "other")) == {"new": 1}
    assert style(anki)["css"].endswith(".card { color: green; }")
    assert [t.name for t in anki.col.models.all_names_and_ids() if "Deckbuilder" in t.name] == [
        "Deckbuilder Section"
    ]


def test_a_new_style_of_ours_arrives_with_a_later_mod(
    anki: RealCollection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anki.load(package(a_deck(), tmp_path))
    ours = templates.note_type(NoteKind.SECTION)
    later = replace(ours, css=ours.css + "/* new */", mod=ours.mod + 1)
    monkeypatch.setattr("deckbuilder.collection.note_type", lambda _: later)
    assert anki.load(package(a_deck(), tmp_path)) == {"duplicate": 1}
    assert style(anki)["css"].endswith("/* new */")


def test_fields_and_templates_keep_their_ids(anki: RealCollection, tmp_path: Path) -> None:
    anki.load(package(a_deck(), tmp_path))
    ours = templates.note_type(NoteKind.SECTION)
    assert [f["id"] for f in style(anki)["flds"]] == [field.id for field in ours.fields]
    assert [t["id"] for t in style(anki)["tmpls"]] == [card.id for card in ours.templates]
    assert style(anki)["mod"] == templates.NOTE_TYPE_MOD


def test_a_spare_field_filled_in_anki_is_shown(anki: RealCollection, tmp_path: Path) -> None:
    anki.load(package(a_deck(), tmp_path))
    card = anki.card("aguid00001")
    assert 'class="extra"' not in card.answer()
    note = card.note()
    note["Extra 1"] = "mine"
    anki.col.update_note(note)
    assert '<div class="extra">mine</div>' in anki.card("aguid00001").answer()
