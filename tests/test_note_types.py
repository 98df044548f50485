"""The frozen note types: their numbers, and a style that can be read by day and by night."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict

import pytest
from pygments.token import STANDARD_TYPES

from deckbuilder.model import NoteKind
from deckbuilder.templates import note_fields, note_type
from tests.support.notes import a_note

# Frozen (CONTRACT section 6; facts 14-21) --------------------------------------------------------


SHARED = ("Answer", "Context", "Source", "Key", "Reverse", "Extra 1", "Extra 2")


def test_ids_names_and_order_of_the_section_type_never_change() -> None:
    section = note_type(NoteKind.SECTION)
    assert (section.id, section.name) == (1763784001001, "Deckbuilder Section")
    fields = [(field.id, field.name) for field in section.fields]
    assert fields == [*enumerate(("Question", *SHARED), 1763784001101)]
    assert [(card.id, card.name) for card in section.templates] == [
        (1763784001191, "Question → Answer"),
        (1763784001192, "Answer → Question"),
    ]


def test_ids_names_and_order_of_the_cloze_type_never_change() -> None:
    cloze = note_type(NoteKind.CLOZE)
    assert (cloze.id, cloze.name) == (1763784001002, "Deckbuilder Cloze")
    fields = [(field.id, field.name) for field in cloze.fields]
    assert fields == [*enumerate(("Text", *SHARED), 1763784001201)]
    assert [(card.id, card.name) for card in cloze.templates] == [(1763784001291, "Cloze")]


def test_a_change_of_templates_or_style_raises_the_mod() -> None:
    # Anki takes a changed note type only with a later mod (fact 12): put the time of the change
    # ("date +%s") into NOTE_TYPE_MOD, and both new values here.
    types = [asdict(note_type(kind)) | {"mod": 0} for kind in NoteKind]
    content = json.dumps(types, ensure_ascii=False, sort_keys=True).encode()
    mods = {note_type(kind).mod for kind in NoteKind}
    assert (mods, hashlib.sha256(content).hexdigest()[:16]) == ({1795442292}, "93c8ecee6dff96e0")


def test_fields_come_in_the_order_of_the_note_type() -> None:
    for kind in NoteKind:
        fields = note_fields(a_note("{{c1::x}}", kind=kind, guid="key"))
        assert list(fields) == [field.name for field in note_type(kind).fields]
        assert fields["Key"] == "key"


def test_cards_need_no_script_and_no_network() -> None:
    for kind in NoteKind:
        type_ = note_type(kind)
        text = type_.css + "".join(card.front + card.back for card in type_.templates)
        assert not re.search(r"<script|javascript:|url\(|@import|https?:|\bon\w+=", text)


def test_the_answer_is_marked_once_for_clients_that_jump_to_it() -> None:
    for kind in NoteKind:
        for card in note_type(kind).templates:
            assert card.back.count('<hr id="answer">') == 1
            assert "answer" not in re.findall(r'id="([^"]*)"', card.front)


# Style --------------------------------------------------------------------------------------------

CSS = re.sub(r"/\*.*?\*/", "", note_type(NoteKind.SECTION).css, flags=re.DOTALL)
RULES = [
    (" ".join(selector.split()), dict(re.findall(r"([\w-]+)\s*:\s*([^;]+);", body)))
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", CSS)
]
DAY, NIGHT = (
    {name: value for name, value in rule.items() if name.startswith("--")}
    for selector, rule in RULES
    if selector in (".card", ".card.nightMode, .nightMode .card")
    if any(name.startswith("--") for name in rule)
)
MODES = {"day": DAY, "night": NIGHT}

TINTS = [name for name in DAY if re.fullmatch(r"--[a-z]+-box", name) and name != "--missing-box"]
GROUNDS = {
    # Text may stand on the page, in every callout and in the grey boxes.
    **{name: ["--page", "--box", *TINTS] for name in ("--text", "--title", "--link", "--muted")},
    **{name: ["--page", *TINTS] for name in ("--quote", "--done", "--cloze")},
    "--faint": ["--page"],
    "--chip-text": ["--chip"],
    "--mark-text": ["--mark"],
    "--missing": ["--missing-box"],
    **{name: ["--box"] for name in DAY if name.startswith("--code-")},
    **{name.removesuffix("-box"): [name, "--page"] for name in TINTS if name != "--quote-box"},
}
"""Every colour of text, and what it may stand on."""


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, as WCAG 2 defines it."""
    assert re.fullmatch(r"#[0-9a-f]{6}", colour)
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("mode", MODES)
def test_text_has_aa_contrast_on_everything_it_may_stand_on(mode: str) -> None:
    colours = MODES[mode]
    weak = {
        (text, ground): round(ratio, 2)
        for text, grounds in GROUNDS.items()
        for ground in grounds
        if (ratio := contrast(colours[text], colours[ground])) < 4.5
    }
    assert weak == {}


