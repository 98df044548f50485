"""Each visible word of the notes is on a card, or the report says where it went."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, example, given, settings
from markdown_it import MarkdownIt

from deckbuilder.clean import clean
from deckbuilder.cut import visible_text
from deckbuilder.markdown import plain_text
from deckbuilder.model import FileNotes, Section
from tests.support.fixtures import Case, cases
from tests.support.generated import MARK, notes
from tests.support.stages import file_notes, pieces


def shown(notes_: FileNotes) -> str:
    """Return all text that cards show or the report lists."""
    fields = [
        f"{draft.fields.question}\n{draft.fields.answer}\n{draft.fields.context}"
        for draft in notes_.drafts
    ]
    skipped = [f"{skip.heading}\n{skip.text}" for skip in notes_.skipped]
    html = "\n".join(fields)
    return BeautifulSoup(html, "html.parser").get_text() + html + "\n".join(skipped)


def check(text: str) -> None:
    found = Counter(MARK.findall(shown(file_notes(text))))
    lost = [mark for mark in MARK.findall(text) if not found[mark]]
    assert not lost, f"{lost} are nowhere"


SETTINGS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@settings(SETTINGS, max_examples=60)
@given(notes())
def test_every_word_is_on_a_card_or_listed_as_skipped(text: str) -> None:
    check(text)


@pytest.mark.slow
@settings(SETTINGS, max_examples=1000)
@given(notes(max_blocks=25))
def test_every_word_of_a_thousand_notes_is_on_a_card_or_listed_as_skipped(text: str) -> None:
    check(text)
