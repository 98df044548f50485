"""A fence that its author forgot to close ends before what cannot be code."""

from __future__ import annotations

import pytest

from deckbuilder.markdown import parse_tokens


def headings_and_code(text: str) -> list[str]:
    tokens = parse_tokens(text)
    found = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            found.append(f"# {tokens[index + 1].content}")
        elif token.type == "fence":
            found.append(token.content.strip())
    return found


def test_the_next_number_ends_it() -> None:
    text = "## 1. One\n```js\na\n\n## 2. Two\n```\nb\n```\n"
    assert headings_and_code(text) == ["# 1. One", "a", "# 2. Two", "b"]


def test_another_fence_that_opens_after_a_heading_ends_it() -> None:
    text = "## One\n```js\na\n\n## Two\n```js\nb\n```\n"
    assert headings_and_code(text) == ["# One", "a", "# Two", "b"]


def test_the_end_of_the_file_ends_it_at_the_first_heading() -> None:
    assert headings_and_code("## One\n```js\na\n\n## Two\n\nText\n") == ["# One", "a", "# Two"]


def test_a_way_back_to_the_top_ends_it() -> None:
    text = (
        "1. ### One\n\n    ```\n    a\n\n   **[Back to Top](#contents)**\n\n2. ### Two\n\n    b\n"
    )
    assert headings_and_code(text) == ["# One", "a", "# Two"]


@pytest.mark.parametrize(
    "code",
    [
        "# a comment\n## another",
        "```js\nx\n```",
        "## 7. Not the next number",
    ],
)
def test_closed_code_keeps_what_looks_like_a_heading(code: str) -> None:
    text = f"## 1. One\n\n````md\n{code}\n````\n\n## 2. Two\n"
    assert headings_and_code(text) == ["# 1. One", code, "# 2. Two"]


def test_comments_in_closed_code_stay() -> None:
    text = "## One\n\n```bash\n# a\n## b\n```\n\n```bash\n## c\n```\n"
    assert headings_and_code(text) == ["# One", "# a\n## b", "## c"]
