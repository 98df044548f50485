"""Where history comes from when deck.lock is lost, torn or never was."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from deckbuilder import pipeline
from deckbuilder.model import CardStatus, FileNotes, FileSettings
from deckbuilder.problems import BuildError
from tests.support.stages import file_notes
from tests.support.workspace import PAIRS, Workspace, guids, qa, statuses


def test_a_lost_lock_comes_back_out_of_the_last_package(space: Workspace) -> None:
    output = space.folder / "deck.apkg"
    before = space.build(output=output)
    ids = {note.guid: (note.id, note.mod) for note in before.deck.notes}
    package = output.read_bytes()
    space.lock.unlink()
    after = space.build(output=output)
    assert output.read_bytes() == package
    assert set(statuses(after).values()) == {CardStatus.UNCHANGED}
    assert {note.guid: (note.id, note.mod) for note in after.deck.notes} == ids
    assert any(problem.code == "lock-rebuilt" for problem in after.problems)


@pytest.mark.parametrize("shared", [0, 1])
def test_another_decks_package_at_the_output_path_is_not_this_decks(
    tmp_path: Path, shared: int
) -> None:
    output = tmp_path / "deck.apkg"
    other = Workspace(tmp_path / "other", "Other")
    other.note("a.md", qa(*PAIRS))
    other.build(output=output)
    mine = Workspace(tmp_path / "mine", "Mine")
    mine.note("a.md", qa(("What is a sail?", "Cloth that takes the wind."), *PAIRS[:shared]))
    outcome = mine.build(output=output)
    assert outcome.identified.lock.namespace == "Mine"
    assert set(statuses(outcome).values()) == {CardStatus.NEW}
    assert len(outcome.identified.lock.notes) == 1 + shared


@pytest.mark.parametrize("language", ["", "en"])
def test_a_reworded_cloze_survives_a_lost_lock(space: Workspace, language: str) -> None:
    """Its question and its answer stand in one field of the package."""
    space.note("deck.toml", f'[deck]\nlanguage = "{language}"\n')
    gaps = [(question, f"{{{{c1::{answer[:9]}}}}}{answer[9:]}") for question, answer in PAIRS]
    space.note("a.md", qa(*gaps))
    output = space.folder / "deck.apkg"
    before = guids(space.build(output=output))
    space.lock.unlink()
    space.note("a.md", qa(("Which part reads text first?", gaps[0][1]), *gaps[1:]))
    after = guids(space.build(output=output))
    assert after["Which part reads text first?"] == before[PAIRS[0][0]]


def test_without_lock_and_package_unchanged_questions_get_the_same_guids(space: Workspace) -> None:
    before = guids(space.build())
    space.lock.unlink()
    outcome = space.build()
    assert guids(outcome) == before
    assert outcome.old_lock is None


def conflict(space: Workspace) -> str:
    """Return the lock as git leaves it after two branches each added a note."""
    space.build()
    common = space.lock.read_text("utf-8")
    sides = []
    for question in ("What is dropout?", "What is weight decay?"):
        space.lock.write_text(common, "utf-8")
        space.note("b.md", qa((question, "A way to keep a model from learning by heart.")))
        space.build()
        sides.append(space.lock.read_text("utf-8"))
    ours, theirs = sides
    return f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> branch\n"


def test_problems_of_lock_and_notes_are_told_in_one_run(space: Workspace) -> None:
    space.lock.parent.mkdir(parents=True, exist_ok=True)
    space.lock.write_text("{}\n", "utf-8")
    space.note("b.md", "<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> branch\n")
    with pytest.raises(BuildError) as stopped:
        space.build()
    assert {"lock-damaged", "note-conflict"} <= {one.code for one in stopped.value.problems}


def test_problems_of_identity_and_notes_are_told_in_one_run(space: Workspace) -> None:
    twice = "## {}?\n\n<!-- card: id=x -->\n\nA text. ![a](no.png)\n\n"
    space.note("b.md", twice.format("One") + twice.format("Two"))
    with pytest.raises(BuildError) as stopped:
        space.build()
    assert {"card-id-twice", "image-missing"} <= {one.code for one in stopped.value.problems}


def test_merge_lock_settles_it_and_loses_no_note(space: Workspace) -> None:
    torn = conflict(space)
    space.lock.write_text(torn, "utf-8")
    known = {
        json.loads(line)["guid"]
        for line in torn.splitlines()
        if line.startswith("{") and '"guid"' in line
    }
    outcome = space.build(merge_lock=True)
    assert {line.guid for line in outcome.identified.lock.notes} == known
    assert "<<<<" not in space.lock.read_text("utf-8")


def test_building_part_of_the_files_keeps_what_the_rest_was(space: Workspace) -> None:
    space.note("b.md", qa(("What is dropout?", "Units are left out at random.")))
    before = guids(space.build())
    space.build("b.md")
    after = space.build()
    assert guids(after) == before
    assert set(statuses(after).values()) == {CardStatus.UNCHANGED}


def test_a_part_of_a_deck_that_becomes_a_deck_of_its_own_is_warned_of_once(
    space: Workspace,
) -> None:
    space.note("deep/b.md", qa(("What is dropout?", "Units are left out at random.")))
    space.build()
    own = {"lock": None, "name": "Deep"}
    codes = [[one.code for one in space.build("deep", **own).problems] for _ in range(2)]
    assert codes == [["deck-inside"], []]
    assert not space.build("deep/b.md", **own).problems


def test_a_question_renamed_and_the_old_one_written_anew_are_two_notes(space: Workspace) -> None:
    """The new section must not take the guid that the renamed note goes on with."""
    before = guids(space.build())
    renamed = ("What does a tokenizer do, and why?", PAIRS[0][1])
    assert guids(space.edit(qa(renamed, *PAIRS[1:])))[renamed[0]] == before[PAIRS[0][0]]
    fresh = (PAIRS[0][0], "Quite another answer, about vocabularies and merges.")
    after = guids(space.edit(qa(fresh, renamed, *PAIRS[1:])))
    assert after[renamed[0]] == before[PAIRS[0][0]]
    assert len(set(after.values())) == 4


def test_a_later_contents_list_does_not_turn_the_deck_over(space: Workspace) -> None:
    """The lock keeps each file's decision; a warning shows both (CONTRACT section 4)."""
    space.note(
        "a.md", "# T\n\n" + "".join(f"## {q}\n\n{a}\n\n### Detail\n\nMore.\n\n" for q, a in PAIRS)
    )
    before = guids(space.build())
    contents = "- [Detail](#detail)\n- [Detail](#detail-1)\n- [Detail](#detail-2)\n\n"
    text = (space.folder / "source" / "a.md").read_text("utf-8")
    outcome = space.edit(text.replace("# T\n\n", f"# T\n\n## Contents\n\n{contents}"))
    assert guids(outcome) == before
    warned = [problem for problem in outcome.problems if problem.code == "structure-kept"]
    assert "(level 2, 3 headings" in warned[0].message
    assert "(3 headings, listed in contents)" in warned[0].message
    assert guids(space.build(restructure=True)) != before


