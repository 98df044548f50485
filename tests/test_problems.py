"""Every problem code has its line in docs/problems.md, with the severity that it has."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from deckbuilder.problems import BuildError, Location, Problem, Severity, error, note, warning

ROOT = Path(__file__).parent.parent
POSITION = {
    "error": 0, "warning": 0, "note": 0, "Unresolved": 0, "_complain": 0, "Remark": 1, "Problem": 1,
}  # fmt: skip
"""Which argument of what is the code."""


@cache
def used() -> dict[str, set[str]]:
    """Return every code in the source with the names of what it is given to."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "deckbuilder").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                at = POSITION.get(name, len(node.args))
                if at < len(node.args) and isinstance(code := node.args[at], ast.Constant):
                    found[str(code.value)].add(_severity(name, node))
            elif isinstance(node, ast.Tuple) and len(node.elts) > 1:  # a row of a table of checks
                say, code = node.elts[:2]
                if getattr(say, "id", "") in {"error", "warning", "note"}:
                    assert isinstance(code, ast.Constant), ast.dump(node)
                    found[str(code.value)].add(getattr(say, "id", ""))
    return found


def _severity(name: str, call: ast.Call) -> str:
    if name in {"Unresolved", "_complain"}:
        return "warning"
    if name in {"error", "warning", "note"}:
        return name
    said = [node.attr.lower() for node in ast.walk(call.args[0]) if isinstance(node, ast.Attribute)]
    return said[0] if len(said) == 1 else "any"


@cache
def documented() -> dict[str, str]:
    text = (ROOT / "docs" / "problems.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| ([a-z, ]+) \| .+ \| .+ \|$", text, re.MULTILINE)
    assert len({code for code, _ in rows}) == len(rows), "a code is listed twice"
    return dict(rows)


def test_every_code_is_explained_and_every_explained_code_is_used() -> None:
    assert set(documented()) == set(used())


@pytest.mark.parametrize("code", sorted(used()))
def test_codes_are_words_with_hyphens_and_have_the_severity_they_say(code: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    said = set(documented().get(code, "").split(", "))
    assert used()[code] - {"any"} <= said


def test_a_problem_is_a_line_that_editors_understand() -> None:
    where = Location("source/a.md", 42)
    problem = warning("image-missing", where, "'kv.png' not found")
    assert str(problem) == "source/a.md:42: warning: 'kv.png' not found [image-missing]"
    assert (
        str(note("x", Location("a.md"), "said of the file")) == "a.md: note: said of the file [x]"
    )
    assert error("x", where, "m") == Problem(Severity.ERROR, "x", where, "m")


def test_the_error_that_ends_a_build_carries_all_problems() -> None:
    problems = [error("a", Location("a.md", 1), "one"), error("b", Location("b.md", 2), "two")]
    stopped = BuildError(iter(problems))
    assert stopped.problems == tuple(problems)
    assert "one" in str(stopped)
    assert "two" in str(stopped)
