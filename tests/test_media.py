"""Finding, checking and naming media (CONTRACT P3, P9; facts 40-51)."""

from __future__ import annotations

import os
import pickle
import re
import socket
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckbuilder.model import MediaFile, Unresolved
from deckbuilder.pictures.media import MediaLibrary
from deckbuilder.pictures.media_types import diagram_name, kind_of, media_name, remote_name, sniff
from tests.support.limits import within
from tests.support.pictures import BYTES_BY_TYPE, a_gif, a_jpeg, a_png, an_svg

PNG = a_png()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Return ``source`` of a project with some pictures in ``source`` and ``media``."""
    for name, data in (
        ("source/a.png", PNG),
        ("source/img/b.png", a_png(10, 10)),
        ("source/deep/er/c.png", a_png(11, 11)),
        ("source/图 1.png", a_png(12, 12)),
        ("source/100%.png", a_png(13, 13)),
        ("source/what?.png", a_png(14, 14)),
        ("media/shared.png", a_png(15, 15)),
        ("media/sub/x.png", a_png(16, 16)),
        ("outside/secret.png", a_png(17, 17)),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "source"


def a_library(notes: Path, max_width: int = 1600) -> MediaLibrary:
    return MediaLibrary.scan([notes], [notes.parent / "media"], max_width=max_width)


def result(notes: Path, reference: str, below: str = "") -> MediaFile | Unresolved:
    return a_library(notes).find(reference, beside=notes / below).result


def found(notes: Path, reference: str, *, below: str = "") -> str:
    """Return what *reference* gives: a path from the project folder, or a problem's code."""
    given = result(notes, reference, below)
    if isinstance(given, Unresolved):
        return given.code
    return given.path.relative_to(notes.parent).as_posix()


def message(notes: Path, reference: str) -> str:
    """Return why *reference* gives nothing."""
    given = result(notes, reference)
    assert isinstance(given, Unresolved)
    return given.message


def remark(notes: Path, reference: str, *, below: str = "") -> tuple[str, str, str] | None:
    said = a_library(notes).find(reference, beside=notes / below).remark
    return (said.severity.value, said.code, said.message) if said else None


def name_of(notes: Path, reference: str, max_width: int = 1600) -> str:
    given = a_library(notes, max_width).find(reference, beside=notes).result
    assert isinstance(given, MediaFile)
    return given.name


@pytest.mark.parametrize(
    ("reference", "below", "path"),
    [
        ("a.png", "", "source/a.png"),
        ("./a.png", "", "source/a.png"),
        ("img/b.png", "", "source/img/b.png"),
        (r"img\b.png", "", "source/img/b.png"),
        ("img//b.png", "", "source/img/b.png"),
        ("../a.png", "img", "source/a.png"),
        ("a.png", "deep/er", "source/a.png"),
        ("/img/b.png", "deep/er", "source/img/b.png"),
        ("er/c.png", "deep", "source/deep/er/c.png"),
        ("../media/shared.png", "", "media/shared.png"),
        ("../../media/shared.png", "img", "media/shared.png"),
        ("media/shared.png", "", "media/shared.png"),
        ("shared.png", "", "media/shared.png"),
        ("sub/x.png", "", "media/sub/x.png"),
        ("x.png", "", "media/sub/x.png"),
        ("c.png", "img", "source/deep/er/c.png"),
        ("a.png?raw=true", "", "source/a.png"),
        ("a.png#center", "", "source/a.png"),
        ("what?.png", "", "source/what?.png"),
        ("what%3F.png", "", "source/what?.png"),
        ("%E5%9B%BE%201.png", "", "source/图 1.png"),
        ("图 1.png", "", "source/图 1.png"),
        ("100%.png", "", "source/100%.png"),
        ("100%25.png", "", "source/100%.png"),
        ("A.PNG", "", "source/a.png"),
        ("IMG/B.png", "", "source/img/b.png"),
        ("/somebody/else/notes/img/b.png", "", "source/img/b.png"),
    ],
)
def test_where_a_reference_leads(notes: Path, reference: str, below: str, path: str) -> None:
    (notes / below).mkdir(exist_ok=True)
    assert found(notes, reference, below=below) == path


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("nope.png", "image-missing"),
        ("img/nope.png", "image-missing"),
        ("img", "image-not-a-file"),
        (".", "image-not-a-file"),
        ("../outside/secret.png", "image-outside"),
        ("../../../../etc/passwd", "image-outside"),
        ("%2e%2e/outside/secret.png", "image-outside"),
        (r"..\outside\secret.png", "image-outside"),
        ("/etc/passwd", "image-outside"),
        ("/dev/null", "image-outside"),
        ("file:///etc/passwd", "image-name-invalid"),
        ("FILE:a.png", "image-name-invalid"),
        ("https://example.com/a.png", "image-name-invalid"),
        ("data:image/png;base64,AAAA", "image-name-invalid"),
        (r"C:\pictures\a.png", "image-name-invalid"),
        ("c:/pictures/a.png", "image-name-invalid"),
        (r"\\server\share\a.png", "image-name-invalid"),
        ("//server/a.png", "image-name-invalid"),
        ("a\0.png", "image-name-invalid"),
        ("a%00.png", "image-name-invalid"),
        ("", "image-name-invalid"),
        ("  ", "image-name-invalid"),
        ("x" * 5000, "image-name-invalid"),
        ("attachment:image.png", "image-name-invalid"),
        ("x" * 400, "image-missing"),
        (":/" + "0a" * 16, "image-missing"),
    ],
)
def test_what_a_reference_must_not_be(notes: Path, reference: str, code: str) -> None:
    assert found(notes, reference) == code