TCP, UDP = "## What about TCP?\n\nIt counts.\n\n", "## What about UDP?\n\nIt does not.\n\n"
LIST = (
    "## Contents\n\n- [What about TCP?](#what-about-tcp)\n- [What about UDP?](#what-about-udp)\n\n"
)


@pytest.mark.parametrize(
    ("text", "later"),
    [
        (TCP, TCP + UDP),
        (TCP + UDP, TCP),
        (TCP + UDP, LIST + TCP + UDP),
        ("# What is TCP?\n\nIt counts.\n", "# What is TCP?\n\nIt counts.\n\n## Example\n\nMail.\n"),
    ],
    ids=["grown", "shrunk", "contents added", "example added"],
)
def test_nothing_is_said_where_the_questions_would_be_the_same(
    space: Workspace, text: str, later: str
) -> None:
    structure = space.edit(text).files[0].structure
    outcome = space.edit(later)
    assert outcome.files[0].structure == structure
    assert not [one for one in outcome.problems if one.code == "structure-kept"]


@pytest.mark.parametrize(
    "later",
    [LIST + TCP + UDP, TCP + "SYN::It opens.\n\nFIN::It ends.\n\nACK::It confirms all of that.\n"],
)
def test_a_choice_made_anew_is_the_same_with_a_cache(
    space: Workspace, tmp_path: Path, later: str
) -> None:
    """What was kept while the lock had its say is no choice of the file's own."""
    space.edit(TCP, cache=tmp_path / "cache")
    space.edit(later, cache=tmp_path / "cache")
    without = space.build(restructure=True)
    cached = space.build(restructure=True, cache=tmp_path / "cache")
    assert cached.files[0] == without.files[0]


