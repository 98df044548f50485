"""``deck.lock``: what the program remembers between two runs (CONTRACT section 5).

JSON Lines in UTF-8, made to be committed with the notes. The first line is the header::

    {"deck-lock": 1, "program": "1.0.0", "namespace": "…", "structures": {"a.md": "contents"}}

and every further line is one note, sorted by guid, keys always in this order::

    guid    the Key of the note in Anki; lower-case letters and digits
    id      note id: milliseconds since the epoch, unique in the file
    mod     seconds since the epoch: when the packaged fields or tags last changed (fact 11)
    kind    "section" or "cloze"
    question  as plain text, without its number
    places  [[file name, [headings above]], …], sorted: everywhere that the note stood
    deck    full deck name: an imported card stays where it first went (fact 24)
    ords    card ordinals, from 0
    hash    {"question", "answer", "body", "source", "packaged"}: see `Hashes`
    sketch  of the answer, so that likeness can be told from the lock alone
    card    the name in ``<!-- card: id=… -->``; left out where there is none
    fresh   true where ``<!-- card: new -->`` made the note; else left out
    gone    true where no section has the note any more; else left out
    remote  [[address, name in the package, SHA-256], …]; left out where there is none

There are no line numbers and no positions, so an edit touches the lines of the notes that it
changed and a git merge of two branches mostly needs no help. Where two branches wrote the same
note, `merge_lines` settles it: the smaller note id and the larger mod win.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self, TypeVar

import msgspec

from deckbuilder.model import NoteKind, RemotePicture
from deckbuilder.problems import BuildError, Location, Problem, error
from deckbuilder.replacing import putting

FORMAT = 1
"""Version of the format; a higher one in a file stops the build."""

MOST_NUMBER = 2**53
"""The largest id and time: what every program that reads JSON can hold, and far above any."""

_MARK = re.compile(rb"^(<{7}|\|{7}|={7}|>{7})(\s|$)", re.MULTILINE)

_Whole = Annotated[int, msgspec.Meta(ge=0, le=MOST_NUMBER)]
_Value = TypeVar("_Value")


class LockedPlace(NamedTuple):
    """Where a note stood: `SourceFile.name` and the headings above it, outermost first."""

    name: str
    context: tuple[str, ...]


class LockedPicture(NamedTuple):
    """A picture from an address: its name in the package and its SHA-256, empty if not fetched."""

    url: str
    name: Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]*)?\Z")]
    """A card shows it as it stands here, and a stranger may have written the lock."""
    digest: str


_set, _replace = msgspec.structs.force_setattr, msgspec.structs.replace


class _Struct(msgspec.Struct, frozen=True, gc=False):
    def but(self, **changes: Any) -> Self:  # noqa: ANN401  # the fields' own types
        """Return the same with *changes*."""
        return _replace(self, **changes)


class Hashes(_Struct, frozen=True):
    """What a note is compared by: hexadecimal, shortened SHA-256."""

    question: str
    """Of the normalised question."""
    answer: str
    """Of the answer's plain text, white space folded."""
    body: str
    """Of the answer as HTML: what a change is that neither renamed nor moved the note."""
    source: str
    """`Draft.source`: everything of the author's that shapes the note."""
    packaged: str
    """Of note type, fields and tags as packaged; empty where nobody knows, so mod will rise."""


class LockedNote(_Struct, frozen=True, omit_defaults=True):
    """One note as the lock holds it: the fields of a line, in their order."""

    guid: Annotated[str, msgspec.Meta(min_length=1)]
    id: Annotated[int, msgspec.Meta(ge=1, le=MOST_NUMBER)]
    mod: _Whole
    kind: NoteKind
    question: str
    places: tuple[LockedPlace, ...]
    deck: str
    ords: tuple[_Whole, ...]
    hash: Hashes
    sketch: str
    """`fingerprint.sketch` of the answer."""
    card_id: str = msgspec.field(default="", name="card")
    fresh: bool = False
    gone: bool = False
    remote: tuple[LockedPicture, ...] = ()


@lru_cache(maxsize=4096)
def shared(value: _Value) -> _Value:
    """Return an equal value that was given before, if it is not long ago."""
    return value


