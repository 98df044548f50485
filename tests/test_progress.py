"""The line that says how far a long build is: on a terminal, and nowhere else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.process import SCRIPT, python
from tests.support.workspace import qa

pty = pytest.importorskip("pty", reason="no terminals to test on this system")

LINE = re.compile(r"\r\x1b\[Kfiles: (\d+) of 40, \d+ a second")


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of notes that take well over half a second."""
    folder = tmp_path_factory.mktemp("progress") / "source"
    folder.mkdir()
    for number in range(40):
        questions = ((f"What is thing {number}.{n}?", f"- `{n}`\n- **two** $x_{n}$\n\n" * 6)
                     for n in range(40))  # fmt: skip
        (folder / f"{number}.md").write_text(qa(*questions), "utf-8")
    return folder


def command(notes: Path, *options: str) -> list[str]:
    return [SCRIPT, str(notes), "--name", "D", "--no-cache", "--check", "--jobs", "1", *options]


def on_a_terminal(notes: Path, *options: str, **environment: str) -> str:
    """Return what a terminal shows of a build."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *command(notes, *options)],
        stdout=slave,
        stderr=slave,
        env=os.environ | {"TERM": "xterm"} | environment,
    )
    os.close(slave)
    shown = b""
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not data:
            break
        shown += data
    os.close(master)
    assert process.wait(60) == 0
    return shown.decode()


def test_a_terminal_shows_stage_count_and_rate_and_ends_clean(notes: Path) -> None:
    shown = on_a_terminal(notes)
    counts = [int(found) for found in LINE.findall(shown)]
    assert len(counts) >= 2
    assert counts == sorted(counts)
    last = shown.rindex("\r\x1b[K")
    assert shown[last:].count("\x1b[K") == 1
    assert "a second" not in shown[last:]
    assert "1600 new" in shown[last:]


def test_lines_are_dressed_where_colours_are_known_and_wanted(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(qa(("What is it?", "This.")), "utf-8")
    dressed = re.compile(r"\x1b\[\d*m")
    assert dressed.search(on_a_terminal(tmp_path, NO_COLOR=""))
    assert not dressed.search(on_a_terminal(tmp_path, NO_COLOR="1"))
    assert not dressed.search(on_a_terminal(tmp_path, TERM="dumb"))


def test_quiet_shows_none(notes: Path) -> None:
    assert "a second" not in on_a_terminal(notes, "-q")


def test_a_pipe_shows_none_and_verbose_gives_seconds_by_stage(notes: Path) -> None:
    done = python(*command(notes, "-v"))
    assert done.returncode == 0
    assert "\r" not in done.stdout + done.stderr
    assert "a second" not in done.stdout + done.stderr
    assert re.search(r"^seconds: read \d+\.\d\d, .*parse \d+\.\d\d", done.stdout, re.MULTILINE)