def quiz(*labels: str) -> str:
    """Return the pairs with choices, each answer below one of *labels*."""
    return "".join(
        f"## {question}\n\n- A) yes\n- B) no\n\n{label}\n\n{answer}\n\n"
        for (question, answer), label in zip(PAIRS, labels, strict=True)
    )


def test_choices_go_to_the_front_of_an_older_deck_only_by_wish(space: Workspace) -> None:
    """The lock keeps whether what stands before the answers is asked."""
    before = guids(space.edit(quiz("Now:", "Now:", "Now:")))
    outcome = space.edit(quiz("**Answer**", "**Answer**", "**Answer**"))
    assert guids(outcome) == before
    assert outcome.files[0].structure == "level 2"
    warned = [problem for problem in outcome.problems if problem.code == "structure-kept"]
    assert "what stands before 3 of the answers is asked too" in warned[0].message
    anew = space.build(restructure=True)
    assert anew.files[0].structure == "level 2, prompts"
    assert list(guids(anew)) == [f"{question} A) yes B) no" for question in before]
    fewer = space.edit(quiz("**Answer**", "Now:", "Now:"))
    assert fewer.files[0].structure == "level 2, prompts"
    asked = f"{PAIRS[0][0]} A) yes B) no"
    assert guids(fewer)[asked] == guids(anew)[asked]


HEADED = "# Models\n\n" + qa(*PAIRS)
WRITTEN_ANEW = {
    "list": "# Models\n\n" + "".join(f"- {q}\n\n  {a}\n\n" for q, a in PAIRS),
    "bold leads": "# Models\n\n" + "".join(f"**{q}** {a}\n\n" for q, a in PAIRS),
    "tagged": "# Models\n\n" + "".join(f"- {q} #card\n  - {a}\n" for q, a in PAIRS),
    "separated": "# Models\n\n#flashcards\n\n" + "".join(f"{q}::{a}\n\n" for q, a in PAIRS),
    "blocks": "".join(f"START\nBasic\n{q}\nBack: {a}\nEND\n\n" for q, a in PAIRS),
    "definitions": "# Models\n\n" + "".join(f"{q}\n: {a}\n\n" for q, a in PAIRS),
    "all a level deeper": "# All\n\n## Models\n\n- One of them.\n\n" + qa(*PAIRS, level=3),
}


@pytest.mark.parametrize("way", WRITTEN_ANEW)
@pytest.mark.parametrize("back", [False, True], ids=["", "and back"])
def test_a_file_written_in_another_way_keeps_its_notes(
    space: Workspace, way: str, back: bool
) -> None:
    """The structure in the lock is there for the notes: it goes where it would lose them."""
    earlier, later = HEADED, WRITTEN_ANEW[way]
    if back:
        earlier, later = later, earlier
    before = guids(space.edit(earlier, cache=space.folder / "cache"))
    assert len(before) == len(PAIRS)
    assert guids(space.edit(later, cache=space.folder / "cache")) == before
    again = space.build(cache=space.folder / "cache")
    assert set(statuses(again).values()) == {CardStatus.UNCHANGED}


