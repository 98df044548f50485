"""Time whole builds: ``python -m tests.bench.bench_build [--sizes 1000 10000] [--pairs 5]``.

Generates notes and builds them as whole processes: cold, after one edit, from the cache, with
nothing changed, and with a preview; in turn with the floor (markdown-it-py parsing and rendering
the same text, and the highlighting of its code) and with the peers ankdown and ankivalenz on the
same content. They have an environment of their own (``peers.txt`` says how), or ``--peers BIN``.

Prints medians of wall and CPU seconds and of the largest process's memory, then every budget of
docs/performance.md with its figure: a median of ratios within a round, as the machine has good
and bad minutes. Ends with 1 where one is not met; a missing peer is a budget that is not met.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import corpus
from tests.support.collection import RealCollection

ROOT = Path(__file__).parent.parent.parent
USUAL, LARGE = 10_000, 100_000
PEERS = ("ankdown", "ankivalenz")
INF = float("inf")
REAL_NOTES = ROOT.parent / "shared" / "notes"
FLOOR = """
import pathlib, re, sys
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
md = MarkdownIt("commonmark").enable(["table", "strikethrough"])
dollarmath_plugin(md)
lexer, formatter = get_lexer_by_name("python"), HtmlFormatter(nowrap=True)
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.md")):
    text = path.read_text("utf-8")
    md.render(text)
    for code in re.findall(r"```python\\n(.*?)```", text, re.DOTALL):
        highlight(code, lexer, formatter)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What one whole process took."""

    wall: float
    cpu: float
    mebibytes: float
    """Of the largest process."""


def measured(command: Sequence[str], cwd: Path) -> Run:
    """Run *command* and return what it took; an error of its is an error here."""
    temporary = cwd / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(temporary)}
    # A program that is used keeps its bytecode, as pip has made it for the peers.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[:3]} ended with {process.returncode}: {said.decode()[-500:]}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


@dataclass(slots=True)
class Bench:
    """Notes of one size, and what building them took."""

    folder: Path
    count: int
    peers: Path
    runs: dict[str, list[Run]] = field(default_factory=lambda: defaultdict(list))

    def generate(self) -> None:
        """Write the notes, and the same for the peers."""
        items = corpus.items(self.count)
        corpus.write_notes(self.folder / "notes", items)
        shutil.copytree(self.folder / "notes", self.folder / "edited")
        corpus.write_for_ankdown(self.folder / "ankdown", items)
        corpus.write_for_ankivalenz(self.folder / "ankivalenz", items)

    def round(self) -> None:
        """Run everything once, in turn; of the largest size a cold build alone."""
        for name, run in self._kinds().items():
            if name == "cold" or self.count < LARGE:
                self.runs[name].append(run())

    def _kinds(self) -> dict[str, Callable[[], Run]]:
        kinds = {
            "floor": lambda: measured([sys.executable, "-c", FLOOR, "notes"], self.folder),
            "cold": self._cold,
            "ankdown": lambda: self._peer("ankdown", "-r", ".", "-p", "../ankdown.apkg"),
            "ankivalenz": lambda: self._peer("ankivalenz", "run", "."),
            "nothing changed": lambda: self._build("notes"),
            "from the cache": self._warm,
            "one edit": self._edit,
            "preview": lambda: self._warm("--preview", "preview"),
        }
        missing = [name for name in PEERS if not (self.peers / name).exists()]
        return {name: run for name, run in kinds.items() if name not in missing}

    def _build(self, notes: str, *more: str) -> Run:
        command = [sys.executable, str(ROOT / "build_deck.py"), notes, "-q", "--offline", *more]
        command += ["--name", "Bench", "-o", f"{notes}.apkg", "--cache", f"{notes}.cache"]
        return measured(command, self.folder)

    def _cold(self) -> Run:
        shutil.rmtree(self.folder / "notes.cache", ignore_errors=True)
        (self.folder / "notes" / "deck.lock").unlink(missing_ok=True)
        (self.folder / "notes.apkg").unlink(missing_ok=True)
        time.sleep(0.3)  # what was written just now is looked at closely
        return self._build("notes")

    def _warm(self, *more: str) -> Run:
        for kept in (self.folder / "notes.cache").glob("unchanged-*"):
            kept.unlink()
        return self._build("notes", *more)

    def _edit(self) -> Run:
        if not (self.folder / "edited.apkg").exists():
            self._build("edited")
        turn = len(self.runs["one edit"])
        path = sorted((self.folder / "edited").glob("*.md"))[turn % 3]
        text, more = path.read_text("utf-8"), f"</h2>\n\nEdited {turn}, {time.time_ns()}."
        path.write_text(text.replace("</h2>", more, 1), "utf-8")
        return self._build("edited")

    def _peer(self, name: str, *arguments: str) -> Run:
        run = measured([str(self.peers / name), *arguments], self.folder / name)
        shutil.rmtree(self.folder / name / "tmp")
        return run

    def median(self, name: str, value: str) -> float:
        """Return the median of a value of `Run`; infinite where there is no run."""
        runs = self.runs.get(name)
        return statistics.median(getattr(run, value) for run in runs) if runs else INF

    def ratio(self, name: str, other: str, value: str = "wall") -> float:
        """Return the median of ratios within a round; infinite where one has no run."""
        pairs = zip(self.runs.get(name, []), self.runs.get(other, []), strict=False)
        ratios = [getattr(a, value) / getattr(b, value) for a, b in pairs]
        return statistics.median(ratios) if ratios else INF

    def overhead(self) -> float:
        """Return the package's size by that of its media and its deflated database."""
        path = self.folder / "notes.apkg"
        with zipfile.ZipFile(path) as package:
            return path.stat().st_size / sum(one.compress_size for one in package.infolist())

    def imported(self) -> int:
        """Return how many notes of the package the real Anki takes over."""
        (self.folder / "anki").mkdir()
        with closing(RealCollection(self.folder / "anki")) as anki:
            return int(anki.load(self.folder / "notes.apkg").get("new", 0))

    def left_behind(self) -> int:
        """Return how many files builds left in the folder for temporary ones."""
        return sum(1 for _ in (self.folder / "tmp").iterdir())

    def print(self) -> None:
        """Print medians."""
        print(f"\n{self.count:,} notes, medians of {len(self.runs['cold'])}")
        print(f"{'':18}  wall s   cpu s     MiB")
        for name in self.runs:
            wall, cpu, size = (self.median(name, value) for value in ("wall", "cpu", "mebibytes"))
            print(f"{name:18} {wall:7.2f} {cpu:7.2f} {size:7.0f}")


