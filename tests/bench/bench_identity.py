"""How often does a note keep its history through an edit, and does one ever get another's.

``python -m tests.bench.bench_identity`` prints a table. Every row is a kind of edit, applied to
each of the hand-written sections of ``sections.txt`` in several settings:

* ``alone``     one section is edited, all others stay as they were;
* ``storm``     all sections are edited in one run, file by file in another order;
* ``deleted``   the nearest neighbour is deleted in the same run;
* ``replaced``  the edited section is deleted, and its nearest neighbour, which the lock has never
  seen, is written in its place: nothing may be matched then.

*wrong* counts sections that got another section's note, *missed* those that lost theirs.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deckbuilder.identify import Identified
from deckbuilder.model import Draft
from tests.support.drafts import NOW, a_draft, guids, run

SECTIONS = Path(__file__).with_name("sections.txt")


@dataclass(frozen=True)
class Sample:
    """One section, with other ways to put it."""

    family: str
    near: bool
    """Whether the family holds near-duplicates."""
    question: str
    rewordings: tuple[str, ...]
    answer: str
    rewritten: str
    wild: str = ""
    """Another wording in other words altogether; for few."""
    name: str = "notes.md"
    context: tuple[str, ...] = ()

    def draft(self) -> Draft:
        return a_draft(self.question, self.answer, name=self.name, context=self.context)


def samples() -> list[Sample]:
    """Return the hand-written sections in the order of the file."""
    found: list[Sample] = []
    family, near = "", False
    parts: dict[str, list[str]] = {}
    for line in [*SECTIONS.read_text("utf-8").splitlines(), "-- end"]:
        mark, _, text = line.partition(" ")
        if mark in ("==", "--", "Q") and parts:
            found.append(
                Sample(
                    family=family,
                    near=near,
                    question=parts["Q"][0],
                    rewordings=tuple(parts["R"]),
                    answer=parts["A"][0],
                    rewritten=parts["B"][0],
                    wild="".join(parts.get("W", ())),
                    name=f"{len(found) // 12:02}.md",
                    context=("卷一", family),
                )
            )
            parts = {}
        if mark in ("==", "--"):
            family, near = text, mark == "=="
        elif mark in ("Q", "R", "W", "A", "B"):
            parts.setdefault(mark, []).append(text)
    return found


# Edits -----------------------------------------------------------------------------------------

Edit = Callable[[Sample, int], Sample]


def _slip(text: str, at: int) -> str:
    """Return *text* with two neighbours inside swapped, or one letter left out."""
    middle = 1 + at % max(1, len(text) - 3)
    if at % 2 and text[middle] != text[middle + 1 : middle + 2]:
        return text[:middle] + text[middle + 1 : middle + 2] + text[middle] + text[middle + 2 :]
    return text[:middle] + text[middle + 1 :]


def typo_in_question(one: Sample, turn: int) -> Sample:
    return replace(one, question=_slip(one.question, 3 + 5 * turn))


def typo_in_answer(one: Sample, turn: int) -> Sample:
    return replace(one, answer=_slip(one.answer + " ", 2 + 7 * turn))


def rewording(one: Sample, turn: int) -> Sample:
    return replace(one, question=one.rewordings[turn % len(one.rewordings)])


def other_words(one: Sample, turn: int) -> Sample:
    return replace(one, question=one.wild) if one.wild else one


def answer_rewritten(one: Sample, turn: int) -> Sample:
    return replace(one, answer=one.rewritten if turn % 2 else f"{one.rewritten} 见下一章。")


def moved(one: Sample, turn: int) -> Sample:
    return replace(one, name=f"moved-{turn}.md", context=("卷二", f"{one.family} {turn}"))


def moved_and_reworded(one: Sample, turn: int) -> Sample:
    return moved(rewording(one, turn), turn)


def moved_and_answer_rewritten(one: Sample, turn: int) -> Sample:
    return moved(answer_rewritten(one, turn), turn)


def sentence_added_and_reworded(one: Sample, turn: int) -> Sample:
    more = ("详见参考资料。", " See the references for more.")[turn % 2]
    return replace(rewording(one, turn), answer=one.answer + more)


def both_rewritten(one: Sample, turn: int) -> Sample:
    return replace(rewording(one, turn), answer=one.rewritten)


KINDS: tuple[tuple[str, Edit, bool], ...] = (
    ("typo in the question", typo_in_question, True),
    ("typo in the answer", typo_in_answer, True),
    ("question reworded", rewording, True),
    ("answer rewritten", answer_rewritten, True),
    ("moved", moved, True),
    ("moved, question reworded", moved_and_reworded, False),
    ("moved, answer rewritten", moved_and_answer_rewritten, False),
    ("question reworded, sentence added", sentence_added_and_reworded, False),
    ("question and answer rewritten", both_rewritten, False),
)
"""Name, edit, and whether one side alone changes."""


# Measuring -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """What the lock was made of, and the sections of the next run."""

    before: tuple[Sample, ...]
    now: tuple[tuple[Sample, Sample | None], ...]
    """Each section with the one that it was, if any."""


@dataclass(frozen=True)
class Figure:
    """What came of all edits of one kind."""

    edits: int
    wrong: tuple[str, ...]
    missed: tuple[str, ...]
    asked: int
    """Missed ones for which the author was asked."""


def runs(everything: Sequence[Sample], edit: Edit, *, both: bool) -> Iterator[Run]:
    """Yield the edit of every section in every setting; once, or both ways to do it."""
    before = tuple(everything)
    ways = (0, 1) if both else (0,)
    for number, one, way in ((*pair, way) for pair in enumerate(before) for way in ways):
        turn = (number + way) % 2
        now = [(other, other) for other in before]
        now[number] = edit(one, turn), one
        yield Run(before, tuple(now))
        neighbour = _neighbour(before, one)
        if neighbour:
            yield Run(before, tuple(pair for pair in now if pair[1] != neighbour))
            others = tuple(other for other in before if other != neighbour)
            kept = [(other, other) for other in others if other != one]
            yield Run(others, (*kept, (edit(neighbour, turn), None)))
    for turn in (0, 1):
        yield Run(before, tuple((edit(one, turn), one) for one in reversed(before)))


def _neighbour(everything: Sequence[Sample], one: Sample) -> Sample | None:
    family = [other for other in everything if other.near and other.family == one.family]
    return family[family.index(one) - 1] if one.near else None


def measure(everything: Sequence[Sample], edit: Edit, *, both: bool = False) -> Figure:
    """Return the figure of one kind of edit, the sections that nobody edited included."""
    edits = asked = 0
    wrong, missed = [], []
    locks: dict[tuple[Sample, ...], Identified] = {}
    for one in runs(everything, edit, both=both):
        if one.before not in locks:
            locks[one.before] = run([sample.draft() for sample in one.before])
        first = locks[one.before]
        guid_of = dict(zip(one.before, guids(first), strict=True))
        result = run([sample.draft() for sample, _ in one.now], first.lock, now_ms=NOW + 1000)
        unsure = {it.message for it in result.problems if it.code == "note-unsure"}
        for (sample, was), guid in zip(one.now, guids(result), strict=True):
            edits += sample != was
            right = guid_of[was] if was else None
            line = f"{was.question if was else '(new)'} -> {sample.question}"
            if guid != right and guid in guid_of.values():
                wrong.append(line)
            elif right and guid != right:
                missed.append(line)
                asked += any(repr(sample.question) in message for message in unsure)
    return Figure(edits, tuple(wrong), tuple(missed), asked)


def in_its_place(everything: Sequence[Sample]) -> Figure:
    """Return what comes of deleting a section while a near-duplicate is written, for all pairs."""
    wrong = []
    pairs = [
        (one, replace(other, question=question))
        for one in everything
        for other in everything
        if one.near and one.family == other.family and one != other
        for question in (other.question, *other.rewordings)
    ]
    for one, other in pairs:
        rest = [each for each in everything if each.family != one.family]
        family = [each for each in everything if each.near and each.family == one.family]
        left = [each for each in family if each.answer not in (one.answer, other.answer)]
        for others in (rest[:12], left):
            first = run([each.draft() for each in (*others, one)])
            result = run([each.draft() for each in (*others, other)], first.lock, now_ms=NOW + 1000)
            if guids(result)[-1] in guids(first):
                wrong.append(f"{one.question} -> {other.question}")
    return Figure(2 * len(pairs), tuple(wrong), (), 0)


def repeated(chapters: int = 200) -> list[Sample]:
    """Return sections that all ask the same, under headings of their own."""
    asked = samples()
    return [
        replace(
            asked[number % len(asked)],
            question=("总结", "Summary", "示例")[number % 3],
            answer=f"{asked[number % len(asked)].answer} {number}",
            rewritten=f"{asked[number % len(asked)].rewritten} {number}",
            context=(f"第{number}章",),
            name=f"{number // 20}.md",
            near=False,
        )
        for number in range(chapters)
    ]


def main() -> None:
    """Print the table; with ``-v`` also every wrong or missed edit."""
    everything = samples()
    near = sum(one.near for one in everything)
    write = sys.stdout.write
    write(f"{len(everything)} sections, {near} of them with near-duplicates\n\n")
    write("| edit | edits | wrong | missed | of these asked |\n|---|---|---|---|---|\n")
    chapters = repeated()
    short = [one for one in everything if len(one.answer) <= 12]
    for name, edit, _ in KINDS:
        _row(name, measure(everything, edit))
    for name, edit, _ in KINDS[:6]:
        _row(f"short answers: {name}", measure(short, edit, both=True))
    _row("near-duplicate written in its place", in_its_place(everything))
    for name, edit in (("moved", moved), ("answer rewritten", answer_rewritten)):
        _row(f"repeated 总结: {name}", measure(chapters, edit))
    _row("question in other words altogether", measure(everything, other_words))


def _row(name: str, figure: Figure) -> None:
    missed = f"{len(figure.missed)} ({len(figure.missed) / figure.edits:.1%})"
    sys.stdout.write(
        f"| {name} | {figure.edits} | {len(figure.wrong)} | {missed} | {figure.asked} |\n"
    )
    sys.stdout.flush()
    if "-v" in sys.argv:
        for word, lines in (("WRONG", figure.wrong), ("missed", figure.missed)):
            for line, times in Counter(lines).items():
                sys.stdout.write(f"      {word} {times}x {line}\n")


if __name__ == "__main__":
    main()