@pytest.mark.parametrize("margin", ["> ", "    ", "- "], ids=["quoted", "indented", "listed"])
@pytest.mark.parametrize("text", [HEADED, *WRITTEN_ANEW.values()], ids=["headed", *WRITTEN_ANEW])
def test_a_file_that_was_broken_for_a_while_gives_its_notes_again(
    space: Workspace, text: str, margin: str
) -> None:
    """What was found in it meanwhile is not how it is written."""
    before = guids(space.edit(text))
    space.edit(text.replace("\n", "\n" + margin))
    assert guids(space.edit(text)) == before


WAYS = {
    "headings": "## {}\n\n{}\n\n",
    "bold": "**{}**\n\n{}\n\n",
    "folds": "<details><summary>{}</summary>\n\n{}\n\n</details>\n\n",
    "callouts": "> [!question]- {}\n> {}\n\n",
    "pairs": "Q: {}\nA: {}\n\n",
    "leads": "**{}** {}\n\n",
    "list": "- {}\n\n  {}\n\n",
    "table": "| Question | Answer |\n|---|---|\n| {} | {} |\n\n",
}


@pytest.mark.parametrize("way", WAYS)
def test_the_last_question_of_a_file_keeps_its_note(space: Workspace, way: str) -> None:
    """It takes several to see how a file is written, and none once that is known."""
    before = guids(space.edit("".join(WAYS[way].format(*pair) for pair in PAIRS)))
    assert len(before) == len(PAIRS)
    assert guids(space.edit(WAYS[way].format(*PAIRS[0]))) == {PAIRS[0][0]: before[PAIRS[0][0]]}


GROUPED = (
    "# Memory\n\n## Basics\n\n### What is a page?\n\nA fixed piece of memory.\n\n"
    "### What is a frame?\n\nA place for a page.\n\n## Tables\n\n### Page tables\n\n"
    "#### What is a page table?\n\nIt leads from pages to frames.\n\n"
    "#### Two levels\n\nA table of tables, most of them empty.\n\n"
    "#### How is a table walked?\n\nFrom the top, one level after the other.\n\n"
    "#### What is a TLB?\n\nA cache of what was walked.\n\n"
    "#### What is a fault?\n\nThe way to a page that is not there.\n\n"
)
BESIDE = {
    "one that asks went": ("#### How is a table walked?\n", "", {"How is a table walked?": "gone"}),
    "one that does not ask came": (
        "#### What is a TLB?\n",
        "#### Costs\n\nA walk reads memory at each level.\n\n#### What is a TLB?\n",
        {"Costs": "new"},
    ),
    "one does not ask any more": ("What is a TLB?", "On the TLB", {"On the TLB": "renamed"}),
}


@pytest.mark.parametrize("edit", BESIDE)
def test_what_was_asked_is_asked_whatever_becomes_of_its_neighbours(
    space: Workspace, edit: str
) -> None:
    """Nearly all headings of such a group have to ask, but not every time anew."""
    old, new, expected = BESIDE[edit]
    space.edit(GROUPED, cache=space.folder / "cache")
    edited = statuses(space.edit(GROUPED.replace(old, new), cache=space.folder / "cache"))
    told = {question: edited.pop(question) for question in expected}
    assert told == expected
    assert set(edited.values()) <= {CardStatus.UNCHANGED, CardStatus.CHANGED}
    again = space.build(cache=space.folder / "cache")
    assert set(statuses(again).values()) == {CardStatus.UNCHANGED}


def test_what_was_asked_and_holds_only_questions_now_is_a_chapter() -> None:
    settings = FileSettings("Deck", asked=("Page tables",))
    made = file_notes(GROUPED, settings=settings, kept="level 4")
    assert made.drafts[-1].places[0].context == ("Tables", "Page tables")