@dataclass(frozen=True, slots=True)
class Lock:
    """The whole file. ``notes`` are sorted by guid, and no guid and no id occurs twice."""

    namespace: str
    """The deck's name when the lock was first written; part of every guid."""
    program: str
    structures: Mapping[str, str] = field(default_factory=dict)
    """File name -> `Structure.rule`."""
    notes: tuple[LockedNote, ...] = ()

    def remote_pictures(self) -> dict[str, RemotePicture]:
        """Return address -> picture, as last fetched, for when it cannot be fetched today."""
        return {
            picture.url: RemotePicture(*picture)
            for gone_first in (True, False)
            for note in self.notes
            if note.gone is gone_first
            for picture in note.remote
            if picture.name
        }


# Writing ---------------------------------------------------------------------------------------


class _Header(msgspec.Struct, frozen=True):
    format: int = msgspec.field(name="deck-lock")
    program: str
    namespace: str
    structures: dict[str, str]


_encode = msgspec.json.Encoder().encode


def lock_lines(lock: Lock) -> Iterator[bytes]:
    """Yield the lines of the lock file, equal ones for equal locks.

    All at once they would be the largest text of a run.
    """
    structures = dict(sorted(lock.structures.items()))
    yield _line(_Header(FORMAT, lock.program, lock.namespace, structures))
    for note in lock.notes:
        # A copy of the question: encoding leaves its bytes with a text while it lives.
        yield _line(note.but(question=note.question[:1] + note.question[1:]))


def _line(value: _Header | LockedNote) -> bytes:
    return msgspec.json.format(_encode(value), indent=0) + b"\n"


def is_written(lock: Lock, path: Path) -> bool:
    """Return whether the file at *path* says what *lock* does, whatever its line ends."""
    try:
        with path.open("rb") as file:
            there = (line.replace(b"\r\n", b"\n") for line in file)
            return all(one == other for one, other in zip_longest(there, lock_lines(lock)))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def writing_lock(lock: Lock, path: Path, *, was: Lock | None = None) -> Iterator[bool]:
    """Replace the lock file at the end of the block; give whether that is needed.

    *was* is what the file holds, where that is known. A file that already says the same is not
    touched (P5). The new text is complete before the block begins, as `putting` writes it.
    """
    if (was is None or was == lock) and is_written(lock, path):
        yield False
    else:
        with putting(path, lock_lines(lock)):
            yield True


# Reading ---------------------------------------------------------------------------------------


def read_lock(path: Path, *, merging: bool = False) -> Lock | None:
    """Return what the file holds, or None where there is no file.

    Two lines of one guid, as a git merge without conflict may leave them, are settled as in
    `merge_lines`; with *merging* also what stands between conflict marks, as in `merge_lock`.

    Raises:
        BuildError: the file was written by a newer version, is damaged, or holds the conflict
            marks of a merge; with every problem that it has.

    """
    shown = path.as_posix()
    try:
        data = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    except FileNotFoundError:
        if path.is_symlink():  # writing would make a file wherever it leads
            message = "the lock is a link to a missing file; restore that file or remove the link"
            raise BuildError([error("lock-damaged", Location(shown), message)]) from None
        return None
    try:
        return merge_lock(data, shown) if merging else parse_lock(data, shown)
    except BuildError:
        try:
            data.decode()
        except UnicodeDecodeError as damage:
            message = f"the lock is not UTF-8 text (byte {damage.start}); {_RESTORE}"
            raise BuildError([error("lock-damaged", Location(shown), message)]) from damage
        raise


_RESTORE = "restore it from your version control or a backup"


def parse_lock(data: bytes, path: str) -> Lock:
    """Return the lock that *data* holds; *path* is how messages name the file.

    Raises:
        BuildError: as `read_lock`.

    """
    try:
        return _settle(*_parse_lines(_numbered(data), path))
    except BuildError:
        if mark := _MARK.search(data):
            message = (
                "the lock holds the conflict marks of a git merge; run this once with "
                "--merge-lock to settle it: every note of both sides is kept"
            )
            where = Location(path, data.count(b"\n", 0, mark.start()) + 1)
            raise BuildError([error("lock-conflict", where, message)]) from None
        raise