def test_a_resource_of_joplin_is_the_file_with_its_name(notes: Path) -> None:
    (notes / "deep" / ("0a" * 16 + ".png")).write_bytes(PNG)
    assert found(notes, ":/" + "0a" * 16) == f"source/deep/{'0a' * 16}.png"
    assert remark(notes, ":/" + "0a" * 16) is None


def test_a_name_with_a_colon_is_a_name(notes: Path) -> None:
    (notes / "Fig 1: loss.png").write_bytes(PNG)
    assert found(notes, "Fig 1: loss.png") == "source/Fig 1: loss.png"


@pytest.mark.parametrize(("on_disk", "written"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_composed_and_decomposed_names_meet(notes: Path, on_disk: str, written: str) -> None:
    forms = {form: unicodedata.normalize(form, "bäume é.png") for form in ("NFC", "NFD")}
    (notes / forms[on_disk]).write_bytes(PNG)
    assert found(notes, forms[written]) == f"source/{forms[on_disk]}"
    assert remark(notes, forms[written]) is None


def test_a_name_in_another_encoding_is_found_by_its_bytes(notes: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(notes) + b"/\xcd\xbc.png")).write_bytes(PNG)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert isinstance(result(notes, "%CD%BC.png"), MediaFile)


# Links and special files ----------------------------------------------------------------------


def test_links_out_of_the_folders_are_refused(notes: Path) -> None:
    (notes / "link.png").symlink_to(notes.parent / "outside" / "secret.png")
    (notes / "folder").symlink_to(notes.parent / "outside")
    assert found(notes, "link.png") == "image-outside"
    assert found(notes, "folder/secret.png") == "image-outside"
    assert found(notes, "FOLDER/SECRET.png") == "image-missing", "what is outside is not listed"


def test_no_namesake_is_taken_for_a_file_that_is_there_and_outside(notes: Path) -> None:
    (notes / "secret.png").write_bytes(PNG)
    assert found(notes, "img/secret.png") == "source/secret.png"
    assert found(notes, "../elsewhere/secret.png") == "source/secret.png"
    assert found(notes, "../outside/secret.png") == "image-outside"


def test_links_inside_the_folders_are_followed(notes: Path) -> None:
    (notes / "link.png").symlink_to(notes.parent / "media" / "shared.png")
    assert found(notes, "link.png") == "media/shared.png"


def test_a_notes_folder_that_is_a_link_is_the_folder_itself(notes: Path) -> None:
    link = notes.parent / "linked"
    link.symlink_to(notes)
    given = MediaLibrary.scan([link], [], max_width=0).find("a.png", beside=link).result
    assert isinstance(given, MediaFile)
    assert given.path == (notes / "a.png").resolve()


def test_links_to_nowhere_and_in_circles_are_missing(notes: Path) -> None:
    (notes / "dead.png").symlink_to("gone.png")
    (notes / "round.png").symlink_to("round.png")
    assert found(notes, "dead.png") == "image-missing"
    assert found(notes, "round.png") == "image-missing"


def test_pipes_and_sockets_are_refused_and_do_not_block(notes: Path) -> None:
    os.mkfifo(notes / "pipe.png")
    listener = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    try:
        os.chdir(notes)  # the path of a socket must be short
        listener.bind("socket.png")
    finally:
        os.chdir(here)
        listener.close()
    assert found(notes, "pipe.png") == "image-not-a-file"
    assert found(notes, "socket.png") == "image-not-a-file"


def test_a_later_place_may_hold_the_file_that_an_earlier_one_has_as_a_folder(notes: Path) -> None:
    (notes / "shared.png").mkdir()
    assert found(notes, "shared.png") == "media/shared.png"


def test_files_that_are_too_large_are_refused_by_size_alone(notes: Path) -> None:
    with (notes / "big.png").open("wb") as file:
        file.write(PNG)
        file.truncate(101 * 1024 * 1024)
    assert found(notes, "big.png") == "image-too-large"
    assert "101 MiB" in message(notes, "big.png")


def test_unreadable_files_are_named(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    why = "'a.png' cannot be read: Permission denied"
    assert result(notes, "a.png") == Unresolved("image-unreadable", why)


# Messages and remarks -------------------------------------------------------------------------


def test_a_missing_picture_is_named_with_the_places(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(notes.parent)
    why = "'nope x.png' not found; looked in source/img, source, media"
    assert result(notes, "nope%20x.png", "img") == Unresolved("image-missing", why)


def test_the_exact_path_needs_no_remark(notes: Path) -> None:
    assert remark(notes, "img/b.png") is None
    assert remark(notes, "x.png") is None, "by name alone, and there is one only"
    assert remark(notes, "nope.png") is None


def test_another_case_is_remarked(notes: Path) -> None:
    said = remark(notes, "IMG/B.PNG")
    assert said
    assert said[:2] == ("note", "image-case")


def test_several_files_of_a_name_the_nearest_wins_with_a_warning(notes: Path) -> None:
    for number, folder in enumerate(("one", "two/three", "img/four")):
        (notes / folder).mkdir(parents=True)
        (notes / folder / "same.png").write_bytes(a_png(20 + number, 20))
    assert found(notes, "same.png", below="img") == "source/img/four/same.png"
    said = remark(notes, "same.png", below="img")
    assert said
    assert said[:2] == ("warning", "image-ambiguous")
    assert "3 files" in said[2]
    assert found(notes, "three/same.png", below="img") == "source/two/three/same.png"
    assert remark(notes, "three/same.png", below="img") is None, "the path tells them apart"


def test_equal_copies_are_not_ambiguous(notes: Path) -> None:
    for folder in ("one", "two"):
        (notes / folder).mkdir()
        (notes / folder / "same.png").write_bytes(PNG)
    assert found(notes, "same.png") == "source/one/same.png"
    assert remark(notes, "same.png") is None


def test_a_wrong_path_with_a_right_name_is_a_warning(notes: Path) -> None:
    warned, noted = remark(notes, "wrong/c.png"), remark(notes, "wrong/shared.png")
    assert warned
    assert warned[:2] == ("warning", "image-by-name")
    assert noted
    assert noted[:2] == ("note", "image-by-name"), "a media folder is where others look as well"


def test_hidden_folders_are_not_searched_by_name(notes: Path) -> None:
    (notes / ".trash").mkdir()
    (notes / ".trash" / "old.png").write_bytes(PNG)
    assert found(notes, "old.png") == "image-missing"


def test_the_search_by_name_has_a_limit_and_says_so(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deckbuilder.pictures.media.MAX_LISTED", 3)
    assert "only among 3 files" in message(notes, "x.png")


# Types ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind", "extension"),
    BYTES_BY_TYPE,
    ids=[f"{number}-{row[2]}" for number, row in enumerate(BYTES_BY_TYPE)],
)
def test_the_type_is_told_by_content(data: bytes, kind: str, extension: str) -> None:
    media = sniff(data)
    assert media is not None
    assert (media.kind, media.extension) == (kind, extension)
    assert kind_of(f"x-0123.{extension}") == kind


def test_the_name_on_disk_does_not_decide(notes: Path) -> None:
    (notes / "lie.png").write_bytes(a_jpeg())
    assert name_of(notes, "lie.png").endswith(".jpg")


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"", "is empty"),
        (b"MZ\x90\0", "is not a picture"),
        (b"hello world", "is not a picture"),
        (b"%PDF-1.7", "is a PDF"),
        (b"<!doctype html><svg></svg>", "is a web page"),
        (b"<html><body>", "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIF"),
        (b"\x1f\x8b\x08\0", "compressed"),
        (b"#!/bin/sh\nsvg", "is not a picture"),
    ],
)
def test_other_content_is_refused_with_a_hint(notes: Path, data: bytes, hint: str) -> None:
    (notes / "thing.png").write_bytes(data)
    assert found(notes, "thing.png") == "image-unknown-type"
    assert hint in message(notes, "thing.png")