def test_every_colour_of_text_is_in_the_table_above() -> None:
    used = {value for _, rule in RULES for name, value in rule.items() if name == "color"}
    hues = {rule["--hue"] for _, rule in RULES if "--hue" in rule}
    named = {f"var({name})" for name in GROUNDS}
    assert used <= named | {"inherit", "var(--hue)"}
    assert hues <= named


def test_each_callout_has_a_hue_on_its_own_tint() -> None:
    pairs = {(rule["--hue"], rule["--tint"]) for _, rule in RULES if "--hue" in rule}
    assert len(pairs) == 7
    for hue, tint in pairs:
        assert tint == hue.replace(")", "-box)")


def test_every_colour_has_its_own_value_at_night() -> None:
    assert DAY.keys() == NIGHT.keys()
    assert {name for name in DAY if DAY[name] == NIGHT[name]} == {"--sheet"}


def test_colours_are_named_in_the_two_palettes_and_nowhere_else() -> None:
    allowed = r"var\(--[\w-]+\)|inherit|none|0"
    for selector, rule in RULES:
        for name, value in rule.items():
            if name in ("color", "background", "background-color", "border-color"):
                assert re.fullmatch(allowed, value), (selector, name, value)
            elif name.startswith("border") and "radius" not in name and "collapse" not in name:
                assert re.fullmatch(rf"[\w. ]*({allowed}|\d+px)", value), (selector, name, value)
    used = set(re.findall(r"var\((--[\w-]+)\)", CSS))
    assert used == {*DAY, "--hue", "--tint"}


def test_the_page_is_coloured_more_strongly_than_clients_do() -> None:
    night = [rule for selector, rule in RULES if selector == ".card.nightMode"]
    assert [rule.get("background") for rule in night] == ["var(--page)"]
    assert [rule.get("color") for rule in night] == ["var(--text)"]


PLAIN_TOKENS = {"", "esc", "g", "n", "nv", "o", "p", "pm", "vc", "vg", "vi", "w", "x", "nx"}
"""Token classes that are ordinary text: names, operators, punctuation, space."""


def test_every_token_class_of_code_has_a_colour() -> None:
    styled = {
        token
        for selector, rule in RULES
        if "color" in rule
        for token in re.findall(r"\.code \.(\w+)", selector)
    }
    known = set(STANDARD_TYPES.values())
    unknown = styled - known - {"ges"}
    assert unknown == set()
    bare = {token for token in known - styled if token not in PLAIN_TOKENS}
    assert bare == {"ge", "gs", "ges"} & known


@pytest.mark.parametrize(
    "box", [".table, .math", "pre", "mjx-container:not([display])"], ids=["table", "code", "maths"]
)
def test_wide_things_scroll_in_their_box(box: str) -> None:
    assert [rule["overflow-x"] for selector, rule in RULES if selector == box] == ["auto"]


def test_only_text_from_right_to_left_isolates_what_it_holds() -> None:
    # Chromium 140 (Anki desktop 26.9) breaks no line before or after an isolated element: a comma
    # between two names in code began a line, and where nothing else fitted a name was torn.
    selectors = [selector for selector, rule in RULES if "unicode-bidi" in rule]
    assert selectors
    for part in ", ".join(selectors).split(", "):
        assert part.startswith('[dir="rtl"] ')


def test_every_class_that_templates_use_is_known_to_the_style() -> None:
    for kind in NoteKind:
        for card in note_type(kind).templates:
            for side in (card.front, card.back):
                for name in re.findall(r'class="([\w-]+)', side):
                    assert f".{name}" in CSS, name


CALLOUTS = (
    *("note", "tip", "important", "warning", "caution", "info", "success", "question"),
    *("danger", "bug", "example", "quote", "abstract", "todo"),
)


def test_palettes_are_checked_for_all_callouts() -> None:
    """Kinds without a rule of their own look like a note."""
    bare = {name for name in CALLOUTS if not re.search(rf"\.{name}\b", CSS)}
    assert bare <= {"note", "info", "todo"}