def _numbered(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of *data* with their numbers, one at a time."""
    start = number = 0
    while start <= len(data):
        stop = data.find(b"\n", start)
        stop = len(data) if stop < 0 else stop
        number += 1
        yield number, data[start:stop]
        start = stop + 1


def _note(line: bytes) -> LockedNote:
    """Return the note of a line, which holds what the notes of a chapter share but once."""
    note = _decode(line)
    _set(note, "places", shared(note.places))
    _set(note, "deck", shared(note.deck))
    _set(note, "ords", shared(note.ords))
    return note


_decode = msgspec.json.Decoder(LockedNote).decode
_header = msgspec.json.Decoder(_Header).decode


def _parse_lines(
    lines: Iterable[tuple[int, bytes]], path: str
) -> tuple[list[_Header], list[LockedNote]]:
    """Return the headers, seldom more than one, and the notes. Raises as `read_lock` does."""
    headers: list[_Header] = []
    notes: list[LockedNote] = []
    problems: list[Problem] = []
    for number, line in lines:
        try:
            if b'"deck-lock"' in line and (version := _version_of(line)).format:
                if version.format > FORMAT:
                    raise BuildError([_newer(version, Location(path, number))])
                headers.append(_header(line))
            elif line.strip():
                notes.append(_note(line))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as damage:
            message = f"this line of the lock is damaged ({damage}); {_RESTORE}"
            problems.append(error("lock-damaged", Location(path, number), message))
    if not headers and not problems:
        message = f"the lock has no header in its first line; {_RESTORE}"
        problems.append(error("lock-damaged", Location(path, 1), message))
    if problems:
        raise BuildError(problems)
    return headers, notes


class _Version(msgspec.Struct, frozen=True):
    """What a header of any version says; format 0 where a line is none."""

    format: int = msgspec.field(default=0, name="deck-lock")
    program: str = "?"


_version_of = msgspec.json.Decoder(_Version).decode


def _newer(version: _Version, where: Location) -> Problem:
    message = (
        f"the lock was written by a newer version of the program ({version.program}, format "
        f"{version.format}; this version reads up to {FORMAT}); update the program, or go back to "
        "a lock that this version wrote"
    )
    return error("lock-newer", where, message)


# Merging ---------------------------------------------------------------------------------------


def merge_lock(data: bytes, path: str = "deck.lock") -> Lock:
    """Return the lock that a file with git's conflict marks stands for; it loses no note.

    Both sides of every conflict count; the common ancestor that the ``diff3`` style shows
    between ``|||||||`` and ``=======`` does not. A file without marks is read as it is.

    Raises:
        BuildError: a line is damaged, or no header is left.

    """
    kept: list[tuple[int, bytes]] = []
    in_ancestor = False
    for number, line in _numbered(data):
        mark = _MARK.match(line)
        if mark:
            in_ancestor = mark[1].startswith(b"|")
        elif not in_ancestor:
            kept.append((number, line))
    return _settle(*_parse_lines(kept, path))


def _settle(headers: Sequence[_Header], notes: Iterable[LockedNote]) -> Lock:
    structures = {name: rule for one in reversed(headers) for name, rule in one.structures.items()}
    return Lock(
        namespace=headers[0].namespace,
        program=max((one.program for one in headers), key=_version),
        structures=structures,
        notes=merge_lines(notes),
    )


def _version(program: str) -> tuple[tuple[int, ...], str]:
    return tuple(int(part) for part in re.findall(r"\d+", program)), program


def merge_lines(notes: Iterable[LockedNote]) -> tuple[LockedNote, ...]:
    """Return *notes* sorted by guid, with no guid and no id twice.

    Of two lines of one guid the smaller id and the larger mod win; everything else comes from
    the line with the larger mod. An id that two guids share stays with the smaller guid, the
    others get the next free one. The result does not depend on the order of *notes*.
    """
    notes = sorted(notes, key=lambda note: note.guid)
    if len({note.guid for note in notes}) == len({note.id for note in notes}) == len(notes):
        return tuple(notes)
    by_guid: dict[str, LockedNote] = {}
    for note in sorted(notes, key=lambda note: (note.guid, note.mod, not note.gone, _line(note))):
        other = by_guid.get(note.guid)
        by_guid[note.guid] = note if other is None else _merged(other, note)
    taken: set[int] = set()
    ids = {note.id for note in by_guid.values()}
    merged = []
    for note in by_guid.values():
        number = note.id
        if number in taken:
            while number in ids:
                number += 1
            ids.add(number)
        taken.add(number)
        merged.append(note.but(id=number))
    return tuple(merged)


def _merged(older: LockedNote, newer: LockedNote) -> LockedNote:
    # With equal mods Anki may hold either text under that mod and would not take the other
    # (fact 3): forget the hash, so that the next build gives the note a later mod.
    unclear = older.mod == newer.mod and older.hash.packaged != newer.hash.packaged
    return newer.but(
        id=min(older.id, newer.id),
        hash=newer.hash.but(packaged="") if unclear else newer.hash,
        card_id=newer.card_id or older.card_id,
    )
