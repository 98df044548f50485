"""Time whole builds: ``python -m tests.bench.bench_build [--sizes 1000 10000] [--pairs 5]``.

Generates notes, builds them cold, from the cache, after one edit and with nothing changed, in
turn with markdown-it-py parsing and rendering the same text (the floor) and, where they are
installed (extra ``bench``), with the peers ankdown and ankivalenz on the same content. Prints
medians of wall and CPU seconds and of the largest process's memory, and ratios to the floor.
A peer that is missing is said to be missing: its comparison is then not made.
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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PER_FILE = 35
FLOOR = """
import pathlib, sys
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
md = MarkdownIt("commonmark").enable(["table", "strikethrough"])
dollarmath_plugin(md)
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.md")):
    md.render(path.read_text("utf-8"))
"""


def answer(number: int) -> str:
    """Return an answer of some 700 characters; every sixth has code, every twelfth a table."""
    text = (
        f"**要点 {number}**：这一节讲第 {number} 个概念，它把输入映射到输出，并保持尺度不变。" * 6
    )
    lists = "".join(f"- 第 {n} 条：$x_{n} = {number + n}$，见 `f({n})`。\n" for n in range(4))
    code = f"```python\ndef f(x):\n    return x + {number}\n```\n\n" if number % 6 == 0 else ""
    table = f"| 名称 | 值 |\n|:--|--:|\n| a{number} | {number} |\n\n" if number % 12 == 0 else ""
    return f"{text}\n\n{lists}\n{code}{table}"


def generate(folder: Path, count: int) -> None:
    """Write *count* sections in the shape of interview notes."""
    folder.mkdir(parents=True)
    for first in range(0, count, PER_FILE):
        numbers = range(first, min(first + PER_FILE, count))
        contents = "".join(f"- [{n}.什么是概念{n}？](#q{n})\n" for n in numbers)
        sections = "".join(
            f'<h2 id="q{n}">{n}.什么是概念{n}？</h2>\n\n{answer(n)}\n' for n in numbers
        )
        text = f"## 目录\n\n{contents}\n\n{sections}"
        (folder / f"part{first // PER_FILE:04}.md").write_text(text, "utf-8")


def generate_for_peers(folder: Path, count: int) -> None:
    """Write the same answers as ankdown and ankivalenz want them."""
    for name in ("ankdown", "ankivalenz"):
        (folder / name).mkdir(parents=True)
    (folder / "ankivalenz" / "ankivalenz.json").write_text('{"deck_name": "Bench"}', "utf-8")
    for first in range(0, count, PER_FILE):
        numbers = range(first, min(first + PER_FILE, count))
        name = f"part{first // PER_FILE:04}.md"
        cards = "---\n".join(f"什么是概念{n}？\n\n%\n\n{answer(n)}\n" for n in numbers)
        (folder / "ankdown" / name).write_text(cards, "utf-8")
        lines = "".join(f"- 什么是概念{n}?\n    - {' '.join(answer(n).split())}\n" for n in numbers)
        (folder / "ankivalenz" / name).write_text(f"# Part {first}\n\n{lines}", "utf-8")


@dataclass(frozen=True, slots=True)
class Run:
    """What one whole process took."""

    wall: float
    cpu: float
    mebibytes: float
    """Of the largest process."""


def measured(command: Sequence[str], cwd: Path) -> Run:
    """Run *command* and return what it took; an error of its is an error here."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{command[:3]} ended with {code}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measures(folder: Path, count: int) -> dict[str, Callable[[], Run]]:
    """Return what is measured, by name."""
    notes, cache = folder / "notes", folder / "cache"
    command = [sys.executable, str(ROOT / "build_deck.py"), str(notes), "-q", "--offline"]
    command += ["--name", "Bench", "-o", str(folder / "bench.apkg"), "--cache", str(cache)]

    def build() -> Run:
        return measured(command, folder)

    def cold() -> Run:
        shutil.rmtree(cache, ignore_errors=True)
        (notes / "deck.lock").unlink(missing_ok=True)
        (folder / "bench.apkg").unlink(missing_ok=True)
        return build()

    def edited() -> Run:
        path = notes / "part0001.md" if count > PER_FILE else notes / "part0000.md"
        path.write_text(path.read_text("utf-8") + f"\nEdited {time.time_ns()}.\n", "utf-8")
        return build()

    def settled() -> Run:
        time.sleep(0.3)  # files just written are looked at closely
        return build()

    found = {
        "floor": lambda: measured([sys.executable, "-c", FLOOR, str(notes)], folder),
        "cold": cold,
        "one edit": edited,
        "nothing changed, first time": settled,
        "nothing changed": settled,
    }
    return found | peers(folder)


def peers(folder: Path) -> dict[str, Callable[[], Run]]:
    """Return the peers that are installed beside this Python."""
    bin_folder = Path(sys.executable).parent
    commands = {
        "ankdown": ["-r", str(folder / "ankdown"), "-p", str(folder / "ankdown.apkg")],
        "ankivalenz": ["run", "."],
    }
    found: dict[str, Callable[[], Run]] = {}
    for name, arguments in commands.items():
        program = bin_folder / name
        if not program.exists():
            print(f"{name} is missing: install the extra 'bench' for that comparison")
            continue
        line = [str(program), *arguments]
        found[name] = lambda line=line, name=name: measured(line, folder / name)  # type: ignore[misc]  # bound now
    return found


def bench(count: int, pairs: int) -> None:
    """Print the table for *count* notes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder / "notes", count)
        generate_for_peers(folder, count)
        work = measures(folder, count)
        runs: dict[str, list[Run]] = {what: [] for what in work}
        for _ in range(pairs):
            for what, run in work.items():
                runs[what].append(run())
    floor = statistics.median(run.cpu for run in runs["floor"])
    print(f"\n{count} notes, medians of {pairs}\n{'':28} wall s   cpu s     MiB  cpu/floor")
    for what, taken in runs.items():
        wall, cpu, size = (
            statistics.median(getattr(run, key) for run in taken)
            for key in ("wall", "cpu", "mebibytes")
        )
        print(f"{what:28} {wall:6.2f}  {cpu:6.2f}  {size:6.0f}  {cpu / floor:9.2f}")


def main() -> None:
    """Parse the command line and print the tables."""
    parser = argparse.ArgumentParser(description="Time whole builds against floor and peers.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    for size in options.sizes:
        bench(size, options.pairs)


if __name__ == "__main__":
    main()
