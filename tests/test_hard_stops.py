"""Kills, full disks, read-only folders, two builds at once: nothing is lost, and it is said.

``python -m tests.hard_stops 200`` does the first of these with 200 kills.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from deckbuilder.identity.lock import read_lock
from deckbuilder.pipeline import Outcome, plan, write
from deckbuilder.problems import BuildError
from deckbuilder.replacing import alone, of_ours, put, reason, sweep
from tests.hard_stops import (
    FIRST,
    ROOT,
    SECOND,
    Place,
    fits,
    guids_and_mods,
    rounds,
    start,
    steps,
    template_in,
)
from tests.support.workspace import Workspace, qa

resource = pytest.importorskip("resource", reason="signals and mounts of POSIX")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return template_in(tmp_path_factory.mktemp("template") / "deck")


def state(place: Place) -> tuple[bytes, bytes]:
    return place.output.read_bytes(), place.lock.read_bytes()


def refused(done: subprocess.CompletedProcess[bytes], code: str) -> str:
    """Return the message of a run that ended with one problem and no traceback."""
    text = done.stderr.decode()
    assert done.returncode == 1, text
    assert "Traceback" not in text
    assert re.search(rf"^\S.*: error: .* \[{code}\]$", text, re.MULTILINE), text
    return text


# Kills ---------------------------------------------------------------------------------------


def test_ten_kills_lose_nothing_and_the_next_run_mends_the_rest(tmp_path: Path) -> None:
    count, running = rounds(10, tmp_path)
    assert count == 10
    assert running >= 3  # the machine may be faster now than when it was timed


@pytest.mark.slow
def test_a_kill_before_each_step_on_the_disk_loses_nothing(tmp_path: Path) -> None:
    assert steps(tmp_path) >= 10


def test_leftovers_of_dead_builds_are_swept_and_those_of_living_ones_stay(
    tmp_path: Path, template: Place
) -> None:
    place = start(tmp_path / "deck", template)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    lock_left, package_left = (
        Path(str(path).replace("PID", str(dead.pid))) for path in _temporaries(place)
    )
    living = Path(str(_temporaries(place)[0]).replace("PID", "1"))
    lock_left.write_bytes(b"half")
    living.write_bytes(b"half")
    package_left.mkdir()
    (package_left / "collection.anki2").write_bytes(b"half")
    assert place.build().returncode == 0
    assert place.leftovers() == [str(living)]


def _temporaries(place: Place) -> list[Path]:
    """Return what a killed build leaves beside lock and package, with PID for its number."""
    from deckbuilder.replacing import _mark

    return [
        target.with_name(f".deckbuilder-{_mark(target)}-PID-0.tmp")
        for target in (place.lock, place.output)
    ]


# The disk ------------------------------------------------------------------------------------


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """Give a small disk of its own, or skip where that takes a right that we do not have."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("mounting is not permitted")
    if done.returncode:
        pytest.skip("mounting is not permitted")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 1024)


def test_a_full_disk_leaves_lock_and_package_as_they_were(tmp_path: Path, template: Place) -> None:
    with mounted(tmp_path / "small", "size=1m") as disk:
        place = start(disk / "deck", template)
        before = state(place)
        fill(disk / "filler")
        assert "disk is full" in refused(place.build(cached=False), "write-failed")
        assert state(place) == before
        assert place.leftovers() == []
        (disk / "filler").unlink()
        assert place.build(cached=False).returncode == 0
        fits(place)


@pytest.mark.parametrize("limit", [0, 1000, 20_000, 60_000])
def test_files_that_may_not_grow_leave_both_as_they_were(
    tmp_path: Path, template: Place, limit: int
) -> None:
    place = start(tmp_path / "deck", template)
    before = state(place)
    limited = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit))
    refused(place.build(cached=False, first=limited), "write-failed")
    assert state(place) == before
    assert place.leftovers() == []


@pytest.mark.parametrize("which", ["source", "out"])
def test_a_read_only_folder_is_named(tmp_path: Path, template: Place, which: str) -> None:
    place = start(tmp_path / "deck", template)
    before = state(place)
    folder = place.folder / which
    with mounted(tmp_path / "disk", "size=4m") as disk:
        subprocess.run(["cp", "-a", f"{folder}/.", str(disk)], check=True)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        subprocess.run(["rm", "-r", str(folder)], check=True)
        folder.symlink_to(disk)
        text = refused(place.build(), "write-failed")
        assert "read-only" in text
        assert ("deck.lock" if which == "source" else "out/deck.apkg") in text
        assert state(place) == before


