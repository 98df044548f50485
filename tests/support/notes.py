"""Finished notes and decks, as packaging takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from deckbuilder.merge import with_fields
from deckbuilder.model import Deck, Fields, Note, NoteKind
from deckbuilder.rendering.cloze import cloze_ords
from tests.support.drafts import a_draft

FIRST_ID = 1_760_000_000_000
FIRST_MOD = 1_760_000_000


def a_note(
    question: str = "What is <b>CLIP</b>?",
    answer: str = "<p>A model of pictures and text.</p>",
    *,
    guid: str = "aguid00001",
    number: int = 0,
    mod: int = FIRST_MOD,
    kind: NoteKind = NoteKind.SECTION,
    context: str = "",
    source: str = "notes.md",
    reverse: bool = False,
    tags: Sequence[str] = ("CLIP",),
    deck: str = "Deck",
) -> Note:
    """Return a note whose cards are those that its text makes."""
    ords = cloze_ords(question) if kind is NoteKind.CLOZE else (0, 1) if reverse else (0,)
    draft = a_draft(question, answer, kind=kind, tags=tags, deck=deck, ords=ords)
    fields = Fields(question, answer, context, source, "1" if reverse else "")
    draft = with_fields(draft._replace(places=()), fields)
    return Note(guid, FIRST_ID + number, mod, draft)


def a_deck(
    *notes: Note,
    name: str = "Deck",
    description: str = "",
    media: Mapping[str, bytes | Path] | None = None,
) -> Deck:
    """Return a deck of *notes*; without any, of one."""
    return Deck(name, description, notes or (a_note(),), media or {})


def some_notes(count: int) -> tuple[Note, ...]:
    """Return *count* different notes."""
    return tuple(
        a_note(f"Question {n}?", f"<p>Answer {n}.</p>", guid=f"guid{n:06}", number=n)
        for n in range(count)
    )
