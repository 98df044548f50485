"""Packages as files: what is in them, byte by byte, and what happens when writing fails."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from deckbuilder.model import Deck, NoteKind
from tests.support.limits import within
from tests.support.notes import FIRST_ID, FIRST_MOD, a_deck, a_note, some_notes
from tests.support.package import pack, rows
from tests.support.process import printed


def column(package: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(rows(package, f"SELECT {name} FROM col")[0][0])
    return found


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "build" / "deck.apkg"


# The same bytes ------------------------------------------------------------------------------


def rich_deck(folder: Path) -> Deck:
    sound = folder / "sound.mp3"
    sound.write_bytes(b"sound" * 100_000)
    return a_deck(
        a_note("Ask", guid="a", number=50, reverse=True, deck="Deck::Part"),
        a_note("{{c1::x}} {{c3::y}}", guid="b", number=30, kind=NoteKind.CLOZE),
        *some_notes(20),
        media={"z-1.png": b"png", "a-1.mp3": sound},
        description="About",
    )


def test_the_same_deck_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two" / "deep"
    one.mkdir()
    two.mkdir(parents=True)
    first = pack(rich_deck(one), one / "a.apkg")
    os.utime(one / "sound.mp3", (1, 1))
    second = pack(rich_deck(two), two / "b.apkg")
    assert first == second
    assert (one / "a.apkg").read_bytes() == (two / "b.apkg").read_bytes()


def test_every_system_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = pack(rich_deck(tmp_path), tmp_path / "here.apkg")
    monkeypatch.setattr(sys, "platform", "linux" if sys.platform == "win32" else "win32")
    assert pack(rich_deck(tmp_path), tmp_path / "there.apkg") == here


def test_the_result_names_hash_and_size_of_the_file(target: Path) -> None:
    written = pack(a_deck(), target)
    content = target.read_bytes()
    assert (written.sha256, written.size) == (hashlib.sha256(content).hexdigest(), len(content))


def test_one_edit_changes_one_row(target: Path) -> None:
    before = some_notes(5)
    edited = before[2]._replace(mod=FIRST_MOD + 9)
    pack(a_deck(*before), target)
    old = rows(target, "SELECT * FROM notes")
    pack(a_deck(*before[:2], edited, *before[3:]), target)
    new = rows(target, "SELECT * FROM notes")
    assert [a == b for a, b in zip(old, new, strict=True)] == [True, True, False, True, True]


# The zip -------------------------------------------------------------------------------------


def test_entries_are_sorted_dated_and_stored_as_they_should(tmp_path: Path, target: Path) -> None:
    pack(rich_deck(tmp_path), target)
    with zipfile.ZipFile(target) as package:
        entries = package.infolist()
        assert [entry.filename for entry in entries] == ["collection.anki2", "media", "0", "1"]
        assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
        stored, deflated = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
        assert [e.compress_type for e in entries] == [deflated, deflated, stored, stored]
        assert json.loads(package.read("media")) == {"0": "a-1.mp3", "1": "z-1.png"}
        assert package.read("0") == b"sound" * 100_000
        assert package.read("1") == b"png"
        assert package.testzip() is None


BAD_NAMES = (
    *("", "sub/dir.png", "../x.png", "/abs.png", "a\\b.png", "中文.png", "a b.png", "50%.png"),
    *("dot.", ".hidden", "-", "x" * 121, "a\n.png", "a:b.png", "_static.png"),
)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_media_names_that_clients_change_or_lose_are_refused(name: str, target: Path) -> None:
    with pytest.raises(ValueError, match="media name"):
        pack(a_deck(media={name: b""}), target)
    assert not target.exists()


def test_media_names_that_differ_only_in_case_are_refused(target: Path) -> None:
    with pytest.raises(ValueError, match="only in case"):
        pack(a_deck(media={"A-1.png": b"", "a-1.png": b""}), target)


def test_nothing_is_left_in_the_temporary_folder(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    pack(a_deck(), target)
    assert list(temporary.iterdir()) == []
    assert list(target.parent.iterdir()) == [target]


# The collection --------------------------------------------------------------------------------


def test_notes_keep_guid_id_and_mod_and_are_shown_in_document_order(target: Path) -> None:
    notes = (
        a_note("B", guid="gb", number=9, mod=FIRST_MOD + 7),
        a_note("A", guid="ga", number=4, mod=FIRST_MOD + 1),
    )
    pack(a_deck(*notes), target)
    assert rows(target, "SELECT guid, id, mod FROM notes ORDER BY id") == [
        ("ga", FIRST_ID + 4, FIRST_MOD + 1),
        ("gb", FIRST_ID + 9, FIRST_MOD + 7),
    ]
    assert rows(target, "SELECT nid, ord, due, mod FROM cards ORDER BY due") == [
        (FIRST_ID + 9, 0, 1, FIRST_MOD + 7),
        (FIRST_ID + 4, 0, 2, FIRST_MOD + 1),
    ]


def test_card_ids_are_unique_even_where_notes_stand_close(target: Path) -> None:
    step = 1_000_003
    texts = "".join(f"{{{{c{n}::x}}}}" for n in range(1, 60))
    notes = [
        a_note(f"{n} {texts}", guid=f"g{n}", number=n * step // 2, kind=NoteKind.CLOZE)
        for n in range(30)
    ]
    pack(a_deck(*notes), target)
    ids = [row[0] for row in rows(target, "SELECT id FROM cards")]
    assert len(ids) == len(set(ids)) == 30 * 59


def test_cards_were_added_on_the_day_of_their_note(target: Path) -> None:
    """Anki reads the day from the id, and gives another one to what lies in the future."""
    pack(a_deck(a_note("{{c1::x}} {{c3::y}}", number=5, kind=NoteKind.CLOZE)), target)
    ids = [row[0] for row in rows(target, "SELECT id FROM cards ORDER BY ord")]
    assert ids == [FIRST_ID + 5, FIRST_ID + 5 - 2 * 1_000_003]


def test_even_tiny_note_ids_give_valid_card_ids(target: Path) -> None:
    notes = [a_note(f"Q{n}", guid=f"g{n}", reverse=True)._replace(id=n + 1) for n in range(3)]
    pack(a_deck(*notes), target)
    ids = [row[0] for row in rows(target, "SELECT id FROM cards")]
    assert len(set(ids)) == 6
    assert min(ids) > 0


def test_tags_are_stored_as_anki_stores_them(target: Path) -> None:
    note = a_note(tags=("b::c", "a", "b::c", "Z", "文e\u0301"))
    pack(a_deck(note), target)
    [(fields, tags)] = rows(target, "SELECT flds, tags FROM notes")
    assert len(fields.split("\x1f")) == 8
    assert tags == " a b::c Z 文é "


def test_a_field_that_would_become_two_is_refused(target: Path) -> None:
    with pytest.raises(ValueError, match="parts fields"):
        pack(a_deck(a_note("a\x1fb")), target)


def test_a_note_without_tags_has_an_empty_string(target: Path) -> None:
    pack(a_deck(a_note(tags=())), target)
    assert rows(target, "SELECT tags FROM notes") == [("",)]


@pytest.mark.parametrize("tag", ["", "a b", "a\u3000b", "a\n", " a"])
def test_tags_that_anki_would_split_are_refused(tag: str, target: Path) -> None:
    with pytest.raises(ValueError, match="tag"):
        pack(a_deck(a_note(tags=(tag,))), target)


def test_decks_are_listed_with_their_parents_and_none_is_the_default(target: Path) -> None:
    notes = (
        a_note(guid="a", number=0, deck="Top::Deck::e\u0301"),
        a_note(guid="b", number=1, deck="top::deck::É"),
        a_note(guid="c", number=2, deck="Other"),
    )
    deck = a_deck(*notes, name="Top::Deck", description="A <b> & c\nd")
    pack(deck, target)
    decks = column(target, "decks")
    assert sorted(d["name"] for d in decks.values()) == [
        *("Default", "Other", "Top", "Top::Deck", "Top::Deck::é"),
    ]
    used = [row[0] for row in rows(target, "SELECT DISTINCT did FROM cards")]
    assert 1 not in used
    assert {decks[str(id_)]["name"] for id_ in used} == {"Other", "Top::Deck::é"}
    described = {d["name"]: d["desc"] for d in decks.values() if d["desc"]}
    assert described == {"Top::Deck": "A &lt;b&gt; &amp; c<br>d"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [("A::::B", "A::B"), (" :: ", "Deck"), ("<img src=x>", "‹img src=x›")],
)
def test_a_deck_name_has_no_empty_level_and_no_html(target: Path, name: str, shown: str) -> None:
    pack(a_deck(a_note(deck=name), name=name), target)
    assert shown in {deck["name"] for deck in column(target, "decks").values()}


def test_a_deck_name_of_many_levels_makes_no_gigabytes(target: Path) -> None:
    with within(2):
        pack(a_deck(a_note(deck="::".join("a" * 20_000))), target)
    decks = column(target, "decks").values()
    assert sum(len(deck["name"]) for deck in decks) < 200_000


def test_many_decks_take_no_longer_each(target: Path) -> None:
    notes = (a_note(guid=f"g{n}", number=n, deck=f"Top::{n}") for n in range(10_000))
    with within(3):
        pack(a_deck(*notes), target)
    assert len(column(target, "decks")) == 10_003


def test_the_package_keeps_the_namespace(target: Path) -> None:
    pack(a_deck(), target, "多模态")
    assert column(target, "conf")["deckbuilder"] == {"namespace": "多模态"}


def test_only_note_types_in_use_are_packaged(target: Path) -> None:
    pack(a_deck(), target)
    assert list(column(target, "models")) == ["1763784001001"]
    pack(a_deck(a_note("{{c1::x}}", kind=NoteKind.CLOZE), a_note(guid="b", number=1)), target)
    assert sorted(column(target, "models")) == ["1763784001001", "1763784001002"]


# Mistakes of ours --------------------------------------------------------------------------------


def with_ords(*ords: int, text: str = "Q", kind: NoteKind = NoteKind.SECTION) -> Deck:
    note = a_note(text, kind=kind)
    return a_deck(note._replace(draft=note.draft._replace(ords=ords)))


MISTAKES = {
    "no guid": a_deck(a_note(guid="")),
    "guid twice": a_deck(a_note(guid="a"), a_note(guid="a", number=1)),
    "id twice": a_deck(a_note(guid="a"), a_note(guid="b")),
    "empty": a_deck(a_note(" <br>&nbsp;")),
    "no card": with_ords(),
    "no reverse": with_ords(0, 1),
    "only reverse": with_ords(1),
    "card twice": with_ords(0, 0),
    "wrong number": with_ords(0, text="{{c2::x}}", kind=NoteKind.CLOZE),
    "nested missed": with_ords(0, text="{{c1::a {{c2::b}}}}", kind=NoteKind.CLOZE),
    "no cloze": with_ords(0, text="no deletion", kind=NoteKind.CLOZE),
    "cloze 501": with_ords(500, text="{{c501::x}}", kind=NoteKind.CLOZE),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_decks_that_anki_would_not_import_whole_are_refused(mistake: str, target: Path) -> None:
    with pytest.raises(ValueError, match=r"guid|note id|first field|cards|cloze"):
        pack(MISTAKES[mistake], target)
    assert not target.exists()


# Size --------------------------------------------------------------------------------------------


def test_hostile_text_takes_linear_time(target: Path) -> None:
    with within(10):
        many = "a < b " * 200_000
        pack(a_deck(a_note(many, many)), target)
        pack(a_deck(a_note("{{c1::x" * 30_000 + "}}" * 30_000, kind=NoteKind.CLOZE)), target)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux only")
def test_a_hundred_thousand_notes_fit_into_600_mib(tmp_path: Path) -> None:
    program = (
        "import resource, sys; from pathlib import Path;"
        "from tests.support.package import pack;"
        "from tests.support.notes import a_deck, a_note;"
        "body = '<p>一段 of text.</p>' * 60;"
        "notes = (a_note(f'Q{n}', body + str(n), guid=f'g{n}', number=n) for n in range(100_000));"
        "pack(a_deck(*notes), Path(sys.argv[1]));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    assert int(printed("-c", program, str(tmp_path / "big.apkg"))) < 600
