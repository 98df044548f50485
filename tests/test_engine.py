"""Cards as the preview shows them: compared with what the official library renders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deckbuilder.model import Note, NoteKind
from deckbuilder.preview.engine import render_card
from deckbuilder.rendering.cloze import cloze_ords
from deckbuilder.templates import note_fields, note_type
from tests.support.collection import RealCollection
from tests.support.notes import a_deck, a_note
from tests.support.package import pack
from tests.support.stages import as_sections, rendered

CLOZES = {
    "plain": "The {{c1::first}} and the {{c2::second}}.",
    "one number twice": "{{c1::a}} {{c2::b}} {{c1::c}}",
    "hint": "{{c1::Paris::a city}} in {{c2::France::a country}}",
    "empty hint": "{{c1::Paris::}}",
    "two hints": "{{c1::a::b::c}}",
    "nested": "{{c1::outer {{c2::inner}} end}} {{c3::x}}",
    "nested with hints": "{{c1::a {{c2::b::hint two}} c::hint one}}",
    "nested after hint": "{{c1::a::hint {{c2::b}} tail}}",
    "nested in itself": "{{c1::a {{c1::b}} c}}",
    "several numbers": "{{c1,3::both}} {{c2::other}}",
    "numbers out of order": "{{c3,1,3::both}} {{c2::x}}",
    "left open": "{{c1::a}} {{c2::b",
    "closed twice": "{{c1::a}} }} b",
    "zero": "{{c0::a}} {{c1::b}}",
    "not a number": "{{cx::a}} {{c::b}} {{c,::c}} {{c1::d}}",
    "braces": "{{c1::{x}}} {{y}} {{c2::a}}",
    "html": '{{c1::<b class="x">bold &amp; "quoted"</b>}} it\'s {{c2::<br>}}',
    "maths": r"\({{c1::x}} < {{c2::y^{2} }}\) and \[ {{c1::a &lt; b}} \]",
    "maths inside": r"{{c1::\(O(n^2)\)}} {{c2::\[x\]}}",
    "chinese": '<div lang="zh">{{c1::自注意力::机制}}的复杂度是{{c2::平方}}，é\xa0ß</div>',
    "lines": "{{c1::a\nb}}\n{{c2::c}}",
    "deep": "".join(f"{{{{c{n}::{n} " for n in range(1, 13)) + "x" + "}}" * 12,
    "numbers with gaps": "{{c7::x}} {{c2::y}}",
}


@pytest.mark.parametrize("name", CLOZES)
def test_a_cloze_shows_what_anki_shows(name: str, anki: RealCollection, tmp_path: Path) -> None:
    note = a_note(CLOZES[name], kind=NoteKind.CLOZE, guid=f"cloze {name}", context="A › B")
    compare(note, anki, tmp_path)


SECTIONS = {
    "plain": a_note(),
    "everything": a_note(context="A › B", reverse=True, tags=("a::b", "Z", "中文")),
    "no tags": a_note(tags=(), source=""),
    "blank context": a_note(context=" <br> <div></div>\n"),
    "blank reverse": a_note(context="A"),
    "braces in fields": a_note("{{Answer}} {{#Tags}}x{{/Tags}}", "{{FrontSide}} {{c1::x}} }}"),
    "html": a_note("a &lt; b <i>c</i>", '<p class="x">é "q" &amp; \\(x\\)</p>'),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_shows_what_anki_shows(name: str, anki: RealCollection, tmp_path: Path) -> None:
    compare(SECTIONS[name], anki, tmp_path)


def compare(note: Note, anki: RealCollection, folder: Path) -> None:
    """Assert that every card of *note* is the same here and in the real library."""
    package = folder / "deck.apkg"
    pack(a_deck(note), package)
    anki.load(package)
    for ord_ in note.draft.ords:
        card = anki.card(note.guid, ord_)
        ours = render_card(note_type(note.draft.kind), ord_, note_fields(note), note.draft.tags)
        assert ours == (without_style(card.question()), without_style(card.answer()))


@pytest.mark.parametrize(
    ("gap", "hint"),
    [
        ("$x^2$::square", "square"),
        ("中文$x$。::提示", "提示"),
        ("$x$:::a", ":a"),
        ("the $x$, $y$.", "..."),
    ],
)
def test_a_formula_in_a_gap_leaves_hint_and_html_whole(
    gap: str, hint: str, anki: RealCollection, tmp_path: Path
) -> None:
    (section,) = as_sections(f"# Powers\n\nIt is {{{{c1::{gap}}}}}, and {{{{c2::$a$}}}}, end.")
    note = a_note(rendered(section).question, kind=NoteKind.CLOZE)
    compare(note, anki, tmp_path)
    card = anki.card(note.guid)
    assert f">[{hint}]</span>" in card.question()
    for html in (card.question(), card.answer()):
        tags = re.findall(r"<(/?)(?:span|p|div)\b", without_style(html))
        assert tags.count("") == tags.count("/")


def without_style(html: str) -> str:
    return re.sub(r"\A<style>.*?</style>", "", html, flags=re.DOTALL)


def test_the_cards_of_a_cloze_are_those_that_anki_would_make(
    anki: RealCollection, tmp_path: Path
) -> None:
    notes = [
        a_note(text, kind=NoteKind.CLOZE, guid=name, number=number)
        for number, (name, text) in enumerate(CLOZES.items())
    ]
    package = tmp_path / "deck.apkg"
    pack(a_deck(*notes), package)
    anki.load(package)
    for name, text in CLOZES.items():
        assert [ord_ + 1 for ord_ in cloze_ords(text)] == anki.cloze_numbers(name)


def test_a_card_that_the_text_does_not_make_is_empty() -> None:
    front, back = render_card(
        note_type(NoteKind.CLOZE),
        4,
        note_fields(a_note("{{c1::x}}", kind=NoteKind.CLOZE)),
        (),
    )
    assert '<div class="answer text"></div>' in front
    assert '<div class="answer text"></div>' in back


def test_a_card_that_the_note_type_does_not_have_is_an_error() -> None:
    with pytest.raises(IndexError):
        render_card(note_type(NoteKind.SECTION), 2, note_fields(a_note()), ())


def test_a_missing_field_is_an_error() -> None:
    with pytest.raises(KeyError):
        render_card(note_type(NoteKind.SECTION), 0, {"Question": "x"}, ())
