"""Older packages: a lost lock rebuilt, and another deck's notes taken over, in the real Anki."""

from __future__ import annotations

import re
import sqlite3
import zipfile
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deckbuilder.adopt import adopt, lock_from_package, plain
from deckbuilder.identity.lock import Lock
from deckbuilder.identity.old_packages import read_notes, read_ours
from deckbuilder.model import Deck, Directives, Draft, Note
from deckbuilder.problems import BuildError
from tests.support.collection import RealCollection
from tests.support.drafts import NOW, a_draft, guids, run
from tests.support.limits import within
from tests.support.package import pack

if TYPE_CHECKING:
    from deckbuilder.identify import Identified

AUTOREGRESSIVE = "从左到右逐词预测下一个词的模型，例如 GPT。"
DRAFTS = [
    a_draft("What is CLIP?", "A model that learns pictures and captions in one space."),
    a_draft("什么是自回归模型？", AUTOREGRESSIVE, name="b.md"),
    a_draft("HTTP 的默认端口", "80", tags=["net", "ports"], ords=(0,)),
]


def package(path: Path, notes: Sequence[Note], namespace: str = "Deck", name: str = "Deck") -> Path:
    pack(Deck(name, "", tuple(notes)), path, namespace)
    return path


# A lost lock -------------------------------------------------------------------------------------


def test_a_lost_lock_is_rebuilt_from_the_package(tmp_path: Path) -> None:
    drafts = [*DRAFTS, a_draft("Example", "Merging runs.", context=["Sorting"])]
    first = run(drafts)
    built = package(tmp_path / "deck.apkg", first.notes)
    lock = lock_from_package(built, drafts, "Renamed since")
    assert lock is not None
    assert lock.namespace == "Deck"
    again = run(drafts, lock, namespace="Renamed since", now_ms=NOW + 99_000)
    assert again.notes == first.notes
    assert {change.statuses[0].value for change in again.changes} == {"unchanged"}
    assert package(tmp_path / "again.apkg", again.notes).read_bytes() == built.read_bytes()


def test_a_lock_rebuilt_after_edits_finds_the_edited_notes(tmp_path: Path) -> None:
    first = run(DRAFTS)
    built = package(tmp_path / "deck.apkg", first.notes)
    edited = [
        a_draft("What is CLIP?", "Something rewritten from end to end."),
        a_draft("自回归模型是什么", AUTOREGRESSIVE, name="c.md"),
        DRAFTS[2],
    ]
    lock = lock_from_package(built, edited, "Deck")
    again = run(edited, lock, now_ms=NOW + 99_000)
    assert guids(again) == guids(first)
    assert [note.mod - NOW // 1000 for note in again.notes] == [99, 99, 0]


def test_tags_that_were_edited_before_the_lock_was_rebuilt_arrive(tmp_path: Path) -> None:
    built = package(tmp_path / "deck.apkg", run(DRAFTS).notes)
    edited = [*DRAFTS[:2], a_draft("HTTP 的默认端口", "80", tags=["net"])]
    again = run(edited, lock_from_package(built, edited, "Deck"), now_ms=NOW + 99_000)
    assert [note.mod - NOW // 1000 for note in again.notes] == [0, 0, 99]


def test_a_package_of_another_deck_rebuilds_nothing(tmp_path: Path) -> None:
    """Its name tells, or its namespace; or else half of its notes."""
    built = package(tmp_path / "deck.apkg", run(DRAFTS).notes, namespace="Old")
    new = [a_draft(f"What came {n}?", f"Something that nobody knew {n}.") for n in range(2)]
    for deck in ("Deck", "Old"):
        assert lock_from_package(built, [DRAFTS[0], *new], deck) is not None
        assert lock_from_package(built, new, deck) is None
    assert lock_from_package(built, [DRAFTS[0], *new], "Other") is None
    assert lock_from_package(built, [*DRAFTS[:2], *new], "Other") is not None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"\x00" * 5000])
def test_what_is_no_package_rebuilds_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "deck.apkg"
    path.write_bytes(content)
    assert lock_from_package(path, DRAFTS, "Deck") is None
    assert lock_from_package(tmp_path / "missing.apkg", DRAFTS, "Deck") is None
    with pytest.raises(BuildError, match="package-unreadable"):
        read_notes(path)


def test_a_package_that_cannot_be_opened_is_said_as_everywhere(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="is a folder; name a file"):
        read_notes(tmp_path)


