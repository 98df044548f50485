"""Whole runs: the same in any place, one edit touches one note, and what happens at the edges."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from deckbuilder.identify import PASSING
from deckbuilder.identity.fingerprint import packaged_hash
from deckbuilder.pipeline import Outcome, next_time, plan, write
from deckbuilder.problems import BuildError, Location, warning
from deckbuilder.setting import Request, set_up
from tests.support.package import dump
from tests.support.process import printed
from tests.support.stages import file_notes

NOW = 1_700_000_000_000
TOML = '[deck]\nname = "Deck"\n'
NOTES = {
    "deck.toml": TOML,
    "a.md": "# 甲\n\n## What is one?\n\nThe first number.\n\n## What is two?\n\nAfter it.\n",
    "deep/b.md": "## What is red?\n\n![red](red.png)\n\n## {{c1::Blue}} is what?\n\nA *colour*.\n",
}


def lay_out(folder: Path, files: Mapping[str, str] = NOTES) -> Path:
    """Write notes into a folder of their own; return it."""
    source = folder / "source"
    for name, text in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text, "utf-8")
    if "deep/b.md" in files:
        Image.new("RGB", (8, 8), "red").save(source / "deep" / "red.png")
    return source


def planned(source: Path, now_ms: int = NOW, **more: object) -> Outcome:
    request = Request(
        notes=(source,),
        now_ms=now_ms,
        output=source.parent / "deck.apkg",
        offline=True,
        **more,  # type: ignore[arg-type]  # what a test wants to differ
    )
    return plan(request)


def build(source: Path, now_ms: int = NOW, **more: object) -> Outcome:
    outcome = planned(source, now_ms, **more)
    write(outcome)
    return outcome


def statuses(outcome: Outcome) -> list[str]:
    return sorted(change.statuses[0].value for change in outcome.identified.changes)


# The same in any place ------------------------------------------------------------------------


def test_two_folders_and_two_orders_of_writing_give_the_same_bytes(tmp_path: Path) -> None:
    first = lay_out(tmp_path / "one")
    second = lay_out(tmp_path / "other" / "deep" / "down", dict(reversed(NOTES.items())))
    build(first)
    build(second, jobs=2)
    for name in ("deck.apkg", "source/deck.lock"):
        assert (first.parent / name).read_bytes() == (second.parent / name).read_bytes()


def test_the_clock_changes_nothing_in_a_second_run(tmp_path: Path) -> None:
    source = lay_out(tmp_path)
    build(source)
    before = (tmp_path / "deck.apkg").read_bytes()
    assert statuses(build(source, NOW + 86_400_000)) == ["unchanged"] * 4
    assert (tmp_path / "deck.apkg").read_bytes() == before


@pytest.mark.parametrize(
    ("seed", "zone"), [("0", "UTC"), ("1", "Asia/Shanghai"), ("12345", "America/Lima")]
)
def test_hash_seeds_time_zones_and_cache_change_nothing(
    seed: str, zone: str, tmp_path: Path
) -> None:
    source = lay_out(tmp_path)
    program = (
        "import sys; from pathlib import Path; from deckbuilder.pipeline import *;"
        "from deckbuilder.setting import *;"
        "p = Path(sys.argv[1]);"
        "[write(plan(Request(notes=(p / 'source',), now_ms=1_700_000_000_000, offline=True,"
        " output=p / f'{n}.apkg', lock=p / f'{n}.lock', cache=p / 'cache'))) for n in 'ab']"
    )
    printed("-c", program, str(tmp_path), PYTHONHASHSEED=seed, TZ=zone)
    build(source)
    packages = {(tmp_path / name).read_bytes() for name in ("a.apkg", "b.apkg", "deck.apkg")}
    assert len(packages) == 1


# Edits ----------------------------------------------------------------------------------------


def edit(source: Path, name: str, old: str, new: str) -> None:
    text = (source / name).read_text("utf-8")
    assert old in text
    (source / name).write_text(text.replace(old, new), "utf-8")


def test_one_edit_changes_one_note_and_raises_its_time_alone(tmp_path: Path) -> None:
    source = lay_out(tmp_path)
    before = {note.guid: note for note in build(source).deck.notes}
    edit(source, "a.md", "The first number.", "The smallest one.")
    outcome = build(source, NOW + 5000)
    assert statuses(outcome) == ["changed", "unchanged", "unchanged", "unchanged"]
    raised = [note for note in outcome.deck.notes if note.mod != before[note.guid].mod]
    assert [note.draft.question for note in raised] == ["What is one?"]
    assert raised[0].mod == (NOW + 5000) // 1000
    assert {note.guid: note.id for note in outcome.deck.notes} == {
        guid: note.id for guid, note in before.items()
    }


def test_notes_of_a_file_that_cannot_be_read_are_not_gone(tmp_path: Path) -> None:
    source = lay_out(tmp_path)
    build(source)
    (source / "a.md").write_bytes(b"\0\1\2\3" * 100)
    outcome = planned(source)
    assert outcome.failed
    assert "gone" not in statuses(outcome)


# What is in the package -----------------------------------------------------------------------


def test_fields_are_as_anki_stores_them() -> None:
    """Else every import would find the note changed (fact 37)."""
    text = "# Cafe\u0301\x02?\n\nA&#x301; and \x1f more\x7f\n"
    [draft] = file_notes(text, "re\u0301sume\u0301.md").drafts
    assert draft.fields.question == "Café?"
    assert draft.fields.answer == "<p>Á and  more</p>"
    assert draft.packaged == packaged_hash(draft.kind, draft.fields, draft.tags)


def test_every_picture_of_a_field_is_packed_and_every_packed_file_is_shown(tmp_path: Path) -> None:
    build(lay_out(tmp_path))
    packed = dump(tmp_path / "deck.apkg")
    everything = "".join("".join(note["fields"].values()) for note in packed["notes"])
    assert len(packed["media"]) == 1
    assert all(f'src="{name}"' in everything for name in packed["media"])


@pytest.mark.parametrize(
    ("subdecks", "decks"),
    [
        ("none", ["D", "D", "D"]),
        ("folder", ["D", "D::1. Intro::v1.2", "D::1. Intro::v1.3"]),
        ("file", ["D::top", "D::1. Intro::v1.2::a.b", "D::1. Intro::v1.3::c"]),
    ],
)
def test_subdecks_are_called_as_folders_and_files_are(
    tmp_path: Path, subdecks: str, decks: list[str]
) -> None:
    toml = f'[deck]\nname = "D"\nsubdecks = "{subdecks}"\n'
    names = ["top.md", "1. Intro/v1.2/a.b.md", "1. Intro/v1.3/c.txt"]
    notes = {name: f"## What is in {name}?\n\nA text.\n" for name in names}
    outcome = planned(lay_out(tmp_path, {"deck.toml": toml, **notes}))
    assert [note.draft.deck for note in outcome.deck.notes] == decks


def test_a_damaged_picture_goes_by_its_own_name_on_the_card(tmp_path: Path) -> None:
    source = lay_out(tmp_path)
    picture = source / "deep" / "red.png"
    picture.write_bytes(picture.read_bytes()[:-30])
    text = "## What is red?\n\n![](red.png) ![warm](red.png)\n"
    (source / "deep" / "b.md").write_text(text, "utf-8")
    outcome = planned(source)
    damaged = [problem for problem in outcome.problems if problem.code == "image-damaged"]
    assert damaged[0].message.startswith("'red.png' is damaged: ")
    answer = outcome.deck.notes[-1].draft.fields.answer
    missing = '<span class="missing">{}</span>'.format
    assert answer == f"<p>{missing('red.png')} {missing('warm')}</p>"


def test_pictures_with_broken_metadata_are_packed_without_a_word(tmp_path: Path) -> None:
    pictures = [f"{n}.jpg" for n in range(12)]
    asked = "".join(f"## What is {name}?\n\n![it]({name})\n\n" for name in pictures)
    source = lay_out(tmp_path, {"deck.toml": TOML, "a.md": asked})
    for n, name in enumerate(pictures):  # a list of one entry that is cut off before it
        exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0"
        Image.new("RGB", (8 + n, 8), "red").save(source / name, exif=exif)
    outcome = planned(source)
    assert len(outcome.deck.media) == 12
    assert outcome.problems == ()


def test_a_picture_that_changes_changes_its_note(tmp_path: Path) -> None:
    source = lay_out(tmp_path)
    build(source)
    Image.new("RGB", (8, 8), "green").save(source / "deep" / "red.png")
    outcome = build(source, NOW + 5000)
    assert statuses(outcome) == ["changed", "unchanged", "unchanged", "unchanged"]


@pytest.mark.parametrize(
    ("deck", "file"),
    [
        ("多模态", "多模态.apkg"),
        ("a::b/c?", "a-b-c-.apkg"),
        ("Con", "Con-.apkg"),
        ("LPT1", "LPT1-.apkg"),
        ("aux.c notes", "aux-.c notes.apkg"),
        ("Console", "Console.apkg"),
        ("...", "deck.apkg"),
        ("题" * 99, f"{'题' * 80}.apkg"),
        ("🎓" * 99, f"{'🎓' * 60}.apkg"),
    ],
)
def test_a_package_is_called_after_its_deck(tmp_path: Path, deck: str, file: str) -> None:
    setting, _ = set_up(Request(notes=(tmp_path,), now_ms=0, name=deck))
    assert setting.output.name == file


def test_a_package_that_was_deleted_is_written_again(tmp_path: Path) -> None:
    source = lay_out(tmp_path)
    build(source)
    package = (tmp_path / "deck.apkg").read_bytes()
    (tmp_path / "deck.apkg").unlink()
    build(source, NOW + 5000)
    assert (tmp_path / "deck.apkg").read_bytes() == package


def test_a_package_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    """No program that watches the file, and nobody who looks at its date, is told of news."""
    source, package = lay_out(tmp_path), tmp_path / "deck.apkg"
    assert write(planned(source)).anew
    was = package.stat()
    assert not write(planned(source, NOW + 5000)).anew
    assert os.path.samestat(package.stat(), was)
    assert package.stat().st_mtime_ns == was.st_mtime_ns
    package.write_bytes(bytes(was.st_size))
    assert write(planned(source, NOW + 5000)).anew
    assert package.read_bytes() != bytes(was.st_size)


def test_an_outcome_with_errors_is_not_written(tmp_path: Path) -> None:
    source = lay_out(tmp_path)
    edit(source, "a.md", "After it.", "![](gone.png)")
    outcome = planned(source, strict=True)
    assert outcome.failed
    with pytest.raises(BuildError):
        write(outcome)
    assert not (tmp_path / "deck.apkg").exists()
    assert not (source / "deck.lock").exists()


def test_a_sound_that_went_meanwhile_leaves_the_old_package(tmp_path: Path) -> None:
    source = lay_out(tmp_path)
    (source / "sound.mp3").write_bytes(b"ID3\3" + b"\0" * 100)
    build(source)
    before = (tmp_path / "deck.apkg").read_bytes()
    edit(source, "a.md", "After it.", "![](sound.mp3)")
    outcome = planned(source)
    (source / "sound.mp3").unlink()
    with pytest.raises(BuildError) as stopped:
        write(outcome)
    assert [problem.code for problem in stopped.value.problems] == ["write-failed"]
    assert (tmp_path / "deck.apkg").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deck.apkg", "source"]


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX")
def test_the_package_has_ordinary_rights_and_links_are_followed(tmp_path: Path) -> None:
    source = lay_out(tmp_path)
    (tmp_path / "deck.apkg").symlink_to(tmp_path / "real.apkg")
    old = os.umask(0o022)
    try:
        build(source)
    finally:
        os.umask(old)
    assert (tmp_path / "deck.apkg").is_symlink()
    assert stat.S_IMODE((tmp_path / "real.apkg").stat().st_mode) == 0o644


# Sizes ----------------------------------------------------------------------------------------


def seconds(source: Path) -> float:
    started = time.perf_counter()
    planned(source)
    return time.perf_counter() - started


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"## What is {i}?\n\nA {i}.\n\n" for i in range(4_000)),
        "".join(f"## {'word ' * 100}{i}?\n\nA.\n\n" for i in range(300)),
        "## Q?\n\n" + "word *and* more\n" * 10_000,
        f"## Q?\n\n{'| a ' * 500}|\n{'|---' * 500}|\n" + f"{'| x ' * 500}|\n" * 20,
        "## Q?\n\n" + "词" * 300_000 + "\n",
    ],
    ids=["many headings", "long headings", "one paragraph", "wide table", "long line"],
)
def test_no_shape_of_notes_takes_more_than_its_size(text: str, tmp_path: Path) -> None:
    source = lay_out(tmp_path, {"deck.toml": TOML, "a.md": text})
    assert seconds(source) < 20


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["headings", "megabytes"])
def test_real_sizes_are_built(shape: str, tmp_path: Path) -> None:
    text = {
        "headings": "".join(f"## What is {i}?\n\nIt is {i}.\n\n" for i in range(10_000)),
        "megabytes": "".join(
            f"## 什么是{i}？\n\n{'一段很长的文字。' * 300}\n\n" for i in range(700)
        ),
    }[shape]
    source = lay_out(tmp_path, {"deck.toml": TOML, "a.md": text})
    assert len(text.encode()) > (4_900_000 if shape == "megabytes" else 300_000)
    assert seconds(source) < 60


# Nothing to do ---------------------------------------------------------------------------------


def test_a_change_of_anything_that_shapes_the_deck_is_seen(tmp_path: Path) -> None:
    """Or else the next run would say that there is nothing to do."""
    source = lay_out(tmp_path)
    own = {"config": tmp_path / "own.toml", "lock": tmp_path / "own.lock"}
    own["config"].write_text(TOML, "utf-8")
    more = [tmp_path / "media" / "x.png", tmp_path / "cache" / "remote" / "x"]
    for path in more:
        path.parent.mkdir(parents=True)
        path.touch()
    outcome = build(source, NOW, cache=tmp_path / "cache", **own)
    files = [source / "a.md", source / "deep" / "red.png", tmp_path / "deck.apkg"]
    assert {str(path) for path in (*files, *own.values(), *more)} <= outcome.seen.state.keys()


@pytest.mark.parametrize("once", ["adopt", "merge_lock", "restructure"])
def test_what_is_asked_once_is_not_remembered_for_the_next_run(tmp_path: Path, once: str) -> None:
    source = lay_out(tmp_path)
    outcome = build(source)
    assert next_time(outcome) is not None
    part = replace(outcome.setting.request, notes=(source / "a.md",))
    assert next_time(plan(part)) is None
    assert next_time(planned(source, NOW, **{once: tmp_path / "deck.apkg"})) is None


def test_a_picture_that_could_not_be_fetched_is_asked_for_again(tmp_path: Path) -> None:
    outcome = planned(lay_out(tmp_path))
    missing = warning("image-remote", Location("a.md", 1), "not there")
    outcome = replace(outcome, problems=(missing,))
    assert next_time(outcome) is not None
    request = replace(outcome.setting.request, offline=False)
    assert next_time(replace(outcome, setting=replace(outcome.setting, request=request))) is None


def test_the_next_run_has_no_doubt_about_notes_that_it_knows(tmp_path: Path) -> None:
    outcome = planned(lay_out(tmp_path))
    doubts = [warning(code, Location("a.md", 1), "?") for code in (*PASSING, "lock-rebuilt", "x")]
    later = next_time(replace(outcome, problems=tuple(doubts)))
    assert later is not None
    assert [problem.code for problem in later.problems] == ["x"]
    assert statuses(later) == ["unchanged"] * 4