@pytest.mark.parametrize(
    "head",
    [b" " * 65536, b"<!-- -->" * 8192, b"<!--" * 16384, b"<?x?>" * 13000, b"<!DOCTYPE " * 6553],
    ids=["blanks", "comments", "open comments", "instructions", "doctypes"],
)
def test_telling_the_type_takes_no_time(head: bytes) -> None:
    with within(0.5):
        assert sniff(head) is None


@given(st.binary(max_size=300))
def test_any_bytes_have_a_type_or_none(data: bytes) -> None:
    sniff(data)


@given(st.text(max_size=60))
def test_any_text_is_a_reference_or_a_named_problem(reference: str) -> None:
    library = MediaLibrary.scan([Path(__file__).parent], [], max_width=0)
    assert isinstance(library.find(reference, beside=Path(__file__).parent).result, Unresolved)


# Names ----------------------------------------------------------------------------------------

SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}-[0-9a-f]{16}\.[a-z0-9]{2,4}")


@given(st.text(max_size=300), st.sampled_from(BYTES_BY_TYPE))
def test_every_name_is_safe_in_anki(stem: str, row: tuple[bytes, str, str]) -> None:
    media = sniff(row[0])
    assert media is not None
    name = media_name(stem, "0" * 64, media, max_width=1600)
    assert SAFE_NAME.fullmatch(name), name
    assert len(name.encode()) <= 80
    assert not name.startswith(("_", "latex-", "."))