def test_another_programs_package_rebuilds_nothing(tmp_path: Path, anki: RealCollection) -> None:
    add_basic(anki, DRAFTS)
    assert lock_from_package(export(anki, tmp_path / "x.apkg"), DRAFTS, "Deck") is None


# Reading -----------------------------------------------------------------------------------------


def add_basic(anki: RealCollection, drafts: Sequence[Draft], name: str = "By hand") -> None:
    """Write notes as a learner would by hand."""
    col = anki.col
    model = col.models.by_name("Basic")
    deck = col.decks.id(name)
    assert model is not None
    assert deck is not None
    for number, draft in enumerate(drafts, 1):
        note = col.new_note(model)
        note["Front"] = f"{number}. <b>{draft.question}</b>"
        note["Back"] = f"<div>{draft.fields.answer}</div>"
        col.add_note(note, deck)


def export(anki: RealCollection, path: Path, *, legacy: bool = False, whole: bool = False) -> Path:
    from anki.collection import ExportAnkiPackageOptions

    if whole:
        anki.col.export_collection_package(str(path), include_media=False, legacy=legacy)
        anki.col.reopen()
    else:
        options = ExportAnkiPackageOptions(with_scheduling=True, legacy=legacy)
        anki.col.export_anki_package(out_path=str(path), options=options, limit=None)
    return path


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("whole", [False, True])
def test_every_format_of_anki_is_read(
    tmp_path: Path, anki: RealCollection, legacy: bool, whole: bool
) -> None:
    add_basic(anki, DRAFTS)
    expected = {(guid, note.id, note.mod) for guid, note in anki.notes().items()}
    path = export(anki, tmp_path / "old.pkg", legacy=legacy, whole=whole)
    notes = read_notes(path)
    assert {(one.guid, one.id, one.mod) for one in notes} == expected
    assert {one.type_name for one in notes} == {"Basic"}
    assert {one.deck for one in notes} == {"By hand"}
    assert [name for name, _ in notes[0].fields] == ["Front", "Back"]
    assert plain(notes[0].fields[0][1]) == "1. What is CLIP?"


def test_a_field_is_read_as_text() -> None:
    assert plain(r"<p>A&amp;B</p><p>\(x&lt;1\)</p><style>p{}</style>[sound:a.mp3]") == "A&B x<1"
    assert plain("{{c1::Paris::city}} is in {{c2::France}}") == "Paris is in France"


@pytest.mark.parametrize(("opened", "left"), [("<style>", 0), ("<!-- > ", 0), ("{{c1::", 120_000)])
def test_a_field_full_of_what_is_never_closed_is_read_at_once(opened: str, left: int) -> None:
    with within(2):
        assert len(plain("a" + opened * 20_000)) == 1 + left


@pytest.mark.parametrize("size", [10_000, 1_000_000])
def test_a_database_beyond_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    path = tmp_path / "bomb.apkg"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("collection.anki2", b"\0" * size)
    monkeypatch.setattr("deckbuilder.identity.old_packages.MOST_BYTES", 5000)
    with pytest.raises(BuildError, match="larger than"):
        read_notes(path)


