"""The cache and the workers: never needed, never believed blindly, never in the way."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread, main_thread
from unittest.mock import Mock

import pytest

from deckbuilder import manifest, work
from deckbuilder.beside import meanwhile
from deckbuilder.cache import Cache, pack, unpack
from deckbuilder.model import CardStatus, MediaUse
from tests.support.pictures import a_png
from tests.support.process import SCRIPT, printed, python
from tests.support.workspace import Workspace, qa, statuses


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    space = Workspace(tmp_path)
    for number in range(4):
        space.note(f"n{number}.md", qa((f"What is thing {number}?", f"Thing number {number}.")))
    space.build()
    return space


def package(space: Workspace, **options: object) -> bytes:
    space.build(**options)
    return space.package.read_bytes()


def entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_is_said_of_all_notes_together_is_the_same_from_the_cache(
    space: Workspace, tmp_path: Path
) -> None:
    def similar() -> list[str]:
        outcome = space.build(cache=tmp_path / "cache")
        return [str(one.where) for one in outcome.problems if one.code == "question-similar"]

    space.note("twin.md", qa(("Explain the CAP theorem", "One."), ("What is CAP theorem", "Two.")))
    assert len(similar()) == 1
    assert len(similar()) == 1  # from the cache
    space.note("twin.md", qa(("Explain the CAP theorem", "One."), ("What is Raft?", "Two.")))
    assert not similar()


# Threads of other tests may still be there: they hold nothing that the other processes need.
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_other_processes_give_the_same_bytes_however_they_begin(
    method: str, space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows and macOS they begin from nothing, on Linux with all that was loaded."""
    space.note("n0.md", qa(("What is thing 0?", "![a](p.png)")))
    (space.folder / "source" / "p.png").write_bytes(a_png(8, 8))
    wanted = package(space, jobs=1)
    before, here = multiprocessing.get_start_method(), Mock(wraps=work._here)
    monkeypatch.setattr(work, "PAYS_OFF", 1)
    monkeypatch.setattr(work, "_here", here)
    multiprocessing.set_start_method(method, force=True)
    try:
        assert package(space, jobs=2) == wanted
    finally:
        multiprocessing.set_start_method(before, force=True)
    assert not any(call.args[0] for call in here.call_args_list), "they made nothing"


