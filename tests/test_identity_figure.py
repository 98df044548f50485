"""Holds the measured quality of identity; `tests.bench.bench_identity` prints the whole table."""

from __future__ import annotations

import pytest

from tests.bench.bench_identity import (
    KINDS,
    Edit,
    Sample,
    answer_rewritten,
    in_its_place,
    measure,
    moved,
    other_words,
    repeated,
    samples,
)
from tests.support.process import printed

FAMILIES = (
    "模型类型",
    "遍历",
    "复杂度 短答案",
    "监督",
    "Languages",
    "Input and output",
    "Capitals",
)


def few() -> list[Sample]:
    """Return the families that are most easily confused, and a few other sections."""
    some = samples()
    return [one for one in some if one.family in FAMILIES] + [one for one in some if not one.near][
        :6
    ]


def check(everything: list[Sample], edit: Edit, *, one_side: bool) -> None:
    figure = measure(everything, edit)
    assert figure.wrong == ()
    if one_side:
        assert len(figure.missed) <= figure.edits / 100, figure.missed


@pytest.mark.parametrize(("name", "edit", "one_side"), KINDS, ids=[name for name, _, _ in KINDS])
def test_no_history_goes_to_another_note(name: str, edit: Edit, one_side: bool) -> None:
    check(few(), edit, one_side=one_side)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "edit", "one_side"), KINDS, ids=[name for name, _, _ in KINDS])
def test_no_history_goes_to_another_note_in_the_whole_corpus(
    name: str, edit: Edit, one_side: bool
) -> None:
    check(samples(), edit, one_side=one_side)


def test_other_words_altogether_lead_to_no_wrong_note() -> None:
    assert measure(few(), other_words).wrong == ()


def test_a_near_duplicate_written_in_the_place_of_a_section_is_new() -> None:
    assert in_its_place([one for one in few() if one.near and len(one.answer) > 12]).wrong == ()


@pytest.mark.slow
def test_every_near_duplicate_written_in_the_place_of_a_section_is_new() -> None:
    assert in_its_place(samples()).wrong == ()


@pytest.mark.parametrize("edit", [moved, answer_rewritten])
def test_repeated_questions_are_told_apart(edit: Edit) -> None:
    check(repeated(40), edit, one_side=True)


def test_the_corpus_is_large_and_near_enough() -> None:
    everything = samples()
    assert len(everything) >= 90
    assert sum(one.near for one in everything) * 3 >= len(everything)
    assert all(len(one.rewordings) == 2 for one in everything)
    assert len({one.question for one in everything}) == len(everything)


STORM = """
from tests.bench.bench_identity import both_rewritten, samples
from tests.support.drafts import NOW, lock_text, run
first = run([one.draft() for one in samples()])
again = run([both_rewritten(one, 0).draft() for one in samples()], first.lock, now_ms=NOW + 1000)
print(ascii(lock_text(again.lock)), ascii(list(map(str, again.problems))))
"""


def test_nothing_hangs_on_the_order_of_sets() -> None:
    outputs = {printed("-c", STORM, PYTHONHASHSEED=seed) for seed in ("1", "2", "3")}
    assert len(outputs) == 1
