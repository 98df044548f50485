"""Stage 1, read: files and folders -> SourceFile, in natural order."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from deckbuilder.model import SourceFile
from deckbuilder.problems import Location, Problem, error, note, warning

NOTE_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".txt"})
MAX_BYTES = 32 * 2**20
"""A note file larger than this is refused: it is no note, and would take minutes."""


@dataclass(frozen=True, slots=True)
class Found:
    """A note file that exists: where it is, and what it is called."""

    file: Path
    root: Path
    path: str
    """As messages show it."""
    name: str
    """As the lock and ``Source`` know it."""


def notes_folder(argument: Path) -> Path:
    """Return the notes folder that *argument* belongs to.

    A folder is one itself. A file belongs to the nearest folder above it that holds
    ``deck.lock`` or ``deck.toml``, so that building one file alone gives it the same name
    as building them all; else to the folder it lies in.
    """
    if argument.is_dir():
        return argument
    for folder in argument.absolute().parents:
        if (folder / "deck.lock").exists() or (folder / "deck.toml").exists():
            return _shorten(folder)
    return argument.parent


def _shorten(folder: Path) -> Path:
    try:
        return folder.relative_to(Path.cwd())
    except ValueError:
        return folder


def find(
    arguments: Sequence[Path], *, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> tuple[list[Found], list[Found], list[Problem]]:
    """Return the note files of this run, those beside them that are not part of it, and problems.

    Folders are read recursively in natural order, hidden ones left out. *include* and
    *exclude* are glob patterns relative to the notes folder.
    """
    problems: list[Problem] = []
    found: dict[Path, Found] = {}
    beside: dict[Path, Found] = {}
    roots = _roots(arguments)
    for argument in arguments:
        root, prefix = roots[argument]
        if not argument.exists():
            message = "no such file or folder; give the folder that holds your notes"
            problems.append(error("notes-missing", Location(shown(argument)), message))
            continue
        for file in _walk(root):
            one = Found(file, root, shown(file), prefix + _name(file, root))
            relative = file.relative_to(root).as_posix()
            wanted = argument.is_dir() and _wanted(relative, include, exclude)
            if wanted or file == argument or _same(file, argument):
                found.setdefault(file.resolve(), one)
            else:
                beside.setdefault(file.resolve(), one)
        if argument.is_file() and not any(_same(argument, one) for one in found):
            found.setdefault(
                argument.resolve(),
                Found(argument, root, shown(argument), prefix + _name(argument, root)),
            )
    rest = [one for key, one in beside.items() if key not in found]
    return _natural(found.values()), rest, problems


def _roots(arguments: Sequence[Path]) -> dict[Path, tuple[Path, str]]:
    """Return each argument's notes folder, and what goes before names where there are several."""
    roots = {argument: notes_folder(argument) for argument in arguments}
    several = len({root.resolve() for root in roots.values()}) > 1
    return {
        argument: (root, f"{root.resolve().name}/" if several else "")
        for argument, root in roots.items()
    }


def _same(one: Path, other: Path) -> bool:
    return one.absolute() == other.absolute()


