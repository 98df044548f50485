"""``--watch`` in a process of its own: what it builds again, what it survives, how it ends."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from deckbuilder.manifest import State
from deckbuilder.watch import _with_own, watch
from tests.support.pictures import a_png
from tests.support.workspace import qa

ROOT = Path(__file__).parent.parent


def as_anyone() -> None:
    """Listen to interrupts, which shells keep from their background, and read as users may."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for override in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, override, 0, 0, 0)  # PR_CAPBSET_DROP


class Watched:
    """A watched folder of notes, and what the program says of it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.source = folder / "source"
        self.log = folder / "log"
        self.seen = 0
        self.save("a.md", qa(("What is a page?", "A piece of memory.")))
        command = [sys.executable, "-u", str(ROOT / "build_deck.py"), "source", "--watch"]
        with self.log.open("w", encoding="utf-8") as out:
            self.process = subprocess.Popen(
                [*command, "--name", "D", "--cache", "cache", "-o", "out/d.apkg", *options],
                cwd=folder,
                stdout=out,
                stderr=subprocess.STDOUT,
                preexec_fn=as_anyone,
            )

    def save(self, name: str, content: str | bytes) -> None:
        """Write a file below ``source/`` as editors do: whole, under a name of its own."""
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.swp")
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        temporary.replace(path)

    def said(self) -> str:
        """Return what came since this was last asked."""
        text = self.log.read_text("utf-8")
        self.seen, before = len(text), self.seen
        return text[before:]

    def next_build(self, seconds: float = 30) -> str:
        """Wait for the next build to end, and return what it said."""
        deadline = time.monotonic() + seconds
        while "waiting for changes" not in self.log.read_text("utf-8")[self.seen :]:
            assert time.monotonic() < deadline, self.log.read_text("utf-8")
            assert self.process.poll() is None, self.log.read_text("utf-8")
            time.sleep(0.05)
        return self.said()

    def is_quiet(self, seconds: float = 2) -> bool:
        """Return whether nothing is built for a while."""
        time.sleep(seconds)
        return not self.said()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


@contextmanager
def watching(folder: Path, *options: str) -> Iterator[Watched]:
    """Give a watched folder, built for the first time."""
    one = Watched(folder, *options)
    try:
        assert "1 new" in one.next_build()
        yield one
    finally:
        one.process.kill()
        one.process.wait()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with watching(tmp_path) as one:
        yield one


def test_a_build_does_not_answer_to_itself(watched: Watched) -> None:
    assert watched.is_quiet()


def test_the_plan_and_the_time_are_printed_once_for_an_edit(watched: Watched) -> None:
    watched.save("a.md", qa(("What is a page?", "A piece of memory, 4 KiB.")))
    said = watched.next_build()
    assert "1 changed" in said
    assert "built in " in said
    assert watched.is_quiet()


def test_many_files_saved_together_are_one_build(watched: Watched) -> None:
    for number in range(12):
        watched.save(f"more/{number}.md", qa((f"What is thing {number}?", f"It is {number}.")))
    assert "12 new" in watched.next_build()
    assert watched.is_quiet()


def test_a_picture_that_comes_later_is_taken(watched: Watched) -> None:
    watched.save("b.md", qa(("What is a cat?", "![a cat](../media/cat.png)")))
    assert "image" in watched.next_build()
    picture = watched.folder / "media" / "cat.png"
    picture.parent.mkdir()
    picture.write_bytes(a_png(8, 8))
    assert "1 media file" in watched.next_build()


def test_broken_settings_are_named_and_mended(watched: Watched) -> None:
    watched.save("deck.toml", "[deck\n")
    said = watched.next_build()
    assert "deck.toml" in said
    assert "not built" in said
    watched.save("deck.toml", '[tags]\nprefix = "x::"\n')
    assert "1 changed" in watched.next_build()


def test_a_folder_that_goes_is_waited_for(watched: Watched) -> None:
    lock = watched.source / "deck.lock"
    kept = lock.read_bytes()
    shutil.rmtree(watched.source)
    assert "not built" in watched.next_build()
    watched.save("deck.lock", kept)
    watched.save("a.md", qa(("What is a page?", "Another thing.")))
    said = watched.next_build()
    if "1 changed" not in said:  # the folder was seen before the note was in it
        assert "1 changed" in watched.next_build()


def builds_of(folders: Sequence[Path], build: Callable[[], bool]) -> list[bool]:
    """Watch until the second build; return what *build* gave, both times."""
    given: list[bool] = []

    def built() -> list[Path]:
        given.append(build())
        if len(given) == 2:
            raise KeyboardInterrupt
        return []

    with pytest.raises(KeyboardInterrupt):
        watch(folders, [], built)
    return given


def test_a_folder_that_goes_during_a_build_is_waited_for(tmp_path: Path) -> None:
    notes, other = tmp_path / "notes", tmp_path / "other"
    for folder in (notes, other):
        folder.mkdir()
        (folder / "a.md").write_text("x", "utf-8")

    def build() -> bool:
        there = notes.exists()
        shutil.rmtree(notes, ignore_errors=True)
        return there

    assert builds_of([notes, other], build) == [True, False]


def test_a_folder_that_may_not_be_looked_into_is_passed_over(tmp_path: Path) -> None:
    closed = tmp_path / "source" / ".Trash"
    closed.mkdir(parents=True)
    closed.chmod(0)
    with watching(tmp_path) as watched:
        watched.save("b.md", qa(("What is a frame?", "A place for a page.")))
        assert "1 new" in watched.next_build()


def test_what_is_saved_during_the_first_build_is_built(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x", "utf-8")

    def build() -> bool:
        there = (tmp_path / "b.md").exists()
        (tmp_path / "b.md").write_text("x", "utf-8")
        return there

    assert builds_of([tmp_path], build) == [False, True]


def test_an_open_preview_is_written_anew(tmp_path: Path) -> None:
    with watching(tmp_path, "--preview", "page") as one:
        version = (tmp_path / "page" / "version.js").read_text("utf-8")
        one.save("a.md", qa(("What is a page?", "Another thing.")))
        one.next_build()
        assert (tmp_path / "page" / "version.js").read_text("utf-8") != version
        assert one.is_quiet()
        assert one.stop() == 130


def test_what_a_build_wrote_is_its_own_and_what_came_meanwhile_is_not() -> None:
    page = str(Path("page").absolute())
    inside, beside = f"{page}{os.sep}index.html", f"{page}2{os.sep}a.md"
    odd = f"{page}{'/' if os.sep != '/' else chr(92)}a.md"  # one name where this is no separator
    after: State = {inside: [1], beside: [2], page: [3], odd: [4]}
    assert _with_own({}, after, [page]) == {inside: [1], page: [3]}


def test_an_interrupt_ends_it(watched: Watched) -> None:
    assert watched.stop() == 130
    said = watched.said()
    assert "Traceback" not in said
    assert "interrupted" in said
    left = [path.name for path in watched.folder.rglob("*") if ".tmp" in path.name]
    assert not left
