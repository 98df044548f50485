"""No stage grows worse than the notes do (P10): counted in calls, which no busy machine changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from deckbuilder.draft import notes_of_file
from deckbuilder.identify import identify
from deckbuilder.identity.lock import Lock
from deckbuilder.model import Draft, FileSettings, SourceFile
from deckbuilder.pictures.media import MediaLibrary
from tests.support.limits import within
from tests.support.notes import a_deck, some_notes
from tests.support.package import pack

MOST = 1.25
"""How much more than four times the work four times the notes may cost."""


def calls(work: Callable[[], object]) -> int:
    """Return how many calls, of Python and of C, *work* takes."""
    count = 0

    def profile(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    work()  # caches of modules and patterns are filled by the first run
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def check_growth(work: Callable[[int], Callable[[], object]], start: int) -> None:
    few, many = calls(work(start)), calls(work(4 * start))
    assert many <= 4 * MOST * few, f"{few} calls for {start}, {many} for {4 * start}"


def interview(count: int) -> str:
    """Return notes with a contents list, headings that count, code, lists and a table."""
    contents = "\n".join(f"- [{n}.什么是 Term{n}？](#q{n})" for n in range(count))
    sections = "\n".join(
        f'<h2 id="q{n}">{n}.什么是 Term{n}？</h2>\n\n**第 {n} 项**：解释 `x = {n}`。\n\n'
        f"- 一\n- 二 $x_{n}$\n\n"
        f"```python\nprint({n})\n```\n\n| a | b |\n|---|---|\n| {n} | 2 |\n\n**[⬆ 返回](#目录)**\n"
        for n in range(count)
    )
    return f"## 目录\n\n{contents}\n\n{sections}"


def course(count: int) -> str:
    """Return notes without a contents list: chapters, sections, bold lines, footnotes."""
    return "# Course\n\n" + "\n".join(
        f"## Chapter {n}\n\nIntro.\n\n### Topic {n}\n\n**Note:**\nText[^{n}] <b>raw</b>.\n\n"
        f"[^{n}]: foot\n"
        for n in range(count)
    )


def pairs(count: int) -> str:
    """Return questions and answers that are labelled, numbered through."""
    return "\n".join(f"**Q{n}: What is term {n}?**\n\nA: It is {n}.\n" for n in range(count))


def letters(count: int) -> str:
    """Return questions and answers that begin with letters, and nothing else."""
    return "\n".join(f"P: Qué es {n}?\nR: Es {n}.\n" for n in range(count))


@pytest.mark.parametrize(
    ("shape", "start"), [(interview, 40), (course, 40), (pairs, 40), (letters, 150)]
)
def test_a_long_file(shape: Callable[[int], str], start: int) -> None:
    library = MediaLibrary.scan([], [], max_width=0)

    def work(count: int) -> Callable[[], object]:
        file = SourceFile("a.md", "a.md", Path(), shape(count))
        return lambda: notes_of_file(file, FileSettings("Deck"), library)

    check_growth(work, start)


def drafts(text: str) -> list[Draft]:
    library = MediaLibrary.scan([], [], max_width=0)
    file = SourceFile("a.md", "a.md", Path(), text)
    return list(notes_of_file(file, FileSettings("Deck"), library).drafts)


COMMON: dict[str, Any] = {"namespace": "Deck", "elsewhere": [], "structures": {}}


def locked(old: list[Draft]) -> Lock:
    return identify(old, None, now_ms=1_700_000_000_000, **COMMON).lock


@pytest.mark.parametrize("word", ["", "改写"])
def test_finding_every_note_again(word: str) -> None:
    def work(count: int) -> Callable[[], object]:
        lock = locked(drafts(interview(count)))
        today = drafts(interview(count).replace("解释", f"解释{word}"))
        return lambda: identify(today, lock, now_ms=1_700_000_900_000, **COMMON)

    check_growth(work, 60)


def test_a_question_asked_a_hundred_times_with_every_answer_edited() -> None:
    def text(edition: str) -> str:
        shared = "a page is a fixed piece of memory and a frame is a place for it"
        return "\n".join(f"## Example?\n\n{n} {shared}, {n * n} {edition}.\n" for n in range(100))

    lock, today = locked(drafts(text("one"))), drafts(text("two"))
    with within(1.5):
        identify(today, lock, now_ms=1_700_000_900_000, **COMMON)


def test_packing(tmp_path: Path) -> None:
    def work(count: int) -> Callable[[], object]:
        deck = a_deck(*some_notes(count))
        return lambda: pack(deck, tmp_path / "deck.apkg", "Deck")

    check_growth(work, 100)
