"""Read the notes of a package in whatever format of Anki's (facts 53-54).

None is trusted: a package may come from a stranger.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from deckbuilder.collection import CONF_KEY
from deckbuilder.identity.lock import MOST_NUMBER
from deckbuilder.model import NoteKind
from deckbuilder.problems import BuildError, Location, error
from deckbuilder.replacing import reason
from deckbuilder.templates import note_type

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MOST_BYTES = 1 << 30
"""Limit for a stranger's package: bytes of its database, and of what one query gives, as columns
that are computed make much of little."""
_ROW = 1 << 10
"""Bytes that a row counts for beside its texts: a million rows are too many, whatever they hold."""


@dataclass(frozen=True, slots=True)
class OldNote:
    """A note as a package holds it."""

    guid: str
    id: int
    mod: int
    type_id: int
    type_name: str
    fields: tuple[tuple[str, str], ...]
    """Name and HTML, in the order of the note type."""
    tags: tuple[str, ...]
    deck: str
    """Of its first card."""
    ords: tuple[int, ...]

    @property
    def kind(self) -> NoteKind | None:
        """Return which of our note types it has, if any."""
        kind = next((kind for kind in NoteKind if note_type(kind).id == self.type_id), None)
        return kind if kind and len(self.fields) >= 6 else None


def read_notes(path: Path) -> tuple[OldNote, ...]:
    """Return the notes of an ``.apkg`` or ``.colpkg``, sorted by note id.

    Raises:
        BuildError: the file is not a package of Anki's, or goes beyond the limit above.

    """
    with _collection(path) as database:
        return _notes(database)


def read_ours(path: Path) -> tuple[str | None, tuple[OldNote, ...]]:
    """Return the namespace that a package of ours keeps, None in any other, and its notes.

    Raises as `read_notes` does.
    """
    with _collection(path) as database:
        conf = {} if _has(database, "config") else _setting(database, "conf")
        namespace = conf.get(CONF_KEY, {}).get("namespace")
        return namespace if isinstance(namespace, str) else None, _notes(database)


@contextlib.contextmanager
def _collection(path: Path) -> Iterator[sqlite3.Connection]:
    where = Location(path.as_posix())
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            file = Path(folder, "collection")
            with zipfile.ZipFile(path) as package, file.open("wb") as target:
                _unpack(package, target)
            with contextlib.closing(_open(file)) as database:
                yield database
    except (FileNotFoundError, IsADirectoryError, PermissionError) as failed:
        message = "no such file" if isinstance(failed, FileNotFoundError) else reason(failed)
        raise BuildError([error("package-unreadable", where, message)]) from failed
    except Exception as damage:  # a file that somebody made to harm makes readers raise anything
        message = f"this is not an Anki package that can be read: {damage}"
        raise BuildError([error("package-unreadable", where, message)]) from damage


def _unpack(package: zipfile.ZipFile, target: IO[bytes]) -> None:
    """Write the newest database of a package: the older ones beside it are only a notice."""
    names = set(package.namelist())
    for name in ("collection.anki21b", "collection.anki21", "collection.anki2"):
        if name not in names:
            continue
        with package.open(name) as packed:
            if name.endswith("b"):
                with zstd.open(packed) as unpacked:
                    _copy(unpacked, target)
            else:
                _copy(packed, target)
        return
    raise ValueError("it holds no collection")


def _copy(source: IO[bytes] | zstd.ZstdFile, target: IO[bytes]) -> None:
    size = 0
    while chunk := source.read(1 << 20):
        size += len(chunk)
        if size > MOST_BYTES:
            raise ValueError(f"its database is larger than {MOST_BYTES >> 20} MiB")
        target.write(chunk)


def _open(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)
    database.set_authorizer(_may)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES >> 5)
    database.create_collation("unicase", lambda one, two: (one > two) - (one < two))
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA query_only = ON")
    return database


def _may(action: int, one: str | None, two: str | None, schema: str | None, by: str | None) -> int:
    """Return what SQLite asks before it reads: views, which run what they say, are none of ours."""
    return sqlite3.SQLITE_DENY if by else sqlite3.SQLITE_OK


def _rows(database: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    """Yield what *query* gives. Raises ValueError where that is too much."""
    left = MOST_BYTES
    for row in database.execute(query):
        left -= _ROW + sum(len(value) for value in row if isinstance(value, (str, bytes)))
        if left < 0:
            raise ValueError("it holds more than a package of Anki's does")
        yield row


def _notes(database: sqlite3.Connection) -> tuple[OldNote, ...]:
    types = _types(database)
    decks = _decks(database)
    cards: dict[int, list[tuple[Any, int]]] = defaultdict(list)
    for note_id, ord_, deck in _rows(database, "SELECT nid, ord, did FROM cards"):
        cards[note_id].append((ord_, deck))
    found: list[OldNote] = []
    rows = _rows(database, "SELECT id, guid, mid, mod, tags, flds FROM notes")
    for number, guid, type_id, mod, tags, fields in rows:
        name, field_names = types.get(type_id, ("?", ()))
        texts = str(fields).split("\x1f")
        names = [*field_names, *(f"Field {at + 1}" for at in range(len(field_names), len(texts)))]
        if not (0 < number <= MOST_NUMBER and 0 <= mod <= MOST_NUMBER):
            raise ValueError(f"the id {number} or the time {mod} of a note is out of range")
        own = sorted(cards[number])
        if not all(isinstance(ord_, int) and 0 <= ord_ <= MOST_NUMBER for ord_, _ in own):
            raise ValueError(f"the number of a card of note {number} is out of range")
        found.append(
            OldNote(
                guid=str(guid),
                id=int(number),
                mod=int(mod),
                type_id=int(type_id),
                type_name=name,
                fields=tuple(zip(names, texts, strict=False)),
                tags=tuple(str(tags).split()),
                deck=decks.get(own[0][1], "") if own else "",
                ords=tuple(ord_ for ord_, _ in own),
            )
        )
    return tuple(sorted(found, key=lambda one: one.id))


def _types(database: sqlite3.Connection) -> dict[int, tuple[str, tuple[str, ...]]]:
    """Return note type id -> name and names of fields, from either schema."""
    if _has(database, "notetypes"):
        fields: dict[int, list[str]] = defaultdict(list)
        rows = _rows(database, "SELECT ord, ntid, name FROM fields")
        for _, type_id, name in sorted(rows, key=lambda row: row[0]):
            fields[type_id].append(str(name))
        names = _rows(database, "SELECT id, name FROM notetypes")
        return {type_id: (str(name), tuple(fields[type_id])) for type_id, name in names}
    models = _setting(database, "models")
    return {
        int(type_id): (
            str(model["name"]),
            tuple(str(each["name"]) for each in sorted(model["flds"], key=lambda one: one["ord"])),
        )
        for type_id, model in models.items()
    }


def _decks(database: sqlite3.Connection) -> dict[int, str]:
    if _has(database, "decks"):
        rows = _rows(database, "SELECT id, name FROM decks")
        return {deck: str(name).replace("\x1f", "::") for deck, name in rows}
    decks = _setting(database, "decks")
    return {int(deck): str(value["name"]) for deck, value in decks.items()}


def _has(database: sqlite3.Connection, table: str) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return database.execute(query, (table,)).fetchone() is not None


def _setting(database: sqlite3.Connection, column: str) -> Any:  # noqa: ANN401  # JSON
    """Return what a column of settings holds. Raises ValueError, also for half characters."""
    (text,) = database.execute(f"SELECT {column} FROM col").fetchone()
    setting = json.loads(str(text))
    json.dumps(setting, ensure_ascii=False).encode()
    return setting
