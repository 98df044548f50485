"""What Windows and macOS do otherwise, as far as it can be acted out anywhere."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
import tempfile
import unicodedata
import zipfile
from contextlib import nullcontext
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from deckbuilder.cli import _is_terminal
from deckbuilder.identity.old_packages import read_notes
from deckbuilder.manifest import Manifest, load, look, save
from deckbuilder.pictures.media import MediaLibrary
from deckbuilder.pipeline import plan
from deckbuilder.preview.folder import write_preview
from deckbuilder.problems import BuildError, shown
from deckbuilder.read import find
from deckbuilder.replacing import put
from deckbuilder.setting import Request, set_up
from tests.support.notes import a_deck
from tests.support.pictures import an_svg
from tests.support.process import ROOT, python
from tests.support.workspace import Workspace, qa, statuses

# Files that another program has open -----------------------------------------------------------


def held(monkeypatch: pytest.MonkeyPatch, times: int) -> list[Path]:
    """Refuse the first renamings, as Windows does while a file is open; return what was tried."""
    tried: list[Path] = []
    replace = Path.replace

    def refuse(source: Path, target: Path) -> Path:
        tried.append(target)
        if len(tried) <= times:
            raise PermissionError(errno.EACCES, "Access is denied", str(source), 5, str(target))
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", refuse)
    return tried


def test_a_file_that_is_held_for_a_moment_is_replaced_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Virus scanners and indexers open what is new, and let go of it."""
    target = tmp_path / "deck.lock"
    target.write_bytes(b"old")
    tried = held(monkeypatch, 3)
    put(target, [b"new"])
    assert target.read_bytes() == b"new"
    assert tried == [target] * 4


