"""What Windows and macOS do otherwise, as far as it can be acted out anywhere."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
from contextlib import nullcontext
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from deckbuilder.cli import _is_terminal
from deckbuilder.problems import BuildError
from deckbuilder.replacing import put
from tests.support.workspace import Workspace

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
    assert f"{report.as_posix()}: warning: access is denied; " in errors.getvalue()
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
    monkeypatch.setattr(stream, "fileno", lambda: 1)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=console), raising=False)
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(get_osfhandle=lambda n: n))
    assert _is_terminal(stream) is dressed
    assert console.mode == after