def test_a_file_of_which_a_part_was_asked_is_no_card_as_a_whole() -> None:
    settings = FileSettings("Deck", asked=("Anchors",))
    text = "---\ntitle: Ships\n---\n\nOf old.\n\n**1. Anchors**\n\nThey are heavy.\n"
    made = file_notes(text, settings=settings, kept="pairs")
    assert [draft.question for draft in made.drafts] == ["Anchors"]
    assert [one.text for one in made.skipped] == ["Of old."]


def test_a_heading_that_is_not_listed_is_asked_on_when_a_listed_one_is_written_anew(
    space: Workspace,
) -> None:
    """What is called nearly as a question was is not new, whatever became of its answer."""
    listed = ["Event loop", "Hoisting", "Closures", "Promises", "Arrow functions"]
    links = "".join(f"- [{one}](#{one.lower().replace(' ', '-')})\n" for one in listed)
    sections = qa(
        *((one, f"All of {one}.") for one in [*listed, "Example", "Async and await"]), level=3
    )
    text = f"# Scripts\n\n{links}\n{sections}"
    before = guids(space.edit(text))
    last = qa((listed[-1], f"All of {listed[-1]}."), level=3)
    anew = qa((f"{listed[-1]} too", "They are short, and this is not theirs."), level=3)
    after = guids(space.edit(text.replace(last, anew)))
    assert after.pop(f"{listed[-1]} too")
    assert after == {one: guid for one, guid in before.items() if one != listed[-1]}


@pytest.mark.parametrize("heading", ["Page fraims", "What page frames are"])
def test_a_heading_is_asked_on_under_another_name_than_the_contents_list_has(
    space: Workspace, heading: str
) -> None:
    asked = ["Page sizes", "Page frames", "Page faults"]
    links = "".join(f"- [{one}](#{one.lower().replace(' ', '-')})\n" for one in asked)
    parts = ["In short", "By the way", "At last"]
    text = "".join(
        f"### {one}\n\nAll that there is of it.\n\n### {part}\n\nMore of {one}.\n\n"
        for one, part in zip(asked, parts, strict=True)
    )
    text = f"# Memory\n\n## Contents\n\n{links}\n## Pages\n\n{text}"
    before = guids(space.edit(text))
    assert list(before) == asked
    path = space.note("a.md", text.replace("### Page frames", f"### {heading}"))
    after = guids(space.build())
    assert after == {heading if one == asked[1] else one: before[one] for one in asked}
    path.rename(path.with_name("b.md"))
    assert guids(space.build()) == after


COUNTED = [f"## {n}. {question}\n\n{answer}\n\n" for n, (question, answer) in enumerate(PAIRS, 1)]


def test_a_bold_question_that_was_counted_among_headings_is_asked_without_the_next(
    space: Workspace,
) -> None:
    bold = f"**2. {PAIRS[1][0]}**\n\n{PAIRS[1][1]}\n\n"
    before = guids(space.edit(COUNTED[0] + bold + COUNTED[2]))
    assert guids(space.edit(COUNTED[0] + bold)) == {one: before[one] for one, _ in PAIRS[:2]}


def test_bold_appendices_are_asked_in_a_file_of_their_own(space: Workspace) -> None:
    """Nothing lists them any more, and two are too few to tell by themselves."""
    links = "".join(f"- [{one}](#{n})\n" for n, one in enumerate(("Rules", "Scope")))
    named = ("Appendix A: words", "Appendix B: tables")
    links += "".join(f"- [{one}](#x)\n" for one in named)
    bold = "".join(f"**{one}**\n\nAll that there is of {one}.\n\n" for one in named)
    kept = "## Rules\n\nWho has to follow them.\n\n## Scope\n\nHow far they go.\n\n"
    before = guids(space.edit(f"# Manual\n\n## Contents\n\n{links}\n{kept}{bold}"))
    assert set(named) < set(before)
    space.note("a.md", f"# Manual\n\n## Contents\n\n{links}\n{kept}")
    space.note("b.md", f"# Appendices\n\n{bold}")
    assert guids(space.build()) == before