def _walk(root: Path) -> Iterable[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix.lower() in NOTE_SUFFIXES and not name.startswith("."):
                yield path


def _wanted(relative: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    if include and not any(_matches(relative, pattern) for pattern in include):
        return False
    return not any(_matches(relative, pattern) for pattern in exclude)


def _matches(relative: str, pattern: str) -> bool:
    """Return whether a glob with ``**`` for any number of folders fits a path."""
    pattern = pattern.removeprefix("./")
    options = {pattern, pattern.replace("**/", "")}
    if pattern.endswith("/"):
        options = {pattern + "*"}
    return any(fnmatchcase(relative, option) for option in options)


def _natural(found: Iterable[Found]) -> list[Found]:
    def key(one: Found) -> tuple[object, ...]:
        folder, _, name = one.name.rpartition("/")
        return (_natural_key(folder), _natural_key(name), one.name)

    return sorted(found, key=key)


def _natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key in which ``2.md`` comes before ``10.md``."""
    parts = re.split(r"(\d+)", text.casefold())
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p)


def shown(path: Path) -> str:
    """Return *path* as messages show it: relative to the working folder, with ``/``."""
    try:
        return os.path.relpath(path).replace(os.sep, "/")
    except ValueError:  # another drive
        return path.as_posix()


def _name(file: Path, root: Path) -> str:
    return unicodedata.normalize("NFC", file.absolute().relative_to(root.absolute()).as_posix())


def read_file(found: Found) -> tuple[SourceFile | None, list[Problem]]:
    """Return a note file as text with ``\\n`` line ends and no byte order mark, and problems.

    The file is None where it cannot be read; one that is not UTF-8 is decoded as what it
    most probably is, which a problem names.
    """
    where = Location(found.path)
    try:
        if not found.file.is_file():
            return None, [error("note-unreadable", where, "is not an ordinary file")]
        if (size := found.file.stat().st_size) > MAX_BYTES:
            message = f"has {size / 2**20:.0f} MiB; notes end at {MAX_BYTES >> 20} MiB. Split it"
            return None, [error("note-too-large", where, message)]
        data = found.file.read_bytes()
    except OSError as failed:
        return None, [error("note-unreadable", where, f"cannot be read: {failed.strerror}")]
    text, problems = _decode(data, where)
    if text is None:
        return None, problems
    return SourceFile(found.path, found.name, found.file.parent, _tidy(text)), problems


def _tidy(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    # U+2028 and U+2029 are line ends that someone's editor left; Markdown knows \n alone.
    return text.replace("\u2028", "\n").replace("\u2029", "\n\n").replace("\0", "\ufffd")


_MARKS = {b"\xff\xfe\0\0": "utf-32-le", b"\0\0\xfe\xff": "utf-32-be"} | {
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"\xef\xbb\xbf": "utf-8",
}


def _decode(data: bytes, where: Location) -> tuple[str | None, list[Problem]]:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return _as(data[len(mark) :], encoding, where)
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as broken:
        return _guess(data, broken, where)


def _as(data: bytes, encoding: str, where: Location) -> tuple[str | None, list[Problem]]:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as broken:
        return _replace(data, encoding, broken, where)
    if encoding == "utf-8":
        return text, []
    return text, [note("encoding", where, f"read as {encoding.upper()}")]


def _replace(
    data: bytes, encoding: str, broken: UnicodeDecodeError, where: Location
) -> tuple[str, list[Problem]]:
    line = Location(where.path, data.count(b"\n", 0, broken.start) + 1)
    bad = data[broken.start : broken.end].hex(" ")
    message = f"bytes {bad} are not {encoding.upper()}; shown as � on the card. Save it as UTF-8"
    return data.decode(encoding, "replace"), [warning("encoding-bytes", line, message)]


_CANDIDATES = ["gb18030", "big5", "shift_jis", "cp1252", "utf_16_le", "utf_16_be"]


def _guess(
    data: bytes, broken: UnicodeDecodeError, where: Location
) -> tuple[str | None, list[Problem]]:
    """Return text in another encoding; mostly valid UTF-8 with a few bad bytes stays UTF-8."""
    if b"\0" in data and data.count(b"\0") * 5 < len(data):
        return None, [error("note-binary", where, "is not text; leave it out with [notes] exclude")]
    lenient = data.decode("utf-8", "replace")
    multibyte = sum(c > "\x7f" and c != "\ufffd" for c in lenient)
    if lenient.count("\ufffd") <= multibyte // 20:
        return _replace(data, "utf-8", broken, where)
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=_CANDIDATES, enable_fallback=False).best()
    if best is None:
        return _replace(data, "utf-8", broken, where)
    message = f"read as {best.encoding.upper().replace('_', '-')}; save it as UTF-8 to be sure"
    return str(best), [note("encoding", where, message)]
