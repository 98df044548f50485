"""What all tests share: options, the real Anki, a browser, and the rule about skipped ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import Browser, a_browser
from tests.support.collection import RealCollection, real_collection
from tests.support.workspace import PAIRS, Workspace, qa

ALLOWED = [
    line
    for line in Path(__file__).with_name("allowed_skips.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
_unlisted: set[str] = set()


@pytest.fixture
def anki() -> Iterator[RealCollection]:
    """Give an empty collection of the real Anki."""
    with real_collection() as collection:
        yield collection


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """Give a folder with a file of notes."""
    space = Workspace(tmp_path)
    space.note("a.md", qa(*PAIRS))
    return space


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a window of a real browser."""
    with a_browser() as running:
        yield running


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run tests marked slow")
    parser.addoption("--update-golden", action="store_true", help="accept what golden decks give")


def pytest_configure(config: pytest.Config) -> None:
    """Let an ordinary run be the same every time; the slow one looks for new examples."""
    try:
        from hypothesis import settings
    except ImportError:
        return
    settings.register_profile("ordinary", derandomize=True, deadline=None)
    settings.register_profile("slow", deadline=None)
    settings.load_profile("slow" if config.getoption("--slow") else "ordinary")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="slow: run with --slow"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail") and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if not any(reason.startswith(allowed) for allowed in ALLOWED):
            _unlisted.add(f"{report.nodeid}: {reason}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI every skip must be one that we know of."""
    if _unlisted and os.environ.get("CI"):
        for line in sorted(_unlisted):
            print(f"\nskipped for a reason that tests/allowed_skips.txt does not list: {line}")
        session.exitstatus = 1