ADDED = {
    "tagged": "- {0} #card\n  - {1}\n",
    "obsidian": "{0}::{1}\n\n",
    "start-end": "START\nBasic\n{0}\nBack: {1}\nEND\n\n",
    "labels": "Q: {0}\nA: {1}\n\n",
}


@pytest.mark.parametrize("held", ["headings", "bold", "folds"])
@pytest.mark.parametrize("way", ADDED)
def test_cards_with_marks_that_are_added_stand_beside_the_others(
    space: Workspace, held: str, way: str
) -> None:
    text = "".join(WAYS[held].format(*pair) for pair in PAIRS[:2])
    before = guids(space.edit(text))
    tagged = "#flashcards\n\n" if way == "obsidian" else ""
    space.note("a.md", text + tagged + ADDED[way].format(*PAIRS[2]))
    for _ in range(2):
        after = guids(space.build())
        assert set(after) == {question for question, _ in PAIRS}
        assert before.items() < after.items()


def test_what_was_put_below_another_question_is_part_of_its_answer(space: Workspace) -> None:
    space.edit(qa(*PAIRS))
    assert statuses(space.edit(qa(*PAIRS[:2]) + qa(PAIRS[2], level=3))) == {
        PAIRS[0][0]: CardStatus.UNCHANGED,
        PAIRS[1][0]: CardStatus.CHANGED,
        PAIRS[2][0]: CardStatus.GONE,
    }


@pytest.mark.parametrize("comment", ["id=frame", "new", "skip"])
def test_a_comment_below_a_heading_inside_an_answer_is_not_the_answers(
    space: Workspace, comment: str
) -> None:
    """The section that it was part of would go on as this one, and that as nobody."""
    apart = f"## On frames\n\n<!-- card: {comment} -->\n\nA place for a page.\n\n"
    before = guids(space.edit(qa(PAIRS[0]) + apart))
    inside = space.edit(qa((f"So {PAIRS[0][0]}", PAIRS[0][1])) + "#" + apart)
    assert list(guids(inside).values()) == [before[PAIRS[0][0]]]
    assert "card-comment" in {one.code for one in inside.problems}
    assert guids(space.edit(qa(PAIRS[0]) + apart)) == before


def test_a_level_deeper_leaves_no_part_of_the_questions_behind(space: Workspace) -> None:
    """Most are found on the old level, too; on the new one all are."""
    chapters = "# Memory\n\n## Paging\n\n### Pages\n\nFixed pieces.\n\n### Frames\n\nPlaces.\n\n"
    rest = "".join(f"## {name}\n\nAll of {name}.\n\n" for name in ("Swap", "Caches", "Faults"))
    before = guids(space.edit(chapters + rest))
    assert len(before) == 5
    assert guids(space.edit("# All\n\n" + (chapters + rest).replace("# ", "## "))) == before


def titled(*pairs: tuple[str, str], listed: bool) -> str:
    """Return sections with a part each, and a contents list of these parts or none."""
    text = "".join(f"## {q}\n\n{a}\n\n### Part {q[:4]}\n\nMore of it.\n\n" for q, a in pairs)
    links = "".join(f"- [Part {q[:4]}](#part-{q[:4].lower()})\n" for q, _ in pairs)
    return f"# T\n\n## Contents\n\n{links}\n{text}" if listed else f"# T\n\n{text}"


@pytest.mark.parametrize("later", [["b.md"], ["sub/a.md"], ["a.md", "b.md"], ["b.md", "c.md"]])
def test_a_file_under_a_new_name_is_read_as_it_was(space: Workspace, later: list[str]) -> None:
    """Else a contents list, of which a warning says that it is not followed, would be."""
    pairs = [*PAIRS, ("How far does attention reach?", "As far as the context, at a cost.")]
    old = space.note("a.md", titled(*pairs, listed=False))
    before = guids(space.build())
    assert guids(space.edit(titled(*pairs, listed=True))) == before
    old.unlink()
    size = len(pairs) // len(later)
    for at, name in enumerate(later):
        space.note(name, titled(*pairs[at * size : (at + 1) * size], listed=True))
    outcome = space.build()
    assert guids(outcome) == before
    assert {file.structure for file in outcome.files} == {"level 2"}


