"""Stage 7: a deck becomes an Anki package, the same bytes for the same deck.

Anki's older package format (``collection.anki2`` and a JSON list of media) is what every client
reads (facts 53-54). genanki gives the schema, the note types and the decks; the rows are written
here, because genanki would give every note the same ``mod``, lose cards of nested deletions,
check the HTML in quadratic time and leave a copy of the collection behind (facts 56-58).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import html
import json
import os
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from deckbuilder.beside import meanwhile
from deckbuilder.cache import Cache
from deckbuilder.collection import frame_of
from deckbuilder.model import Deck, Frame, Note, NoteKind, Written
from deckbuilder.rendering.cloze import MOST_GAPS, cloze_ords
from deckbuilder.templates import as_stored, field_values, in_tag_order, note_type

_CARD_STEP: Final = 1_000_003
"""Milliseconds between the ids of one note's cards: more than a build's notes span, so that they
do not meet the ids of other notes, and few enough that "added" dates stay true to the day."""


@contextlib.contextmanager
def writing_package(
    deck: Deck, *, to: Path, namespace: str, cache: Cache | None = None
) -> Iterator[Callable[[], Written]]:
    """Begin to write *deck* to *to*, a new file in a folder that the caller throws away.

    The block may do other work while the collection is compressed; what it is given completes
    the package. *namespace* is kept in there, for a lost lock (CONTRACT section 5).

    Raises ``OSError`` if the file cannot be written or a media file cannot be read, and
    ``ValueError`` if the deck breaks a rule of the format, which is a mistake of the program's,
    not of the notes'.
    """
    _check_notes(deck.notes)
    media = _checked_media(deck.media)
    collection = to.with_name("collection.anki2")
    try:
        _write_collection(deck, collection, _frame(deck, namespace, cache))
    except sqlite3.OperationalError as failed:
        full = failed.sqlite_errorcode == sqlite3.SQLITE_FULL
        raise OSError(errno.ENOSPC if full else errno.EIO, str(failed)) from failed
    with to.open("x+b") as file:

        def complete() -> Written:
            compressed()
            _add_media(package, media)
            package.close()
            file.flush()
            os.fsync(file.fileno())
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            return Written(hashlib.file_digest(file, "sha256").hexdigest(), size)

        with (
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package,
            meanwhile(partial(_add, package, "collection.anki2", collection)) as compressed,
        ):
            yield complete


def is_there(path: Path, written: Written) -> bool:
    """Return whether the file at *path* is the very package that was *written*."""
    with contextlib.suppress(OSError):  # what cannot be read can still be replaced
        if path.is_file() and not path.is_symlink() and path.stat().st_size == written.size:
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == written.sha256
    return False


# The zip -------------------------------------------------------------------------------------


_BLOCK: Final = 1 << 19
"""Bytes that are added at once: between two of them a thread waits for its turn."""


def _add_media(package: zipfile.ZipFile, media: Mapping[str, bytes | Path]) -> None:
    """Add the last entries. An entry opened by name has a fixed date, in 1980."""
    names = sorted(media)
    listed = json.dumps({str(place): name for place, name in enumerate(names)})
    with package.open("media", "w") as entry:
        entry.write(listed.encode())
    for place, name in enumerate(names):
        content = media[name]
        # Pictures do not shrink any further; only the collection does.
        stored = zipfile.ZipInfo(str(place))
        if isinstance(content, bytes):
            package.writestr(stored, content)
        else:
            _add(package, stored, content)
    for written in package.infolist():
        written.create_system = 3  # or else Windows would give other bytes


def _add(package: zipfile.ZipFile, name: str | zipfile.ZipInfo, path: Path) -> None:
    large = path.stat().st_size > zipfile.ZIP64_LIMIT // 2
    with path.open("rb") as source, package.open(name, "w", force_zip64=large) as entry:
        shutil.copyfileobj(source, entry, _BLOCK)


_MEDIA_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,118}[A-Za-z0-9]")


def _checked_media(media: Mapping[str, bytes | Path]) -> Mapping[str, bytes | Path]:
    """Return *media*; raises ``ValueError`` for a name that some client would change or lose."""
    seen: dict[str, str] = {}
    for name in media:
        if not _MEDIA_NAME.fullmatch(name):
            raise ValueError(f"media name {name!r} is not plain ASCII (facts 45-48)")
        if (other := seen.setdefault(name.lower(), name)) != name:
            raise ValueError(f"media names {other!r} and {name!r} differ only in case (fact 49)")
    return media


# The collection ------------------------------------------------------------------------------


def _write_collection(deck: Deck, path: Path, frame: Frame) -> None:
    """Write the database of the package: rows first, indexes last."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        # A note with its answer fits a page of this size, which makes the file a fifth smaller.
        db.execute("PRAGMA page_size = 16384")
        # The file is thrown away if anything fails, so it needs no journal.
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        for statement in frame.tables:
            db.execute(statement)
        db.execute("UPDATE col SET conf = ?, models = ?, decks = ?", frame.row)
        db.executemany(_INSERT_NOTE, _note_rows(deck.notes))
        db.executemany(_INSERT_CARD, _card_rows(deck.notes, frame.deck_ids))
        for statement in frame.indexes:
            db.execute(statement)
        db.execute("COMMIT")


