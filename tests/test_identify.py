"""Which note is which: every rule of CONTRACT section 5, on drafts alone."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from deckbuilder.identify import Identified, guid_for, identify
from deckbuilder.identity.fingerprint import normalise_question
from deckbuilder.identity.lock import merge_lines
from deckbuilder.merge import with_fields
from deckbuilder.model import CardStatus, Directives, Draft, NoteKind, RemotePicture
from deckbuilder.problems import BuildError
from tests.support.drafts import NOW, a_draft, guids, run
from tests.support.limits import within

LONG = "A model that learns pictures and their captions in one space."
OTHER = "Sorting by repeatedly merging runs that are sorted already, bottom up."
THIRD = "An index maps keys to rows, so that a lookup need not read the whole table."

A, B = a_draft("A", LONG), a_draft("B", OTHER)
CLIP = a_draft("What is CLIP?", LONG)


def statuses(result: Identified) -> list[tuple[str, ...]]:
    return [tuple(map(str, change.statuses)) for change in result.changes]


def follow(first: list[Draft], *later: list[Draft]) -> list[int | None]:
    """Return which of the *first* drafts each of the last goes on as; None for a new note."""
    result = run(first)
    known = guids(result)
    for drafts in later:
        result = run(drafts, result.lock)
    return [known.index(one) if one in known else None for one in guids(result)]


def example(answer: str, *context: str) -> Draft:
    """Return a section of a question that says nothing."""
    return a_draft("Example", answer, context=context)


def codes(result: Identified) -> list[str]:
    return [problem.code for problem in result.problems]


# Guids: literals, because another value is another note -----------------------------------------


@pytest.mark.parametrize(
    ("namespace", "question", "series", "guid"),
    [
        ("Deck", "What is CLIP", 0, "dn0ldum1c80eb0s"),
        ("Deck", "What is CLIP", 1, "yc5z2e4aykfxpny"),
        ("多模态大模型", "什么是AE模型", 0, "7yfddrr4ktpajqt"),
        ("", "", 0, "fwcs8okzzirxaxq"),
    ],
)
def test_guids_never_change(namespace: str, question: str, series: int, guid: str) -> None:
    assert guid_for(namespace, question, series) == guid


def test_guids_frame_their_parts() -> None:
    assert guid_for("ab", "c", 0) != guid_for("a", "bc", 0)
    assert guid_for("a", "b1", 0) != guid_for("a", "b", 10)


def test_a_deck_name_typed_in_another_unicode_form_is_the_same_deck() -> None:
    assert guid_for("Caf\u00e9", "q", 0) == guid_for("Cafe\u0301", "q", 0)


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("What is CLIP?", "What is CLIP"),
        ("  什么是  CLIP ？ ", "什么是CLIP"),
        ("什么是ＣＬＩＰ！", "什么是CLIP"),
        ("什么是CLIP。", "什么是CLIP"),
        ("什么是CLIP：", "什么是CLIP"),
        ("什么是\u200bCLIP", "什么是CLIP"),
        ("C", "C"),
        ("C++", "C++"),
        ("C#", "C#"),
        ("== 与 ===", "==与==="),
        ("3D 卷积", "3D卷积"),
        ("4bit", "4bit"),
        ("2.5D", "2.5D"),
        ("12-Factor", "12-Factor"),
        ("3.5 Turbo", "3.5 Turbo"),
        ("clip", "clip"),
        ("a  b", "a b"),
        ("?", "?"),
        ("x?!。：", "x"),
    ],
)
def test_questions_are_normalised_once_and_for_all(written: str, normalised: str) -> None:
    assert normalise_question(written) == normalised
    assert normalise_question(normalised) == normalised


# First build, and nothing to do -----------------------------------------------------------------


def test_a_first_build_gives_everything_a_note() -> None:
    result = run([A, B])
    assert statuses(result) == [("new",), ("new",)]
    assert [(note.id, note.mod) for note in result.notes] == [
        (NOW, NOW // 1000),
        (NOW + 1, NOW // 1000),
    ]
    assert result.lock.namespace == "Deck"
    assert result.lock.structures == {"notes.md": "level 2"}


def test_nothing_to_do_leaves_the_lock_as_it_is() -> None:
    drafts = [A, a_draft("B", OTHER, tags=["x"])]
    first = run(drafts)
    again = run(drafts, first.lock, now_ms=NOW + 99_000)
    assert again.lock == first.lock
    assert again.notes == first.notes
    assert statuses(again) == [("unchanged",), ("unchanged",)]


def test_the_namespace_is_kept_when_the_deck_is_renamed() -> None:
    first = run([A])
    result = run([A, B], first.lock, namespace="Renamed")
    assert guids(result) == [guid_for("Deck", "A", 0), guid_for("Deck", "B", 0)]


def test_two_decks_never_share_a_guid() -> None:
    drafts = [A]
    assert guids(run(drafts, namespace="One")) != guids(run(drafts, namespace="Two"))


# 1 explicit ids ---------------------------------------------------------------------------------


def named(draft: Draft, name: str) -> Draft:
    return draft._replace(directives=Directives(card_id=name))


def test_a_name_finds_its_note_whatever_else_changed() -> None:
    moved = named(a_draft("Quite another question", THIRD, name="other.md"), "clip")
    assert follow([named(A, "clip"), B], [moved, B]) == [0, 1]


@pytest.mark.parametrize(("before", "after"), [("", "x"), ("x", ""), ("x", "y")])
def test_the_comment_itself_never_changes_a_guid(before: str, after: str) -> None:
    first = run([named(A, before), B])
    second = run([named(A, after), B], first.lock)
    assert guids(second) == guids(first)
    assert {note.card_id for note in second.lock.notes} == {"", after}


def test_a_name_stays_with_its_note() -> None:
    first = run([named(A, "x"), B])
    again = run([named(a_draft("A", THIRD), "x"), B], first.lock)
    assert codes(again) == []
    assert [note.card_id for note in again.lock.notes] == [
        note.card_id for note in first.lock.notes
    ]


@pytest.mark.parametrize("question", ["C", "D", "E", "F"])
def test_a_name_that_two_branches_gave_is_that_of_the_living_note(question: str) -> None:
    gone = run([named(a_draft(question, OTHER), "x")], now_ms=NOW - 1).lock.notes[0].but(gone=True)
    first = run([named(A, "x")])
    both = replace(first.lock, notes=merge_lines((*first.lock.notes, gone)))
    assert guids(run([named(a_draft("Quite another question", THIRD), "x")], both)) == guids(first)


def test_a_comment_copied_to_a_section_that_matches_anyway_changes_no_guid() -> None:
    assert follow([named(A, "x"), B], [A, named(B, "x")]) == [0, 1]


def test_a_comment_left_in_another_section_gives_it_neither_note_nor_name() -> None:
    """Its heading went; when it is back, the name has to lead to its own note."""
    both = [A, named(B, "b")]
    first = run(both)
    without = run([named(a_draft("A", LONG + OTHER), "b")], first.lock)
    assert guids(without) == guids(first)[:1]
    assert codes(without) == ["card-id-other"]
    assert "'B'" in without.problems[0].message
    assert guids(run(both, without.lock)) == guids(first)


def test_a_key_takes_its_note_over_even_from_a_section_with_a_note() -> None:
    first = run([A])
    lost = run([a_draft("Something else", OTHER)], first.lock)
    key = guids(first)[0]
    assert guids(lost) != [key]
    found = run([named(a_draft("Something else", OTHER), key)], lost.lock)
    assert guids(found) == [key]
    assert [note.guid for note in found.lock.notes if note.gone] == guids(lost)


def test_the_name_of_a_gone_note_of_another_kind_makes_a_new_one() -> None:
    cloze = named(a_draft("C", THIRD, kind=NoteKind.CLOZE), "x")
    assert follow([named(A, "x"), B], [B], [cloze, B]) == [None, 1]


def test_two_sections_of_one_name_are_an_error_that_names_both() -> None:
    drafts = [named(a_draft("A", LONG, line=3), "x"), named(a_draft("B", OTHER, line=9), "x")]
    with pytest.raises(BuildError) as stopped:
        run(drafts)
    (problem,) = stopped.value.problems
    assert str(problem).startswith("source/notes.md:9: error: <!-- card: id=x -->")
    assert "source/notes.md:3" in problem.message


def test_a_name_and_the_key_of_one_note_are_one_claim() -> None:
    first = run([named(A, "x")])
    both = [named(A, "x"), named(B, guids(first)[0])]
    with pytest.raises(BuildError, match="same note"):
        run(both, first.lock)


def test_a_name_of_a_file_outside_this_run_is_an_error() -> None:
    first = run([named(a_draft("A", LONG, name="a.md"), "x"), a_draft("B", OTHER, name="b.md")])
    with pytest.raises(BuildError, match=r"a\.md, which is not part of this run"):
        run(
            [
                named(a_draft("B", OTHER, name="b.md"), "x2"),
                named(a_draft("C", THIRD, name="b.md"), "x"),
            ],
            first.lock,
            elsewhere=["a.md"],
        )


# 2 same question, same place --------------------------------------------------------------------


def test_a_rewritten_answer_stays_the_same_note() -> None:
    first = run([A, B])
    second = run([a_draft("A", THIRD), B], first.lock, now_ms=NOW + 9000)
    assert guids(second) == guids(first)
    assert statuses(second) == [("changed",), ("unchanged",)]
    assert [note.mod - NOW // 1000 for note in second.notes] == [9, 0]


def test_equal_questions_in_one_place_are_told_apart_by_answer_before_order() -> None:
    assert follow([example(LONG), example(OTHER)], [example(OTHER), example(LONG)]) == [1, 0]


def test_equal_questions_in_one_place_are_told_apart_by_like_answers() -> None:
    edited = [example(OTHER + " Always stable."), example(LONG + " See CLIP.")]
    assert follow([example(LONG), example(OTHER)], edited) == [1, 0]


def test_equal_questions_whose_answers_all_changed_go_by_order() -> None:
    assert follow([example("one"), example("two")], [example("x"), example("y")]) == [0, 1]


def test_equal_questions_with_equal_answers_are_told_apart_by_what_else_the_author_wrote() -> None:
    two = [a_draft("Example", LONG, tags=[tag]) for tag in ("x", "y")]
    assert follow(two, two[::-1]) == [1, 0]


def test_an_answer_that_was_parted_or_put_together_goes_on_as_neither() -> None:
    """No part has clearly more of it than the other."""
    whole, one, two = f"{LONG} {OTHER}", LONG, OTHER
    assert follow([example(whole)], [example(one), example(two)]) == [None, None]
    assert follow([example(one), example(two)], [example(whole)]) == [None]


def test_where_one_question_became_two_with_other_answers_neither_is_the_old_one() -> None:
    assert follow([example(LONG)], [example(OTHER), example(THIRD)]) == [None, None]


def test_of_two_copies_that_were_one_note_the_one_that_is_left_goes_on() -> None:
    copied = a_draft("Example", LONG, also=[("notes.md", ())])
    assert follow([copied], [example(OTHER)]) == [0]


def test_a_new_copy_above_an_old_section_leaves_it_its_note() -> None:
    new = example(LONG)._replace(directives=Directives(new=True))
    assert follow([example(LONG)], [new, example(LONG)]) == [None, 0]


def test_a_new_one_of_equal_questions_takes_no_note_by_its_like_answer() -> None:
    new = example(LONG + " See CLIP.")._replace(directives=Directives(new=True))
    edited = [new, example(OTHER + " Always stable.")]
    assert follow([example(LONG), example(OTHER)], edited) == [None, 1]


def test_of_three_equal_questions_the_added_one_is_new() -> None:
    three = [example(LONG), example(THIRD), example(OTHER)]
    assert follow([example(LONG), example(OTHER)], three) == [0, None, 1]


def test_what_moved_whole_goes_before_what_stands_in_the_place_of_another() -> None:
    """The example of one chapter, moved to another whose own went on to a third."""
    moved = [example(OTHER, "1"), example(LONG, "3")]
    assert follow([example(LONG, "1"), example(OTHER, "2")], moved) == [1, 0]


# 3 same question elsewhere ----------------------------------------------------------------------


def test_a_section_moved_to_another_file_stays_the_same_note() -> None:
    first = run([a_draft("A", LONG, name="a.md"), a_draft("B", OTHER, name="a.md")])
    second = run(
        [a_draft("A", LONG, name="b.md", context=["X"]), a_draft("B", OTHER, name="a.md")],
        first.lock,
    )
    assert guids(second) == guids(first)
    assert statuses(second) == [("moved",), ("unchanged",)]


def test_a_moved_section_with_another_answer_is_moved_and_changed() -> None:
    first = run([a_draft("What is CLIP?", LONG, name="a.md")])
    second = run([a_draft("What is CLIP?", OTHER, name="b.md")], first.lock)
    assert guids(second) == guids(first)
    assert statuses(second) == [("moved", "changed")]


@pytest.mark.parametrize("question", ["总结", "Summary", "Example", "示例："])
def test_a_generic_question_elsewhere_needs_a_like_answer(question: str) -> None:
    first = [a_draft(question, LONG, context=["CLIP"]), B]
    assert follow(first, [a_draft(question, THIRD, context=["Sorting"]), B]) == [None, 1]
    assert follow(first, [a_draft(question, LONG + " Really.", context=["Moved"]), B]) == [0, 1]


def test_how_like_the_answer_of_a_generic_question_elsewhere_has_to_be() -> None:
    first = [a_draft("Summary", f"{OTHER} {THIRD}", context=["CLIP"]), B]
    part = a_draft("Summary", f"{LONG} {OTHER}", context=["Moved"])
    less = a_draft("Summary", f"{LONG} Pages are fixed. {OTHER[:52]}", context=["Moved"])
    assert follow(first, [part, B]) == [0, 1]
    assert follow(first, [less, B]) == [None, 1]


def test_a_repeated_question_elsewhere_needs_a_like_answer() -> None:
    first, second, other = (
        a_draft("Costs", answer, context=[answer[:9]]) for answer in (LONG, OTHER, THIRD)
    )
    assert follow([first, second], [first, other]) == [0, None]


def test_answers_of_equal_text_under_new_file_names_go_by_what_they_show() -> None:
    """Their pictures or formulas differ, else they would be one note."""

    def twins(*names: str) -> list[Draft]:
        shown = ("<p>It is \\(x\\).</p>", "<p>It is x.</p>")
        drafts = [a_draft("What is it?", LONG, name=name) for name in names]
        fields = [one.fields._replace(answer=html) for one, html in zip(drafts, shown, strict=True)]
        return [with_fields(one, new) for one, new in zip(drafts, fields, strict=True)]

    first = run(twins("a.md", "b.md"))
    assert guids(run(twins("d.md", "c.md"), first.lock)) == guids(first)


def test_equal_sections_under_other_headings_go_by_their_headings() -> None:
    def both(name: str, *headings: str) -> list[Draft]:
        return [a_draft("总结", "见上文", name=name, context=[one]) for one in headings]

    assert follow(both("a.md", "CLIP", "BLIP"), both("b.md", "BLIP", "CLIP")) == [1, 0]


@pytest.mark.parametrize("label", ["问题三：", "第三题 ", "3. "])
def test_a_number_that_comes_or_goes_changes_no_question(label: str) -> None:
    """A program that knows more of them, or new neighbours, make a position of it."""
    bare = [a_draft("什么是 Q-Former？", "一种桥接结构。"), a_draft("端口？", "22")]
    numbered = [a_draft(label + one.question, one.fields.answer[3:-4]) for one in bare]
    assert follow(numbered, bare) == follow(bare, numbered) == [0, 1]


def test_another_number_in_front_is_another_question() -> None:
    two, three = a_draft("2 是质数吗？", "是"), a_draft("3 是质数吗？", "是")
    assert follow([two], [three]) == [None]
    assert follow([two, three], [a_draft("是质数吗？", "是"), three]) == [0, 1]


# 4 same answer ----------------------------------------------------------------------------------


def test_a_reworded_question_with_its_answer_is_renamed() -> None:
    first = run([CLIP, B])
    second = run(
        [a_draft("Tell me about that model", LONG), B],
        first.lock,
        now_ms=NOW + 5000,
    )
    assert guids(second) == guids(first)
    assert statuses(second)[0] == ("renamed",)
    assert second.changes[0].was == "What is CLIP?"
    assert second.notes[0].mod == NOW // 1000 + 5


def test_a_short_answer_alone_proves_nothing() -> None:
    asked, other = a_draft("数组访问的复杂度", "O(1)"), a_draft("什么算法是常数时间", "O(1)")
    assert follow([asked], [other]) == [None]


def test_an_answer_that_two_sections_have_proves_nothing() -> None:
    first, second = a_draft("First thing", LONG), a_draft("Second thing", LONG)
    assert follow([first, second], [a_draft("Some other matter", LONG), second]) == [None, 1]


# 5 clearly closest ------------------------------------------------------------------------------


def test_a_new_wording_with_a_short_answer_is_known_by_what_it_asks() -> None:
    ssh = a_draft("SSH 的默认端口是多少？", "22")
    before = [a_draft("HTTP 的默认端口是多少？", "80"), ssh]
    assert follow(before, [a_draft("默认的 HTTP 端口", "80"), ssh]) == [0, 1]


def test_both_changed_and_clearly_closest() -> None:
    first = run([a_draft("What is a closure in Python?", LONG + " " + THIRD), B])
    edited = a_draft("Explain closures in Python", LONG + " In short. " + THIRD)
    second = run([B, edited], first.lock)
    assert guids(second) == guids(first)[::-1]
    assert statuses(second)[1] == ("renamed", "changed")


@pytest.mark.parametrize(
    ("old", "new", "answers"),
    [
        ("什么是AE模型", "什么是AR模型", ("自编码", "自回归")),
        ("What is C?", "What is C++?", ("a language", "a language")),
        ("What is C++?", "What is C#?", ("a language", "a language")),
        ("4bit 量化", "8bit 量化", ("O(1)", "O(1)")),
        ("入栈的复杂度", "出栈的复杂度", ("O(1)", "O(1)")),
        ("前序遍历的复杂度", "后序遍历的复杂度", ("O(n)", "O(n)")),
        ("有监督学习", "无监督学习", ("见书", "见书")),
        ("监督学习", "无监督学习", ("见书", "见书")),
        ("从文本到图像", "从图像到文本", ("见书", "见书")),
        ("== in JavaScript", "=== in JavaScript", ("compares", "compares")),
        ("synchronous IO", "asynchronous IO", ("see above", "see above")),
        ("Capital of Austria", "Capital of Australia", ("see map", "see map")),
        ("归并排序的时间复杂度", "归并排序的空间复杂度", ("O(n)", "O(n)")),
        ("为什么要做归一化", "如何做归一化", ("见书", "见书")),
    ],
)
def test_a_near_duplicate_is_never_taken_for_a_new_wording(
    old: str, new: str, answers: tuple[str, str]
) -> None:
    assert follow([a_draft(old, answers[0]), B], [a_draft(new, answers[1]), B]) == [None, 1]


def test_what_is_not_clear_is_asked_and_the_comment_settles_it() -> None:
    text = " ".join(f"word{number}" for number in range(40))
    first = run([a_draft("How fast is the red method?", text + " red"), B])
    unclear = a_draft("How fast is the blue method?", text + " blue", line=7)
    second = run([unclear, B], first.lock)
    assert statuses(second) == [("new",), ("unchanged",), ("gone",)]
    (problem,) = second.problems
    key = guids(first)[0]
    assert (problem.code, str(problem.where)) == ("note-unsure", "source/notes.md:7")
    assert "How fast is the blue method?" in problem.message
    assert "How fast is the red method?" in problem.message
    assert f"<!-- card: id={key} -->" in problem.message
    settled = run([named(unclear, key), B], second.lock)
    assert guids(settled) == guids(first)


WRITTEN_ANEW = [
    (
        ("什么是词嵌入？", "词嵌入是把词映射到低维稠密向量的技术，常见的有 Word2Vec 和 GloVe。"),
        (
            "词向量是什么？",
            "词嵌入把单词映射成低维稠密向量，常见的有 Word2Vec、GloVe 和 FastText。",
        ),
    ),
    (
        (
            "What is UDP used for?",
            "DNS, video calls and games where latency matters more than loss.",
        ),
        ("Where would you use UDP?", "For DNS, calls and games, where speed beats loss."),
    ),
    (
        ("What is DNS?", "Domain name system"),
        ("How does DNS work?", "Domain name system: maps names to addresses by asking resolvers."),
    ),
]


@pytest.mark.parametrize(("old", "new"), WRITTEN_ANEW)
def test_where_one_went_and_one_of_the_same_matter_came_the_author_is_asked(
    old: tuple[str, str], new: tuple[str, str]
) -> None:
    first = run([a_draft(*old), B])
    section = a_draft(*new, line=7)
    second = run([section, B], first.lock)
    assert guids(second) != guids(first)
    (problem,) = second.problems
    assert problem.code in {"note-replaced", "note-unsure"}
    assert f"<!-- card: id={guids(first)[0]} -->" in problem.message
    settled = run([named(section, guids(first)[0]), B], second.lock)
    assert (guids(settled), settled.problems) == (guids(first), ())


def test_what_was_copied_below_another_heading_and_then_cut_is_told_with_its_comment() -> None:
    old = a_draft("A", LONG, name="a.md", context=("X",))
    first = run([old, B])
    copy = a_draft("A", LONG, name="b.md", context=("Y",))
    both = run([old, B, copy], first.lock)
    assert "with the same answer" in both.problems[0].message
    cut = run([B, copy], both.lock)
    assert codes(cut) == ["note-replaced"]
    (comment,) = re.findall(r"card: id=(\w+)", cut.problems[0].message)
    assert guids(run([B, named(copy, comment)], cut.lock)) == guids(first)[::-1]


def test_where_two_came_or_went_nobody_is_asked() -> None:
    old, new = WRITTEN_ANEW[2]
    first = run([a_draft(*old), B])
    more = [a_draft(*new), a_draft("How is DNS kept safe?", "By signatures on its records.")]
    assert not run([*more, B], first.lock).problems


def test_unrelated_sections_are_not_asked_about() -> None:
    first = run([CLIP, B])
    second = run([a_draft("Why do databases use trees?", THIRD), B], first.lock)
    assert second.problems == ()


# New, gone and back -----------------------------------------------------------------------------


def test_what_is_gone_stays_in_the_lock_and_comes_back_by_its_question() -> None:
    first = run([CLIP, B])
    without = run([B], first.lock)
    assert [str(change.statuses[0]) for change in without.changes] == ["unchanged", "gone"]
    assert [note.gone for note in without.lock.notes if note.guid == guids(first)[0]] == [True]
    again = run([B], without.lock)
    assert statuses(again) == [("unchanged",)]
    back = run([a_draft("What is CLIP?", THIRD), B], again.lock)
    assert guids(back) == guids(first)
    assert not any(note.gone for note in back.lock.notes)


@pytest.mark.parametrize("answer", ["short", LONG])
def test_what_is_gone_and_asks_little_comes_back_with_its_very_answer(answer: str) -> None:
    first = [example(answer, "x"), B]
    assert follow(first, [B], first) == [0, 1]
    assert follow(first, [B], [example(answer + " or so", "x"), B]) == [None, 1]


def test_what_is_gone_comes_back_by_its_answer() -> None:
    assert follow([CLIP, B], [B], [a_draft("Other words", LONG), B]) == [0, 1]


def test_what_is_gone_does_not_come_back_by_a_short_answer() -> None:
    asked, other = a_draft("数组访问的复杂度", "O(1)"), a_draft("什么算法是常数时间", "O(1)")
    assert follow([asked, B], [B], [other, B]) == [None, 1]


def test_what_is_gone_does_not_come_back_by_an_answer_that_another_section_gives() -> None:
    first, second = a_draft("First thing", LONG), a_draft("Second thing", LONG)
    other = a_draft("Some other matter", LONG)
    assert follow([first, second], [second], [other, second]) == [None, 1]


def test_what_is_gone_never_comes_back_by_likeness() -> None:
    asked = a_draft("What is a closure in Python?", LONG)
    alike = a_draft("Explain closures in Python", LONG + " x")
    assert follow([asked, B], [B], [alike, B]) == [None, 1]


def test_a_living_note_with_the_answer_goes_before_a_gone_one_with_the_question() -> None:
    merging = a_draft("What is merging?", OTHER)
    assert follow([CLIP, merging], [merging], [a_draft("What is CLIP?", OTHER)]) == [1]


def test_a_new_note_never_takes_a_guid_or_id_of_the_lock() -> None:
    first = run([a_draft("Example", LONG, context=["x"])])
    gone = run([B], first.lock)
    second = run([B, a_draft("Example", "short", context=["y"])], gone.lock)
    assert guids(second)[1] == guid_for("Deck", "Example", 1)
    assert len({note.id for note in second.lock.notes}) == 3


# Part of the files ------------------------------------------------------------------------------


def test_notes_of_files_outside_the_run_are_left_alone() -> None:
    first = run([a_draft("A", LONG, name="a.md"), a_draft("B", OTHER, name="b.md")])
    second = run([a_draft("B", THIRD, name="b.md")], first.lock, elsewhere=["a.md"])
    assert statuses(second) == [("changed",)]
    assert [line for line in second.lock.notes if line.guid == guids(first)[0]] == [
        line for line in first.lock.notes if line.guid == guids(first)[0]
    ]
    assert second.lock.structures == {"a.md": "level 2", "b.md": "level 2"}


def test_what_came_from_a_file_outside_the_run_is_new_and_said_so() -> None:
    first = run([a_draft("A", LONG, name="a.md"), a_draft("B", OTHER, name="b.md")])
    second = run(
        [a_draft("A", LONG, name="b.md"), a_draft("B", OTHER, name="b.md")],
        first.lock,
        elsewhere=["a.md"],
    )
    assert guids(second)[0] not in guids(first)
    assert codes(second) == ["note-elsewhere"]
    (comment,) = re.findall(r"card: id=(\w+)", second.problems[0].message)
    moved = named(a_draft("A", LONG, name="b.md"), comment)
    assert guids(run([moved, a_draft("B", OTHER, name="b.md")], second.lock)) == guids(first)


def test_a_copy_that_was_built_alone_becomes_the_older_note() -> None:
    first = run([a_draft("A", LONG, name="b.md")])
    alone = run([a_draft("A", LONG, name="a.md")], first.lock, elsewhere=["b.md"])
    both = run([a_draft("A", LONG, name="a.md", also=[("b.md", ())])], alone.lock)
    assert guids(alone) != guids(both) == guids(first)


def test_a_note_that_also_stands_outside_the_run_keeps_that_place() -> None:
    both = a_draft("A", LONG, name="a.md", also=[("b.md", ())])
    first = run([both])
    part = run([a_draft("A", LONG, name="a.md")], first.lock, elsewhere=["b.md"])
    assert guids(part) == guids(first)
    assert [place.name for place in part.lock.notes[0].places] == ["a.md", "b.md"]
    none = run([a_draft("X", THIRD, name="c.md")], first.lock, elsewhere=["b.md"])
    assert [line.gone for line in none.lock.notes if line.guid == guids(first)[0]] == [False]
    assert statuses(none) == [("new",)]


# Equal copies -----------------------------------------------------------------------------------


def test_copies_that_part_leave_the_note_where_the_answer_is_unchanged() -> None:
    both = a_draft("A", LONG, name="a.md", also=[("b.md", ())])
    parted = [a_draft("A", OTHER, name="a.md"), a_draft("A", LONG, name="b.md")]
    assert follow([both], parted) == [None, 0]


def test_copies_that_part_in_their_pictures_are_two_notes() -> None:
    both = a_draft("A", LONG, name="a.md", also=[("b.md", ())])
    parted = [a_draft("A", LONG, name=name, html=f"<img src={name}>") for name in ("a.md", "b.md")]
    assert follow([both], parted) == [0, None]


def test_copies_that_both_changed_leave_the_note_at_the_first_place() -> None:
    both = a_draft("A", LONG, name="a.md", also=[("b.md", ())])
    changed = [a_draft("A", OTHER, name="b.md"), a_draft("A", THIRD, name="a.md")]
    assert follow([both], changed) == [None, 0]


def test_copies_in_one_place_that_both_changed_leave_the_note_to_the_first() -> None:
    both = a_draft("A", LONG, name="a.md", also=[("a.md", ())])
    changed = [a_draft("A", OTHER, name="a.md"), a_draft("A", THIRD, name="a.md")]
    assert follow([both], changed) == [0, None]


def test_notes_that_become_equal_are_one_and_the_other_is_gone() -> None:
    first = run([a_draft("A", LONG, name="a.md"), a_draft("A", OTHER, name="b.md")])
    second = run([a_draft("A", OTHER, name="a.md", also=[("b.md", ())])], first.lock)
    assert guids(second) == [guids(first)[1]]
    assert statuses(second)[-1] == ("gone",)


# card: new, and kinds ---------------------------------------------------------------------------

NEW = Directives(new=True)


def test_card_new_gets_a_new_note_once() -> None:
    first = run([A, B])
    fresh = [a_draft("A", LONG, directives=NEW), B]
    second = run(fresh, first.lock)
    assert guids(second)[0] == guid_for("Deck", "A", 1)
    third = run(fresh, second.lock)
    assert guids(third) == guids(second)
    assert statuses(third) == [("unchanged",), ("unchanged",)]
    removed = run([A, B], third.lock)
    assert guids(removed) == guids(second)


def test_a_note_that_would_become_a_cloze_is_an_error_with_two_ways_out() -> None:
    first = run([A, B])
    changed = a_draft("A", LONG, kind=NoteKind.CLOZE, line=4)
    with pytest.raises(BuildError) as stopped:
        run([changed, B], first.lock)
    (problem,) = stopped.value.problems
    assert (problem.code, str(problem.where)) == ("kind-changed", "source/notes.md:4")
    assert "undo the change" in problem.message
    assert "<!-- card: new -->" in problem.message
    settled = run([changed._replace(directives=NEW), B], first.lock)
    assert statuses(settled)[0] == ("new",)
    assert run([changed._replace(directives=NEW), B], settled.lock).lock == settled.lock


def test_what_is_gone_comes_back_only_as_what_it_was() -> None:
    assert follow([A, B], [B], [a_draft("A", LONG, kind=NoteKind.CLOZE), B]) == [None, 1]


# mod and statuses -------------------------------------------------------------------------------


def test_mod_rises_when_the_clock_went_back() -> None:
    first = run([A])
    second = run([a_draft("A", OTHER)], first.lock, now_ms=NOW - 50_000_000)
    assert second.notes[0].mod == first.notes[0].mod + 1


def test_mod_stays_when_only_the_deck_changes() -> None:
    first = run([a_draft("A", LONG, deck="One")])
    second = run([a_draft("A", LONG, deck="Two")], first.lock, now_ms=NOW + 9000)
    assert second.notes[0].mod == first.notes[0].mod
    assert second.lock.notes[0].deck == "Two"


def test_tags_raise_mod_and_count_as_changed() -> None:
    first = run([a_draft("A", LONG, tags=["x"])])
    second = run([a_draft("A", LONG, tags=["x", "y"])], first.lock, now_ms=NOW + 9000)
    assert second.notes[0].mod == NOW // 1000 + 9
    assert statuses(second) == [("changed",)]


def test_the_order_of_tags_is_no_change() -> None:
    first = run([a_draft("A", LONG, tags=["x", "y"])])
    other = a_draft("A", LONG, tags=["x", "y"])._replace(tags=("y", "x"))
    assert run([other], first.lock, now_ms=NOW + 9000).lock == first.lock


def test_what_only_the_program_renders_otherwise_is_rerendered() -> None:
    first = run([A])
    second = run([a_draft("A", LONG, html="<p>other markup</p>")], first.lock, now_ms=NOW + 9000)
    assert statuses(second) == [("rerendered",)]
    assert second.notes[0].mod == NOW // 1000 + 9


def test_all_that_applies_is_listed_and_the_first_counts() -> None:
    first = run([a_draft("What is a closure in Python?", LONG + THIRD, name="a.md")])
    edited = a_draft("Explain closures in Python", LONG + THIRD + " More.", name="b.md")
    second = run([edited], first.lock)
    assert second.changes[0].statuses == (
        CardStatus.RENAMED,
        CardStatus.MOVED,
        CardStatus.CHANGED,
    )


def test_every_draft_has_one_change_and_counts_once() -> None:
    first = run([a_draft(f"Question {n}", f"{LONG} {n}") for n in range(9)])
    drafts = [a_draft(f"Question {n}", f"{LONG} {n}") for n in range(3, 12)]
    second = run(drafts, first.lock)
    assert len([one for one in second.changes if one.statuses[0] is not CardStatus.GONE]) == 9


def test_pictures_of_the_net_are_kept_in_the_lock() -> None:
    picture = RemotePicture("https://example.org/a", "a-1.png", "00")
    first = run([a_draft("A", LONG, remote=[picture])])
    assert first.lock.remote_pictures() == {picture.url: picture}


# Reports and refusals ---------------------------------------------------------------------------


def test_one_question_with_two_answers_is_reported_with_both_places() -> None:
    result = run(
        [a_draft("A", LONG, line=3, context=["x"]), a_draft("A", OTHER, line=8, context=["y"])]
    )
    (problem,) = result.problems
    assert (problem.code, str(problem.severity), problem.where.line) == ("same-question", "note", 8)
    assert "source/notes.md:3" in problem.message
    assert problem.message.endswith("told apart by what stands above them")
    (problem,) = run([a_draft("A", LONG), a_draft("A", OTHER)]).problems
    assert problem.message.endswith("nothing on their fronts tells them apart")
    assert guids(result) == [guid_for("Deck", "A", 0), guid_for("Deck", "A", 1)]


@pytest.mark.parametrize(
    ("name", "deck"), [("mine.md", "Mine"), ("mine.md", "Theirs"), ("theirs.md", "Mine")]
)
def test_a_lock_of_other_notes_is_refused(name: str, deck: str) -> None:
    first = run(
        [a_draft(f"Q{n}", f"{LONG} {n}", name="theirs.md") for n in range(12)], namespace="Theirs"
    )
    with pytest.raises(BuildError) as stopped:
        run([a_draft("Why?", OTHER, name=name)], first.lock, namespace=deck)
    (problem,) = stopped.value.problems
    assert problem.code == "lock-foreign"
    assert "'Theirs'" in problem.message
    assert "theirs.md" in problem.message


def test_a_deck_written_anew_in_its_own_files_is_not_refused() -> None:
    first = run([a_draft(f"Q{n}", f"{LONG} {n}") for n in range(12)])
    assert statuses(run([a_draft("Why?", OTHER)], first.lock))[0] == ("new",)


def test_structures_of_files_that_are_away_are_kept_and_of_deleted_ones_dropped() -> None:
    drafts = [
        a_draft("A", LONG, name="a.md"),
        a_draft("B", OTHER, name="b.md"),
        a_draft("C", THIRD, name="c.md"),
    ]
    first = run(drafts)
    result = identify(
        drafts[:1],
        first.lock,
        namespace="Deck",
        now_ms=NOW,
        elsewhere=["b.md"],
        structures={"a.md": "contents"},
    )
    assert result.lock.structures == {"a.md": "contents", "b.md": "level 2"}


# Size -------------------------------------------------------------------------------------------


def test_a_file_of_equal_questions_is_no_quadratic_trouble() -> None:
    with within(20):
        first = run([a_draft("Example", f"{n}") for n in range(5000)])
        second = run([a_draft("Example", f"{n} x") for n in range(5000)], first.lock)
        assert guids(second) == guids(first)