def test_lock_and_package_may_lie_on_different_disks(tmp_path: Path) -> None:
    with mounted(tmp_path / "lock", "size=1m") as one, mounted(tmp_path / "out", "size=1m"):
        place = Place(tmp_path)
        place.fill(FIRST)
        lock = one / "deck.lock"
        assert place.build("--lock", str(lock)).returncode == 0
        assert read_lock(lock)
        assert len(guids_and_mods(place.output)) == 32


def test_a_lock_that_is_a_folder_is_refused(tmp_path: Path, template: Place) -> None:
    place = start(tmp_path / "deck", template)
    refused(place.build("--lock", str(place.folder / "out")), "no-access")


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path, template: Place) -> None:
    place = start(tmp_path / "deck", template)
    (tmp_path / "file").write_text("no folder", "utf-8")
    done = place.build("--cache", str(tmp_path / "file"))
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "file").read_text("utf-8") == "no folder"
    fits(place)


def test_a_cache_on_a_full_disk_is_left_without_leftovers(tmp_path: Path, template: Place) -> None:
    place = start(tmp_path / "deck", template)
    time.sleep(0.3)  # what was only just written is not remembered in any case
    with mounted(tmp_path / "small", "size=64k") as disk:
        fill(disk / "filler")
        (disk / "filler").write_bytes(b"x" * 60 * 1024)
        assert place.build("--cache", str(disk)).returncode == 0
        assert [path.name for path in disk.rglob("*.tmp")] == []
    fits(place)


def test_a_report_for_which_there_is_no_room_left_is_a_warning(
    tmp_path: Path, template: Place
) -> None:
    place = start(tmp_path / "deck", template)
    with mounted(tmp_path / "small", "size=16k") as disk:
        fill(disk / "filler")
        done = place.build("--report", str(disk / "report.json"))
        assert [path.name for path in disk.iterdir()] == ["filler"]
    assert re.search(r"report\.json: warning: the disk is full; .* \[no-access\]\n$",
                     done.stderr.decode())  # fmt: skip
    assert done.returncode == 0
    assert b"import it into Anki" in done.stdout
    fits(place)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EIO])
def test_what_may_not_be_read_is_not_said_to_be_written(number: int) -> None:
    assert "writ" not in reason(OSError(number, os.strerror(number), "deck.lock"))


def test_a_package_in_use_is_said_and_written_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path)
    workspace.note("a.md", qa(("What is A?", "The first letter.")))
    outcome = plan(workspace.request())

    def in_use(source: Path, target: Path) -> None:
        raise PermissionError(errno.EACCES, "in use", str(target))

    with monkeypatch.context() as patch:
        patch.setattr("deckbuilder.pipeline.move", in_use)
        with pytest.raises(BuildError) as stopped:
            write(outcome)
    assert [problem.code for problem in stopped.value.problems] == ["package-failed"]
    assert not workspace.package.exists()
    again = plan(workspace.request())
    write(again)
    assert [note.guid for note in again.deck.notes] == list(guids_and_mods(workspace.package))


# Two at once ---------------------------------------------------------------------------------


def test_two_builds_at_once_leave_a_pair_that_fits(tmp_path: Path, template: Place) -> None:
    place = start(tmp_path / "deck", template)
    both = [subprocess.Popen(place.command(), cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)]
    said = [process.communicate()[1].decode() for process in both]
    codes = [process.returncode for process in both]
    assert 0 in codes, said
    assert all(
        code == 0 or "[lock-changed]" in text for code, text in zip(codes, said, strict=True)
    )
    fits(place)
    assert place.leftovers() == []


def outcomes(folder: Path) -> tuple[Outcome, Outcome]:
    """Return two plans that were made from the same lock."""
    workspace = Workspace(folder)
    workspace.note("a.md", qa(("What is A?", "The first letter.")))
    workspace.build()
    workspace.note("a.md", qa(("What is A?", "The first."), ("What is B?", "The second.")))
    first = plan(workspace.request())
    workspace.now_ms += 60_000
    workspace.note("b.md", qa(("What is C?", "The third.")))
    return first, plan(workspace.request())


