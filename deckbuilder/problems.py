"""Problems: what is wrong with the notes, where, and what to do. Data, not exceptions."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple


class Severity(StrEnum):
    """An error stops the build; a warning does not, unless ``--strict`` is given."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Location(NamedTuple):
    """A place in a note file: shown path and 1-based line; line 0 means the whole file."""

    path: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Problem:
    """One message to the author of the notes."""

    severity: Severity
    code: str
    """Lower-case words with hyphens; each is explained in docs/problems.md."""
    where: Location
    message: str
    """What is wrong, and what to do about it."""

    def __str__(self) -> str:
        return f"{self.where}: {self.severity}: {self.message} [{self.code}]"


def error(code: str, where: Location, message: str) -> Problem:
    """Return a problem that stops the build."""
    return Problem(Severity.ERROR, code, where, message)


def warning(code: str, where: Location, message: str) -> Problem:
    """Return a problem that the build survives."""
    return Problem(Severity.WARNING, code, where, message)


def note(code: str, where: Location, message: str) -> Problem:
    """Return a remark: worth knowing, never counted against the build."""
    return Problem(Severity.NOTE, code, where, message)


class BuildError(Exception):
    """The build cannot go on; nothing was written. Carries every problem of the run, each once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("; ".join(map(str, self.problems)))


def shown(path: Path | str) -> str:
    """Return *path* as messages show it: with ``/``, relative to where the program was started.

    What lies far from there, or on another drive, is shown as it is given.
    """
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):  # another drive, or the current folder is gone
        relative = str(path)
    text = str(path) if relative.startswith(str(Path("..", "..", ".."))) else relative
    return text.replace(os.sep, "/").encode("utf-8", "replace").decode()


def line_in(message: str) -> int:
    """Return the line that a message of the TOML parser names; 0 for none."""
    found = re.search(r"at line (\d+)", message)
    return int(found[1]) if found else 0


def shortened(text: str) -> str:
    """Return *text* as a message quotes it: in one line, its beginning."""
    text = " ".join(text.split())
    return text if len(text) <= 24 else f"{text[:23]}…"


def many(count: int, what: str) -> str:
    """Return a number of things as a message says it."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
