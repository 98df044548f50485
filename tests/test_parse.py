"""What a note file says before its headings, and what keeps it from being read."""

from __future__ import annotations

import pytest

from deckbuilder.model import FrontMatter
from deckbuilder.parse import parse
from deckbuilder.problems import Problem
from tests.support.limits import within
from tests.support.stages import a_file


def front(yaml: str) -> tuple[FrontMatter, list[Problem]]:
    document, problems = parse(a_file(f"---\n{yaml}\n---\n\n# What?\n\nThis.\n"))
    return document.front, problems


@pytest.mark.parametrize(
    ("yaml", "tags"),
    [
        ("tags: [a, 1, null, 2024-01-31]", ("a", "1", "2024-01-31")),
        ("tags: 2024", ("2024",)),
        ("tags: a b", ("a", "b")),
        ("tags: a b, c", ("a b", "c")),
    ],
)
def test_tags_are_what_one_would_call_words(yaml: str, tags: tuple[str, ...]) -> None:
    assert front(yaml) == (FrontMatter(tags=tags), [])


@pytest.mark.parametrize(
    "yaml",
    [
        "a: !!bool maybe",
        'a: !!int ""',
        'a: !!float ""',
        "a: !!timestamp x",
        "a: !!python/object:os.system x",
        "a: [",
        "a: " + "[" * 5000,
        "title: [a, b]",
        "deck: {a: b}",
        "tags: {a: b}",
        "tags: [a, [b]]",
        "tags: " + "a" * 20_000,
        "card_level: [1]",
        "card_level: 7",
        "card_level: 0x" + "1" * 5000,
        'title: "\\ud800"',
        "date: 2020-13-45",
    ],
)
def test_what_cannot_be_used_is_said_and_the_rest_of_the_file_read(yaml: str) -> None:
    settings, [problem] = front(yaml)
    assert settings == FrontMatter()
    assert (problem.severity, problem.code) == ("warning", "front-matter")


@pytest.mark.parametrize(
    ("written", "level"), [("3", 3), ('"3"', 3), ("auto", 0), ("", 0), ("0", 0)]
)
def test_a_level_is_a_number_however_a_program_writes_it(written: str, level: int) -> None:
    assert front(f"card_level: {written}") == (FrontMatter(card_level=level), [])


def test_a_wrong_value_is_found_at_its_line() -> None:
    _, problems = front("title: A\ntags: {a: b}\n'card_level' : 9")
    assert [problem.where.line for problem in problems] == [3, 4]
    _, problems = parse(a_file('+++\ntitle = "A"\n\n[taxonomies]\ntags = [[1]]\n+++\n'))
    assert [problem.where.line for problem in problems] == [5]


@pytest.mark.parametrize(
    "title",
    [
        "Paper: It's 😀",
        "Why:",
        "@home",
        "`code`",
        "100%: all",
        '"A" and B',
        "[[Page]]: more",
        "{{date}}",
    ],
)
def test_a_value_that_lacks_its_quotes_is_read_as_meant(title: str) -> None:
    settings, problems = front(f"title: {title}\ntags: [a, b]\ncard_level: 3")
    assert (settings, problems) == (FrontMatter(title=title, tags=("a", "b"), card_level=3), [])


def test_front_matter_may_be_toml() -> None:
    block = 'title = "Sorting"\ndate = 2024-01-02\n[taxonomies]\ntags = ["sort", "list"]'
    document, problems = parse(a_file(f"+++\n{block}\n+++\n\n# What?\n\nThat.\n"))
    assert (document.front, problems) == (FrontMatter(title="Sorting", tags=("sort", "list")), [])
    assert document.headings[0].line == 8
    for endless in ("[" * 20_000, "9" * 5_000, "0x" + "f" * 5_000):
        _, [problem] = parse(a_file(f"+++\ncard_level = {endless}\n+++\n"))
        assert "front matter is not valid TOML" in problem.message
    _, [problem] = parse(a_file("+++\ntitle = Sorting\n+++\n"))
    assert (problem.code, problem.where.line) == ("front-matter", 2)
    document, problems = parse(a_file("+++\nno settings\n+++\n"))
    assert (len(document.tokens), problems) == (3, [])


def test_a_few_lines_do_not_stand_for_gigabytes() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with within(1):
        settings, [problem] = front("\n".join([*lines, "title: *a11"]))
    assert (settings, problem.code) == (FrontMatter(), "front-matter")


CONFLICT = """<<<<<<< HEAD
It keeps no state.
=======
It keeps state.
>>>>>>> theirs
"""


def test_marks_of_a_failed_merge_are_an_error_at_their_line() -> None:
    _, [problem] = parse(a_file(f"## What is TCP?\n\n{CONFLICT}"))
    assert (problem.severity, problem.code) == ("error", "note-conflict")
    assert problem.where.line == 3


def test_notes_on_git_may_show_them() -> None:
    code = (f"```\n{CONFLICT}```\n", f"<pre>\n{CONFLICT}</pre>\n", f"<!--\n{CONFLICT}-->\n")
    for text in (*code, CONFLICT.replace("=======\n", ""), "<<<<<<< HEAD\n"):
        assert parse(a_file(f"## What does git write?\n\n{text}"))[1] == []


@pytest.mark.parametrize("lines", ["<<<<<<< a\n", "<<<<<<< a\n=======\n"])
def test_many_marks_take_no_time(lines: str) -> None:
    with within(5):
        parse(a_file(lines * 10_000))
