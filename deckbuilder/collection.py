"""All of a collection but its rows: schema, settings, note types and decks, as genanki has them.

Plain values, because loading genanki takes longer than a small build and a deck's frame seldom
changes: it can be kept.
"""

from __future__ import annotations

import hashlib
import html
import json
import sqlite3
from collections.abc import Container, Iterable, Sequence
from contextlib import closing
from typing import Any, Final

from deckbuilder.model import Frame, NoteKind
from deckbuilder.templates import NoteType, as_stored, note_type

CONF_KEY: Final = "deckbuilder"
"""Key of our own object in the collection's settings: what a lost lock is rebuilt from. Anki's
importer does not look at the settings of a package."""

_DEFAULT_DECK: Final = 1
_LONGEST: Final = 1000
"""Characters of a deck's name, with those above it."""


def frame_of(
    name: str, description: str, decks: Sequence[str], kinds: Iterable[str], namespace: str
) -> Frame:
    """Return the frame of the deck *name*; *decks* and *kinds* are those of its notes.

    *namespace* is kept in the settings, for a lost lock (CONTRACT section 5).
    """
    from genanki.apkg_col import APKG_COL
    from genanki.apkg_schema import APKG_SCHEMA

    statements = [part.strip() for part in APKG_SCHEMA.split(";") if part.strip()]
    tables = [one for one in statements if not one.startswith("CREATE INDEX")] + [APKG_COL]
    with closing(sqlite3.connect(":memory:")) as db:
        for statement in tables:
            db.execute(statement)
        conf, listed = map(json.loads, db.execute("SELECT conf, decks FROM col").fetchone())
    described, ids = _decks(name, description, decks)
    types = [note_type(NoteKind(kind)) for kind in kinds]
    row = (
        conf | {CONF_KEY: {"namespace": namespace}},
        {str(type_.id): _model_json(type_) for type_ in types},
        listed | described,
    )
    indexes = [one for one in statements if one.startswith("CREATE INDEX")]
    texts = [json.dumps(value, ensure_ascii=False) for value in row]
    return Frame(tuple(tables), tuple(texts), tuple(indexes), ids)


def _model_json(type_: NoteType) -> dict[str, Any]:
    """Return *type_* as a collection stores it."""
    import genanki

    model = genanki.Model(
        type_.id,
        type_.name,
        fields=[{"name": field.name, "id": field.id} for field in type_.fields],
        templates=[
            {"name": card.name, "id": card.id, "qfmt": card.front, "afmt": card.back}
            for card in type_.templates
        ],
        css=type_.css,
        model_type=genanki.Model.CLOZE
        if type_.kind is NoteKind.CLOZE
        else genanki.Model.FRONT_BACK,
    )
    # The mod is pinned, and the deck constant: genanki would take the last deck written.
    described: dict[str, Any] = model.to_json(type_.mod, _DEFAULT_DECK)
    return described


def _decks(
    name: str, description: str, decks: Sequence[str]
) -> tuple[dict[str, Any], dict[str, int]]:
    """Return all decks as a collection stores them, parents included, and their ids by name.

    Names that differ only in case are one deck.
    """
    import genanki

    made: dict[str, genanki.Deck] = {}
    ids: dict[str, int] = {}
    taken: set[int] = set()
    top = _levels(name)[-1]
    # Anki shows a description as HTML; the author wrote text.
    shown = html.escape(description.strip(), quote=False).replace("\n", "<br>")
    for each in dict.fromkeys((name, *decks)):
        for level in _levels(each):
            if level.casefold() not in made:
                text = shown if level == top else ""
                made[level.casefold()] = genanki.Deck(_deck_id(level, taken), level, text)
                taken.add(made[level.casefold()].deck_id)
            ids[each] = made[level.casefold()].deck_id
    return {str(deck.deck_id): deck.to_json() for deck in made.values()}, ids


def _levels(name: str) -> list[str]:
    """Return the full names of a deck and its parents, outermost first.

    Levels without a name are left out, as Anki would name them. Its overview shows a deck's name
    as HTML, so there are no angle brackets in it. Long names are cut: each level repeats those
    above it, and 60 KB of them were gigabytes.
    """
    shown = as_stored(name)[:_LONGEST].replace("<", "‹").replace(">", "›")
    parts = [part.strip() for part in shown.split("::") if part.strip()] or ["Deck"]
    return ["::".join(parts[: depth + 1]) for depth in range(len(parts))]


def _deck_id(name: str, taken: Container[int]) -> int:
    digest = hashlib.sha256(name.casefold().encode()).digest()
    id_ = 1_500_000_000_000 + int.from_bytes(digest[:4])
    while id_ in taken:
        id_ += 1
    return id_
