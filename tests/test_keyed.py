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
