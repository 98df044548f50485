"""Answers that stand together: each goes to the question of its number, or stays where it is.

Expected are the cards, one a line: ``question => answer``, as a reader would see them.
"""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.support.fixtures import Case, cases
from tests.support.stages import file_notes


def _seen(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


@pytest.mark.parametrize("case", cases("keyed"))
def test_every_answer_finds_its_question(case: Case) -> None:
    drafts = file_notes(case.input).drafts
    found = [f"{_seen(one.fields.question)} => {_seen(one.fields.answer)}" for one in drafts]
    assert found == case.expected.split("\n")[:-1]


CHOICES = "A. the rudder\nB. the mast\n\n"
KEY = "1. A\n2. B\n3. A\n"


@pytest.mark.parametrize(
    ("asked", "announced"),
    [
        (f"## 1. What stops?\n\n{CHOICES}## 2. What drives?\n\n{CHOICES}", "## Answers"),
        (f"**1. What stops?**\n\n{CHOICES}**2. What drives?**\n\n{CHOICES}", "**Answers**"),
        ("1. What stops?\n2. What drives?\n\n", "## Answers"),
        ("1. 用来停船的是（ ）。\n\n   A. 桨\n   B. 锚\n\n2. 船头在（ ）。\n\n", "## 参考答案"),
        (f"## What stops?\n\n{CHOICES}## What drives?\n\n{CHOICES}", "## Answers"),
    ],
)
def test_a_key_that_fits_no_question_is_on_no_card_and_named(asked: str, announced: str) -> None:
    """Nobody can tell which answer was meant: the last question had them all, as its own."""
    text = f"# Rowing\n\n{asked}{announced}\n\n{KEY}"
    found = file_notes(f"{text}\n## What is a boat?\n\nIt floats.\n")
    assert [one.question for one in found.drafts] == ["What is a boat?"]
    line = text.split("\n").index(announced) + 1
    assert [(one.code, one.where.line) for one in found.problems] == [("answers-unused", line)]


@pytest.mark.parametrize(
    "below",
    ["It is the oar.\n\n", "**Answer:** A\n\n", f"{CHOICES}It is the first.\n\n"],
)
def test_a_list_below_the_last_answer_stays_where_the_questions_have_answers(below: str) -> None:
    text = f"## 1. What stops?\n\n{below}## 2. What drives?\n\n{below}### Answers\n\n{KEY}"
    found = file_notes(text)
    assert [one.question for one in found.drafts][:2] == ["What stops?", "What drives?"]
    assert not any(one.code == "answers-unused" for one in found.problems)
