"""Python, and with it the program, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = str(ROOT / "build_deck.py")


def python(
    *arguments: str, cwd: Path | None = None, encoding: str = "utf-8", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run Python with *arguments*, the first of which may be `SCRIPT`, to its end.

    *encoding* is what it is expected to print in.
    """
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        encoding=encoding,
        errors="replace",
        timeout=300,
    )


def printed(*arguments: str, cwd: Path | None = None, **environment: str) -> str:
    """Run Python with *arguments*; return what it printed, if it came to a good end."""
    done = python(*arguments, cwd=cwd, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout
