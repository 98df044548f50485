"""The checkers that a contributor runs, as tests; each says so where it is not installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.process import ROOT, python


def check(*command: str) -> None:
    tool = command[0]
    beside = Path(sys.executable).with_name(tool)
    found = str(beside) if beside.exists() else shutil.which(tool)
    if found is None:
        pytest.skip(f"{tool} is not installed")
    done = subprocess.run([found, *command[1:]], cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    check("ruff", "check", ".")


def test_ruff_would_format_nothing() -> None:
    check("ruff", "format", "--check", ".")


def test_mypy_finds_nothing() -> None:
    check("mypy")


def test_mypy_finds_nothing_that_windows_lacks() -> None:
    options = ("--platform", "win32", "--cache-dir", ".mypy_cache/win32")
    check("mypy", *options, "deckbuilder", "build_deck.py")


def test_the_benchmark_runs_and_names_the_peers_that_are_missing(tmp_path: Path) -> None:
    options = ["--sizes", "40", "--pairs", "1", "--peers", str(tmp_path)]
    done = python("-m", "tests.bench.bench_build", *options, cwd=ROOT)
    assert done.returncode in {0, 1}, done.stderr  # whether budgets are met is the machine's to say
    measured = {line.split("  ")[0] for line in done.stdout.splitlines()}
    assert {"floor", "cold", "nothing changed", "from the cache", "one edit"} <= measured
    assert "no ankdown in" in done.stdout
    assert "--help, seconds" in done.stdout
