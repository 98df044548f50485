"""Five real note files: the counts, questions and leftovers that a person found in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from deckbuilder.pipeline import write
from tests.support.collection import RealCollection
from tests.support.package import dump
from tests.support.shared import NOTES, needs_shared, notes_of, plan_shared

pytestmark = needs_shared
INTERVIEW = ("000", "001", "002", "003")


@pytest.mark.parametrize(
    ("number", "count"), [("000", 7), ("001", 16), ("002", 35), ("003", 42), ("004", 35)]
)
def test_every_file_gives_as_many_notes_as_it_has_questions(
    number: str, count: int, tmp_path: Path
) -> None:
    outcome = plan_shared(tmp_path, number)
    assert len(outcome.deck.notes) == count
    assert outcome.merged == 0


def test_questions_that_several_files_ask_are_one_note_with_the_tags_of_all(tmp_path: Path) -> None:
    outcome = plan_shared(tmp_path, *INTERVIEW)
    assert (outcome.merged, len(outcome.deck.notes)) == (49, 51)
    files = [len(note.draft.places) for note in outcome.deck.notes]
    assert sum(files) == 100
    merged = next(note for note in outcome.deck.notes if len(note.draft.places) > 1)
    assert merged.draft.fields.source.count("<br>") == len(merged.draft.places) - 1


def test_the_tags_of_files_named_by_a_hash_come_from_their_questions(tmp_path: Path) -> None:
    outcome = plan_shared(tmp_path, *INTERVIEW)
    tags = {tag for note in outcome.deck.notes for tag in note.draft.tags}
    assert {"CLIP", "BLIP2", "Transformer"} <= tags
    assert not [tag for tag in tags if re.search(r"[0-9a-f]{12}", tag)]


# The article: its labels say which lines are questions, and which are not -------------------------

SECTIONS = [
    "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3", "4.1", "4.2", "4.3", "4.3",
    "5.1", "5.2", "5.3", "6.1", "6.2", "6.3", "6.4", "7.1", "7.2", "7.3", "7.4",
]  # fmt: skip
APPENDICES = ["附录 A", "附录 B", "附录 C", "附录 D"]
ASKED = ["问题1", "问题2", "问题3", "问题4", "问题5", "问题6", "问题7"]
LABEL = re.compile(r"\d\.\d|附录 [A-D]|问题\d")


def test_the_questions_of_the_article_are_its_numbered_sections_appendices_and_pairs(
    tmp_path: Path,
) -> None:
    lines = notes_of("004")[0].read_text("utf-8").split("\n")
    labels = []
    for note in plan_shared(tmp_path, "004").deck.notes:
        written = lines[note.draft.places[0].where.line - 1].strip("#* ")
        label = LABEL.match(written)
        assert label, f"{written!r} became a card"
        labels.append(label[0])
        shown = written if label[0] in APPENDICES else written[label.end() :].lstrip("： ")
        assert note.draft.question == shown
    assert labels == SECTIONS + APPENDICES + ASKED


def test_what_introduces_and_closes_the_article_is_listed_as_skipped(tmp_path: Path) -> None:
    skipped = plan_shared(tmp_path, "004").skipped
    headings = [skip.heading for skip in skipped]
    expected = [
        "文章标题", "", "第2章", "第3章", "第4章", "第5章", "第6章", "第7章",
        "作者信息", "文章总结",
    ]  # fmt: skip
    assert len(headings) == len(expected)
    for heading, start in zip(headings, expected, strict=True):
        assert heading.startswith(start)
    assert [skip.why for skip in skipped].count("contents list") == 1
    assert headings[1].endswith("目录大纲")
    assert "摘要" in skipped[0].text


def test_its_pictures_are_packed_and_the_remote_ones_are_named(tmp_path: Path) -> None:
    outcome = plan_shared(tmp_path, "003")
    assert len(outcome.deck.media) == len(list((NOTES / "imgs").iterdir())) == 14
    remote = [problem for problem in outcome.problems if problem.code == "image-remote"]
    assert len(remote) == 2
    lines = [problem.where.line for problem in remote]
    text = notes_of("003")[0].read_text("utf-8").split("\n")
    assert all("https://github.com/" in text[line - 1] for line in lines)


# The package -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared")
    write(plan_shared(folder, *INTERVIEW, "004"))
    return folder / "deck.apkg"


LEFTOVERS = ["<h2", " id=", 'href="#', "**", "$$", "![", "目录", "<a name"]


def without_code(html: str) -> str:
    return re.sub(r"<pre>.*?</pre>|<code>.*?</code>", "", html, flags=re.DOTALL)


def test_no_field_holds_scaffolding(package: Path) -> None:
    notes: list[dict[str, Any]] = dump(package)["notes"]
    assert len(notes) == 86
    for note in notes:
        for name, value in note["fields"].items():
            found = [one for one in LEFTOVERS if one in without_code(value)]
            assert not found, (note["guid"], name, found)
        question = re.sub(r"<[^>]*>", "", note["fields"]["Question"])
        assert not re.match(r"\d+\s*[.、]|[(（]\d|问题\s*\d", question), question


def test_anki_imports_it_clean_and_a_second_time_changes_nothing(
    package: Path, anki: RealCollection
) -> None:
    assert anki.load(package) == {"new": 86}
    assert anki.checks().clean
    anki.mark_synced()
    before = anki.notes()
    assert anki.load(package) == {"duplicate": 86}
    assert anki.dirty() == 0
    assert anki.notes() == before
