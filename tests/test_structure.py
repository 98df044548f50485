"""Which headings are questions: shapes of notes, each with the questions a person would see.

Expected are the questions, one a line and in order; ``question | above › above`` where the
headings above are of interest (then every line says them). A first line ``rule: …`` names the
decision, a line ``none`` stands for no card at all.
"""

from __future__ import annotations

import pytest

from tests.support.fixtures import Case, cases
from tests.support.stages import file_notes


@pytest.mark.parametrize("case", cases("structure"))
def test_the_questions_are_those_of_the_author(case: Case) -> None:
    expected = case.expected.split("\n")[:-1]
    notes = file_notes(case.input)
    with_context = any(" | " in line for line in expected)
    found = []
    for draft in notes.drafts:
        above = " › ".join(draft.places[0].context)
        found.append(f"{draft.question} | {above}".rstrip() if with_context else draft.question)
    rule = [f"rule: {notes.structure}"] if expected[0].startswith("rule: ") else []
    assert [*rule, *(found or ["none"])] == [line.rstrip() for line in expected], notes.why


@pytest.mark.parametrize("case", cases("structure"))
def test_a_kept_decision_gives_the_same_questions(case: Case) -> None:
    fresh = file_notes(case.input)
    again = file_notes(case.input, kept=fresh.structure)
    assert [draft.question for draft in again.drafts] == [draft.question for draft in fresh.drafts]
    assert not [problem for problem in again.problems if problem.code == "structure-kept"]


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("## Causes\n\nRust.\n\n## Signs\n\nHoles.\n", "Leaks"),
        ("# Causes\n\nRust.\n\n# Signs\n\nHoles.\n", "Leaks"),
        (
            "# In boats\n\n## Signs\n\nWater.\n\n# In roofs\n\n## Signs of it\n\nToo.\n",
            "Leaks › In boats",
        ),
        ("# Leaking\n\n## Causes\n\nRust.\n\n## Signs\n\nHoles.\n", "Leaking"),
        ("## Leaks\n\n### Causes\n\nRust.\n\n### Signs\n\nHoles.\n", "Leaks"),
        ("# Causes\n\nRust.\n", ""),
        ("## Why?\n\nRust.\n\n## Where?\n\nBelow.\n", ""),
    ],
)
def test_parts_without_a_title_show_what_their_file_is_called(text: str, context: str) -> None:
    assert file_notes(text, "boats/Leaks.md").drafts[0].fields.context == context


PAGE = "Kitchen 0a1b2c3d/Bread, Butter 3f2a9c1d4b5e4f6a8b7c9d0e1f2a3b4c.md"
PROPERTIES = "Course: Baking\nReviewed: Yes\nDate: September 3, 2024\n\n"


@pytest.mark.parametrize(
    ("name", "text", "questions", "context"),
    [
        (PAGE, f"# Bread / Butter\n\n{PROPERTIES}# Dough\n\nFlour.\n", ["Dough"], "Bread / Butter"),
        (
            PAGE,
            f"# Bread, Butter\n\n{PROPERTIES}## Dough\n\nFlour.\n",
            ["Dough"],
            "Bread, Butter",
        ),
        (PAGE, "# Crust\n\nWater: hot\n\n# Dough\n\nFlour.\n", ["Crust", "Dough"], "Bread, Butter"),
        ("Bread.md", "# Bread\n\nFlour: rye\n\n# Dough\n\nSour.\n", ["Bread", "Dough"], ""),
    ],
)
def test_a_page_of_notion_has_its_title_above_all_and_shows_no_properties(
    name: str, text: str, questions: list[str], context: str
) -> None:
    notes = file_notes(text, name)
    assert [draft.question for draft in notes.drafts] == questions
    assert [draft.fields.context for draft in notes.drafts] == [context] * len(questions)
    assert notes.skipped == ()


@pytest.mark.parametrize(
    "note",
    [
        "Note: bread is best on its second day, and butter on its first",
        "Definition: flour and water.",
        "Crust: brown.\nCrumb: soft.",
    ],
)
def test_a_sentence_below_the_title_of_such_a_page_is_no_property(note: str) -> None:
    [skipped] = file_notes(f"# Bread, Butter\n\n{note}\n\n# Dough\n\nFlour.\n", PAGE).skipped
    assert skipped.text == " ".join(note.split())


def test_what_touches_a_card_of_two_lines_goes_on_with_it_and_no_more() -> None:
    card = "#sorting\nWhich sort is stable?\n?\nMerge sort:\n- in order\n\n```\nmerge()\n```\n"
    [draft] = file_notes(f"#flashcards\n\n{card}\nBy the way.\n").drafts
    assert draft.question == "Which sort is stable?"
    assert "in order" in draft.fields.answer
    assert "merge" not in draft.fields.answer
    touching = card.replace("order\n\n", "order\n")
    [draft] = file_notes(f"#flashcards\n\n{touching}\nBy the way.\n").drafts
    assert "merge" in draft.fields.answer
    assert "By the way" not in draft.fields.answer