@pytest.mark.parametrize("rest", ["", "# Writing\n\n### What is a decoder?\n\nIt writes.\n"])
@pytest.mark.parametrize("level", [2, 4])
def test_a_chapter_put_into_a_file_of_another_level_is_asked_on(
    space: Workspace, level: int, rest: str
) -> None:
    """The questions that this file had before would say nothing of those."""
    chapter = "# Reading\n\n" + qa(*PAIRS, level=3)
    there = "# Memory\n\n" + qa(("Pages", "Fixed pieces."), ("Frames", "Places."), level=level)
    space.note("b.md", there)
    before = guids(space.edit(chapter + rest))
    space.note("b.md", there + chapter)
    space.note("a.md", rest)
    for _ in range(2):
        assert guids(space.build()) == before


@pytest.mark.parametrize("watched", [False, True])
def test_a_question_put_into_a_file_is_asked_where_its_contents_list_does_not_name_it(
    space: Workspace, watched: bool
) -> None:
    """Also where a watching build saw it in both files for a while."""
    named = [("TCP", "It counts."), ("UDP", "It does not."), ("QUIC", "It counts above that.")]
    links = "".join(f"- [{n}. {q}](#{n}-{q.lower()})\n" for n, (q, _) in enumerate(named, 1))
    listed = f"## Contents\n\n{links}\n" + "".join(
        f"## {n}. {q}\n\n{a}\n\n" for n, (q, a) in enumerate(named, 1)
    )
    space.note("b.md", listed)
    before = guids(space.edit("".join(COUNTED)))
    space.note("b.md", listed + COUNTED[1])
    if watched:
        space.build()
    assert guids(space.edit(COUNTED[0] + COUNTED[2])) == before


def test_an_answer_that_many_give_is_no_sign_of_how_a_new_file_was_read(space: Workspace) -> None:
    """What was only noted down has the same answer everywhere: ``TODO``."""
    todo = "- [ ] TODO\n\n"
    asked = "".join(f"### {question}\n\n{todo}" for question, _ in PAIRS)
    chapters = f"# T\n\n## Models\n\n{asked}## Proofs\n\n{todo}"
    even = [("Pages", "Fixed pieces."), ("Frames", "Places."), ("Tables", "Ways.")]
    old = [space.note("a.md", chapters), space.note("b.md", qa(*even, level=3))]
    space.note("c.md", qa(("What went?", "All of it went.")))
    before = guids(space.build())
    for path in old:
        path.rename(path.with_name(f"new-{path.name}"))
    space.note("c.md", qa(("What came?", "Another thing altogether came.")))
    after = guids(space.build())
    assert {one for one in after if one not in before} == {"What came?"}
    assert all(after[one] == before[one] for one in after if one in before)


