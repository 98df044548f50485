"""The frozen note types (contract, section 6), and their cards as Anki would show them.

Templates and style are files in ``note_types/``; the numbers that must never change are here.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from deckbuilder.model import Note, NoteKind

__all__ = [
    "NOTE_TYPE_MOD",
    "NamedId",
    "NoteType",
    "Template",
    "as_stored",
    "cloze_ords",
    "field_values",
    "in_tag_order",
    "model_fields",
    "note_fields",
    "note_type",
    "render_card",
]

NOTE_TYPE_MOD: Final = 1795333740
"""Seconds since the epoch at which a template or the style last changed. Anki replaces a note
type only by one with a later mod (fact 12), and every deck shares these two, so the number is a
constant: a clock here would overwrite what a learner changed in Anki, with every import (fact 13).
"""


@dataclass(frozen=True, slots=True)
class NamedId:
    """A field's name, and the id by which Anki knows it through a renaming (facts 14, 19)."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """One card of a note type."""

    id: int
    name: str
    front: str
    back: str


@dataclass(frozen=True, slots=True)
class NoteType:
    """A note type as the package holds it."""

    kind: NoteKind
    id: int
    name: str
    mod: int
    fields: tuple[NamedId, ...]
    templates: tuple[Template, ...]
    """By card ordinal; a cloze type has one for all of them."""
    css: str


_SHARED: Final = ("Answer", "Context", "Source", "Key", "Reverse", "Extra 1", "Extra 2")
_FIELDS: Final = {
    NoteKind.SECTION: tuple(
        NamedId(1763784001101 + place, name) for place, name in enumerate(("Question", *_SHARED))
    ),
    NoteKind.CLOZE: tuple(
        NamedId(1763784001201 + place, name) for place, name in enumerate(("Text", *_SHARED))
    ),
}
_NAMES: Final = {kind: tuple(field.name for field in _FIELDS[kind]) for kind in NoteKind}


def _asset(path: str) -> str:
    from importlib.resources import files

    return files("deckbuilder").joinpath("note_types", *path.split("/")).read_text("utf-8").strip()


@cache
def note_type(kind: NoteKind) -> NoteType:
    """Return the note type of *kind*, templates and style included."""
    if kind is NoteKind.SECTION:
        number, name = 1763784001001, "Deckbuilder Section"
        cards: tuple[tuple[int, str, str, str], ...] = (
            (1763784001191, "Question → Answer", "front", "back"),
            (1763784001192, "Answer → Question", "reverse_front", "reverse_back"),
        )
    else:
        number, name = 1763784001002, "Deckbuilder Cloze"
        cards = ((1763784001291, "Cloze", "front", "back"),)
    templates = tuple(
        Template(id_, title, _asset(f"{kind}/{front}.html"), _asset(f"{kind}/{back}.html"))
        for id_, title, front, back in cards
    )
    css = _asset("style.css")
    return NoteType(kind, number, name, NOTE_TYPE_MOD, _FIELDS[kind], templates, css)


def model_fields(kind: NoteKind) -> tuple[str, ...]:
    """Return the names of the fields of *kind*, in the order in which a note stores them."""
    return _NAMES[kind]


def note_fields(note: Note) -> dict[str, str]:
    """Return the fields of *note* by name, in the order of its note type."""
    return dict(zip(model_fields(note.draft.kind), field_values(note), strict=True))


def field_values(note: Note) -> tuple[str, ...]:
    """Return the fields of *note* in the order of its note type."""
    fields = note.draft.fields
    return (
        fields.question,
        fields.answer,
        fields.context,
        fields.source,
        _key(note.guid),
        fields.reverse,
        "",
        "",
    )


def _key(guid: str) -> str:
    """Return a guid as its field holds it; an adopted one may be made of anything."""
    return guid if guid.isalnum() and guid.isascii() else as_stored(html.escape(guid, quote=False))


_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def as_stored(text: str) -> str:
    """Return *text* as the importer would make it: NFC, no control characters (fact 37)."""
    if unicodedata.is_normalized("NFC", text) and not _CONTROL.search(text):
        return text
    return _CONTROL.sub("", unicodedata.normalize("NFC", text))


# Cards ---------------------------------------------------------------------------------------


def render_card(
    note_type: NoteType, ord: int, fields: Mapping[str, str], tags: Iterable[str]
) -> tuple[str, str]:
    """Return front and back of card *ord* as Anki's own template engine renders them.

    The style is not part of it. Raises ``IndexError`` for a card that the note type does not
    have, ``KeyError`` for a field that it does not have.
    """
    cloze = note_type.kind is NoteKind.CLOZE
    template = note_type.templates[0 if cloze else ord]
    values = dict(fields) | {"Tags": " ".join(in_tag_order(tags))}
    front = _fill(template.front, values, ord, asks=True)
    back = _fill(template.back, values | {"FrontSide": front}, ord, asks=False)
    return front, back


def in_tag_order(tags: Iterable[str]) -> list[str]:
    """Return *tags*, each once, in the order in which Anki keeps them."""
    return sorted(set(tags), key=lambda tag: (tag.casefold(), tag))


