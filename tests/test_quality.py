"""Remarks on cards: each code with a case that deserves it and one that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckbuilder.model import FileSettings
from deckbuilder.pipeline import plan
from deckbuilder.problems import BuildError, Location, Severity, note, warning
from deckbuilder.quality import MOST, STYLE_CODES, check_cards, few_of_each
from deckbuilder.setting import Request
from tests.support.drafts import a_draft
from tests.support.limits import within
from tests.support.stages import file_notes
from tests.support.workspace import Workspace, qa


def said(text: str) -> list[tuple[str, int]]:
    """Return code and line of what is said of a section with this body, which begins at line 3."""
    problems = file_notes(f"# What is it?\n\n{text}").problems
    return [(problem.code, problem.where.line) for problem in problems]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("One.\ntwo ![a](no.png)", 4),
        ("- one\n- two\n  - ![a](no.png)", 5),
        ("| a |\n|---|\n| ![a](no.png) |", 5),
        ("> one\n> ![a](no.png)", 4),
        ("> [!note] One\n> ![a](no.png)", 4),
        ("> [!note] ![a](no.png)\n> two", 3),
        ("<p>\n<img src='no.png' alt='a'>\n</p>", 4),
        ("Term\n: ![a](no.png)", 4),
        ("One[^1].\n\n[^1]: ![a](no.png)", 5),
        ("<details><summary>One</summary>\n\n![a](no.png)\n\n</details>", 5),
        ("One two.\n\n!!! note\n    ![a](no.png)", 6),
    ],
)
def test_a_missing_picture_is_named_at_its_line(text: str, line: int) -> None:
    assert said(text) == [("image-missing", line)]


LONG = "A sentence of some forty letters or more. " * 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Formulas
        ("Here $\\frac{a}{b$ it is.", [("math-unbalanced", 3)]),
        ("One.\n\n$$\n\\left( x\n$$", [("math-unbalanced", 5)]),
        ("$$\n\\begin{aligned} x\n$$", [("math-unbalanced", 3)]),
        ("$\\left\\{ a \\right. + \\{ b$ and $\\leftarrow$ and $\\text{a \\% b}$", []),
        ("> One\n> and $\\frac{a}{b$ two", [("math-unbalanced", 4)]),
        ("`$\\frac{a$` is code.", []),
        # Tables
        ("| a | b |\n|---|---|\n| 1 | 2 | 3 |\n| 1 | 2 |", [("table-cells", 5)]),
        ("| a | b |\n|---|---|\n| 1 \\| 2 | 3 |\n| 4 |\n| 5 | 6 | |", []),
        ("> | a | b |\n> |---|---|\n> | 1 | `2 | 3` | 4 |", [("table-cells", 5)]),
        ("| a | b |\n|---|---|\n| `1|2` | $|3|$ |\n| 1 | `2|3`", []),
        # Leftovers
        ("Some **bold that never ends", [("markup-left", 3)]),
        ("One line,\nand **two**.\nAnd **three", [("markup-left", 5)]),
        ("One.\n\nA ![picture](no ending", [("markup-left", 5)]),
        ("A [link](https://example.org/a b) here", [("markup-left", 3)]),
        ("A [[wiki link here", [("markup-left", 3)]),
        ("A line with <div class= here", [("markup-left", 3)]),
        ("Costs $$ a lot", [("markup-left", 3)]),
        ("缩放因子是 {{c1：：根号 d}}。", [("markup-left", 3)]),
        ("It is {{c1:one}} or {{c2:：two}}.", [("markup-left", 3)]),
        ("`**` and \\*\\*kwargs and \\<img\\> and &lt;br&gt; it is", []),
        ("One.\n\n<p>Left **open</p>", [("markup-left", 5)]),
        ("<!-- **x** -->\n\n<pre>**x**</pre>\n\n<p>2 ** 3 and **y**</p>", []),
        ("2 ** 3 is 8 and a[[0, 1]] or x[[0]] in numpy; a < b", []),
        ("```\n**x <div ![](\n```", []),
        # What stands elsewhere
        ("One.\n\nSee ![[Other note#Part]].", [("text-elsewhere", 5)]),
        ("- {{embed [[Page]]}}", [("text-elsewhere", 3)]),
        ("- ((64f0c0de-1111-4222-8333-444455556666))", [("text-elsewhere", 3)]),
        ('One.\n\n--8<-- "a.md"', [("text-elsewhere", 5)]),
        ("One.\n\n{% include a.md %}", [("text-elsewhere", 5)]),
        ("One.\n\n```dataview\nLIST\n```", [("text-elsewhere", 5)]),
        ("One.\n\n```{include} a.md\n```", [("text-elsewhere", 5)]),
        ("One.\n\n[外链图片转存失败,源站可能有防盗链机制(img-1)]", [("text-elsewhere", 5)]),
        ("One of two.\n\n<!--@include: ./a.md-->", [("text-elsewhere", 5)]),
        ('One of two.\n\n<image token="a1" width="9"/>', [("text-elsewhere", 5)]),
        ("[[Page]], `![[Page]]`, `{{embed}}` and {{ query }}; x <<< y.", []),
        ("```python\n![[x]]\n```", []),
        # Pictures
        ("Look: ![](https://example.org/a.png)", [("image-alt", 3)]),
        ("- One\n  ![](https://example.org/a.png)", [("image-alt", 4)]),
        ("Look: ![a map](https://example.org/a.png)", []),
        ("Two is ![[公式]](https://www.zhihu.com/equation?tex=1%2B1)", []),
        (
            r'One of two. <img src="C:\Users\a.png" alt="a" style="zoom:50%;" />',
            [("image-name-invalid", 3)],
        ),
        # Answers
        ("Yes.", [("answer-short", 3 - 2)]),
        ("对。", [("answer-short", 1)]),
        ("Two words", []),
        ("三个字", []),
        ("`code`", []),
        ("$x$", []),
        ("- one", []),
    ],
)
def test_a_section_is_judged_by_what_it_shows(text: str, expected: list[tuple[str, int]]) -> None:
    assert said(text) == expected


def test_a_word_is_enough_of_an_answer_in_a_list_of_words() -> None:
    rows = "- bow - front\n- stern - back\n- keel - below\n"
    assert not file_notes(f"# Words\n\n{rows}").problems
    assert not file_notes("bow\tfront\nstern\tback\nkeel\tbelow\n").problems


def test_a_table_of_questions_is_judged_as_well() -> None:
    rows = "| What is `a|b`? | bitwise or |\n| What is a|b? | bitwise or |"
    problems = file_notes(f"| Question | Answer |\n|---|---|\n{rows}\n").problems
    assert ("table-cells", 4) in [(one.code, one.where.line) for one in problems]
    assert sum(one.code == "table-cells" for one in problems) == 1


def test_a_long_answer_is_told_where_it_could_be_cut() -> None:
    text = f"# What?\n\n## First\n\n{LONG * 4}\n\n**Second**\n\n{LONG * 4}\n"
    [problem] = file_notes(text).problems
    assert (problem.code, problem.severity) == ("answer-long", "note")
    assert "line 3 (First)" in problem.message
    assert "line 7 (Second)" in problem.message
    assert not file_notes(f"# What?\n\n{LONG * 3}\n").problems


def codes(*questions: str) -> list[str]:
    drafts = [a_draft(q, f"answer {n}", tags=["x"], line=n) for n, q in enumerate(questions, 1)]
    return [problem.code for problem in check_cards(drafts)]


@pytest.mark.parametrize("question", ["总结", "Example", "Conclusion", "优点"])
def test_a_question_that_asks_nothing_needs_a_heading_above_it(question: str) -> None:
    assert codes(question) == ["question-vague"]
    below = a_draft(question, tags=["x"], context=["Sorting"])
    assert check_cards([below]) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is a red-black tree?", "What's the red-black tree"),
        ("Explain the CAP theorem", "What is the CAP theorem?"),
        ("请简述注意力机制的原理", "注意力机制的原理是什么？"),
        ("what is gradient descent?", "What is Gradient Descent?"),
    ],
)
def test_questions_that_ask_the_same_in_other_words_are_told(one: str, other: str) -> None:
    assert codes(one, "How does a compiler allocate registers?", other) == ["question-similar"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is C?", "What is C++?"),
        ("What is L1 regularisation?", "What is L2 regularisation?"),
        ("注意力机制的优点是什么？", "注意力机制的缺点是什么？"),
        ("What does == do in JavaScript?", "What does === do in JavaScript?"),
        ("How are threads started?", "How are processes started?"),
        ("Why BERT?", "Why GPT?"),
    ],
)
def test_questions_on_different_things_are_not_the_same(one: str, other: str) -> None:
    assert codes(one, other) == []


def test_the_same_question_under_other_headings_is_another_question() -> None:
    drafts = [
        a_draft("The main intent of it", f"answer {n}", tags=["x"], context=[n]) for n in "ab"
    ]
    assert check_cards(drafts) == []


def test_a_note_without_tags_and_a_file_that_no_note_shows_are_told() -> None:
    problems = check_cards([a_draft()], ["media/lonely.png"])
    assert [(problem.code, problem.where.path) for problem in problems] == [
        ("untagged", "source/notes.md"),
        ("image-unused", "media/lonely.png"),
    ]


def test_many_remarks_of_one_kind_become_a_few_and_a_number() -> None:
    many = [note("untagged", Location("a.md", n), "no tag") for n in range(1, 101)]
    loud = [warning("table-cells", Location("a.md", n), "lost") for n in range(1, 101)]
    kept = few_of_each([*many, *loud])
    assert len(kept) == MOST + 100
    assert kept[MOST - 1].message == "no tag; and 95 more like this"


def test_remarks_on_style_do_not_stop_a_strict_build(tmp_path: Path) -> None:
    source = tmp_path / "notes"
    source.mkdir()
    settings = '[deck]\nname = "N"\n[notes]\ncard_level = 2\n[tags]\npath = false\n'
    (source / "deck.toml").write_text(settings, "utf-8")
    (source / "a.md").write_text("## 总结\n\nyes\n\n## What is it?\n\n[x](gone.md)\n", "utf-8")
    (source / "unused.png").write_bytes(b"x")
    outcome = plan(Request(notes=(source,), now_ms=1_700_000_000_000, strict=True))
    found = {problem.code for problem in outcome.problems}
    assert {"answer-short", "question-vague", "link-missing", "image-unused", "untagged"} <= found
    assert not outcome.failed
    assert all(p.severity is Severity.NOTE for p in outcome.problems if p.code in STYLE_CODES)


def test_a_link_is_known_with_its_line() -> None:
    text = "## What is it?\n\nSee [one](a.md),\nand **some**\n[two](b.md).\n"
    assert file_notes(text).links == ((3, "a.md"), (5, "b.md"))


def test_links_and_pictures_that_lead_somewhere_are_fine(tmp_path: Path) -> None:
    source = tmp_path / "notes"
    (source / "deep").mkdir(parents=True)
    (source / "deck.toml").write_text('[deck]\nname = "N"\n', "utf-8")
    text = "## What is it?\n\n[one](deep/b.md#x) [two](deep/b) [three](deep/) [four](a%2Eb.md)\n"
    (source / "a.md").write_text(text, "utf-8")
    (source / "deep" / "b.md").write_text("## What else?\n\n[back](../a.md) as well\n", "utf-8")
    text = "## And then?\n\n[top](#what-else) [web](https://x.org) x\n"
    (source / "a.b.md").write_text(text, "utf-8")
    outcome = plan(Request(notes=(source,), now_ms=1_700_000_000_000))
    assert outcome.problems == ()


@pytest.mark.parametrize(
    "question", ["What does function{n} do with thing{n} in it?", "What does the same thing do?"]
)
def test_looking_for_similar_questions_does_not_compare_them_all(question: str) -> None:
    drafts = [a_draft(question.format(n=n), tags=["x"], name=f"{n}.md") for n in range(10_000)]
    with within(3):
        check_cards(drafts)


# What is on no card ----------------------------------------------------------------------------


def left_over(text: str, *, card_level: int = 0) -> list[tuple[str, str, int]]:
    """Return severity, code and line of what is said of text that is on no card."""
    settings = FileSettings(deck="Deck", card_level=card_level)
    problems = file_notes(text, settings=settings).problems
    codes = {"no-questions", "marks-unused"}
    return [(p.severity, p.code, p.where.line) for p in problems if p.code in codes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Some text, and nothing that asks.\n", [("note", "no-questions", 1)]),
        ("# What is a page?\n\n# What is a block?\n", [("note", "no-questions", 1)]),
        ("Before it.\n\n# What is a page?\n\nMemory.\n", []),
        ("# What is it?\n\n<!-- card: skip -->\n\nA page.\n", []),
        ("", []),
        ("Paris is in {{c1::France}}.\n", [("warning", "marks-unused", 1)]),
        ("Write `{{c1::France}}`.\n", [("note", "no-questions", 1)]),
        ("```\nQ: a?\nA: b\n```\n", [("note", "no-questions", 1)]),
        ("One {{c1::gap}}.\n\n# What is a page?\n\nMemory.\n", [("warning", "marks-unused", 1)]),
        ("Before it.\n\n- Q: What is a page?\n- A: Memory.\n", [("warning", "marks-unused", 1)]),
        ("Question: is it?\nYes, it is.\n", [("note", "no-questions", 1)]),
    ],
)
def test_a_file_without_cards_and_marks_without_cards_are_said(
    text: str, expected: list[tuple[str, str, int]]
) -> None:
    assert left_over(text) == expected


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("# What is it?\n\n<!-- card: skip id=it new reverse -->\n\nA page.\n", []),
        ("# What is it?\nA\n\npage.\n\n> <!--\n> card: skpi -->\n", [6]),
        ("# What is it?\n\nA page.\n\n## Part\n\n<!-- card: skip -->\n\nOf it.\n", [7]),
        ("<!-- card: skip -->\n\n# What is it?\n\nA page.\n", [1]),
        (
            f"{qa(('What?', 'A'), ('Why?', 'B'))}## References\n\n<!-- card: skip -->\n\nA list.\n",
            [],
        ),
        (
            "# T\n\n## C\n\n<!-- card: skip -->\n\n" + qa(("What?", "A"), ("Why?", "B"), level=3),
            [5],
        ),
    ],
)
def test_a_wish_that_does_nothing_is_named_at_its_line(text: str, lines: list[int]) -> None:
    problems = file_notes(text).problems
    assert [one.where.line for one in problems if one.code == "card-comment"] == lines


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("<!-- later", "-->"), ("<pre>", "</pre>"), ("<STYLE>", "</style>"), ("```py", "```")],
)
def test_what_is_never_closed_and_takes_in_questions_is_said(opening: str, closing: str) -> None:
    def said(end: str) -> list[int]:
        text = f"---\ntitle: T\n---\nQ: a?\nA: b\n\n{opening}\n\nQ: c?\n\nA: d\n{end}"
        return [p.where.line for p in file_notes(text).problems if p.code == "block-open"]

    assert said("") == [7]
    assert said(f"{closing}\n") == []


def test_a_card_level_that_no_heading_has_is_said() -> None:
    assert left_over("## What is a page?\n\nMemory.\n", card_level=3) == [
        ("note", "no-questions", 1)
    ]
    settings = FileSettings(deck="Deck", card_level=3)
    problems = file_notes("## What is a page?\n\nMemory.\n", settings=settings).problems
    assert "card_level is 3, and this file has headings of level 2" in problems[0].message


def test_a_deck_without_a_card_is_a_warning(tmp_path: Path) -> None:
    space = Workspace(tmp_path)
    space.note("a.md", "Text.\n")
    assert [p.severity for p in space.build().problems if p.code == "deck-empty"] == ["warning"]
    space.note("b.md", qa(("What is a page?", "A piece of memory.")))
    assert not [p for p in space.build().problems if p.code == "deck-empty"]


def test_patterns_that_leave_nothing_are_named(tmp_path: Path) -> None:
    space = Workspace(tmp_path)
    space.note("a.md", "Text.\n")
    space.note("deck.toml", '[notes]\nexclude = ["*.md"]\n')
    with pytest.raises(
        BuildError, match=r"leaves out every note file here: exclude = \['\*\.md'\]"
    ):
        space.build()


@pytest.mark.parametrize(
    ("below", "line"),
    [
        ("Memory.\n\nWhat is a frame?::A place for a page.\n", 5),
        ("- A frame holds a page #card\n  - and nothing else.\n", 3),
        ("What is a frame?\n?\nA place for a page.\n", 3),
        ("Write `a?::b` and `#card`, and ask:\n\n```\nwhat?::that\n```\n", 0),
        ("Is it so?\n\nOr is it a?::\n\nSee issue #cards and pay by #card here.\n", 0),
        ("- Mend the frame #card-12\n- and the page #card/design\n", 0),
        ("A frame holds a page. #card-reverse #memory\n", 3),
    ],
)
def test_marks_of_other_programs_inside_an_answer_are_said(below: str, line: int) -> None:
    found = left_over(f"# What is a page?\n\n{below}")
    assert found == ([("warning", "marks-unused", line)] if line else [])
