"""Packages read back, as text that a person can review."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from deckbuilder.model import Deck, Written
from deckbuilder.package import writing_package
from deckbuilder.replacing import folder_beside, move


def pack(deck: Deck, to: Path, namespace: str = "n") -> Written:
    """Write *deck* to the file *to*, new or not, as a build does."""
    with folder_beside(to) as folder:
        with writing_package(deck, to=folder / "deck.apkg", namespace=namespace) as complete:
            written = complete()
        move(folder / "deck.apkg", to)
    return written


@contextmanager
def collection(package: Path) -> Iterator[sqlite3.Connection]:
    """Give the database in *package*."""
    with (
        zipfile.ZipFile(package) as zipped,
        tempfile.TemporaryDirectory() as folder,
        closing(sqlite3.connect(zipped.extract("collection.anki2", folder))) as db,
    ):
        yield db


def rows(package: Path, query: str) -> list[Any]:
    """Return what the database in *package* answers."""
    with collection(package) as db:
        return db.execute(query).fetchall()


def dump(package: Path) -> dict[str, Any]:
    """Return what is in *package*: its notes in the order in which they are learned, and media."""
    with zipfile.ZipFile(package) as zipped:
        names: dict[str, str] = json.loads(zipped.read("media"))
        media = {name: zipped.read(number) for number, name in names.items()}
    with collection(package) as db:
        notes = _notes(db)
    return {
        "notes": notes,
        "media": {
            name: hashlib.sha256(content).hexdigest()[:16]
            for name, content in sorted(media.items())
        },
    }


def _notes(db: sqlite3.Connection) -> list[dict[str, Any]]:
    models, decks = (
        json.loads(one) for one in db.execute("SELECT models, decks FROM col").fetchone()
    )
    notes = db.execute(
        "SELECT n.id, n.guid, n.mid, n.tags, n.flds FROM notes n JOIN cards c ON c.nid = n.id"
        " GROUP BY n.id ORDER BY min(c.due), n.id"
    ).fetchall()
    result = []
    for note_id, guid, model_id, tags, fields in notes:
        model = models[str(model_id)]
        cards = db.execute("SELECT ord, did FROM cards WHERE nid = ? ORDER BY ord", (note_id,))
        ords = cards.fetchall()
        values = dict(zip((f["name"] for f in model["flds"]), fields.split("\x1f"), strict=True))
        assert values.pop("Key") == guid
        result.append({
            "guid": guid,
            "type": model["name"],
            "deck": decks[str(ords[0][1])]["name"],
            "cards": [ord_ for ord_, _ in ords],
            "tags": tags.split(),
            "fields": {name: value for name, value in values.items() if value},
        })  # fmt: skip
    return result


def fields_of(package: Path) -> list[dict[str, str]]:
    """Return the fields of every note that hold anything, by name."""
    return [note["fields"] for note in dump(package)["notes"]]
