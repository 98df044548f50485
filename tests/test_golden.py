"""Whole decks: the notes of `tests/golden/<name>/source`, built, and the package read back.

``expected.json`` is what came out when somebody looked at it: after a change, look at the
difference, then accept it with ``--update-golden``. ``questions.txt`` is what a person expects
of the notes, written by hand, and is never touched by that option.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deckbuilder.pipeline import plan, write
from deckbuilder.problems import BuildError
from deckbuilder.setting import Request
from tests.support.package import dump

GOLDEN = Path(__file__).parent / "golden"
DECKS = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())
NOW_MS = 1_700_000_000_000


def built(name: str, folder: Path) -> dict[str, Any]:
    """Build the deck *name* into *folder* from its own folder; return all there is to see."""
    request = Request(
        notes=(Path("source"),),
        now_ms=NOW_MS,
        output=folder / "deck.apkg",
        lock=folder / "deck.lock",
        offline=True,
    )
    try:
        outcome = plan(request)
    except BuildError as stopped:
        return {"exit": 1, "problems": [str(problem) for problem in stopped.problems]}
    result = {
        "exit": int(outcome.failed),
        "problems": [str(problem) for problem in outcome.problems],
        "structure": {file.name: file.structure for file in outcome.files},
        "skipped": [f"{s.path}:{s.line}: {s.heading}: {s.why}" for s in outcome.skipped],
        "removed": dict(outcome.removed),
    }
    if not outcome.failed:
        write(outcome)
        result |= dump(folder / "deck.apkg")
    return result


@pytest.mark.parametrize("name", DECKS)
def test_a_golden_deck_is_as_it_was_accepted(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(GOLDEN / name)
    result = built(name, tmp_path)
    questions = (GOLDEN / name / "questions.txt").read_text("utf-8").splitlines()
    found = [one["fields"].get("Question", one["fields"].get("Text")) for one in result["notes"]]
    plain = [_plain(str(field)) for field in found]
    assert plain == questions, "the questions are not those that a person expects"
    accepted = GOLDEN / name / "expected.json"
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    if request.config.getoption("--update-golden"):
        accepted.write_text(text, "utf-8")
    assert accepted.exists(), f"no {accepted.name}: look at the deck, then --update-golden"
    assert json.loads(accepted.read_text("utf-8")) == result


def _plain(html: str) -> str:
    from bs4 import BeautifulSoup

    spaced = html.replace("</div>", "</div> ").replace("</p>", "</p> ")
    return " ".join(BeautifulSoup(spaced, "html.parser").get_text().split())


@pytest.mark.parametrize("name", DECKS)
def test_a_golden_deck_is_complete(name: str) -> None:
    folder = GOLDEN / name
    assert (folder / "source").is_dir(), "an expectation without a deck"
    assert (folder / "questions.txt").is_file(), "questions.txt is written by hand, first"
    assert (folder / "expected.json").is_file(), "run with --update-golden, then look at it"


@pytest.mark.parametrize("name", DECKS)
def test_building_writes_nothing_beside_the_notes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(GOLDEN / name)
    before = sorted(str(path) for path in (GOLDEN / name).rglob("*"))
    built(name, tmp_path)
    assert sorted(str(path) for path in (GOLDEN / name).rglob("*")) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deck.apkg", "deck.lock"]
