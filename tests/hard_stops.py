"""Kill real builds, and see that nothing is lost: ``python -m tests.hard_stops 200``.

Every round starts from a good package and lock, edits the notes, kills ``build_deck.py`` with
SIGKILL after another part of its time (or before another of its steps on the disk), imports
what is there into the real Anki, runs the program again and compares package and lock.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deckbuilder.identity.lock import read_lock
from tests.support.collection import real_collection
from tests.support.package import rows

ROOT = Path(__file__).parent.parent
FIRST = {
    "a.md": "# 多模态\n\n" + "".join(f"## What is {n}?\n\nIt is {n}.\n\n" for n in range(30)),
    "图.md": "# 图\n\n## Which picture?\n\n![p](p.svg)\n\n## 什么是 CLIP？\n\n对比学习。\n",
}
SECOND = {
    "a.md": FIRST["a.md"].replace("It is 3.", "It is three.") + "## What is new?\n\nThis.\n",
    "图.md": FIRST["图.md"].replace("对比学习。", "图文对比学习。"),
    "b.md": "# B\n\n## And a file more?\n\nYes, with `code` and $x$.\n",
}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'

# Kills the process before its n-th step on the disk that changes something in the folder.
STEPS = """
import os, runpy, signal, sys
folder, at = sys.argv[1], int(sys.argv[2])
sys.argv = ["build_deck.py", *sys.argv[3:]]
steps = 0
def watch(event, given):
    global steps
    if event == "open":
        changes = isinstance(given[2], int) and given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    else:
        changes = event in {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod",
                            "sqlite3.connect", "fcntl.flock"}
    if changes and (event == "fcntl.flock" or folder in os.fsdecode(given[0])):
        steps += 1
        if steps == at:
            os.kill(os.getpid(), 9)
sys.addaudithook(watch)
runpy.run_path("build_deck.py", run_name="__main__")
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder in which a deck is built."""

    folder: Path

    @property
    def source(self) -> Path:
        return self.folder / "source"

    @property
    def output(self) -> Path:
        return self.folder / "out" / "deck.apkg"

    @property
    def lock(self) -> Path:
        return self.source / "deck.lock"

    def fill(self, files: Mapping[str, str]) -> None:
        """Write the notes and their picture."""
        self.source.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (self.source / name).write_text(text, "utf-8")
        (self.source / "p.svg").write_text(SVG, "utf-8")

    def arguments(self, *, cached: bool = True) -> list[str]:
        """Return what comes after the program's name."""
        cache = ["--cache", str(self.folder / "cache")] if cached else ["--no-cache"]
        return [str(self.source), "-o", str(self.output), "--name", "Deck", *cache]

    def command(self, *, cached: bool = True) -> list[str]:
        """Return the whole command line."""
        return [sys.executable, "build_deck.py", *self.arguments(cached=cached)]

    def build(
        self,
        *more: str,
        environment: Mapping[str, str] | None = None,
        cached: bool = True,
        first: Callable[[], None] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run the program to its end; *first* is called in its process before it begins."""
        command = [*self.command(cached=cached), *more]
        env = {**os.environ, **(environment or {})}
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, preexec_fn=first)

    def leftovers(self) -> list[str]:
        """Return the temporaries of ours that lie about."""
        return [str(p) for p in self.folder.rglob(".deckbuilder-*") if "cache" not in p.parts]

    def kill_after(self, seconds: float) -> bool:
        """Start the program, kill it, and say whether it was still running."""
        process = subprocess.Popen(
            self.command(), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True
        return False

    def kill_before_step(self, step: int) -> bool:
        """Run the program up to a step on the disk, and say whether there was such a step."""
        command = [sys.executable, "-c", STEPS, str(self.folder), str(step), *self.arguments()]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        return done.returncode == -signal.SIGKILL


def guids_and_mods(package: Path) -> dict[str, int]:
    """Return what a package holds, by guid."""
    with zipfile.ZipFile(package) as zipped:
        assert zipped.testzip() is None
        names = json.loads(zipped.read("media"))
        assert all(number in zipped.namelist() for number in names)
    return dict(rows(package, "SELECT guid, mod FROM notes"))


def fits(place: Place) -> None:
    """Fail where package and lock do not say the same."""
    lock = read_lock(place.lock)
    assert lock is not None
    locked = {note.guid: note.mod for note in lock.notes if not note.gone}
    assert guids_and_mods(place.output) == locked


def start(folder: Path, template: Place) -> Place:
    """Return a copy of a good deck, with its notes edited since."""
    shutil.copytree(template.folder, folder)
    place = Place(folder)
    place.fill(SECOND)
    return place


def template_in(folder: Path) -> Place:
    """Build the good deck that every round starts from."""
    place = Place(folder)
    place.fill(FIRST)
    done = place.build()
    assert done.returncode == 0, done.stderr.decode()
    fits(place)
    return place


def check(place: Place, old: Place) -> None:
    """Fail where something is lost after a kill, or not mended by the next run."""
    from deckbuilder.cli import main as build

    before = guids_and_mods(old.output)
    lock = read_lock(place.lock)
    assert lock is not None
    assert before.keys() <= {note.guid for note in lock.notes}
    with real_collection() as anki:
        anki.load(old.output)
        anki.load(place.output)
        assert anki.checks().database_ok
        assert build([*place.arguments(), "--quiet"]) == 0
        fits(place)
        after = guids_and_mods(place.output)
        assert before.keys() <= after.keys()
        assert len(after) == len(before) + 2
        assert sum(after[guid] > before[guid] for guid in before) == 2
        assert place.leftovers() == []
        anki.load(place.output)
        checks = anki.checks()
        assert checks.clean, checks
        fields = {guid: note.fields[1] for guid, note in anki.notes().items()}
        assert len(fields) == len(after)
        assert any("It is three." in answer for answer in fields.values())


def run_time(template: Place) -> float:
    """Return how long a build takes."""
    with tempfile.TemporaryDirectory() as folder:
        place = start(Path(folder, "deck"), template)
        begun = time.perf_counter()
        assert place.build().returncode == 0
        return time.perf_counter() - begun


def rounds(count: int, folder: Path, *, said: Sequence[str] = ()) -> tuple[int, int]:
    """Kill *count* builds; return how many were still running.

    The points are spread over the time in which they read and write; before, modules are loaded.
    """
    template = template_in(folder / "template")
    whole = run_time(template)
    running = 0
    for number in range(count):
        place = start(folder / f"round-{number}", template)
        running += place.kill_after(whole * (0.35 + 0.7 * (number + 0.5) / count))
        check(place, template)
        shutil.rmtree(place.folder)
        for mark in said:
            sys.stderr.write(mark)
            sys.stderr.flush()
    return count, running


def steps(folder: Path) -> int:
    """Kill a build before each of its steps on the disk; return how many there are."""
    template = template_in(folder / "template")
    step = 1
    while True:
        place = start(folder / f"step-{step}", template)
        killed = place.kill_before_step(step)
        check(place, template)
        shutil.rmtree(place.folder)
        if not killed:
            return step - 1
        step += 1


def main() -> None:
    """Kill as many builds as asked for."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        done, running = rounds(count, Path(folder, "time"), said=".")
        kinds = steps(Path(folder, "steps"))
    sys.stdout.write(
        f"\n{done} builds killed by the clock ({running} while they ran), "
        f"{kinds} before each step on the disk: nothing lost, all mended by the next run\n"
    )


if __name__ == "__main__":
    main()
