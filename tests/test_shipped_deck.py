"""The deck that the repository ships: it builds without a word, and is good to study from."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from rapidfuzz import fuzz

from deckbuilder.model import CardStatus, Draft, MediaFile
from deckbuilder.pipeline import Outcome, plan, write
from tests.support.collection import RealCollection
from tests.support.shipped import NAME, ROOT, copy_shipped, plan_shipped

ONE_SITTING = 600
"""Chinese characters and Latin words of an answer, code aside: two or three minutes."""
LINES_OF_CODE = 30
WORD = re.compile(r"[\u4e00-\u9fff]|[A-Za-z0-9]+")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return plan_shipped(tmp_path_factory.mktemp("shipped"))


def test_it_builds_without_a_problem(shipped: Outcome) -> None:
    assert shipped.problems == ()
    assert not shipped.failed
    assert shipped.deck.name == NAME
    assert len(shipped.deck.notes) >= 180
    assert shipped.merged == 0


def test_nothing_is_left_over_but_contents_lists_and_chapter_headings(shipped: Outcome) -> None:
    assert {skipped.why for skipped in shipped.skipped} <= {"contents list", "no text below it"}


def test_its_lock_is_current(tmp_path: Path) -> None:
    """If this fails: run ``python build_deck.py`` once and commit source/deck.lock."""
    request = copy_shipped(tmp_path)
    lock = tmp_path / "source" / "deck.lock"
    before = lock.read_bytes()
    assert NAME in before.decode("utf-8").splitlines()[0]
    outcome = plan(request)
    assert {status for one in outcome.identified.changes for status in one.statuses} == {
        CardStatus.UNCHANGED
    }
    write(outcome)
    assert lock.read_bytes() == before


def test_anki_takes_it_and_has_nothing_to_complain_of(tmp_path: Path, anki: RealCollection) -> None:
    request = copy_shipped(tmp_path)
    outcome = plan(request)
    write(outcome)
    assert request.output
    assert anki.load(request.output) == {"new": len(outcome.deck.notes)}
    assert anki.checks().clean
    assert {card.deck for note in anki.notes().values() for card in note.cards} == {NAME}


def test_every_note_has_its_chapter_and_one_to_four_topics(shipped: Outcome) -> None:
    wrong = {}
    for note in shipped.deck.notes:
        topics = [tag for tag in note.draft.tags if "::" in tag]
        if not (1 <= len(topics) <= 4 and len(note.draft.tags) == len(topics) + 1):
            wrong[note.draft.question] = note.draft.tags
    assert wrong == {}


def test_no_topic_is_on_so_many_notes_that_it_says_nothing(shipped: Outcome) -> None:
    notes = [note.draft.tags for note in shipped.deck.notes]
    topics = {tag for tags in notes for tag in tags if "::" in tag}
    counts = {topic: sum(topic in tags for tags in notes) for topic in topics}
    assert max(counts.values()) <= len(notes) / 5
    assert min(counts.values()) >= 3


def test_every_picture_in_media_is_shown(shipped: Outcome) -> None:
    shown = {
        media.path.name
        for note in shipped.deck.notes
        for media in note.draft.media
        if isinstance(media, MediaFile)
    }
    assert shown == {path.name for path in (ROOT / "media").iterdir()}


def test_every_answer_fits_one_sitting(shipped: Outcome) -> None:
    words = {
        note.draft.question: len(WORD.findall(answer(note.draft))) for note in shipped.deck.notes
    }
    assert {question: count for question, count in words.items() if count > ONE_SITTING} == {}


@pytest.mark.parametrize("path", sorted((ROOT / "source").glob("*.md")), ids=lambda path: path.stem)
def test_no_code_is_longer_than_a_screen(path: Path) -> None:
    blocks = re.findall(r"^```\w+\n(.*?)^```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert max((block.count("\n") for block in blocks), default=0) <= LINES_OF_CODE


def test_no_two_questions_and_no_two_answers_are_alike(shipped: Outcome) -> None:
    pairs = [(note.draft.question, answer(note.draft)) for note in shipped.deck.notes]
    alike = [
        (one, two)
        for (one, one_answer), (two, two_answer) in combinations(pairs, 2)
        if (names(one) == names(two) and close(one, two, 85)) or close(one_answer, two_answer, 60)
    ]
    assert alike == []


def answer(draft: Draft) -> str:
    """Return the text of an answer without its code."""
    soup = BeautifulSoup(draft.fields.answer, "lxml")
    for code in soup.find_all("pre"):
        code.decompose()
    return soup.get_text(" ")


def names(question: str) -> set[str]:
    """Names in a question: what is asked of CLIP may be asked of BLIP."""
    return set(re.findall(r"[a-z0-9-]+", question.casefold()))


def close(one: str, two: str, percent: int) -> bool:
    return fuzz.ratio(one, two, score_cutoff=percent) >= percent


@pytest.mark.parametrize("path", sorted((ROOT / "source").glob("*.md")), ids=lambda path: path.stem)
def test_chinese_and_latin_are_written_with_one_space_and_full_width_marks(path: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|\]\([^)\n]*\)|<[^>\n]*>", "", text)
    text = re.sub(r"\*\*|==", "", text)
    text = re.sub(r"第\d章|问题\d", "", text)
    han = "\u4e00-\u9fff"
    glued = re.findall(f".?[{han}][A-Za-z0-9].?|.?[A-Za-z0-9%][{han}].?", text)
    narrow = re.findall(f"[{han}][,;:?!()]|[,;:?!)][{han}]", text)
    assert (glued, narrow) == ([], [])
