"""What the lock remembers, how it is written, and what becomes of a damaged or merged one."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from deckbuilder.identity.lock import (
    Hashes,
    Lock,
    LockedNote,
    LockedPicture,
    LockedPlace,
    merge_lines,
    merge_lock,
    parse_lock,
    read_lock,
    writing_lock,
)
from deckbuilder.model import NoteKind
from deckbuilder.problems import BuildError
from tests.support.drafts import lock_text, write_lock

HASHES = Hashes("q", "a", "b", "s", "p")


def a_note(guid: str = "a1", **changes: object) -> LockedNote:
    note = LockedNote(
        guid=guid,
        id=1_700_000_000_000,
        mod=1_700_000_000,
        kind=NoteKind.SECTION,
        question="什么是 C++？",
        places=(LockedPlace("a.md", ("卷一",)),),
        deck="Deck",
        ords=(0,),
        hash=HASHES,
        sketch="AAAA",
    )
    return note.but(**changes)


def a_lock(*notes: LockedNote) -> Lock:
    return Lock("Deck", "1.0.0", {"a.md": "level 2"}, notes)


FULL = a_lock(
    a_note(),
    a_note(
        "b2",
        id=1_700_000_000_001,
        kind=NoteKind.CLOZE,
        ords=(0, 2),
        card_id="clip",
        fresh=True,
        gone=True,
        places=(LockedPlace("a.md", ()), LockedPlace("a.md", ()), LockedPlace("b.md", ("x", "y"))),
        remote=(LockedPicture("https://example.org/x", "x-1.png", "ff"),),
    ),
)


def problems_of(text: str) -> list[str]:
    with pytest.raises(BuildError) as stopped:
        parse_lock(text.encode(), "notes/deck.lock")
    return [str(problem) for problem in stopped.value.problems]


def test_a_lock_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "deck.lock"
    assert write_lock(FULL, path)
    assert read_lock(path) == FULL


def test_no_file_is_no_lock(tmp_path: Path) -> None:
    assert read_lock(tmp_path / "deck.lock") is None


def test_the_format_is_one_line_a_note_behind_a_header() -> None:
    header, first, second = lock_text(FULL).splitlines()
    assert header == (
        '{"deck-lock": 1, "program": "1.0.0", "namespace": "Deck", '
        '"structures": {"a.md": "level 2"}}'
    )
    assert first == (
        '{"guid": "a1", "id": 1700000000000, "mod": 1700000000, "kind": "section", '
        '"question": "什么是 C++？", "places": [["a.md", ["卷一"]]], "deck": "Deck", "ords": [0], '
        '"hash": {"question": "q", "answer": "a", "body": "b", "source": "s", "packaged": "p"}, '
        '"sketch": "AAAA"}'
    )
    assert list(json.loads(second))[-4:] == ["card", "fresh", "gone", "remote"]


def test_an_unchanged_lock_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "deck.lock"
    write_lock(FULL, path)
    before = path.stat().st_mtime_ns, path.stat().st_ino
    assert not write_lock(FULL, path)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_line_ends_of_windows_are_no_change(tmp_path: Path) -> None:
    path = tmp_path / "deck.lock"
    path.write_bytes(lock_text(FULL).replace("\n", "\r\n").encode())
    assert read_lock(path) == FULL
    assert not write_lock(FULL, path)


def test_a_failed_write_leaves_the_old_lock_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "deck.lock"
    write_lock(a_lock(), path)
    before = path.read_bytes()

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("deckbuilder.replacing.os.fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_lock(FULL, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_before_the_end_of_the_block_leaves_the_old_lock(tmp_path: Path) -> None:
    path = tmp_path / "deck.lock"
    write_lock(a_lock(), path)
    before = path.read_bytes()
    with pytest.raises(OSError, match="the package"), writing_lock(FULL, path) as anew:  # noqa: PT012
        assert anew
        assert path.read_bytes() == before
        raise OSError(28, "the package")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_linked_lock_is_written_where_it_is(tmp_path: Path) -> None:
    real = tmp_path / "real.lock"
    write_lock(a_lock(), real)
    link = tmp_path / "deck.lock"
    link.symlink_to(real)
    write_lock(FULL, link)
    assert link.is_symlink()
    assert read_lock(real) == FULL


# Damage ------------------------------------------------------------------------------------------


def test_a_damaged_line_is_named_and_so_is_every_other() -> None:
    header, first, second = lock_text(FULL).splitlines()
    found = problems_of("\n".join([header, first[:-20], second.replace('"mod": 17', '"mod": "x')]))
    assert [line.split(": error: ")[0] for line in found] == [
        "notes/deck.lock:2",
        "notes/deck.lock:3",
    ]
    assert all("damaged" in line and "[lock-damaged]" in line for line in found)


@pytest.mark.parametrize("line", ["[]", "1", '"x"', "null", '{"guid": "a"}', '{"deck-lock": "1"}'])
def test_a_line_that_is_no_note_is_damage(line: str) -> None:
    header = lock_text(a_lock()).strip()
    assert "deck.lock:2: error: " in problems_of(f"{header}\n{line}\n")[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"id": 17', '"id": -17'),
        ('"id": 1700000000000', '"id": 0'),
        ('"mod": 17', '"mod": 99999999999999999917'),
        ('"ords": [0]', '"ords": [-1]'),
        ('"question": "', r'"question": "\ud800'),
        ('"places": [', '"places": [' + "[" * 20_000),
        ('"kept.png"', r'"kept.png\" onerror=\"alert(1)"'),
        ('"kept.png"', '"https://example.org/kept.png"'),
        ('"kept.png"', r'"kept.png\n"'),
    ],
)
def test_what_no_program_could_store_is_damage(old: str, new: str) -> None:
    kept = LockedPicture("https://example.org/a.png", "kept.png", "00")
    text = lock_text(a_lock(a_note(remote=(kept,))))
    assert old in text
    [found] = problems_of(text.replace(old, new))
    assert "deck.lock:2: error: " in found


def test_half_a_character_in_the_header_is_damage() -> None:
    text = lock_text(a_lock()).replace('"namespace": "', r'"namespace": "\ud800')
    assert "deck.lock:1: error: " in problems_of(text)[0]


def test_a_number_for_a_text_is_damage_behind_an_empty_text_too() -> None:
    header, line = lock_text(a_lock(a_note(hash=HASHES.but(body=""), sketch="s"))).splitlines()
    [found] = problems_of("\n".join([header, line.replace('"sketch": "s"', '"sketch": 5')]))
    assert "Expected `str`, got `int` - at `$.sketch`" in found


def test_a_lock_without_its_header_is_damaged() -> None:
    assert "no header" in problems_of("\n".join(lock_text(FULL).splitlines()[1:]))[0]
    assert "no header" in problems_of("")[0]


def test_a_lock_of_a_newer_version_says_so() -> None:
    text = lock_text(FULL).replace(
        '"deck-lock": 1, "program": "1.0.0"', '"deck-lock": 2, "program": "9.1"'
    )
    (found,) = problems_of(text)
    assert "newer version of the program (9.1" in found
    assert "[lock-newer]" in found


@pytest.mark.parametrize("merging", [False, True])
def test_bytes_that_are_no_text_are_damage(tmp_path: Path, *, merging: bool) -> None:
    path = tmp_path / "deck.lock"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BuildError, match="not UTF-8"):
        read_lock(path, merging=merging)


@pytest.mark.parametrize("merging", [False, True])
def test_a_byte_order_mark_is_no_damage(tmp_path: Path, *, merging: bool) -> None:
    path = tmp_path / "deck.lock"
    path.write_text(lock_text(FULL), "utf-8-sig")
    assert read_lock(path, merging=merging) == FULL


# Merges ------------------------------------------------------------------------------------------

BASE = replace(
    a_lock(a_note("a1"), a_note("m5", id=1_700_000_000_005)),
    structures={"a.md": "level 2", "gone.md": "pairs"},
)
OURS = replace(
    BASE,
    program="1.9.0",
    structures={"a.md": "level 2", "b.md": "contents"},
    notes=(
        a_note("a1", mod=1_700_000_050, question="ours"),
        a_note("c3", id=1_700_000_000_007),
        BASE.notes[1],
    ),
)
THEIRS = replace(
    BASE,
    program="1.10.0",
    structures={"a.md": "level 2", "d.md": "level 3"},
    notes=(
        a_note("a1", mod=1_700_000_060, question="theirs"),
        a_note("d4", id=1_700_000_000_007),
        BASE.notes[1],
    ),
)


def merged_by_git(tmp_path: Path, style: str) -> str:
    for name, lock in (("ours", OURS), ("base", BASE), ("theirs", THEIRS)):
        (tmp_path / name).write_text(lock_text(lock), "utf-8")
    option = {"merge": [], "diff3": ["--diff3"], "zdiff3": ["--zdiff3"]}[style]
    done = subprocess.run(
        ["git", "merge-file", "-p", *option, "ours", "base", "theirs"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    return done.stdout.decode("utf-8")


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_a_conflict_of_git_is_settled_and_no_note_lost(tmp_path: Path, style: str) -> None:
    text = merged_by_git(tmp_path, style)
    assert "<<<<<<<" in text
    lock = merge_lock(text.encode())
    assert [note.guid for note in lock.notes] == ["a1", "c3", "d4", "m5"]
    assert (lock.notes[0].question, lock.notes[0].mod) == ("theirs", 1_700_000_060)
    assert len({note.id for note in lock.notes}) == 4
    assert lock.structures == {"a.md": "level 2", "b.md": "contents", "d.md": "level 3"}
    assert lock.program == "1.10.0"


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_conflict_marks_stop_the_build_and_name_the_option(tmp_path: Path, style: str) -> None:
    text = merged_by_git(tmp_path, style)
    (found,) = problems_of(f"{{}}\n{text}")
    assert found.startswith("notes/deck.lock:2: error: ")
    assert "--merge-lock" in found
    assert "[lock-conflict]" in found


def test_a_lock_without_marks_is_merged_to_itself() -> None:
    assert merge_lock(lock_text(FULL).encode()) == FULL


@pytest.mark.parametrize("number", [1_600_000_000_000, 1_800_000_000_000])
def test_two_lines_of_a_guid_without_conflict_are_settled_when_read(number: int) -> None:
    theirs = a_note("a1", id=number, mod=1_700_000_099, question="theirs")
    text = lock_text(a_lock(a_note("a1"))) + lock_text(a_lock(theirs)).splitlines()[1]
    (note,) = parse_lock(text.encode(), "deck.lock").notes
    assert (note.mod, note.question) == (1_700_000_099, "theirs")
    assert note.id == min(number, 1_700_000_000_000)


def test_a_later_mod_wins_over_gone_and_the_other_way_round() -> None:
    gone, live = a_note(gone=True, mod=5), a_note(mod=6)
    assert merge_lines([gone, live])[0].gone is False
    assert merge_lines([gone.but(mod=7), live])[0].gone is True
    assert merge_lines([live, gone.but(mod=6)])[0].gone is False


def test_a_name_that_one_branch_gave_a_note_stays() -> None:
    named, later = a_note(card_id="clip"), a_note(mod=1_700_000_050)
    assert merge_lines([named, later])[0].card_id == "clip"
    assert merge_lines([named, later.but(card_id="blip")])[0].card_id == "blip"


def test_equal_mods_with_other_fields_make_the_mod_rise_at_the_next_build() -> None:
    (note,) = merge_lines([a_note(), a_note(hash=HASHES.but(packaged="x"))])
    assert note.hash == HASHES.but(packaged="")
    assert merge_lines([a_note(), a_note(question="?")])[0].hash == HASHES
    (note,) = merge_lines([a_note(), a_note(mod=1_700_000_050, hash=HASHES.but(packaged="x"))])
    assert note.hash.packaged == "x"


def test_an_id_used_twice_stays_with_the_smaller_guid() -> None:
    notes = [a_note("c", id=7), a_note("a", id=7), a_note("b", id=8), a_note("d", id=7)]
    expected = [("a", 7), ("b", 8), ("c", 9), ("d", 10)]
    assert [(note.guid, note.id) for note in merge_lines(notes)] == expected
    assert [(note.guid, note.id) for note in merge_lines(reversed(notes))] == expected


def test_pictures_are_known_by_their_address_and_living_notes_know_best() -> None:
    old = a_note("z", gone=True, remote=(LockedPicture("https://e.org/1", "old.png", "0"),))
    new = a_note("b", id=5, remote=(LockedPicture("https://e.org/1", "new.png", "1"),))
    failed = a_note("c", id=6, remote=(LockedPicture("https://e.org/2", "", ""),))
    known = a_lock(new, failed, old).remote_pictures()
    assert {url: picture.name for url, picture in known.items()} == {"https://e.org/1": "new.png"}
