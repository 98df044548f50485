"""Laws of identity under random editing: what an author may do to notes in years, in seconds."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

import pytest

pytest.importorskip("hypothesis", reason="hypothesis is not installed")

from hypothesis import HealthCheck, assume, given, settings  # after the skip
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from deckbuilder.identify import Identified, guid_for
from deckbuilder.identity.fingerprint import normalise_question
from deckbuilder.identity.lock import Lock, merge_lines, merge_lock, parse_lock
from deckbuilder.model import CardStatus, Draft, NoteKind
from tests.bench.bench_identity import samples
from tests.support.drafts import NOW, a_draft, guids, lock_text, run

SAMPLES = samples()
FILES = ("a.md", "b.md", "c.md")
HEADINGS = ((), ("卷一",), ("卷一", "模型"), ("Part",))


@dataclass(frozen=True)
class Piece:
    """A section as its author knows it: *origin* stays through every edit."""

    origin: int
    question: str
    answer: str
    name: str
    context: tuple[str, ...]

    def draft(self, line: int) -> Draft:
        return a_draft(self.question, self.answer, name=self.name, context=self.context, line=line)


class Editing(RuleBasedStateMachine):
    """Sections, edited in any order, and built now and then."""

    @initialize(first=st.lists(st.sampled_from(range(len(SAMPLES))), min_size=3, unique=True))
    def write_notes(self, first: list[int]) -> None:
        self.next_origin = 0
        self.clock = NOW
        self.lock: Lock | None = None
        self.pieces: list[Piece] = []
        for number in first[:12]:
            self._add(number, FILES[number % 3], HEADINGS[number % 4])
        self.known: dict[int, str] = {}
        self.untouched: set[int] = set()
        self.moved: set[int] = set()
        self.build()

    def _add(self, number: int, name: str, context: tuple[str, ...]) -> None:
        one = SAMPLES[number]
        self.next_origin += 1
        self.pieces.append(Piece(self.next_origin, one.question, one.answer, name, context))

    def _edit(self, at: int, **changes: object) -> None:
        index = at % len(self.pieces)
        one = self.pieces[index]
        self.pieces[index] = replace(one, **changes)  # type: ignore[arg-type]  # named by rules
        self.untouched.discard(one.origin)
        self.moved.discard(one.origin)

    def _move(self, index: int, name: str, context: tuple[str, ...]) -> None:
        one = self.pieces[index]
        self.pieces[index] = replace(one, name=name, context=context)
        if one.origin in self.untouched:
            self.untouched.discard(one.origin)
            self.moved.add(one.origin)

    # Edits

    @rule(number=st.sampled_from(range(len(SAMPLES))), where=st.integers(0, 11))
    def add(self, number: int, where: int) -> None:
        self._add(number, FILES[where % 3], HEADINGS[where % 4])

    @rule(at=st.integers(0, 99), which=st.integers(0, 1))
    def reword(self, at: int, which: int) -> None:
        question = self.pieces[at % len(self.pieces)].question
        sample = next((one for one in SAMPLES if one.question == question), None)
        if sample:
            self._edit(at, question=sample.rewordings[which])

    @rule(at=st.integers(0, 99), number=st.sampled_from(range(len(SAMPLES))))
    def rewrite_answer(self, at: int, number: int) -> None:
        self._edit(at, answer=SAMPLES[number].rewritten)

    @rule(at=st.integers(0, 99))
    def add_to_answer(self, at: int) -> None:
        self._edit(at, answer=self.pieces[at % len(self.pieces)].answer + " 详见下文。")

    @rule(at=st.integers(0, 99), where=st.integers(0, 11))
    def move(self, at: int, where: int) -> None:
        self._move(at % len(self.pieces), FILES[where % 3], HEADINGS[where % 4])

    @rule(at=st.integers(0, 99))
    def delete(self, at: int) -> None:
        assume(len(self.pieces) > 1)
        self.untouched.discard(self.pieces.pop(at % len(self.pieces)).origin)

    @rule(at=st.integers(0, 99), to=st.integers(0, 99))
    def reorder(self, at: int, to: int) -> None:
        self.pieces.insert(to % len(self.pieces), self.pieces.pop(at % len(self.pieces)))

    @rule(old=st.sampled_from(FILES), new=st.sampled_from(("a.md", "new.md")))
    def rename_file(self, old: str, new: str) -> None:
        for index, one in enumerate(self.pieces):
            if one.name == old and old != new:
                self._move(index, new, one.context)

    @rule(at=st.integers(0, 99))
    def write_the_old_question_anew(self, at: int) -> None:
        one = self.pieces[at % len(self.pieces)]
        self._edit(at, question=f"{one.question} (2)")
        self.next_origin += 1
        self.pieces.append(replace(one, origin=self.next_origin, answer="Something new."))

    # Builds

    @rule()
    def build(self) -> None:
        self._build(self.pieces, elsewhere=())

    @rule(left_out=st.sampled_from(FILES))
    def build_part(self, left_out: str) -> None:
        part = [one for one in self.pieces if one.name != left_out]
        assume(part)
        self._build(part, elsewhere=(left_out,))

    @rule(back=st.integers(1, 10**9))
    def turn_the_clock_back(self, back: int) -> None:
        self.clock -= back

    def _build(self, pieces: list[Piece], elsewhere: tuple[str, ...]) -> None:
        drafts, owners = _merged(pieces)
        before, self.clock = self.lock, self.clock + 60_000
        result = run(drafts, before, now_ms=self.clock, elsewhere=elsewhere)
        self._check(result, before, elsewhere)
        for guid, own in zip(guids(result), owners, strict=True):
            for origin in own:
                if origin in self.untouched and len(own) == 1:
                    assert guid == self.known[origin], "a section nobody edited changed its guid"
                if origin in self.moved and len(own) == 1 and not elsewhere:
                    self._check_moved(origin, guid, before)
                self.known[origin] = guid
        self.moved -= {one.origin for one in pieces}
        self.untouched -= {one.origin for one in pieces}
        self.untouched |= {own[0] for own in owners if len(own) == 1}
        again = run(drafts, result.lock, now_ms=self.clock + 1000, elsewhere=elsewhere)
        assert again.lock == result.lock, "a second build of the same notes changed something"
        self.lock = result.lock

    def _check_moved(self, origin: int, guid: str, before: Lock | None) -> None:
        (asked,) = {one.question for one in self.pieces if one.origin == origin}
        now = [one for one in self.pieces if one.question == asked]
        was = [line for line in (before.notes if before else ()) if line.question == asked]
        if len(now) == len(was) == 1:
            assert guid == self.known[origin], "a section that only moved changed its guid"

    def _check(self, result: Identified, before: Lock | None, elsewhere: tuple[str, ...]) -> None:
        held = {line.guid: line for line in before.notes} if before else {}
        found = guids(result)
        assert len(set(found)) == len(found), "a guid twice"
        lines = {line.guid: line for line in result.lock.notes}
        assert len(lines) == len(result.lock.notes) == len({line.id for line in lines.values()})
        assert held.keys() <= lines.keys(), "the lock forgot a note"
        for note, change in zip(result.notes, result.changes, strict=False):
            if change.statuses[0] is CardStatus.NEW:
                assert note.guid not in held, "a new note took a guid of the lock"
            else:
                old = held[note.guid]
                changed = old.hash.packaged != lines[note.guid].hash.packaged
                assert (note.mod > old.mod) if changed else (note.mod == old.mod)
        for guid, old in held.items():
            if old.places and not old.gone and all(one.name in elsewhere for one in old.places):
                assert lines[guid] == old, "a note outside the run was touched"
        assert parse_lock(lock_text(result.lock).encode(), "deck.lock") == result.lock

    @invariant()
    def nothing_is_shared_with_another_deck(self) -> None:
        for line in self.lock.notes[:3] if self.lock else ():
            asked = normalise_question(line.question)
            assert guid_for("Another deck", asked, 0) not in self.known.values()


def _merged(pieces: list[Piece]) -> tuple[list[Draft], list[list[int]]]:
    """Return drafts as the pipeline makes them: equal sections are one."""
    groups: dict[object, list[Piece]] = {}
    for one in pieces:
        groups.setdefault((one.question, one.answer, one.context), []).append(one)
    drafts = []
    for number, group in enumerate(groups.values()):
        first, *others = sorted(group, key=lambda one: one.name)
        also = [(other.name, other.context) for other in others]
        drafts.append(
            a_draft(
                first.question,
                first.answer,
                name=first.name,
                context=first.context,
                also=also,
                line=number + 1,
            )
        )
    return drafts, [[one.origin for one in group] for group in groups.values()]


TestEditing = Editing.TestCase
TestEditing.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


# Laws of one step --------------------------------------------------------------------------------

TEXT = st.text(max_size=40)


@settings(deadline=None, derandomize=True)
@given(TEXT)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise_question(text)
    assert normalise_question(once) == once


@settings(deadline=None, derandomize=True)
@given(TEXT, TEXT, TEXT, TEXT, st.integers(0, 3))
def test_guids_differ_unless_everything_is_equal(
    deck: str, other_deck: str, asked: str, other_asked: str, series: int
) -> None:
    same = unicodedata.normalize("NFC", deck) == unicodedata.normalize("NFC", other_deck)
    same = same and asked == other_asked
    one, two = guid_for(deck, asked, series), guid_for(other_deck, other_asked, series)
    assert (one == two) is same
    assert one.isalnum()
    assert one == one.lower()


DRAFTS = st.lists(
    st.builds(
        a_draft,
        st.text(min_size=1, max_size=12),
        st.text(max_size=60),
        name=st.sampled_from(FILES),
        context=st.sampled_from(HEADINGS),
        kind=st.just(NoteKind.SECTION),
    ),
    max_size=8,
)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(DRAFTS, DRAFTS, DRAFTS)
def test_a_merge_of_two_branches_loses_no_note(
    common: list[Draft], ours: list[Draft], theirs: list[Draft]
) -> None:
    base = run(common).lock
    left = run([*common, *ours], base, now_ms=NOW + 5000).lock
    right = run([*theirs, *common], base, now_ms=NOW + 5000).lock
    marked = (
        f"<<<<<<< ours\n{lock_text(left)}||||||| base\n{lock_text(base)}"
        f"=======\n{lock_text(right)}>>>>>>> theirs\n"
    )
    merged = merge_lock(marked.encode())
    everything = {note.guid for note in (*left.notes, *right.notes)}
    assert {note.guid for note in merged.notes} == everything
    assert len({note.id for note in merged.notes}) == len(merged.notes)
    for note in merged.notes:
        lines = [one for one in (*left.notes, *right.notes) if one.guid == note.guid]
        assert note.mod == max(line.mod for line in lines)
    assert merge_lines([*right.notes, *left.notes]) == merged.notes


@settings(deadline=None, derandomize=True, max_examples=150)
@given(DRAFTS)
def test_any_notes_are_built_twice_with_one_result(drafts: list[Draft]) -> None:
    first = run(drafts)
    again = run(drafts, parse_lock(lock_text(first.lock).encode(), "deck.lock"), now_ms=NOW + 9000)
    assert again.lock == first.lock
    assert {change.statuses[0] for change in again.changes} <= {CardStatus.UNCHANGED}