_TAG: Final = re.compile(r"\{\{([#^/]?)\s*(.*?)\s*\}\}", re.DOTALL)


@cache
def _pieces(template: str) -> tuple[tuple[str, str, str], ...]:
    """Return *template* as texts, each with the sign and the name in the braces after it."""
    pieces, end = [], 0
    for tag in _TAG.finditer(template):
        pieces.append((template[end : tag.start()], tag[1], tag[2]))
        end = tag.end()
    return (*pieces, (template[end:], "/", ""))


def _fill(template: str, values: Mapping[str, str], ord: int, *, asks: bool) -> str:
    """Return *template* with the parts in braces replaced; conditions may nest."""
    out: list[str] = []
    shown = [True]
    for text, sign, name in _pieces(template):
        if shown[-1]:
            out.append(text)
        if sign == "/":
            shown.pop()
        elif sign:
            shown.append(shown[-1] and _is_blank(values[name]) is (sign == "^"))
        elif shown[-1]:
            field = name.removeprefix("cloze:")
            value = values[field]
            out.append(value if field == name else _show_cloze(value, ord + 1, asks=asks))
    return "".join(out)


_BLANK: Final = re.compile(r"(?:\s|</?(?:br|div) ?/?>)*", re.IGNORECASE)


def _is_blank(value: str) -> bool:
    """Say whether a condition takes *value* for empty: line breaks alone do not fill a field."""
    return _BLANK.fullmatch(value) is not None


# Cloze ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Deletion:
    """A deletion while its text is read."""

    numbers: tuple[int, ...]
    parts: list[str | _Deletion]
    hint: str = "..."


_MARK: Final = re.compile(r"\{\{c(,*\d[\d,]*)::|\}\}", re.ASCII)
_DEEPEST: Final = 10
"""Anki does not look for deletions inside ten others."""


def _read_cloze(text: str) -> list[str | _Deletion]:
    """Return *text* as strings and deletions, which may nest; one left open is lost, as in Anki."""
    top: list[str | _Deletion] = []
    open_: list[_Deletion] = []
    end = 0
    for mark in _MARK.finditer(text):
        _add_text(text[end : mark.start()], top, open_)
        end = mark.end()
        if mark[1]:
            if len(open_) < _DEEPEST:
                numbers = sorted({int(number) for number in mark[1].split(",") if number})
                open_.append(_Deletion(tuple(numbers), []))
        elif open_:
            closed = open_.pop()
            (open_[-1].parts if open_ else top).append(closed)
        else:
            top.append("}}")
    _add_text(text[end:], top, open_)
    return top


def _add_text(text: str, top: list[str | _Deletion], open_: list[_Deletion]) -> None:
    """Add *text* where it stands; inside a deletion, what follows ``::`` is its hint."""
    if not open_:
        top.append(text)
        return
    shown, hinted, hint = text.partition("::")
    if hinted:
        open_[-1].hint = hint
    open_[-1].parts.append(shown)


def cloze_ords(text: str) -> tuple[int, ...]:
    """Return the ordinals, from 0 and sorted, of the cards that the cloze *text* makes.

    Nested deletions and ``{{c1,2::…}}`` count too, which genanki overlooks (fact 56).
    """
    found: set[int] = set()
    parts = _read_cloze(text)
    while parts:
        part = parts.pop()
        if not isinstance(part, str):
            found.update(number - 1 for number in part.numbers if number)
            parts.extend(part.parts)
    return tuple(sorted(found))


_MATHS: Final = re.compile(r"(\\[(\[])(.*?)(\\[)\]])", re.DOTALL)
_HTML: Final = re.compile(r"<[^>]*>")


def _show_cloze(text: str, number: int, *, asks: bool) -> str:
    """Return the cloze *text* on the card *number*; empty where it has no such deletion."""
    if number - 1 not in cloze_ords(text):
        return ""
    shown = "".join(_show_part(part, number, asks=asks) for part in _read_cloze(text))
    # MathJax would choke on the spans inside a formula.
    return _MATHS.sub(lambda maths: maths[1] + _HTML.sub("", maths[2]) + maths[3], shown)


def _show_part(part: str | _Deletion, number: int, *, asks: bool) -> str:
    if isinstance(part, str):
        return part
    inside = "".join(_show_part(inner, number, asks=asks) for inner in part.parts)
    numbers = ",".join(map(str, part.numbers))
    if number not in part.numbers:
        return f'<span class="cloze-inactive" data-ordinal="{numbers}">{inside}</span>'
    if asks:
        kept = _attribute(inside)
        return (
            f'<span class="cloze" data-cloze="{kept}" data-ordinal="{numbers}">[{part.hint}]</span>'
        )
    return f'<span class="cloze" data-ordinal="{numbers}">{inside}</span>'


def _attribute(text: str) -> str:
    """Return *text* with every character up to U+00FF but letters and digits as an entity."""
    named = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
    return "".join(
        char
        if ord(char) > 0xFF or (char.isascii() and char.isalnum())
        else named.get(char, f"&#x{ord(char):02X};")
        for char in text
    )
