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
    hash    {"question", "answer", "body", "source", "packaged"}: see `LockedNote`
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

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from deckbuilder.model import NoteKind, RemotePicture
from deckbuilder.problems import BuildError, Location, Problem, error
from deckbuilder.replacing import put

__all__ = [
    "FORMAT",
    "Lock",
    "LockedNote",
    "LockedPlace",
    "format_lock",
    "is_written",
    "locked_place",
    "merge_lines",
    "merge_lock",
    "parse_lock",
    "read_lock",
    "write_lock",
]

FORMAT = 1
"""Version of the format; a higher one in a file stops the build."""

_MARK = re.compile(r"^(<{7}|\|{7}|={7}|>{7})(\s|$)", re.MULTILINE)


class LockedPlace(NamedTuple):
    """Where a note stood: `SourceFile.name` and the headings above it, outermost first."""

    name: str
    context: tuple[str, ...]


class LockedNote(NamedTuple):
    """One note as the lock holds it. All hashes are hexadecimal, shortened SHA-256."""

    guid: str
    id: int
    mod: int
    kind: NoteKind
    question: str
    places: tuple[LockedPlace, ...]
    deck: str
    ords: tuple[int, ...]
    question_hash: str
    """Of the normalised question."""
    answer_hash: str
    """Of the answer's plain text, white space folded."""
    body_hash: str
    """Of the answer as HTML: what a change is that neither renamed nor moved the note."""
    source_hash: str
    """The front of `Draft.source`: everything of the author's that shapes the note."""
    packaged_hash: str
    """Of note type, fields and tags as packaged; empty where nobody knows, so mod will rise."""
    sketch: str
    """`fingerprint.sketch` of the answer."""
    card_id: str = ""
    fresh: bool = False
    gone: bool = False
    remote: tuple[RemotePicture, ...] = ()


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
            picture.url: picture
            for gone_first in (True, False)
            for note in self.notes
            if note.gone is gone_first
            for picture in note.remote
            if picture.name
        }


# Writing ---------------------------------------------------------------------------------------


def format_lock(lock: Lock) -> str:
    """Return the text of the lock file; equal locks give equal text."""
    return b"".join(_lines(lock)).decode()


def _lines(lock: Lock) -> Iterator[bytes]:
    """Yield the lines of the lock file: all at once they would be the largest text of a run."""
    header = {
        "deck-lock": FORMAT,
        "program": lock.program,
        "namespace": lock.namespace,
        "structures": dict(sorted(lock.structures.items())),
    }
    yield f"{_json(header)}\n".encode()
    for note in sorted(lock.notes, key=lambda note: note.guid):
        yield f"{_line_of(note)}\n".encode()


def is_written(lock: Lock, path: Path) -> bool:
    """Return whether the file at *path* says what *lock* does, whatever its line ends."""
    try:
        with path.open("rb") as file:
            there = (line.replace(b"\r\n", b"\n") for line in file)
            return all(one == other for one, other in zip_longest(there, _lines(lock)))
    except FileNotFoundError:
        return False


def write_lock(lock: Lock, path: Path, *, was: Lock | None = None) -> bool:
    """Replace the lock file in one step and return whether that was needed.

    *was* is what the file holds, where that is known. A file that already says the same is not
    touched (P5). The new text is on the disk before the name points to it, so that a crash
    leaves the old file or the new one.
    """
    if (was is None or was == lock) and is_written(lock, path):
        return False
    put(path, _lines(lock))
    return True


_quoted = json.encoder.encode_basestring


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _line_of(note: LockedNote) -> str:
    """Return a note as JSON; written out, because a lock has as many as there are notes."""
    line = (
        f'{{"guid": {_quoted(note.guid)}, "id": {note.id}, "mod": {note.mod}, '
        f'"kind": {_quoted(note.kind)}, "question": {_quoted(note.question)}, '
        f'"places": {_places(note.places)}, "deck": {_quoted(note.deck)}, '
        f'"ords": {list(note.ords)}, "hash": {{"question": {_quoted(note.question_hash)}, '
        f'"answer": {_quoted(note.answer_hash)}, "body": {_quoted(note.body_hash)}, '
        f'"source": {_quoted(note.source_hash)}, "packaged": {_quoted(note.packaged_hash)}}}, '
        f'"sketch": {_quoted(note.sketch)}'
    )
    more: dict[str, object] = {}
    if note.card_id:
        more["card"] = note.card_id
    if note.fresh:
        more["fresh"] = True
    if note.gone:
        more["gone"] = True
    if note.remote:
        more["remote"] = [[one.url, one.name, one.digest] for one in note.remote]
    return f"{line}, {_json(more)[1:]}" if more else f"{line}}}"