def test_what_is_said_in_a_talk_is_on_its_card_and_small_talk_on_none() -> None:
    asks, answers = "## User\n\n", "## Assistant (4o)\n\n"
    first = f"{asks}Great. What sinks?\n\n```\nload()\n```\n\n{answers}"
    first += "# Ships\n\n> User: none\n\n- AI: rows\n\n"
    more = f"{asks}Continue.\n\n{answers}And boats.\n\n"
    thanks = f"{asks}Thank you!\n\n{answers}You're welcome!\n"
    found = file_notes(f"{first}{more}{asks}What floats?\n\n{answers}Wood.\n\n{thanks}")
    sinks, floats = found.drafts
    assert sinks.question == "Great. What sinks? load()"
    assert sinks.fields.answer == (
        "<h3>Ships</h3>\n<blockquote>\n<p>User: none</p>\n</blockquote>\n"
        "<ul>\n<li>AI: rows</li>\n</ul>\n<p>Continue.</p>\n<p>And boats.</p>"
    )
    assert floats.fields.answer == "<p>Wood.</p>"
    assert [one.text for one in found.skipped] == ["Thank you!\nYou're welcome!"]


def test_the_reason_names_what_would_choose_others_and_not_what_chose_these() -> None:
    contents = "# Contents\n\n- [A page](#page)\n- [A frame](#frame)\n\n"
    pages = "## A page\n\nMemory.\n\n### Its size\n\n4 KiB\n\n### Its table\n\nIn memory.\n\n"
    why = file_notes(f"{contents}{pages}## A frame\n\nA place.\n").why
    assert why.endswith("contents; to choose another, set card_level: 3 (2 headings)")


def test_tags_between_cards_are_listed_as_on_no_card() -> None:
    table = "| Question | Answer |\n|---|---|\n| A bow? | The front. |\n| A stern? | The back. |\n"
    skipped = file_notes(f"{table}\n#sea #boat\n").skipped
    assert ("#sea #boat", "between cards") in [(one.text, one.why) for one in skipped]


def test_a_card_by_its_tag_has_all_that_answers_it_and_the_other_tags() -> None:
    outline = "- What is a page? #card #os\n\t- memory\n\t\t- 4 KiB\n"
    page, why = file_notes(f"{outline}- Why? #card-reverse\n\t- cost\n- no card\n").drafts
    assert page.fields.answer == "<ul>\n<li>memory\n<ul>\n<li>4 KiB</li>\n</ul>\n</li>\n</ul>"
    assert "os" in page.tags
    assert not page.fields.reverse
    assert why.fields.reverse
    assert why.fields.answer == "<ul>\n<li>cost</li>\n</ul>"
    headed = "## What? #card\n\n### Size\n\n4 KiB\n\n## By the way\n\nno\n\n"
    what, why = file_notes(f"{headed}Why? #card\ncost\n^1700000000001\n\nno\n").drafts
    assert what.fields.answer == "<h3>Size</h3>\n<p>4 KiB</p>"
    assert why.fields.answer == "<p>cost</p>"
    assert not file_notes("- Why?\n\n#card\n\nNobody knows.\n").drafts


def test_a_note_between_marks_has_its_fields_and_no_more() -> None:
    fields = "Front: What?\nBack:\n- that\n- this\nTags: os\n  memory\n"
    [draft] = file_notes(f"Before.\nSTART\nBasic\n{fields}END\nAfter.\n").drafts
    assert draft.question == "What?"
    assert draft.fields.answer == "<ul>\n<li>that</li>\n<li>this</li>\n</ul>"
    assert {"os", "memory"} <= {*draft.tags}


def test_a_bold_line_may_be_a_picture_without_a_text() -> None:
    assert file_notes("# What is it?\n\nThis:\n**![](it.png)**\n").drafts


def test_a_container_may_be_left_open_by_a_quote_that_ends_the_file() -> None:
    assert file_notes("# What is it?\n\nThis:\n\n> ::: note\n>").drafts


@pytest.mark.parametrize(
    "text",
    [
        "Q. Le and T. Mikolov wrote it.\nIt is a good paper.",
        "Question: is this lost?\nYes or no.",
        "Q: Second?\n(see the book, page 5)",
        "Q. Dotted question?\nA. dotted answer",
    ],
)
@pytest.mark.parametrize("answer", ["**Q: Last?**\n**A:** last", "C: a [gap] here\n\nA: last"])
def test_what_only_begins_like_a_question_takes_no_answer_from_elsewhere(
    text: str, answer: str
) -> None:
    notes = file_notes(f"**Q: First?**\n**A:** first\n\n{text}\n\n{answer}\n")
    assert [skip.text for skip in notes.skipped if skip.why == "no answer"] == []
    assert text.partition("\n")[2] in notes.drafts[0].fields.answer


