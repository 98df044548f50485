"""Each visible word of the notes is on a card, or the report says where it went."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt

from deckbuilder.clean import RULES, clean
from deckbuilder.markdown import plain_text, visible_text
from deckbuilder.model import FileNotes, Section
from tests.support.fixtures import Case, cases
from tests.support.generated import MARK, notes
from tests.support.stages import file_notes, pieces


def shown(notes_: FileNotes) -> str:
    """Return all text that notes hold, tags as well, or the report lists."""
    fields = [
        f"{draft.fields.question}\n{draft.fields.answer}\n{draft.fields.context}\n{draft.tags}"
        for draft in notes_.drafts
    ]
    skipped = [f"{skip.heading}\n{skip.text}" for skip in notes_.skipped]
    html = "\n".join(fields)
    return BeautifulSoup(html, "html.parser").get_text() + html + "\n".join(skipped)


MAY_REMOVE = {"empty-heading", "transition"}
"""Clean rules that remove words of the author's, by their definition."""


def removed_by_rules(text: str) -> Counter[str]:
    """Return the marks that named clean rules took away, a rule at a time."""
    gone: Counter[str] = Counter()
    for section in pieces(text).sections:
        for name, rule in [*RULES.items()] * 3:
            before = _marks_of(section)
            section, count = rule.apply(section)
            missing = before - _marks_of(section)
            assert not missing or (count and name in MAY_REMOVE), f"{name} removed {missing}"
            gone += missing
    return gone


def _marks_of(section: Section) -> Counter[str]:
    shown = "\n".join(
        [plain_text(section.question), visible_text(section.answer), visible_text(section.prompt)]
    )
    return Counter(MARK.findall(shown))


def check(text: str) -> None:
    found = Counter(MARK.findall(shown(file_notes(text)))) + removed_by_rules(text)
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


# Shapes of real notes: words that a reader of the file would see ------------------------------

WORD = re.compile(r"[A-Za-z]{3,}|[\u4e00-\u9fff]{2,}")


FOR_PROGRAMS = re.compile(
    r"#(?:flash)?card[\w-]*|\{\{cloze|^\s*(?:card-[\w-]+|id)::.*|\[!\w+\]|"
    r"^START\n(?:Basic.*|Cloze)$|^END$|^Tags:.*|"
    r"^(?:- |\*\*)?(?:Front|Back|Term|Definition|正面|反面|背面)(?:\*\*)?[:：]|"
    r"^\W*(?:\d\. )?(?:面试官|追问|我|候选人|应聘者|Interviewer|Candidate|User|Assistant|Prompt|"
    r"Response|来自|DeepSeek|GPT|You said|ChatGPT said)(?:\W*|（追问）.*|[- ]\w+.*)(?:[:：]|$)",
    re.MULTILINE,
)
"""What stands in notes to say what is a card, and where."""


def words_seen(text: str) -> Counter[str]:
    """Return the words of *text* as a plain CommonMark reader shows them, but for such marks."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    text = FOR_PROGRAMS.sub("", text)
    html = MarkdownIt("commonmark").enable("table").render(text)
    html = re.sub(r"<!--.*?-->|\{[:#.][^}]*\}|\[\^[^\]]*\]:?", " ", html, flags=re.DOTALL)
    return Counter(WORD.findall(BeautifulSoup(html, "html.parser").get_text(" ")))


def words_removed(text: str) -> set[str]:
    """Return the words of what clean rules took from sections."""
    gone: set[str] = set()
    for section in pieces(text).sections:
        cleaned, fired = clean(section)
        if fired:
            gone |= _words_of(section) - _words_of(cleaned)
    return gone


def _words_of(section: Section) -> set[str]:
    parts = (plain_text(section.question), visible_text(section.answer))
    return {word for part in (*parts, visible_text(section.prompt)) for word in WORD.findall(part)}


@pytest.mark.parametrize("case", cases("structure"))
def test_no_shape_of_notes_loses_a_word(case: Case) -> None:
    found = set(WORD.findall(shown(file_notes(case.input)))) | words_removed(case.input)
    lost = {word for word in words_seen(case.input) if not any(word in one for one in found)}
    assert not lost