def test_a_build_from_a_lock_that_has_changed_since_writes_nothing(tmp_path: Path) -> None:
    first, second = outcomes(tmp_path)
    write(first)
    lock = first.setting.places.lock.read_bytes()
    package = first.setting.output.read_bytes()
    with pytest.raises(BuildError, match="run again") as stopped:
        write(second)
    assert [problem.code for problem in stopped.value.problems] == ["lock-changed"]
    assert first.setting.places.lock.read_bytes() == lock
    assert first.setting.output.read_bytes() == package


def test_a_build_waits_for_the_one_that_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deckbuilder.replacing._WAIT", 0.1)
    first, _ = outcomes(tmp_path)
    with (
        alone(first.setting.places.lock),
        pytest.raises(BuildError, match="another build is still writing"),
    ):
        write(first)
    write(first)
    assert not [path for path in tmp_path.rglob("*") if of_ours(path)]


# Clock and language --------------------------------------------------------------------------


NO_LOCALE = {"LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@pytest.mark.parametrize(
    "environment",
    [
        NO_LOCALE,
        {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252:strict"},
    ],
    ids=lambda environment: ",".join(environment.values()),
)
def test_no_locale_and_no_terminal_changes_what_is_built(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    place = Place(tmp_path / "牌组")
    place.fill(SECOND | {"图2.md": "# 图\n\n## 为什么？\n\n没有图：![无](没有.png)\n"})
    done = place.build("-v", environment=environment)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    lock = read_lock(place.lock)
    assert lock is not None
    assert {place.name for note in lock.notes for place in note.places} == {
        *("a.md", "b.md", "图.md", "图2.md"),
    }
    assert "什么是 CLIP" in {note.question.rstrip("？") for note in lock.notes}
    fits(place)


def gone(reader: str, command: list[str], folder: Path) -> tuple[int, str]:
    """Run *command* with nobody at the other end of a stream; return its code and what it said."""
    out, into = os.pipe()
    os.close(out)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, reader: into}
    done = subprocess.run(command, cwd=folder, check=False, **streams)  # type: ignore[call-overload]
    os.close(into)
    return done.returncode, ((done.stdout or b"") + (done.stderr or b"")).decode()


@pytest.mark.parametrize("reader", ["stdout", "stderr"])
@pytest.mark.parametrize("option", ["-v", "-q", "--strict", "--help"])
def test_a_reader_that_goes_away_changes_neither_result_nor_status(
    tmp_path: Path, template: Place, reader: str, option: str
) -> None:
    place = start(tmp_path / "deck", template)
    (place.source / "b.md").write_text("## What is missing?\n\n![it](none.png)\n", "utf-8")
    code, text = gone(reader, [*place.command(), option], ROOT)
    assert code == (1 if option == "--strict" else 0), text
    assert "Traceback" not in text
    assert "Exception" not in text
    if code == 0 and option != "--help":
        fits(place)


@pytest.mark.parametrize("number", [1, 2])
def test_a_stream_that_is_closed_from_the_beginning_is_no_error(
    tmp_path: Path, template: Place, number: int
) -> None:
    place = start(tmp_path / "deck", template)
    done = place.build("-v", first=partial(os.close, number))
    assert done.returncode == 0, done.stderr.decode()
    assert b"Traceback" not in done.stdout + done.stderr
    fits(place)


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.fill(FIRST)
    odd = os.fsencode(place.source) + b"/odd-\xff.md"
    try:
        with open(odd, "wb") as file:  # noqa: PTH123  # no such name in UTF-8
            file.write(b"## Odd?\n\nYes, odd.\n")
    except OSError:
        pytest.skip("this disk takes no such name")
    refused(place.build("-v", "--report", str(tmp_path / "report.json")), "name-not-utf8")


# The tools -----------------------------------------------------------------------------------


def test_putting_keeps_the_mode_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    target.chmod(0o640)
    put(target, [b"n", b"ew"])
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [target]


def test_sweeping_leaves_what_is_not_ours(tmp_path: Path) -> None:
    for name in (".deckbuilder-00000000-1-0.tmp", ".deckbuilder.tmp", "deck.lock", ".hidden"):
        (tmp_path / name).write_text("x", "utf-8")
    sweep(tmp_path / "deck.lock")
    assert len(list(tmp_path.iterdir())) == 4