def test_names_are_pinned(notes: Path) -> None:
    # A change here renames the pictures of every deck: RECIPE says when that is meant.
    (notes / "KV Cache (v2) 图.svg").write_bytes(an_svg())
    (notes / "图.gif").write_bytes(a_gif())
    (notes / "latex-x.svg").write_bytes(an_svg())
    assert name_of(notes, "KV Cache (v2) 图.svg") == "kv-cache-v2-ce29afdadde1f5a5.svg"
    assert name_of(notes, "图.gif").startswith("image-")
    assert name_of(notes, "latex-x.svg").startswith("image-latex-x-")
    assert diagram_name("graph TD\nA-->B\n") == "diagram-e05a69b008f85740.svg"


def test_the_name_says_content_and_settings(notes: Path) -> None:
    (notes / "v.svg").write_bytes(an_svg())
    assert name_of(notes, "a.png") != name_of(notes, "a.png", 800), "it is scaled otherwise"
    assert name_of(notes, "v.svg") == name_of(notes, "v.svg", 800), "it is never scaled"
    before = name_of(notes, "a.png")
    (notes / "a.png").write_bytes(a_png(30, 30))
    assert name_of(notes, "a.png") != before


def test_the_name_does_not_tell_the_folder(notes: Path) -> None:
    (notes / "img" / "a.png").write_bytes(PNG)
    assert name_of(notes, "a.png") == name_of(notes, "img/a.png")


def test_remote_names_come_from_the_content_alone() -> None:
    media = sniff(PNG)
    assert media is not None
    name = remote_name("1" * 64, media, max_width=1600)
    assert re.fullmatch(r"remote-[0-9a-f]{16}\.png", name)
    assert name != remote_name("2" * 64, media, max_width=1600)


# As a whole -----------------------------------------------------------------------------------


def test_a_library_goes_to_other_processes(notes: Path) -> None:
    library = a_library(notes)
    copy = pickle.loads(pickle.dumps(library))
    assert copy == library
    assert copy.find("a.png", beside=notes) == library.find("a.png", beside=notes)


def test_many_references_to_few_files_are_fast(notes: Path) -> None:
    for number in range(40):
        (notes / f"p{number}.png").write_bytes(a_png(20 + number, 20))
    library = a_library(notes)
    with within(2):
        for number in range(100_000):
            library.find(f"p{number % 40}.png", beside=notes)


def test_many_missing_references_grow_no_faster_than_their_number(notes: Path) -> None:
    for number in range(2_000):
        (notes / "img" / f"p{number}.png").write_bytes(PNG)
    library = a_library(notes)
    with within(5):
        for number in range(2_000):
            library.find(f"missing/{number}.png", beside=notes)


def test_folders_that_do_not_exist_are_left_out(tmp_path: Path) -> None:
    library = MediaLibrary.scan([tmp_path], [tmp_path / "media"], max_width=0)
    assert library.media == ()