@lru_cache(maxsize=1024)
def _places(places: tuple[LockedPlace, ...]) -> str:
    return _json([[place.name, list(place.context)] for place in places])


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
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        if path.is_symlink():  # writing would make a file wherever it leads
            message = "the lock is a link to nothing; put back what it led to, or remove it"
            raise BuildError([error("lock-damaged", Location(shown), message)]) from None
        return None
    except UnicodeDecodeError as damage:
        message = f"the lock is not UTF-8 text (byte {damage.start}); {_RESTORE}"
        raise BuildError([error("lock-damaged", Location(shown), message)]) from damage
    return merge_lock(text, shown) if merging else parse_lock(text, shown)


_RESTORE = "restore it from your version control or a backup"


def parse_lock(text: str, path: str) -> Lock:
    """Return the lock that *text* holds; *path* is how messages name the file.

    Raises:
        BuildError: as `read_lock`.

    """
    if any(sign * 7 in text for sign in "<|=>") and (mark := _MARK.search(text)):
        message = (
            "the lock holds the conflict marks of a git merge; run `python build_deck.py "
            "--merge-lock` to settle it, which keeps every note of both sides"
        )
        where = Location(path, text.count("\n", 0, mark.start()) + 1)
        raise BuildError([error("lock-conflict", where, message)])
    headers, notes, problems = _parse_lines(_numbered(text), path)
    if not headers and not problems:
        message = f"the lock has no header in its first line; {_RESTORE}"
        problems.append(error("lock-damaged", Location(path, 1), message))
    if problems:
        raise BuildError(problems)
    return _settle(headers, notes)


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of *text* with their numbers, one at a time."""
    start = number = 0
    while start <= len(text):
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        number += 1
        yield number, text[start:stop]
        start = stop + 1


@dataclass(frozen=True, slots=True)
class _Header:
    program: str
    namespace: str
    structures: dict[str, str]


def _parse_lines(
    lines: Iterable[tuple[int, str]], path: str
) -> tuple[list[_Header], list[LockedNote], list[Problem]]:
    headers: list[_Header] = []
    notes: list[LockedNote] = []
    problems: list[Problem] = []
    for number, line in lines:
        line = line.strip()
        if not line:
            continue
        try:
            value = _value_of(line)
            if "deck-lock" in value:
                if value["deck-lock"] > FORMAT:
                    problems.append(_newer(value, Location(path, number)))
                    return headers, notes, problems
                headers.append(_header_from(value))
            else:
                notes.append(_note_from(value))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as damage:
            message = f"this line of the lock is damaged ({_reason(damage)}); {_RESTORE}"
            problems.append(error("lock-damaged", Location(path, number), message))
    return headers, notes, problems


_decode = json.JSONDecoder().raw_decode


def _value_of(line: str) -> Any:  # noqa: ANN401  # whatever the line holds
    value, end = _decode(line)  # a third faster than `json.loads`
    if end != len(line):
        raise ValueError(f"something follows at column {end + 1}")
    if "\\u" in line:
        _json(value).encode()  # half of a character has no place in any file
    return value


def _reason(damage: Exception) -> str:
    if isinstance(damage, json.JSONDecodeError):
        return f"not JSON at column {damage.colno}"
    if isinstance(damage, KeyError):
        return f"no {damage.args[0]!r}"
    return str(damage) or type(damage).__name__


def _newer(value: Mapping[str, Any], where: Location) -> Problem:
    message = (
        f"the lock was written by a newer version of the program ({value.get('program', '?')}, "
        f"format {value['deck-lock']}; this version reads up to {FORMAT}); update the program, "
        "or go back to a lock that this version wrote"
    )
    return error("lock-newer", where, message)


def _header_from(value: Mapping[str, Any]) -> _Header:
    structures = {_text(name): _text(rule) for name, rule in value["structures"].items()}
    return _Header(_text(value["program"]), _text(value["namespace"]), structures)


def _note_from(value: Mapping[str, Any]) -> LockedNote:
    hashes = value["hash"]
    note = LockedNote(
        guid=value["guid"],
        id=_whole(value["id"], least=1),
        mod=_whole(value["mod"]),
        kind=NoteKind(value["kind"]),
        question=value["question"],
        places=tuple([_place_from(name, tuple(context)) for name, context in value["places"]]),
        deck=sys.intern(value["deck"]),
        ords=tuple([_whole(one) for one in value["ords"]]),
        question_hash=hashes["question"],
        answer_hash=hashes["answer"],
        body_hash=hashes["body"],
        source_hash=hashes["source"],
        packaged_hash=hashes["packaged"],
        sketch=value["sketch"],
        card_id=value.get("card", ""),
        fresh=value.get("fresh", False) is True,
        gone=value.get("gone", False) is True,
        remote=tuple(
            [
                RemotePicture(_text(url), _text(name), _text(digest))
                for url, name, digest in value.get("remote", ())
            ]
        ),
    )
    texts = _TEXTS(note)
    if {*map(type, texts)} != {str}:
        for text in texts:
            _text(text)
    if not note.guid:
        raise ValueError("the guid is empty")
    return note


_TEXTS = attrgetter(
    "guid", "question", "question_hash", "answer_hash", "body_hash", "source_hash",
    "packaged_hash", "sketch", "card_id",
)  # fmt: skip


@lru_cache(maxsize=4096)
def _place_from(name: object, context: tuple[object, ...]) -> LockedPlace:
    return locked_place(_text(name), tuple(map(_text, context)))


@lru_cache(maxsize=4096)
def locked_place(name: str, context: tuple[str, ...]) -> LockedPlace:
    """Return a place; the notes of one chapter share theirs."""
    return LockedPlace(name, context)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"{value!r} should be text")


MOST_NUMBER = 2**53
"""The largest id and time: what every program that reads JSON can hold, and far above any."""


def _whole(value: object, least: int = 0) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} should be a whole number")
    if not least <= value <= MOST_NUMBER:
        raise ValueError(f"{value} is out of range")
    return value


# Merging ---------------------------------------------------------------------------------------


def merge_lock(text: str, path: str = "deck.lock") -> Lock:
    """Return the lock that a file with git's conflict marks stands for; it loses no note.

    Both sides of every conflict count; the common ancestor that the ``diff3`` style shows
    between ``|||||||`` and ``=======`` does not. A file without marks is read as it is.

    Raises:
        BuildError: a line is damaged, or no header is left.

    """
    kept: list[tuple[int, str]] = []
    in_ancestor = False
    for number, line in _numbered(text):
        mark = _MARK.match(line)
        if mark:
            in_ancestor = mark[1].startswith("|")
        elif not in_ancestor:
            kept.append((number, line))
    headers, notes, problems = _parse_lines(kept, path)
    if not headers and not problems:
        problems.append(error("lock-damaged", Location(path, 1), "the lock has no header"))
    if problems:
        raise BuildError(problems)
    return _settle(headers, notes)


def _settle(headers: Sequence[_Header], notes: Iterable[LockedNote]) -> Lock:
    structures = {name: rule for one in reversed(headers) for name, rule in one.structures.items()}
    return Lock(
        namespace=headers[0].namespace,
        program=max((one.program for one in headers), key=_version),
        structures=dict(sorted(structures.items())),
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
    for note in sorted(
        notes, key=lambda note: (note.guid, note.mod, not note.gone, _line_of(note))
    ):
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
        merged.append(note._replace(id=number))
    return tuple(merged)


def _merged(older: LockedNote, newer: LockedNote) -> LockedNote:
    # With equal mods Anki may hold either text under that mod and would not take the other
    # (fact 3): forget the hash, so that the next build gives the note a later mod.
    unclear = older.mod == newer.mod and older.packaged_hash != newer.packaged_hash
    return newer._replace(
        id=min(older.id, newer.id),
        packaged_hash="" if unclear else newer.packaged_hash,
        card_id=newer.card_id or older.card_id,
    )