@pytest.mark.parametrize(
    ("notes", "complaint"),
    [
        (
            "VIEW notes AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT "
            "i AS id, 'g' AS guid, 1 AS mid, 1 AS mod, '' AS tags, 'x' AS flds FROM n ORDER BY -i",
            "not authorized|prohibited",
        ),
        (
            "TABLE notes (id, guid, mid, mod, tags, flds AS (hex(zeroblob(10000))))",
            "holds more than",
        ),
        (
            "TABLE notes (id, guid, mid, mod, tags, flds AS (hex(zeroblob(200000))))",
            "too big",
        ),
    ],
)
def test_a_database_that_makes_much_of_little_is_refused(
    notes: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "collection.anki2"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE col (models, decks)")
        database.execute("INSERT INTO col VALUES ('{}', '{}')")
        database.execute("CREATE TABLE cards (nid, ord, did)")
        database.execute(f"CREATE {notes}")
        if notes.startswith("TABLE"):
            rows = [(number, "g", 1, 1, "") for number in range(1, 250)]
            database.executemany("INSERT INTO notes VALUES (?, ?, ?, ?, ?)", rows)
    database.close()
    path = tmp_path / "endless.apkg"
    with zipfile.ZipFile(path, "w") as package_:
        package_.write(file, "collection.anki2")
    monkeypatch.setattr("deckbuilder.identity.old_packages.MOST_BYTES", 1 << 22)
    with pytest.raises(BuildError, match=rf"({complaint}).*package-unreadable"):
        read_notes(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_package_that_is_damaged_inside_is_refused(method: int, tmp_path: Path) -> None:
    path = tmp_path / "damaged.apkg"
    with zipfile.ZipFile(path, "w", method) as package_:
        package_.writestr("collection.anki2", b"".join(b"%d" % n for n in range(9_999)))
    data = bytearray(path.read_bytes())
    data[60:90] = bytes(30)
    path.write_bytes(data)
    with pytest.raises(BuildError, match="not an Anki package"):
        read_notes(path)


@pytest.mark.parametrize(
    "change",
    [
        "notes SET mod = 9e999",
        "notes SET mod = 9223372036854775807",
        "notes SET id = -id",
        "cards SET ord = -1",
        "cards SET ord = 1.5",
    ],
)
def test_numbers_that_no_lock_holds_are_refused(tmp_path: Path, change: str) -> None:
    with pytest.raises(BuildError, match=r"out of range"):
        read_notes(odd_package(tmp_path, change))


@pytest.mark.parametrize("column", ["conf", "decks", "models"])
def test_half_characters_that_no_file_holds_are_refused(tmp_path: Path, column: str) -> None:
    path = odd_package(tmp_path, f"""col SET {column} = replace({column}, ': "', ': "\\ud800')""")
    with pytest.raises(BuildError, match="surrogates not allowed"):
        read_ours(path)


def odd_package(folder: Path, change: str) -> Path:
    """Return a package in whose database something was changed."""
    path, file = package(folder / "odd.apkg", run(DRAFTS).notes), folder / "collection.anki2"
    with zipfile.ZipFile(path) as built:
        file.write_bytes(built.read("collection.anki2"))
    with sqlite3.connect(file) as database:
        database.execute(f"UPDATE {change}")
    database.close()
    with zipfile.ZipFile(path, "w") as changed:
        changed.write(file, "collection.anki2")
    return path


# Taking over -------------------------------------------------------------------------------------


def test_notes_of_another_type_are_not_taken_and_the_way_is_told(
    tmp_path: Path, anki: RealCollection
) -> None:
    add_basic(anki, DRAFTS)
    path = export(anki, tmp_path / "old.apkg")
    with pytest.raises(BuildError) as stopped:
        adopt(path, DRAFTS, None, namespace="Deck")
    (problem,) = stopped.value.problems
    assert problem.code == "adopt-note-type"
    (found,) = re.findall('search ("deck:.*" "note:.*"), select', problem.message)
    add_basic(anki, DRAFTS, "Another deck")
    assert len(anki.col.find_notes('"note:Basic"')) == 2 * len(DRAFTS)
    assert len(anki.col.find_notes(found)) == len(DRAFTS)
    assert "map Front to Question and Back to Answer" in problem.message
    assert "Leave 'Merge note types' off" in problem.message


def test_a_package_in_which_nothing_fits_says_so(tmp_path: Path) -> None:
    built = package(tmp_path / "a.apkg", run([a_draft("Why?", "Because it is so.")]).notes)
    with pytest.raises(BuildError, match="adopt-nothing"):
        adopt(built, DRAFTS[:1], None, namespace="Deck")


def test_the_notes_that_sections_had_before_are_gone(tmp_path: Path) -> None:
    old = run(DRAFTS, namespace="Old")
    path = package(tmp_path / "old.apkg", old.notes, namespace="Old")
    now = run(DRAFTS, namespace="New", now_ms=NOW + 50_000)
    lock, problems = adopt(path, DRAFTS, now.lock, namespace="New")
    assert [one.message for one in problems] == ["took over 3 of 3 notes"]
    again = run(DRAFTS, lock, now_ms=NOW + 60_000)
    assert guids(again) == guids(old)
    assert {line.guid for line in again.lock.notes if line.gone} == set(guids(now))
    assert all(note.mod == NOW // 1000 + 60 for note in again.notes)
    assert again.lock.namespace == "New"


def test_adopting_the_same_package_twice_changes_nothing_more(tmp_path: Path) -> None:
    path = package(tmp_path / "old.apkg", run(DRAFTS, namespace="Old").notes)
    first = run(DRAFTS, adopt(path, DRAFTS, None, namespace="New")[0], now_ms=NOW + 5000)
    again, _ = adopt(path, DRAFTS, first.lock, namespace="New")
    assert run(DRAFTS, again, now_ms=NOW + 9000).lock == first.lock


def test_a_numbered_question_is_taken_over_although_its_answer_changed(tmp_path: Path) -> None:
    answer = (
        "Two towers, one for each kind of input, that were taught by hundreds of millions of pairs"
    )
    old = run([a_draft("3. What is CLIP?", f"{answer}, which nobody had looked through before.")])
    lock, _ = adopt(package(tmp_path / "old.apkg", old.notes), DRAFTS, None, namespace="Deck")
    assert guids(run(DRAFTS, lock))[:1] == guids(old)


def test_a_note_that_went_on_as_another_section_is_not_taken_from_it(tmp_path: Path) -> None:
    """It was renamed since, and the old question written anew."""
    old = run(DRAFTS[:1])
    path = package(tmp_path / "old.apkg", old.notes)
    renamed = a_draft("How do pictures find words?", DRAFTS[0].fields.answer[3:-4] + " By cosine.")
    named = renamed._replace(directives=Directives(card_id=guids(old)[0]))
    both = [renamed, DRAFTS[0]]
    lock, _ = adopt(path, both, run([named], old.lock).lock, namespace="Deck")
    assert guids(run(both, lock))[:1] == guids(old)


def test_notes_whose_sections_had_each_others_are_given_back(tmp_path: Path) -> None:
    first = run(DRAFTS[:2])
    swapped = [
        one._replace(guid=guid) for one, guid in zip(first.notes, guids(first)[::-1], strict=True)
    ]
    path = package(tmp_path / "old.apkg", swapped)
    again = run(DRAFTS[:2], adopt(path, DRAFTS[:2], first.lock, namespace="Deck")[0])
    assert guids(again) == guids(first)[::-1]
    assert not any(line.gone for line in again.lock.notes)


def test_keys_of_any_characters_are_taken_over(tmp_path: Path) -> None:
    [note] = run(DRAFTS[:1]).notes
    path = package(tmp_path / "old.apkg", [note._replace(guid='A&b"<|$^')])
    lock, _ = adopt(path, DRAFTS, None, namespace="Deck")
    assert guids(run(DRAFTS, lock))[0] == 'A&b"<|$^'


def test_the_whole_way_in_the_real_anki(tmp_path: Path, anki: RealCollection) -> None:
    """The order of issue 3: import ours, change the note type, export, adopt, import."""
    add_basic(anki, DRAFTS)
    anki.study_all()
    before = anki.notes()

    second = package(tmp_path / "2.apkg", run([a_draft("Other", "deck")], namespace="2").notes)
    assert anki.load(second) == {"new": 1}
    change_note_type(anki, {"Question": "Front", "Answer": "Back"}, sorted(before))
    path = export(anki, tmp_path / "old.apkg")

    lock, _ = adopt(path, DRAFTS, None, namespace="Deck")
    later = (max(note.mod for note in anki.notes().values()) + 5) * 1000
    result = run(DRAFTS, lock, now_ms=later)
    assert set(guids(result)) == set(before)
    built = package(tmp_path / "new.apkg", result.notes, name="By hand")
    assert anki.load(built) == {"updated": 3}

    after = anki.notes()
    assert len(after) == 4
    for note in result.notes:
        was, now = before[note.guid], after[note.guid]
        assert [(c.id, c.due, c.interval, c.reviews) for c in now.cards] == [
            (c.id, c.due, c.interval, c.reviews) for c in was.cards
        ]
        assert now.fields[0] == note.draft.fields.question
        assert unescape(now.fields[4]) == note.guid  # Anki's own guids may hold < and &
    assert anki.checks().clean
    check_updates_still_arrive(anki, tmp_path, later)


def check_updates_still_arrive(anki: RealCollection, tmp_path: Path, later: int) -> None:
    lock: Lock = run([a_draft("Other", "deck")], namespace="2").lock
    edited: Identified = run([a_draft("Other", "deck, edited")], lock, now_ms=later)
    assert anki.load(package(tmp_path / "2b.apkg", edited.notes)) == {"updated": 1}


def change_note_type(anki: RealCollection, fields: dict[str, str], some: Sequence[str]) -> None:
    """Do what the dialog Change Note Type does."""
    models = anki.col.models
    old, new = models.by_name("Basic"), models.by_name("Deckbuilder Section")
    assert old is not None
    assert new is not None
    info = models.change_notetype_info(old_notetype_id=old["id"], new_notetype_id=new["id"])
    request = info.input
    names = models.field_names(old)
    request.new_fields[:] = [
        names.index(fields[name]) if name in fields else -1 for name in models.field_names(new)
    ]
    by_guid = anki.notes()
    request.note_ids.extend(by_guid[guid].id for guid in some)
    models.change_notetype_of_notes(request)
