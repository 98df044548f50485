"""Markdown to the HTML of a card, before any cleaning.

Expected may end with lines ``problem: code`` and ``text: …`` (the plain text of the answer).
"""

from __future__ import annotations

import pytest

from tests.support.fixtures import Case, cases
from tests.support.stages import as_sections, rendered, without_language


@pytest.mark.parametrize("case", cases("render"))
def test_markdown_becomes_this_html(case: Case) -> None:
    expected = case.expected
    shown: list[str] = []
    for section in as_sections(case.input):
        result = rendered(section)
        if case.input.startswith("# "):
            shown.append(f"question: {without_language(result.question)}")
        shown.append(without_language(result.answer))
        if "\ntext: " in expected:
            shown.append(f"text: {result.answer_text}")
        shown += [f"problem: {problem.code}" for problem in result.problems]
    assert "\n".join(filter(None, shown)) + "\n" == expected
