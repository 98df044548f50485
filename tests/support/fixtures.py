"""Fixture files: cases without Python. Title, input and expectation, parted by lines of a dot.

    the anchor of a heading goes
    .
    ## <a name="x"></a>Question
    .
    question: Question
    .

The title is the last line before the first dot; whatever stands above it is a comment.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"
STAYS = "stays:"
"""A title that begins so names a near miss, which the rule must leave alone."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a fixture file."""

    file: str
    """Relative to ``tests/fixtures``."""
    line: int
    """Of the title, 1-based."""
    title: str
    input: str
    expected: str

    @property
    def stays(self) -> bool:
        """Whether it is a near miss."""
        return self.title.startswith(STAYS)

    @property
    def id(self) -> str:
        """As pytest shows it."""
        return f"{self.file}:{self.line}: {self.title}"


def read_fixture(path: Path) -> list[Case]:
    """Return the cases of a fixture file; one that is not complete is a failure."""
    name = path.relative_to(FIXTURES).as_posix() if path.is_relative_to(FIXTURES) else path.name
    cases: list[Case] = []
    parts: list[list[str]] = [[]]
    title, title_line = "", 0
    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        if line == ".":
            parts.append([])
            if len(parts) == 2 and not title:
                raise ValueError(f"{name}:{number}: a case without a title")
            if len(parts) == 4:
                cases.append(Case(name, title_line, title, _text(parts[1]), _text(parts[2])))
                parts, title = [[]], ""
            continue
        parts[-1].append(line)
        if len(parts) == 1 and line.strip():
            title, title_line = line.strip(), number
    if len(parts) > 1:
        raise ValueError(f"{name}:{title_line}: {title!r} has no end: three lines of one dot")
    if not cases:
        raise ValueError(f"{name}: no case in it")
    return cases


def _text(lines: list[str]) -> str:
    return "".join(line + "\n" for line in lines)


def fixture_files(folder: str) -> list[Path]:
    """Return the fixture files of one kind, sorted."""
    return sorted((FIXTURES / folder).glob("*.md"))


def cases(folder: str) -> list[object]:
    """Return all cases of one kind as parameters of a test."""
    return [
        pytest.param(case, id=case.id)
        for path in fixture_files(folder)
        for case in read_fixture(path)
    ]