@pytest.mark.parametrize("module", ["pathlib", "pathlib._local"])
def test_paths_are_read_back_whatever_python_calls_their_module(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python 3.13 calls it ``pathlib._local``."""
    monkeypatch.setitem(sys.modules, module, pathlib)
    monkeypatch.setattr(type(Path()), "__module__", module)
    use = MediaUse("p.png", Path("notes"), "found")
    assert unpack(pack(use)) == use


def flip(data: bytes) -> bytes:
    return data[:-3] + bytes([data[-3] ^ 0xFF]) + data[-2:]


@pytest.mark.parametrize(
    "harm",
    [flip, lambda data: data[: len(data) // 2], lambda data: b"", lambda data: os.urandom(500)],
    ids=["one byte", "half", "empty", "noise"],
)
def test_a_damaged_cache_is_made_anew(
    space: Workspace, tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    cache = tmp_path / "cache"
    wanted = package(space, cache=cache)
    for path in entries(cache):
        path.write_bytes(harm(path.read_bytes()))
    assert package(space, cache=cache) == wanted


def test_nothing_that_could_run_is_loaded_from_a_cache(tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, ...]:
            return (os.mkdir, (str(tmp_path / "owned"),))

    cache = Cache(tmp_path / "cache")
    cache.save("notes-0", Hostile())
    assert cache.load("notes-0") is None
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("forged", [b"", b"N.", b"\x80\x04\x95" + b"\xff" * 8], ids=repr)
def test_what_is_no_value_is_as_good_as_none(tmp_path: Path, forged: bytes) -> None:
    cache = Cache(tmp_path / "cache")
    cache.save_bytes("notes-0", forged)
    assert cache.load("notes-0") is None


@pytest.mark.parametrize("damage", ["", "[]", "[" * 100_000, '{"program": 1}'], ids=len)
def test_a_damaged_manifest_is_none(tmp_path: Path, damage: str) -> None:
    (tmp_path / "unchanged.json").write_text(damage, "utf-8")
    assert manifest.load(tmp_path / "unchanged.json") is None


def test_a_manifest_is_kept_of_files_at_rest_and_holds_while_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note, lock, kept = (tmp_path / name for name in ("n/a.md", "deck.lock", "c/kept.json"))
    note.parent.mkdir()
    note.write_text("one")
    second = 1_000_000_000

    def after(rest: int, change: Path | None = None) -> manifest.Manifest | None:
        """Return what a run keeps that began *rest* nanoseconds after the last edit."""
        kept.unlink(missing_ok=True)
        seen = manifest.look([note.parent], [lock])
        if change:
            change.write_text("changed meanwhile")
        said = manifest.Manifest(("a problem",), ("a line",), "{}", 1)
        manifest.save(kept, said, seen._replace(at_ns=note.stat().st_ctime_ns + rest), [lock])
        return manifest.load(kept)

    assert after(second // 10) is None
    assert after(second, change=note) is None
    assert after(second, change=lock) == (("a problem",), ("a line",), "{}", 1, True)
    os.utime(note, ns=(second, second))  # a disk that knows no parts of seconds
    assert after(second) is None
    assert after(3 * second) is not None
    note.write_text("two")
    there = manifest.load(kept)
    assert there is not None
    assert not there.holds
    monkeypatch.setattr(manifest, "versions", lambda: "another program")
    assert manifest.load(kept) is None


def test_a_picture_that_changed_is_noticed(space: Workspace, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    picture = space.folder / "source" / "p.png"
    space.note("n0.md", qa(("What is thing 0?", "![a](p.png)")))
    picture.write_bytes(a_png(8, 8))
    first = space.build(cache=cache)
    picture.write_bytes(a_png(9, 8))
    second = space.build(cache=cache)
    assert set(first.deck.media) != set(second.deck.media)
    assert statuses(second)["What is thing 0?"] == CardStatus.CHANGED


def test_a_cache_that_the_system_refuses_is_none(space: Workspace, tmp_path: Path) -> None:
    space.note("n0.md", qa(("What is thing 0?", "It is this.")))
    wanted = package(space, cache=tmp_path / "cache")
    assert package(space, cache=tmp_path / ("x" * 300)) == wanted


def test_a_full_cache_is_swept_from_its_oldest_entries(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for number in range(10):
        cache.save_bytes(f"kept-{number}", bytes(1000))
        path = next(path for path in entries(tmp_path) if path.name.endswith(f"-{number}"))
        os.utime(path, (number, number))
    cache.sweep(limit=5000)
    assert [cache.load_bytes(f"kept-{number}") is None for number in (0, 9)] == [True, False]


def command(space: Workspace, *options: str) -> list[str]:
    return [SCRIPT, str(space.folder / "source"), *options]


def run(space: Workspace, *options: str) -> str:
    """Build in a process of its own; return what was said."""
    return printed(*command(space, *options), cwd=space.folder)


def run_code(space: Workspace, code: str, *options: str) -> str:
    """Run Python code with the arguments of a build; return what it printed."""
    return printed("-c", code, *command(space, *options)[1:], cwd=space.folder)


@pytest.mark.parametrize(
    ("kind", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_an_interrupt_ends_all_and_leaves_nothing_behind(
    kind: signal.Signals, code: int, space: Workspace, tmp_path: Path
) -> None:
    big = qa(
        *((f"What is **thing** {n}?", f"- one `{n}`\n- two $x_{n}$\n\n" * 20) for n in range(600))
    )
    for number in range(8):
        space.note(f"big{number}.md", big.replace("thing", f"thing{number}"))
    before = {path: path.read_bytes() for path in entries(space.folder)}
    options = ["--no-cache", "--jobs", "2", "-o", str(tmp_path / "out.apkg")]
    process = subprocess.Popen(
        [sys.executable, *command(space, *options)],
        stderr=subprocess.PIPE,
        text=True,
        # A shell makes programs in its background ignore interrupts; this one listens.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    time.sleep(1.5)
    process.send_signal(kind)
    _, errors = process.communicate(timeout=30)  # until the other processes have ended as well
    assert process.returncode == code, errors
    assert "Traceback" not in errors
    assert {path: path.read_bytes() for path in entries(space.folder)} == before


def test_what_is_kept_is_built_without_the_stages(space: Workspace, tmp_path: Path) -> None:
    """Loading them takes longer than all the rest of a small build."""
    space.note("n0.md", qa(("What is thing 0?", "![a](p.png)")))
    (space.folder / "source" / "p.png").write_bytes(a_png(8, 8))
    options = ["--name", "Deck", "--offline", "--cache", str(tmp_path / "cache")]
    run(space, *options, "-o", str(tmp_path / "one.apkg"))
    program = "import sys; from deckbuilder.cli import main; main(sys.argv[1:]); "
    program += "print(*sys.modules)"
    said = run_code(space, program, *options, "-o", str(tmp_path / "other.apkg"))
    loaded = set(said.splitlines()[-1].split())
    heavy = {"markdown_it", "pygments", "nh3", "genanki", "rapidfuzz", "PIL", "lxml", "yaml"}
    assert "deckbuilder.identify" in loaded
    assert not loaded & {*heavy, "deckbuilder.parse", "deckbuilder.render"}
    same = [(tmp_path / name).read_bytes() for name in ("one.apkg", "other.apkg")]
    assert same[0] == same[1]


def killed(tasks: object) -> None:
    """Do what a system short of memory does to a process."""
    os.kill(os.getpid(), signal.SIGKILL)


def refused() -> int:
    """Do what a system does that allows no more processes."""
    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


@pytest.mark.parametrize(
    ("what", "does"), [("deckbuilder.work._make", killed), ("os.fork", refused)]
)
def test_what_no_other_process_makes_is_made_all_the_same(
    what: str, does: Callable[..., object], space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    if multiprocessing.get_start_method() != "fork":
        pytest.skip("another process begins from nothing on this system")
    without = package(space)
    monkeypatch.setattr("deckbuilder.work.PAYS_OFF", 1)
    monkeypatch.setattr(what, does)
    assert package(space, jobs=2) == without


KILLED = "os.kill(os.getpid(), 9)"


@pytest.mark.skipif(sys.platform != "linux", reason="no process begins with all that another has")
@pytest.mark.parametrize(
    ("harm", "loaded"),
    [
        ("pass", "not loaded"),
        (f"work.made_of = lambda _: {KILLED}", "loaded"),
        (f"cli._stages = lambda: {KILLED}", "loaded"),
        ("os.fork = lambda: os.close(-1)", "loaded"),
    ],
)
def test_a_few_changed_files_are_made_beside_the_reading_of_what_is_kept(
    harm: str, loaded: str, space: Workspace, tmp_path: Path
) -> None:
    """The process that reads loads no stage, unless the other one fails it."""
    options = ["--name", "Deck", "--offline", "--cache", str(tmp_path / "cache")]
    options += ["-o", str(tmp_path / "deck.apkg")]
    time.sleep(0.3)  # what was written just now is looked at closely
    run(space, *options)
    space.note("n2.md", qa(("What is thing 2?", "Quite another thing.")))
    program = "import os, sys; from deckbuilder import cli, work; "
    program += f"os.sched_getaffinity = lambda _: {{0, 1}}; cli.PAYS_OFF_BESIDE = 4; {harm}; "
    program += "cli.main(sys.argv[1:]); "
    program += "print('loaded' if 'deckbuilder.render' in sys.modules else 'not loaded')"
    said = run_code(space, program, *options)
    assert said.splitlines()[-1] == loaded
    assert "1 changed" in said
    assert "4 keep their schedule" in said


KILLED_WAITING = f"""
import os, time
from deckbuilder.beside import beside
os.sched_getaffinity = lambda _: {{0, 1}}

def answer(asked):
    print("answered", flush=True)
    return bytes(1_000_000)  # more than a pipe holds

with beside(lambda: answer) as other:
    other.ask("a question")
    time.sleep(0.5)
    {KILLED}
"""


def test_where_no_thread_may_begin_the_bytes_are_the_same(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_threads = package(space)

    def refuse(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", refuse)
    assert package(space) == with_threads


def test_what_fails_in_a_thread_is_raised_where_it_is_waited_for() -> None:
    def fail() -> None:
        raise OSError(errno.ENOSPC, "the disk is full")

    with meanwhile(fail) as done, pytest.raises(OSError, match="full"):
        done()


@pytest.mark.skipif(sys.platform == "win32", reason="no signal reaches one thread alone")
def test_however_often_it_is_interrupted_the_work_of_a_thread_ends() -> None:
    """What it writes to is closed behind the block."""
    ended = []

    def work() -> None:
        for _ in range(2):
            time.sleep(0.1)
            signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)
        time.sleep(0.1)
        ended.append(True)

    with pytest.raises(KeyboardInterrupt), meanwhile(work) as done:
        done()
    assert ended


@pytest.mark.skipif(sys.platform != "linux", reason="no process begins with all that another has")
def test_a_process_that_nobody_listens_to_any_more_ends() -> None:
    command = [sys.executable, "-c", KILLED_WAITING]  # what it prints ends with both of them
    ended = subprocess.run(command, stdout=subprocess.PIPE, timeout=20)
    assert ended.stdout == b"answered\n"


def test_a_picture_in_a_hidden_folder_is_looked_at(space: Workspace, tmp_path: Path) -> None:
    """A run with nothing to do looks at no hidden folder: there is no such run here."""
    picture = space.folder / "source" / ".attachments" / "p.png"
    picture.parent.mkdir()
    picture.write_bytes(a_png(8, 8))
    space.note("n0.md", qa(("What is thing 0?", "![a](.attachments/p.png)")))
    options = ["--name", "Deck", "--offline", "-o", str(tmp_path / "deck.apkg")]
    options += ["--cache", str(tmp_path / "cache")]
    packages = []
    for width in (8, 9):
        picture.write_bytes(a_png(width, 8))
        time.sleep(0.3)  # what was written just now is looked at closely
        run(space, *options)
        packages.append((tmp_path / "deck.apkg").read_bytes())
    assert packages[0] != packages[1]


def test_a_run_with_nothing_to_do_says_so_without_the_program(
    space: Workspace, tmp_path: Path
) -> None:
    """The manifest answers: no stage is imported, the report says that all is unchanged."""
    options = ["--name", "Deck", "--offline", "-o", str(tmp_path / "deck.apkg")]
    options += ["--cache", str(tmp_path / "cache")]
    time.sleep(0.3)  # what was written just now is looked at closely
    run(space, *options)
    program = "import sys; from deckbuilder.cli import main; code = main(sys.argv[1:]); "
    program += "print('pipeline' if 'deckbuilder.pipeline' in sys.modules else 'manifest'); "
    said = run_code(space, program + "sys.exit(code)", *options)
    assert said.splitlines()[-1] == "manifest"
    assert "4 keep their schedule" in said


def test_a_run_with_nothing_to_do_says_what_the_whole_program_would(
    space: Workspace, tmp_path: Path
) -> None:
    """Also after a run in which notes were edited, renamed, removed and made."""
    output, report = tmp_path / "deck.apkg", tmp_path / "report.json"
    options = ["--name", "Deck", "--offline", "-o", str(output), "--report", str(report)]

    def said(cache: str) -> tuple[str, str, dict[str, object]]:
        done = python(*command(space, *options, "--cache", str(tmp_path / cache)))
        told = json.loads(report.read_text("utf-8"))
        told.pop("seconds")
        return done.stdout, done.stderr, told

    said("kept")
    space.note("n0.md", qa(("What is thing 0?", "Edited."), ("Is this new?", "It is, this year.")))
    space.note("n1.md", "Nothing asks here.")
    space.note("n2.md", qa(("What then is thing 2?", "Thing number 2. ![](gone.png)")))
    time.sleep(0.3)  # what was written just now is looked at closely
    eventful = said("kept")
    counted = re.findall(r"\d (?:new|renamed|changed|gone)", eventful[0])
    assert counted[:4] == ["1 new", "1 renamed", "1 changed", "1 gone"]
    kept, whole = said("kept"), said("another")
    assert kept == whole
    assert kept != eventful
