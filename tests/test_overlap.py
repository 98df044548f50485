"""The shipped notes are our own words: nothing is copied from the notes they had to cover."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.overlap import LONG, is_name, passages, shared_runs
from tests.support.shared import NOTES, needs_shared
from tests.support.shipped import ROOT

THEIRS = "模型在训练的时候把图像与文本映射到同一个空间，再用对比损失拉近配对的样本。"


def runs(ours: str, theirs: str = THEIRS) -> list[str]:
    return list(shared_runs(ours, [theirs]))


@pytest.mark.parametrize(
    "copy",
    [
        THEIRS,
        f"开头不同，{THEIRS}结尾也不同",
        THEIRS.replace("，", " , ").replace("图像", "**图像**"),
        "模型在训练的时候把图像与文本\n映射到同一个空间，再用对比损失。",
    ],
    ids=["whole", "in the middle", "other punctuation", "broken over lines"],
)
def test_a_copied_passage_is_found(copy: str) -> None:
    (run,) = runs(copy)
    assert len(run) >= LONG


@pytest.mark.parametrize(
    "free",
    [
        f"# {THEIRS}",
        f'<h2 id="a">{THEIRS}</h2>',
        f"- [{THEIRS}](#a)",
        f"```text\n{THEIRS}\n```",
        f"$${THEIRS}$$",
        THEIRS[:19],
        f"{THEIRS[:12]}`code`{THEIRS[12:24]}",
    ],
    ids=["heading", "html heading", "contents", "code", "formula", "short", "two halves"],
)
def test_what_is_not_prose_or_short_is_free(free: str) -> None:
    assert runs(free) == []


def test_width_and_case_hide_nothing() -> None:
    assert passages("ＣＬＩＰ 的\n原理，a B") == ["clip的原理ab"]
    assert len(runs("contrastive LANGUAGE image models", "Ｃontrastive language-image models")) == 1


def test_only_the_listed_names_are_exceptions() -> None:
    assert is_name("pattentionisallyouneed")
    assert not is_name("attentionisallyouneedtobuildamodel")


@needs_shared
@pytest.mark.parametrize("note", sorted((ROOT / "source").glob("*.md")), ids=lambda path: path.stem)
def test_no_run_of_prose_is_shared_with_the_notes_to_cover(note: Path) -> None:
    theirs = [path.read_text("utf-8") for path in sorted(NOTES.glob("*.txt"))]
    assert len(theirs) == 5
    shared = shared_runs(note.read_text("utf-8"), theirs)
    assert [run for run in shared if not is_name(run)] == []
