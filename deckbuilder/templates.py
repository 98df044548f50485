"""The frozen note types (CONTRACT section 6).

Templates and style are files in ``note_types/``; the numbers that must never change are here.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from deckbuilder.model import Note, NoteKind

NOTE_TYPE_MOD: Final = 1795442292
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


def note_fields(note: Note) -> dict[str, str]:
    """Return the fields of *note* by name, in the order of its note type."""
    names = (field.name for field in _FIELDS[note.draft.kind])
    return dict(zip(names, field_values(note), strict=True))


def field_values(note: Note) -> tuple[str, ...]:
    """Return the fields of *note* in the order of its note type."""
    *texts, reverse = note.draft.fields
    return (*texts, _key(note.guid), reverse, "", "")


def _key(guid: str) -> str:
    """Return a guid as its field holds it; an adopted one may be made of anything."""
    return guid if guid.isalnum() and guid.isascii() else as_stored(html.escape(guid, quote=False))


_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def as_stored(text: str) -> str:
    """Return *text* as the importer would make it: NFC, no control characters (fact 37)."""
    if unicodedata.is_normalized("NFC", text) and not _CONTROL.search(text):
        return text
    return _CONTROL.sub("", unicodedata.normalize("NFC", text))


def in_tag_order(tags: Iterable[str]) -> list[str]:
    """Return *tags*, each once, in the order in which Anki keeps them."""
    return sorted(set(tags), key=lambda tag: (tag.casefold(), tag))
