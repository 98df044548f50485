"""Study, edit the notes, build, import again: what the learner keeps, counted in the real Anki."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckbuilder.model import CardStatus
from deckbuilder.problems import BuildError
from tests.support.collection import RealCollection, RealNote
from tests.support.workspace import PAIRS, Workspace, qa, statuses


def schedule(notes: dict[str, RealNote]) -> dict[str, list[tuple[int, int, int, int]]]:
    return {g: [(c.id, c.due, c.interval, c.reviews) for c in n.cards] for g, n in notes.items()}


def studied(anki: RealCollection, space: Workspace) -> dict[str, RealNote]:
    """Build, import, study everything and synchronise; return the notes as they are then."""
    space.build()
    anki.load(space.package)
    anki.study_all()
    anki.mark_synced()
    return anki.notes()


def check_kept(
    anki: RealCollection, before: dict[str, RealNote], *, updated: int, new: int = 0
) -> None:
    """Hold what every regeneration promises: history whole, nothing twice, the rest untouched."""
    after = anki.notes()
    assert len(after) == len(before) + new
    assert {g: s for g, s in schedule(after).items() if g in before} == schedule(before)
    touched = [g for g, note in after.items() if g in before and note.usn == -1]
    assert len(touched) == updated
    assert anki.checks().clean


def rebuild(anki: RealCollection, space: Workspace) -> dict[str, CardStatus]:
    outcome = space.build()
    anki.load(space.package)
    return statuses(outcome)


def test_an_edited_answer_updates_one_note(anki: RealCollection, space: Workspace) -> None:
    before = studied(anki, space)
    pairs = [(PAIRS[0][0], PAIRS[0][1] + " Subwords are common."), *PAIRS[1:]]
    space.note("a.md", qa(*pairs))
    assert rebuild(anki, space)[PAIRS[0][0]] == CardStatus.CHANGED
    check_kept(anki, before, updated=1)
    assert any("Subwords" in note.fields[1] for note in anki.notes().values())


def test_a_reworded_question_keeps_its_schedule(anki: RealCollection, space: Workspace) -> None:
    before = studied(anki, space)
    new = "In which way does attention weigh what it reads?"
    space.note("a.md", qa(PAIRS[0], (new, PAIRS[1][1]), *PAIRS[2:]))
    assert rebuild(anki, space)[new] == CardStatus.RENAMED
    check_kept(anki, before, updated=1)


def test_a_typo_fixed_in_the_question(anki: RealCollection, space: Workspace) -> None:
    space.note("a.md", qa(("What is a tokeniser foor?", PAIRS[0][1]), *PAIRS[1:]))
    before = studied(anki, space)
    space.note("a.md", qa(*PAIRS))
    assert rebuild(anki, space)[PAIRS[0][0]] == CardStatus.RENAMED
    check_kept(anki, before, updated=1)


def test_renumbering_and_reordering_touch_nothing(anki: RealCollection, space: Workspace) -> None:
    space.note("a.md", qa(*((f"{n}. {q}", a) for n, (q, a) in enumerate(PAIRS, 1))))
    before = studied(anki, space)
    turned = [(f"{n}. {q}", a) for n, (q, a) in enumerate(reversed(PAIRS), 1)]
    space.note("a.md", qa(*turned))
    assert set(rebuild(anki, space).values()) == {CardStatus.UNCHANGED}
    check_kept(anki, before, updated=0)


def test_a_section_moved_to_another_file(anki: RealCollection, space: Workspace) -> None:
    before = studied(anki, space)
    space.note("a.md", qa(*PAIRS[1:]))
    space.note("b.md", qa(PAIRS[0]))
    assert rebuild(anki, space)[PAIRS[0][0]] == CardStatus.MOVED
    check_kept(anki, before, updated=1)


def test_a_renamed_file(anki: RealCollection, space: Workspace) -> None:
    before = studied(anki, space)
    (space.folder / "source" / "a.md").rename(space.folder / "source" / "z.md")
    assert set(rebuild(anki, space).values()) == {CardStatus.MOVED}
    check_kept(anki, before, updated=len(PAIRS))


def test_added_sections_are_new_cards(anki: RealCollection, space: Workspace) -> None:
    before = studied(anki, space)
    space.note("a.md", qa(("What is dropout?", "Units are left out at random."), *PAIRS))
    assert rebuild(anki, space)["What is dropout?"] == CardStatus.NEW
    check_kept(anki, before, updated=0, new=1)


def test_a_removed_section_stays_and_comes_back(anki: RealCollection, space: Workspace) -> None:
    before = studied(anki, space)
    space.note("a.md", qa(*PAIRS[1:]))
    assert rebuild(anki, space)[PAIRS[0][0]] == CardStatus.GONE
    check_kept(anki, before, updated=0)
    space.note("a.md", qa(*PAIRS))
    rebuild(anki, space)
    check_kept(anki, before, updated=0)


def test_a_section_rebuilt_alone_leaves_the_others(anki: RealCollection, space: Workspace) -> None:
    space.note("b.md", qa(("What is a seed?", "The start of a pseudo-random sequence.")))
    before = studied(anki, space)
    outcome = space.build("b.md")
    assert CardStatus.GONE not in statuses(outcome).values()
    anki.load(space.package)
    check_kept(anki, before, updated=0)


def test_edits_and_tags_of_the_learner_survive(anki: RealCollection, space: Workspace) -> None:
    """A note that did not change keeps what its learner made of it (facts 27, 28)."""
    studied(anki, space)
    guid = sorted(anki.notes())[0]
    note = anki.col.get_note(anki.notes()[guid].id)  # type: ignore[arg-type]  # a NewType of int
    note.fields[6] = "my own words"
    note.tags.append("marked")
    anki.col.update_note(note)
    space.note("a.md", qa(*PAIRS, ("What is a batch?", "Examples that share one step.")))
    rebuild(anki, space)
    kept = anki.notes()[guid]
    assert kept.fields[6] == "my own words"
    assert "marked" in kept.tags


def test_the_clock_went_back_and_the_edit_arrives(anki: RealCollection, space: Workspace) -> None:
    before = studied(anki, space)
    space.now_ms -= 30 * 86_400_000
    space.note("a.md", qa((PAIRS[0][0], "Another answer altogether, written later."), *PAIRS[1:]))
    rebuild(anki, space)
    check_kept(anki, before, updated=1)
    assert any("Another answer" in note.fields[1] for note in anki.notes().values())


def test_basic_to_cloze_is_an_error_that_writes_nothing(space: Workspace) -> None:
    space.build()
    lock = space.lock.read_bytes()
    space.note("a.md", qa((PAIRS[0][0], "It {{c1::cuts}} text into units."), *PAIRS[1:]))
    with pytest.raises(BuildError) as stopped:
        space.build()
    assert "card: new" in str(stopped.value)
    assert space.lock.read_bytes() == lock


def test_a_second_deck_leaves_the_css_that_the_learner_edited(
    anki: RealCollection, space: Workspace, tmp_path: Path
) -> None:
    """The note type's mod is a constant of the program (fact 13)."""
    studied(anki, space)
    model = anki.col.models.by_name("Deckbuilder Section")
    assert model is not None
    model["css"] = ".card { color: rebeccapurple }"
    anki.col.models.update_dict(model)
    other = Workspace(tmp_path / "other", name="Other")
    other.note("x.md", qa(("What is a hash?", "A short name for long data.")))
    other.build()
    anki.load(other.package)
    model = anki.col.models.by_name("Deckbuilder Section")
    assert model is not None
    assert "rebeccapurple" in model["css"]


def test_two_decks_that_ask_the_same_do_not_overwrite_each_other(
    anki: RealCollection, space: Workspace, tmp_path: Path
) -> None:
    studied(anki, space)
    other = Workspace(tmp_path / "other", name="Other")
    other.note("a.md", qa(*PAIRS))
    other.build()
    anki.load(other.package)
    assert len(anki.notes()) == 2 * len(PAIRS)
