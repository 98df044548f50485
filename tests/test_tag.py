"""Tags, by fixtures. Those of ``tag`` say what a note has; expected are its tags, one a line.

An input has lines ``path: …``, ``question: …``, ``answer: …``, ``heading: …`` (outermost
first), ``tag: …`` (front matter), ``topic: tag = word, word``, ``prefix: …`` and ``off: auto``.
Those of ``given`` are note files; expected are their questions, the tags that the author gave
these, and what the cards show.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckbuilder.markdown import without_tags
from deckbuilder.model import FileSettings, TagRules
from deckbuilder.tag import safe_tag, tags_for
from tests.support.fixtures import Case, cases
from tests.support.stages import file_notes


def tags_of(text: str) -> list[str]:
    said: dict[str, list[str]] = defaultdict(list)
    for line in text.split("\n")[:-1]:
        name, _, value = line.partition(": ")
        said[name].append(value)
    off = {word.strip() for value in said["off"] for word in value.split(",")}
    topics = [value.partition(" = ") for value in said["topic"]]
    rules = TagRules(
        prefix="".join(said["prefix"]),
        path="path" not in off,
        headings="headings" not in off,
        auto="auto" not in off,
        topics=tuple((tag, tuple(words.split(", "))) for tag, _, words in topics),
    )
    found = tags_for(
        rules,
        name=(said["path"] or ["1.md"])[0],
        context=said["heading"],
        question=(said["question"] or ["?"])[0],
        answer=(said["answer"] or [""])[0],
        given=said["tag"],
    )
    return list(found)


@pytest.mark.parametrize("case", cases("tag"))
def test_a_note_has_the_tags_of_its_fixture(case: Case) -> None:
    assert tags_of(case.input) == [line for line in case.expected.split("\n") if line]


@pytest.mark.parametrize("case", cases("given"))
def test_a_note_has_the_tags_that_its_author_gives_it(case: Case) -> None:
    none_else = FileSettings(deck="Deck", tags=TagRules(path=False, headings=False, auto=False))
    drafts = file_notes(case.input, settings=none_else).drafts
    found = []
    for one in drafts:
        answer = " ".join(without_tags(one.fields.answer).split())
        found.append(" | ".join([one.question, " ".join(one.tags), answer]).replace("  ", " "))
    assert found == case.expected.split("\n")[:-1]


@given(st.text(max_size=40))
def test_a_safe_tag_is_one_tag_to_anki_and_stays_safe(text: str) -> None:
    tag = safe_tag(text)
    assert not any(c.isspace() or c == "\u3000" for c in tag)
    assert not any(c in tag for c in "\"',;<>")
    assert "::::" not in tag
    assert not tag.startswith(":")
    assert not tag.endswith(":")
    assert safe_tag(tag) == tag


def test_a_tag_of_many_levels_is_cut() -> None:
    """Anki's browser shows no tags at all where one of them has more than 100 levels."""
    deep = "::".join("a" * 200)
    tags = tags_for(
        TagRules(prefix=f"{deep}::"), name="/".join("b" * 200), context=("C",) * 200,
        question="What?", answer="", given=(deep,),
    )  # fmt: skip
    assert {tag.count("::") for tag in tags} == {49}


@given(st.text(min_size=1, max_size=30), st.lists(st.text(max_size=20), max_size=3))
def test_tags_depend_on_nothing_but_their_own_note(question: str, above: list[str]) -> None:
    def tags() -> tuple[str, ...]:
        return tags_for(
            TagRules(), name="a/b.md", context=above, question=question, answer="", given=()
        )

    before = tags()
    tags_for(TagRules(), name="c.md", context=["X"], question="CLIP", answer="", given=("y",))
    assert tags() == before
    assert list(before) == sorted(before)


def test_rules_can_be_switched_off_one_by_one() -> None:
    rules = TagRules(path=False, headings=False, auto=False)
    tags = tags_for(
        replace(rules, prefix="p::"), name="a.md", context=["H"], question="CLIP", answer="",
        given=("own",),
    )  # fmt: skip
    assert tags == ("p::own",)