def test_a_file_that_stays_open_is_named_and_stays_as_it_was(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deckbuilder.cli import main

    monkeypatch.setattr("deckbuilder.replacing._HELD", 0.1)
    report = space.folder / "report.json"
    options = [str(space.folder / "source"), "--check", "--no-cache", "--offline"]
    assert main([*options, "--report", str(report)]) == 0
    before, errors = report.read_bytes(), StringIO()
    held(monkeypatch, 1_000)
    monkeypatch.setattr(sys, "stderr", errors)
    assert main([*options, "--report", str(report)]) == 0
    assert f"{shown(report)}: warning: access is denied; " in errors.getvalue()
    assert report.read_bytes() == before
    assert not list(space.folder.glob(".deckbuilder-*"))


def test_a_disk_without_modes_that_syncs_no_folder_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Disks of a network, memory sticks."""
    sync = os.fsync

    def of_files(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        sync(handle)

    def no_modes(path: Path, mode: int) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted", str(path))

    monkeypatch.setattr(os, "fsync", of_files)
    monkeypatch.setattr(Path, "chmod", no_modes)
    for content in (b"first", b"second"):
        put(tmp_path / "deck.lock", [content])
        assert (tmp_path / "deck.lock").read_bytes() == content


def test_copies_of_what_is_read_only_can_be_replaced(tmp_path: Path) -> None:
    """Windows replaces and removes no file that is read-only."""
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    film.chmod(0o444)
    write_preview(a_deck(media={"film.mp4": film}), (), (), tmp_path / "page")
    assert (tmp_path / "page" / "media" / "film.mp4").stat().st_mode & stat.S_IWUSR
    film.chmod(0o644)


def test_a_film_that_is_being_watched_leaves_the_preview_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **_: bool) -> None:
        raise PermissionError(errno.EACCES, "in use", str(path))

    write_preview(a_deck(media={"film.mp4": b"film"}), (), (), tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        write_preview(a_deck(media={"p.png": b"png"}), (), (), tmp_path)
    assert {path.name for path in (tmp_path / "media").iterdir()} == {"film.mp4", "p.png"}
    write_preview(a_deck(media={"p.png": b"png"}), (), (), tmp_path)
    assert {path.name for path in (tmp_path / "media").iterdir()} == {"p.png"}


@pytest.mark.parametrize(("number", "said"), [(errno.EACCES, "another build"), (errno.EINVAL, "")])
def test_a_build_waits_for_another_but_not_for_a_disk_that_locks_nothing(
    number: int, said: str, space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locking(*_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("deckbuilder.replacing._WAIT", 0.1)
    monkeypatch.setattr(sys, "platform", "win32")
    windows = SimpleNamespace(locking=locking, LK_NBLCK=2)
    monkeypatch.setitem(sys.modules, "msvcrt", windows)
    with pytest.raises(BuildError, match=said) if said else nullcontext():
        space.build()
    assert space.package.exists() is not bool(said)


def test_why_a_package_is_unreadable_is_said_though_its_database_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query that ended in an error keeps its file open for as long as the error is known."""

    def refuse(name: str, **_: int) -> None:
        raise PermissionError(errno.EACCES, "in use", name)

    package = tmp_path / "old.apkg"
    with zipfile.ZipFile(package, "w") as made:
        made.writestr("collection.anki2", b"no database at all" * 99)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(BuildError, match="file is not a database"):
        read_notes(package)


WATCHING = """
import os, runpy, sys
def watch(event, given):
    if event in {"os.rename", "os.remove"}:
        opened = {os.path.realpath(f"/proc/self/fd/{one}") for one in os.listdir("/proc/self/fd")}
        folder = os.path.realpath(f"/proc/self/fd/{given[-1]}") if given[-1] >= 0 else os.getcwd()
        names = [os.path.join(folder, one) for one in map(str, given[:2])]
        sys.stderr.writelines(f"{event} of open {one}\\n" for one in opened.intersection(names))
sys.addaudithook(watch)
runpy.run_path("build_deck.py", run_name="__main__")
"""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="nothing here tells what is open")
def test_nothing_that_is_open_is_renamed_or_removed(space: Workspace) -> None:
    """Windows refuses it. The file that keeps builds apart is closed there before it goes."""
    source = space.folder / "source"
    (source / "p.svg").write_bytes(an_svg())
    space.note("b.md", qa(("What is shown?", "![it](p.svg)")))
    names = {"--output": "deck.apkg", "--cache": "cache", "--preview": "page", "--report": "r.json"}
    options = [f"{option}={space.folder / name}" for option, name in names.items()]
    command = ["-c", WATCHING, str(source), "--name=D", "--offline", *options]
    said = []
    for text in ("Edited.", "Edited again.", "Once more."):
        space.note("a.md", qa(("What is edited?", text)))
        done = python(*command, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        said += [line for line in done.stderr.splitlines() if " of open " in line]
        space.lock.unlink()  # the next run rebuilds it from the package
    assert len(said) == 3
    assert all(line.endswith(".busy") for line in said), said


# Names -----------------------------------------------------------------------------------------


@pytest.fixture
def any_case(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give a folder on a disk that finds files whatever the case of their letters."""

    def there(path: str | Path) -> bool:
        known = {str(one).casefold() for one in (tmp_path, *tmp_path.rglob("*"))}
        return str(path).casefold() in known

    monkeypatch.setattr("os.path.lexists", there)
    monkeypatch.setattr("os.path.realpath", lambda path, **_: str(path))
    return tmp_path


def test_a_picture_is_called_as_on_the_disk_where_case_does_not_matter(any_case: Path) -> None:
    """Or else the one system would say that no card shows it, and the other nothing of its case."""
    picture = any_case / "img" / "b.svg"
    picture.parent.mkdir()
    picture.write_bytes(an_svg())
    library = MediaLibrary.scan([any_case], [], max_width=0)
    exact, other = (library.find(one, beside=any_case) for one in ("img/b.svg", "IMG/B.SVG"))
    assert exact.result == other.result
    assert getattr(other.result, "path", None) == picture
    assert exact.remark is None
    assert other.remark is not None
    assert other.remark.code == "image-case"


def test_files_that_the_disk_does_not_number_are_told_apart(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or else what is not part of a run would be gone: one file would be all of them."""
    about = Path.stat

    def unnumbered(path: Path, **how: bool) -> os.stat_result:
        mode, _, *others = about(path, **how)
        return os.stat_result((mode, 0, *others))

    space.note("b.md", qa(("What is another file for?", "For what the first has no place.")))
    space.build()
    monkeypatch.setattr(Path, "stat", unnumbered)
    space.note("a.md", qa(("What is left?", "Nothing of what was here before.")))
    changes = plan(space.request("a.md")).identified.changes
    assert [one.path for one in changes if one.statuses[0] == "gone"] == ["a.md"] * 3


def test_a_deck_is_called_after_its_folder_however_the_disk_spells_it(tmp_path: Path) -> None:
    names = set()
    for form in ("NFC", "NFD"):
        folder = tmp_path / form / unicodedata.normalize(form, "Übung")
        folder.mkdir(parents=True)
        names.add(set_up(Request(notes=(folder,), now_ms=0))[0].name)
    assert names == {"Übung"}


def test_what_systems_leave_beside_files_is_neither_note_nor_picture(space: Workspace) -> None:
    """``._a.md`` is what macOS writes beside ``a.md`` on disks that are not its own."""
    source = space.folder / "source"
    for name in ("._a.md", ".DS_Store", "Thumbs.db", "desktop.ini", "._p.svg"):
        (source / name).write_bytes(b"\0\5\x16\7\0\2\0\0Mac OS X" + bytes(50))
    (source / "p.svg").write_bytes(an_svg())
    space.note("b.md", qa(("What is shown?", "![it](p.svg)")))
    outcome = space.build()
    assert len(outcome.deck.notes) == 4
    assert not outcome.problems


def test_a_preview_may_go_where_the_finder_has_been(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    write_preview(a_deck(), (), (), tmp_path)
    assert (tmp_path / "index.html").exists()


def test_a_junction_to_notes_is_told_as_a_link_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("notes/a.md", "more/b.md"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("x", "utf-8")
    junction = tmp_path / "notes" / "more"
    junction.symlink_to(tmp_path / "more")
    monkeypatch.setattr(Path, "is_symlink", lambda _: False)
    monkeypatch.setattr("deckbuilder.read._is_junction", lambda folder: folder == junction)
    _, _, [problem] = find([tmp_path / "notes"])
    assert problem.code == "note-folder-linked"


# Line ends and clocks --------------------------------------------------------------------------


def test_a_checkout_with_the_line_ends_of_windows_changes_nothing(space: Workspace) -> None:
    """Git for Windows writes them into notes, settings, lock and drawings."""
    source = space.folder / "source"
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">\n<g/>\n</svg>\n'
    (source / "p.svg").write_bytes(drawing)
    space.note("deck.toml", '[deck]\ndescription = """One.\nTwo."""\n')
    space.note("b.md", qa(("What is shown?", "![it](p.svg)\n\n```\na\nb\n```")))
    space.build()
    first = space.package.read_bytes()
    for path in source.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    lock = space.lock.read_bytes()
    assert set(statuses(space.build()).values()) == {"unchanged"}
    assert space.package.read_bytes() == first
    assert space.lock.read_bytes() == lock


@pytest.mark.parametrize(("ticks", "kept"), [(10**9, False), (1, True)])
def test_a_clock_that_ticks_seldom_is_not_trusted_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ticks: int, *, kept: bool
) -> None:
    """FAT knows times to two seconds: another edit of the same size would not be seen."""
    changed = 1_700_000_000_123_456_789 // ticks * ticks
    monkeypatch.setattr("deckbuilder.manifest._about", lambda _: [1, changed, changed, 0])
    monkeypatch.setattr("time.time_ns", lambda: changed + 10**9)
    save(tmp_path / "kept", Manifest((), (), "", 0), look([], [tmp_path / "a.md"]), [])
    assert (load(tmp_path / "kept") is not None) is kept


# Terminals -------------------------------------------------------------------------------------


class _Console:
    """Windows' own functions; *mode* is what the console does so far, None where it is none."""

    def __init__(self, mode: int | None, *, old: bool = False) -> None:
        self.mode, self.old = mode, old

    def GetConsoleMode(self, _: object, mode: object) -> int:  # noqa: N802
        mode._obj.value = self.mode or 0  # type: ignore[attr-defined]
        return int(self.mode is not None)

    def SetConsoleMode(self, _: object, mode: int) -> int:  # noqa: N802
        self.mode = self.mode if self.old else mode
        return int(not self.old)


@pytest.mark.parametrize(
    ("console", "dressed", "after"),
    [(_Console(3), True, 7), (_Console(3, old=True), False, 3), (_Console(None), False, None)],
    ids=["console", "console of before Windows 10", "NUL"],
)
def test_a_console_of_windows_is_told_to_act_upon_escapes(
    console: _Console, after: int | None, monkeypatch: pytest.MonkeyPatch, *, dressed: bool
) -> None:
    stream = StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.delenv("TERM", raising=False)
    monkeypatch.setattr(stream, "fileno", lambda: 1)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=console), raising=False)
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(get_osfhandle=lambda n: n))
    assert _is_terminal(stream) is dressed
    assert console.mode == after
