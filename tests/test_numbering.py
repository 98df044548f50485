"""Numbers in front of headings, by fixtures: all lines of an input are siblings.

Expected are the same lines without what is only their position.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckbuilder.numbering import number_of, position_lengths
from tests.support.fixtures import Case, cases


@pytest.mark.parametrize("case", cases("numbering"))
def test_a_position_goes_and_everything_else_stays(case: Case) -> None:
    lines = case.input.split("\n")[:-1]
    lengths = position_lengths(lines)
    shown = [line[length:] for line, length in zip(lines, lengths, strict=True)]
    assert shown == case.expected.split("\n")[:-1]


@given(st.lists(st.text("0123456789.、:：()（）-一二三十百QA问题 xD", max_size=12), max_size=5))
def test_no_heading_loses_all_of_its_text(texts: list[str]) -> None:
    for text, length in zip(texts, position_lengths(texts), strict=True):
        assert 0 <= length < max(len(text), 1)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("十、x", (10,)), ("二十三、x", (23,)), ("一百零五、x", (105,)), ("4.3.2 x", (4, 3, 2))],
)
def test_chinese_and_nested_numbers_are_read(text: str, parts: tuple[int, ...]) -> None:
    number = number_of(text)
    assert number is not None
    assert number.parts == parts