@dataclass(frozen=True, slots=True)
class Budget:
    """What a figure may be at most."""

    name: str
    figure: float
    most: float

    @property
    def met(self) -> bool:
        """Whether it is kept."""
        return self.figure <= self.most

    def __str__(self) -> str:
        said = "met" if self.met else "NOT MET"
        figure = f"{self.figure:9.3f}" if self.figure < INF else "  missing"
        return f"{self.name:58} {figure}  at most {self.most:7.2f}  {said}"


def budgets_at_10k(bench: Bench) -> list[Budget]:
    """Return the budgets that are told by 10,000 notes."""
    preview = bench.median("preview", "wall") - bench.median("from the cache", "wall")
    return [
        Budget("cold by ankivalenz", bench.ratio("cold", "ankivalenz"), 0.7),
        Budget("cold by ankdown", bench.ratio("cold", "ankdown"), 2.0),
        Budget("CPU of cold by the floor's", bench.ratio("cold", "floor", "cpu"), 1.6),
        Budget("one edit by ankdown's whole build", bench.ratio("one edit", "ankdown"), 0.5),
        Budget("nothing changed, seconds", bench.median("nothing changed", "wall"), 0.15),
        Budget("a preview more, seconds", preview, 1.0),
        Budget("MiB of the largest process, cold", bench.median("cold", "mebibytes"), 150),
        Budget("package by its media and deflated database", bench.overhead(), 1.05),
        Budget("files left in TMPDIR", bench.left_behind(), 0),
    ]


def budgets_at_100k(bench: Bench, smaller: Bench | None) -> list[Budget]:
    """Return the budgets that are told by 100,000 notes, and by how much more they took."""
    growth = bench.median("cold", "wall") / smaller.median("cold", "wall") if smaller else INF
    return [
        Budget("100,000 notes by 10,000, cold", growth, 11),
        Budget("MiB of the largest process, cold", bench.median("cold", "mebibytes"), 600),
        Budget("notes that Anki does not import", bench.count - bench.imported(), 0),
    ]


def small_budgets(pairs: int) -> list[Budget]:
    """Return the budgets of ``--help``, and of a handful of real notes where there are some."""
    program = [sys.executable, str(ROOT / "build_deck.py")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        helped = [measured([*program, "--help"], folder).wall for _ in range(pairs)]
        found = [Budget("--help, seconds", statistics.median(helped), 0.1)]
        if not REAL_NOTES.is_dir():
            return found
        cold, warm = [], []
        for turn in range(pairs):
            options = ["-q", "--offline", "--name", "Real", "--lock", f"{turn}.lock"]
            options += ["-o", f"{turn}.apkg", "--cache", f"{turn}.cache"]
            cold.append(measured([*program, str(REAL_NOTES), *options], folder).wall)
            for kept in (folder / f"{turn}.cache").glob("unchanged-*"):
                kept.unlink()
            warm.append(measured([*program, str(REAL_NOTES), *options], folder).wall)
    return [
        *found,
        Budget("five real files cold, seconds", statistics.median(cold), 1.0),
        Budget("five real files from the cache, seconds", statistics.median(warm), 0.25),
    ]


def main() -> int:
    """Parse the command line, print the tables, and return 1 where a budget is not met."""
    parser = argparse.ArgumentParser(description="Time whole builds against floor and peers.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000])
    parser.add_argument("--pairs", type=int, default=5, help="rounds; 100,000 notes have one")
    parser.add_argument("--peers", type=Path, default=Path("build/peers/bin"))
    options = parser.parse_args()
    for peer in PEERS:
        if not (options.peers / peer).exists():
            print(f"no {peer} in {options.peers}: tests/bench/peers.txt says how to install it")
    budgets = small_budgets(options.pairs)
    done: dict[int, Bench] = {}
    with tempfile.TemporaryDirectory() as name:
        for size in options.sizes:
            bench = done[size] = Bench(Path(name) / str(size), size, options.peers.absolute())
            bench.generate()
            for _ in range(options.pairs if size < LARGE else 1):
                bench.round()
            bench.print()
            if size == USUAL:
                budgets += budgets_at_10k(bench)
            elif size == LARGE:
                budgets += budgets_at_100k(bench, done.get(USUAL))
    print("", *budgets, sep="\n")
    return 0 if all(budget.met for budget in budgets) else 1


if __name__ == "__main__":
    sys.exit(main())
