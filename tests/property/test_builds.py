"""Laws of whole builds, on generated notes."""

from __future__ import annotations

import contextlib
import re
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from deckbuilder.pipeline import Outcome, plan
from deckbuilder.problems import BuildError
from deckbuilder.setting import Request
from tests.support.drafts import write_lock
from tests.support.generated import notes

SETTINGS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=25)
NOW = 1_700_000_000_000


def planned(folder: Path, texts: list[str], now_ms: int = NOW) -> Outcome:
    source = folder / "source"
    source.mkdir(exist_ok=True)
    (source / "deck.toml").write_text('[deck]\nname = "Deck"\n', "utf-8")
    Image.new("RGB", (4, 4), "red").save(source / "red.png")
    for number, text in enumerate(texts):
        (source / f"{number}.md").write_text(text, "utf-8")
    return plan(
        Request(notes=(source,), now_ms=now_ms, output=folder / "x.apkg", offline=True, jobs=1)
    )


def fields_of(outcome: Outcome) -> list[tuple[str, ...]]:
    return [
        (note.guid, note.draft.fields.question, note.draft.fields.answer, note.draft.fields.context)
        for note in outcome.deck.notes
    ]


@settings(SETTINGS)
@given(st.lists(notes(max_blocks=8), min_size=1, max_size=3), st.booleans())
def test_what_is_planned_holds_together(texts: list[str], picture: bool) -> None:
    if picture:
        texts = [*texts, "## What is red?\n\n![red](red.png) and <img src='red.png' width=3>\n"]
    with tempfile.TemporaryDirectory() as folder:
        outcome = planned(Path(folder), texts)
        again = planned(Path(folder), texts, NOW + 99_000)
    assert fields_of(outcome) == fields_of(again)
    assert len({note.guid for note in outcome.deck.notes}) == len(outcome.deck.notes)
    assert len({note.id for note in outcome.deck.notes}) == len(outcome.deck.notes)
    shown: set[str] = set()
    for note in outcome.deck.notes:
        assert note.draft.fields.question
        assert not [tag for tag in note.draft.tags if re.search(r"\s", tag) or not tag]
        html = note.draft.fields.question + note.draft.fields.answer
        shown |= set(re.findall(r'<img[^>]* src="([^"]*)"', html))
        for left in ("<h1", "<h2", " id=", 'href="#', "<script", "<!--"):
            assert left not in re.sub(r"<pre>.*?</pre>", "", html, flags=re.DOTALL)
    assert shown == set(outcome.deck.media)


@settings(SETTINGS)
@given(st.binary(max_size=400))
def test_any_bytes_end_in_a_plan_or_in_problems(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.mkdir()
        (source / "a.md").write_bytes(b"## What is it?\n\n" + data)
        request = Request(notes=(source,), now_ms=NOW, output=Path(folder, "x.apkg"), jobs=1)
        with contextlib.suppress(BuildError):  # and nothing else
            outcome = plan(request)
            assert outcome.failed or len(outcome.deck.notes) <= data.count(b"\n") + 2


SECTIONS = st.lists(
    st.tuples(
        st.text("abcdefgh 什么是如何网络模型", min_size=2, max_size=12).filter(str.strip),
        st.text("abcdefgh 什么是如何网络模型。", min_size=1, max_size=40).filter(str.strip),
    ),
    min_size=2, max_size=8, unique_by=lambda pair: "".join(pair[0].split()),
)  # fmt: skip


def written(sections: list[tuple[str, str]]) -> str:
    return "".join(f"## What is {q.strip()}?\n\nIt is x{a.strip()}.\n\n" for q, a in sections)


@settings(SETTINGS)
@given(SECTIONS, st.data())
def test_reordering_and_editing_keep_the_identity_of_every_other_note(
    sections: list[tuple[str, str]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = planned(folder, [written(sections)])
        write_lock(first.identified.lock, folder / "source" / "deck.lock")
        before = {note.draft.question: note.guid for note in first.deck.notes}
        assert len(before) == len(sections)
        moved = data.draw(st.permutations(sections))
        edited = data.draw(st.integers(0, len(moved) - 1))
        moved[edited] = (moved[edited][0], "quite another answer to it")
        second = planned(folder, [written(moved)], NOW + 5000)
    assert {note.draft.question: note.guid for note in second.deck.notes} == before
    raised = [note for note in second.deck.notes if note.mod > NOW // 1000]
    assert len(raised) <= 1