@pytest.mark.parametrize("item", ["1.", "1. ```\n   x\n   ```", "1. - x"])
def test_what_begins_with_no_text_between_rules_is_no_question(item: str) -> None:
    notes = file_notes(f"# Memory\n\n---\nDeck: a\n\n{item}\n\n> A page.\n\n---\n")
    assert [draft.question for draft in notes.drafts] == ["Memory"]


def test_a_rule_below_text_is_said_at_its_line() -> None:
    text = "---\ntitle: Letters\n---\n# What is a?\nThe first.\n---\n# What is b?\n\nNext.\n\n---\n"
    said = [one for one in file_notes(text).problems if one.code == "rule-below-text"]
    assert [str(one.where) for one in said] == ["source/notes.md:6"]
    assert "put an empty line above it" in said[0].message


def test_what_stands_before_an_answer_is_shown_below_the_question() -> None:
    section = (
        "## {}. Which is it?\n\n---\n\nThe `JSON` one[^1]\n\n- A) x{}\n\n---\n\n**Answer:** A\n\n"
    )
    made = file_notes(section.format(1, 1) + section.format(2, 2) + "[^1]: Not YAML.\n").drafts
    assert [draft.question for draft in made] == [
        f"Which is it? The JSON one A) x{n}" for n in (1, 2)
    ]
    assert made[0].fields.question == (
        '<p>Which is it?</p>\n<p>The <code>JSON</code> one<sup class="fn">1</sup></p>\n'
        "<ul>\n<li>A) x1</li>\n</ul>"
    )
    assert made[0].fields.answer.startswith('<p>A</p>\n<div class="footnotes">')
    assert made[0].tags == ("notes",)


def test_a_folded_answer_keeps_the_headings_in_it() -> None:
    text = "##### 1. {}?\n\n<details><summary>Vastaus</summary>\n\n#### A\n\n{}\n\n</details>\n\n"
    notes = file_notes("".join(text.format(*pair) for pair in (("Missä", "Se."), ("Miksi", "No."))))
    assert ["<p>Se.</p>" in d.fields.answer for d in notes.drafts] == [True, False]
    assert not notes.skipped


def test_a_contents_list_is_neither_title_nor_chapter() -> None:
    listed = "# 目录\n\n## 第一章 船\n\n- [帆](#帆)\n- [锚](#锚)\n\n"
    notes = file_notes(listed + "## 帆\n\n借风。\n\n## 锚\n\n停船。\n")
    assert [draft.question for draft in notes.drafts] == ["帆", "锚"]
    assert [draft.fields.context for draft in notes.drafts] == ["", ""]


@pytest.mark.parametrize("answer", ["布。", "答：布。"])
def test_what_is_not_indented_between_numbered_questions_belongs_to_the_one_above(
    answer: str,
) -> None:
    text = f"""1. 什么是帆？
   {answer}

| 种类 | 用处 |
|---|---|
| 三角帆 | 逆风 |

2. 什么是锚？
   {answer}

```c
drop();
```

3. 什么是舵？
   {answer}

完。
"""
    sail, anchor, rudder = (draft.fields.answer for draft in file_notes(text).drafts)
    assert "逆风" in sail
    assert "drop" in anchor
    assert "完" not in rudder


def test_numbered_titles_do_not_turn_over_a_deck_that_asks_headings() -> None:
    titles = "# 船\n\n1. 帆的用处\n   答：借风。\n\n2. 锚的用处\n   答：停船。\n"
    [draft] = file_notes(titles, kept="sections 1").drafts
    assert draft.question == "船"
    assert [draft.question for draft in file_notes(titles).drafts] == ["帆的用处", "锚的用处"]


def test_unlisted_parts_that_are_written_like_the_questions_stay_in_the_answer() -> None:
    listed = "# Contents\n\n- [What is a sail?](#what-is-a-sail)\n- [Why a keel?](#why-a-keel)\n\n"
    parts = "## Part 1: hemp\n\nIt grows.\n\n## Part 2: rope\n\nIt holds.\n\n"
    questions = f"## What is a sail?\n\nA cloth.\n\n{parts}## Why a keel?\n\nTo steer.\n"
    sail, keel = file_notes(f"{listed}{questions}").drafts
    assert sail.fields.answer.startswith("<p>A cloth.</p>\n<h3>Part 1: hemp</h3>\n<p>It grows.</p>")
    assert keel.fields.answer == "<p>To steer.</p>"


def test_an_item_that_no_card_shows_is_named_by_its_own_line() -> None:
    asked = "1. What is a bow?\n\n   The front.\n\n2. What is a stern?\n\n   The back.\n\n"
    found = file_notes(f"# Boats\n\n{asked}3. Buy a boat\n\n4. What floats?\n\n   Wood.\n")
    assert [(one.line, one.text) for one in found.skipped] == [(11, "Buy a boat")]