def _frame(deck: Deck, namespace: str, cache: Cache | None) -> Frame:
    decks = tuple(dict.fromkeys(note.draft.deck for note in deck.notes))
    kinds = tuple(sorted({str(note.draft.kind) for note in deck.notes}))
    shaping = (deck.name, deck.description, decks, kinds, namespace)
    if cache is None:
        return frame_of(*shaping)
    key = cache.key("frame", repr(shaping).encode("utf-8", "surrogatepass"))
    return cache.kept(key, lambda: frame_of(*shaping))


# Rows ----------------------------------------------------------------------------------------

_INSERT_NOTE: Final = "INSERT INTO notes VALUES (?, ?, ?, ?, -1, ?, ?, ?, ?, 0, '')"
_INSERT_CARD: Final = (
    "INSERT INTO cards VALUES (?, ?, ?, ?, ?, -1, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '')"
)


def _note_rows(notes: Iterable[Note]) -> Iterator[tuple[object, ...]]:
    types = {kind: note_type(kind).id for kind in NoteKind}
    for note in notes:
        fields = field_values(note)
        shown = _sort_text(fields[0])
        if not shown.strip():
            raise ValueError(f"{note.guid}: the first field is empty")
        stored = "\x1f".join(fields)
        if stored.count("\x1f") >= len(fields):
            raise ValueError(f"{note.guid}: a field holds the character that parts fields")
        sorted_by = shown.encode()
        yield (
            note.id,
            note.guid,
            types[note.draft.kind],
            note.mod,
            _tags(note.draft.tags),
            stored,
            sorted_by.decode(),  # a copy: binding leaves its bytes with a text while it lives
            int.from_bytes(hashlib.sha1(sorted_by, usedforsecurity=False).digest()[:4]),
        )


def _card_rows(notes: Sequence[Note], deck_ids: Mapping[str, int]) -> Iterator[tuple[int, ...]]:
    """Yield new cards; ``due`` shows them in document order (fact 34)."""
    taken = {note.id for note in notes}
    for due, note in enumerate(notes, start=1):
        deck_id = deck_ids[note.draft.deck]
        for ord_ in note.draft.ords:
            yield _card_id(note.id, ord_, taken), note.id, deck_id, ord_, note.mod, due


def _card_id(note_id: int, ord_: int, taken: set[int]) -> int:
    """Return an id for a card and add it to *taken*; a note's first card has the note's own."""
    if ord_ == 0:
        return note_id
    id_ = max(1, note_id - ord_ * _CARD_STEP)
    while id_ in taken:
        id_ += 1
    taken.add(id_)
    return id_


def _check_notes(notes: Iterable[Note]) -> None:
    """Raise ``ValueError`` for notes that Anki would lose, double or leave without a card."""
    guids: set[str] = set()
    ids: set[int] = set()
    for note in notes:
        if not note.guid or note.guid in guids:
            raise ValueError(f"guid {note.guid!r} is empty or used twice (facts 2, 31)")
        if note.id < 1 or note.id in ids:
            raise ValueError(f"note id {note.id} of {note.guid} is not positive or used twice")
        guids.add(note.guid)
        ids.add(note.id)
        if note.draft.ords != (wanted := _wanted_ords(note)):
            raise ValueError(f"{note.guid}: cards {note.draft.ords}, the text makes {wanted}")


def _wanted_ords(note: Note) -> tuple[int, ...]:
    """Return the cards that Anki itself would make of *note* (facts 30, 56)."""
    fields = note.draft.fields
    if note.draft.kind is NoteKind.SECTION:
        return (0, 1) if fields.reverse else (0,)
    ords = cloze_ords(fields.question)
    if not ords or ords[-1] >= MOST_GAPS:
        raise ValueError(f"{note.guid}: cloze numbers {[ord_ + 1 for ord_ in ords]}")
    return ords


# Text as Anki stores it ----------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _tags(tags: tuple[str, ...]) -> str:
    """Return *tags* as a note stores them: in order, with spaces all around."""
    cleaned = in_tag_order(map(as_stored, tags))
    stored = " ".join(cleaned)
    if stored.split() != cleaned:
        raise ValueError(f"a tag of {cleaned!r} is empty or holds white space (fact 37)")
    return f" {stored} " if cleaned else ""


_SHOWN_MEDIA: Final = re.compile(
    r"""<(?:img|audio|video|object|source)\b[^>]*?\b(?:src|data)=(?:"([^"]*)"|'([^']*)'|([^\s>]+))""",
    re.IGNORECASE,
)


def _sort_text(field: str) -> str:
    """Return what Anki sorts and compares a first field by: its text, and its media's names."""
    if "<" not in field:
        return html.unescape(field).replace("\xa0", " ")
    out: list[str] = []
    done = 0
    while (start := field.find("<", done)) >= 0 and (end := field.find(">", start)) >= 0:
        out.append(field[done:start])
        if media := _SHOWN_MEDIA.match(field, start, end + 1):
            out.append(f" {media[1] or media[2] or media[3] or ''} ")
        done = end + 1
    out.append(field[done:])
    return html.unescape("".join(out)).replace("\xa0", " ")