def test_many_files_under_new_names_are_read_once_more_where_a_note_is_missing(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not once for each way in which any file is written."""
    texts = [
        [way.format(f"In way {n}, {question}", f"{answer} {n}") for question, answer in PAIRS]
        for n, way in enumerate(WAYS.values())
    ]
    old = [space.note(f"{n}.md", "".join(text)) for n, text in enumerate(texts)]
    before = guids(space.build())
    for path in old:
        path.rename(path.with_name(f"new-{path.name}"))
    space.note("new-0.md", "".join(texts[0][1:]))
    calls: list[object] = []
    again = pipeline._read_again

    def counted(*given: Any) -> FileNotes:  # noqa: ANN401  # passed on as they are
        calls.append(given)
        return again(*given)

    monkeypatch.setattr(pipeline, "_read_again", counted)
    after = guids(space.build())
    assert len(after) == len(before) - 1
    assert after.items() < before.items()
    assert len(calls) <= len(texts) * 2


def test_a_file_is_read_as_the_last_package_tells_where_the_lock_is_lost(
    space: Workspace,
) -> None:
    """Else the contents list that was not followed so far would be."""
    output = space.folder / "deck.apkg"
    before = guids(space.edit(titled(*PAIRS, listed=False), output=output))
    assert guids(space.edit(titled(*PAIRS, listed=True), output=output)) == before
    space.lock.unlink()
    found = space.build(output=output)
    assert guids(found) == before
    assert [file.structure for file in found.files] == ["level 2"]
    space.lock.unlink()
    anew = space.build(output=output, restructure=True)
    assert not set(guids(anew)) & set(before)


def test_a_new_file_is_read_by_itself_where_little_of_it_is_known(space: Workspace) -> None:
    """That one of its chapters is called as a question was that went makes no old file of it."""
    space.edit(qa(*PAIRS))
    space.note("a.md", qa(*PAIRS[1:]))
    chapters = "".join(
        f"## {chapter}\n\nRead on.\n\n### What of {n}?\n\nIt is {n}.\n\n### Why {n}?\n\nSo.\n\n"
        for n, chapter in enumerate(("Words", PAIRS[0][0], "Letters", "Signs"))
    )
    space.note("b.md", f"# T\n\n{chapters}")
    files = {file.name: file for file in space.build().files}
    assert files["b.md"].structure == "level 3"


@pytest.mark.parametrize("meanwhile", ["", "# T\n", "Nothing that asks.\n"])
def test_a_file_that_was_empty_for_a_while_is_read_as_it_was(
    space: Workspace, meanwhile: str
) -> None:
    """An editor may write it in two steps, and a watching build comes between them."""
    space.note("b.md", qa(("What is dropout?", "Units are left out at random.")))
    before = guids(space.edit(titled(*PAIRS, listed=False)))
    for text in (titled(*PAIRS, listed=True), meanwhile):
        space.edit(text)
    assert guids(space.edit(titled(*PAIRS, listed=True))) == before


@pytest.mark.parametrize("way", WRITTEN_ANEW)
def test_a_file_may_begin_anew_in_another_way(space: Workspace, way: str) -> None:
    """Nothing that it held is left, so nothing says how it is to be read."""
    space.edit("#flashcards\n\nWhat is dropout?::Leaving units out at random.\n")
    space.edit("")
    assert set(guids(space.edit(WRITTEN_ANEW[way]))) == {question for question, _ in PAIRS}


# Files under other names ---------------------------------------------------------------------


def two_folders(space: Workspace) -> tuple[Path, Path]:
    source = space.folder / "source"
    for name, pair in (("a/x.md", PAIRS[0]), ("b/y.md", PAIRS[1])):
        space.note(name, qa(pair))
    (source / "a.md").unlink()
    return source / "a", source / "b"


def test_a_folder_more_or_less_changes_no_note(space: Workspace) -> None:
    one, other = two_folders(space)
    first = guids(space.build(notes=(one,)))
    both = guids(space.build(notes=(one, other)))
    again = space.build(notes=(one,))
    assert both.items() >= first.items()
    assert guids(again) == first
    assert not [line for line in again.identified.lock.notes if line.gone]


def test_a_file_is_the_same_under_another_spelling_of_its_name(space: Workspace) -> None:
    """As a disk that makes no difference between small letters and capitals shows it."""
    first = guids(space.build())
    os.link(space.folder / "source" / "a.md", space.folder / "source" / "A.md")
    outcome = space.build("A.md")
    assert guids(outcome) == first
    assert set(statuses(outcome).values()) == {CardStatus.MOVED}


def test_a_file_whose_name_the_disk_decomposes_is_still_there(space: Workspace) -> None:
    space.note(unicodedata.normalize("NFD", "café.md"), qa(("What is drunk here?", "Coffee.")))
    space.build()
    outcome = space.build("a.md")
    assert CardStatus.GONE not in statuses(outcome).values()
