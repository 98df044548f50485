"""Stage 1, read: files and folders -> SourceFile, in natural order."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from deckbuilder.characters import composed
from deckbuilder.encodings import encoding_of, utf16_of
from deckbuilder.model import SourceFile
from deckbuilder.problems import Location, Problem, error, note, shown, warning

NOTE_SUFFIXES = (".markdown", ".md", ".mdown", ".txt")
_ALIKE = frozenset({".mdx", ".qmd", ".rmd", ".mkd", ".mkdn", ".mdwn", ".mdtext"})
"""Endings of Markdown that other programs read as well, or instead."""
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
    for folder in _normal(argument).parents:
        if (folder / "deck.lock").exists() or (folder / "deck.toml").exists():
            return _shorten(folder)
    return argument.parent


def _normal(path: Path) -> Path:
    """Return *path* from the root on and without ``..``, which is no folder above another."""
    return Path(os.path.normpath(path.absolute()))


def _shorten(folder: Path) -> Path:
    try:
        return folder.relative_to(Path.cwd())
    except ValueError:
        return folder


def find(
    arguments: Sequence[Path], *, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> tuple[list[Found], list[Found], list[Problem]]:
    """Return the note files of this run, those of its folders that are left out, and problems.

    Folders are read recursively in natural order, hidden ones left out; of a file's folder
    nothing else is looked at. *include* and *exclude* are globs relative to the notes folder.
    """
    problems: list[Problem] = []
    found: dict[str, Found] = {}
    beside: dict[str, Found] = {}
    roots = _roots(arguments)
    inside = [root.resolve() for root, _ in roots.values()]
    for argument, (root, prefix) in roots.items():
        base = _normal(root)
        for file in _files(argument, inside, problems):
            relative = composed(_normal(file).relative_to(base).as_posix())
            one = Found(file, root, shown(file), composed(prefix) + relative)
            real = os.path.realpath(file)
            if not (file == argument or _wanted(relative, include, exclude)):
                beside.setdefault(real, one)
            elif file.is_symlink() and not _is_note(Path(real), inside):
                problems.append(_astray(one))
            else:
                found.setdefault(real, one)
    rest = [one for key, one in beside.items() if key not in found]
    problems += _called_alike(found.values())
    return _natural(found.values()), rest, problems


def _files(argument: Path, inside: Sequence[Path], problems: list[Problem]) -> Iterator[Path]:
    """Yield the note files that an argument stands for; adds to *problems*.

    *inside* are the real folders of all notes.
    """
    where = Location(shown(argument))
    if not argument.exists():
        message = "no such file or folder; give the folder that holds your notes"
        problems.append(error("notes-missing", where, message))
    elif not argument.is_dir() and argument.suffix.lower() not in NOTE_SUFFIXES:
        message = f"is not a note: these end in {', '.join(NOTE_SUFFIXES)}; give the folder"
        problems.append(error("note-suffix", where, message))
    else:
        for file in _walk(argument, inside, problems) if argument.is_dir() else [argument]:
            if _is_utf8(file):
                yield file
            else:
                message = "its name, or a folder's above it, is not UTF-8; rename it"
                problems.append(error("name-not-utf8", Location(shown(file)), message))


def _is_note(file: Path, roots: Iterable[Path]) -> bool:
    return file.exists() and any(map(file.is_relative_to, roots))


def _astray(one: Found) -> Problem:
    """Return what to say of a link that leads to none of the notes (P9)."""
    if not one.file.exists():
        message = "is a link that leads nowhere; remove it"
        return error("note-unreadable", Location(one.path), message)
    message = (
        "is a link to a file outside the notes; give that file's folder as well, or leave the "
        "link out with [notes] exclude"
    )
    return error("note-outside", Location(one.path), message)


def _called_alike(found: Iterable[Found]) -> Iterator[Problem]:
    """Yield a problem for files whose names differ in bytes that nobody sees."""
    first: dict[str, Found] = {}
    for one in found:
        if (other := first.setdefault(one.name, one)) is not one:
            message = f"has the name of {other.path}, only encoded differently"
            yield error("note-name-twice", Location(one.path), f"{message}; rename one of the two")


_SURROGATE = re.compile("[\ud800-\udfff]")


def _is_utf8(file: Path) -> bool:
    return not _SURROGATE.search(str(file.absolute()))


def _roots(arguments: Sequence[Path]) -> dict[Path, tuple[Path, str]]:
    """Return each argument's notes folder, and what goes before names where there are several."""
    roots = {argument: notes_folder(argument) for argument in arguments}
    real = {root.resolve() for root in roots.values()}
    return {argument: (root, _prefix(root.resolve(), real)) for argument, root in roots.items()}


def _prefix(root: Path, roots: Collection[Path]) -> str:
    """Return as much of a notes folder's path as tells it from the others; nothing if alone."""
    others = [other.parts for other in roots if other != root]
    parts = root.relative_to(root.anchor).parts
    for count in range(1, len(parts)) if others else ():
        if all(other[-count:] != parts[-count:] for other in others):
            parts = parts[-count:]
            break
    return "".join(f"{part}/" for part in parts) if others else ""


def _walk(root: Path, inside: Sequence[Path], problems: list[Problem]) -> Iterator[Path]:
    def complain(failed: OSError) -> None:
        where = Location(shown(Path(failed.filename)))
        problems.append(error("note-unreadable", where, f"cannot be read: {failed.strerror}"))

    alike: Counter[str] = Counter()
    for folder, folders, files in os.walk(root, onerror=complain):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        problems += _linked((Path(folder, name) for name in folders), inside)
        for name in sorted(files):
            if _is_note_name(name):
                yield Path(folder, name)
            elif (suffix := Path(name).suffix.lower()) in _ALIKE:
                alike[suffix] += 1
    for suffix, count in sorted(alike.items()):
        message = (
            f"files ending in {suffix} ({count}) are not read: give them, or copies, the ending .md"
        )
        problems.append(note("note-ending", Location(shown(root)), message))


def _linked(folders: Iterable[Path], inside: Sequence[Path]) -> Iterator[Problem]:
    """Yield a problem for every link to other notes: links to folders are not followed."""
    for folder in folders:
        if not _is_link(folder) or any(map(folder.resolve().is_relative_to, inside)):
            continue
        if any(map(_is_note_name, _names_in(folder))):
            message = "is a link to a folder, whose notes are not read; give that folder as well"
            yield warning("note-folder-linked", Location(shown(folder)), message)


def _is_link(folder: Path) -> bool:
    return folder.is_symlink() or _is_junction(folder)


_is_junction: Callable[[Path], bool] = getattr(os.path, "isjunction", lambda _: False)
"""Windows' links to folders; Python 3.11 does not tell them from folders, and follows them."""


def _names_in(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208  # names alone
    except OSError:
        return []


def _is_note_name(name: str) -> bool:
    return name.lower().endswith(NOTE_SUFFIXES) and not name.startswith(".")


def _wanted(relative: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    if include and not any(_matches(relative, pattern) for pattern in include):
        return False
    return not any(_matches(relative, pattern) for pattern in exclude)


def _matches(relative: str, pattern: str) -> bool:
    """Return whether a path, or a folder it lies in, fits a glob.

    ``*`` stays inside a folder's name, ``**`` is any number of folders; ``\\`` parts them, too.
    """
    parts = relative.split("/")
    reached = {0}
    pattern = composed(pattern).replace("\\", "/").removeprefix("./").rstrip("/")
    pattern = _DEEP.sub("**/*", pattern)
    for wanted in pattern.split("/"):
        if wanted == "**":
            reached = {*range(min(reached), len(parts) + 1)} if reached else reached
        else:
            reached = {at + 1 for at in reached if fnmatchcase("".join(parts[at : at + 1]), wanted)}
    return any(at <= len(parts) for at in reached)


_DEEP = re.compile(r"(?<![^/])\*\*(?=[^/])")


def _natural(found: Iterable[Found]) -> list[Found]:
    def key(one: Found) -> tuple[object, ...]:
        folder, _, name = one.name.rpartition("/")
        return (_natural_key(folder), _natural_key(name), one.name)

    return sorted(found, key=key)


def _natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key in which ``2.md`` comes before ``10.md``."""
    parts = re.split(r"(\d+)", text.casefold())
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p)


def exists(folder: Path, target: str) -> bool:
    """Return whether a link to *target* from a note in *folder* leads to a file or folder."""
    if not _is_below(target):
        return False
    try:
        return any((folder / f"{target}{suffix}").exists() for suffix in ("", ".md"))
    except (OSError, ValueError):  # too long, or with a zero byte
        return False


def identity_of(file: Path) -> tuple[int, int | str] | None:
    """Return what tells *file* from all others, whatever it is called; None if it is no file.

    Some network disks of Windows number no files: there its name does, whatever its case.
    """
    try:
        about = file.stat()
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(about.st_mode):
        return None
    return about.st_dev, about.st_ino or os.path.realpath(file).casefold()


def note_at(folder: Path, name: str) -> tuple[int, int | str] | None:
    """Return `identity_of` the note file that a lock calls *name*, as the disk may spell it."""
    if not _is_below(name):
        return None
    spellings = (name, unicodedata.normalize("NFD", name))
    return next(filter(None, (identity_of(folder / one) for one in spellings)), None)


def _is_below(path: str) -> bool:
    """Return whether *path* does not begin at a root, which may be another machine's."""
    return not path.startswith(("/", "\\"))


def read_bytes(found: Found) -> tuple[bytes | None, list[Problem]]:
    """Return what is in a note file, or None and why it cannot be read."""
    where = Location(found.path)
    try:
        about = found.file.stat()
        if not stat.S_ISREG(about.st_mode):
            return None, [error("note-unreadable", where, "is not an ordinary file")]
        if about.st_size > MAX_BYTES:
            size = f"is {about.st_size / 2**20:.0f} MiB"
            message = f"{size}; the most is {MAX_BYTES >> 20} MiB: split it"
            return None, [error("note-too-large", where, message)]
        return found.file.read_bytes(), []
    except OSError as failed:
        return None, [error("note-unreadable", where, f"cannot be read: {failed.strerror}")]


def decode(found: Found, data: bytes) -> tuple[SourceFile | None, list[Problem]]:
    """Return a note file as text with ``\\n`` line ends and no byte order mark, and problems.

    The file is None where *data* is no text; what is not UTF-8 is decoded as what it most
    probably is, which a problem names.
    """
    text, problems = _decode(data, Location(found.path))
    if text is None:
        return None, problems
    return SourceFile(found.path, found.name, found.file.parent, _tidy(text)), problems


_LINE_END = re.compile("\r\n?")
_INVISIBLE = "\ufeff\u200b\u2060"
_ODD_SPACE = re.compile(
    r"^([ \t]*(?:>[ \t]?)*(?:\#{1,6}|[-*+]|\d{1,9}[.)]))[\u00a0\u3000]+(?=\S)", re.MULTILINE
)
_MARKS_BEFORE_SIGN = re.compile(r"^[\u200e\u200f]+(?=[#>|`~*+-]|\d+[.)])", re.MULTILINE)


def _tidy(text: str) -> str:
    """Return *text* with one kind of line end, without what nobody sees but Markdown does."""
    text = _LINE_END.sub("\n", text) if "\r" in text else text
    if text.isascii():
        return text.replace("\0", "\ufffd")
    # U+2028 and U+2029 are line ends that someone's editor left; Markdown knows \n alone.
    text = text.replace("\u2028", "\n").replace("\u2029", "\n\n").replace("\0", "\ufffd")
    for mark in _INVISIBLE:
        text = text.replace(mark, "")
    # Whether a character is there at all is found far faster than where it begins a line.
    if "\u200e" in text or "\u200f" in text:
        text = _MARKS_BEFORE_SIGN.sub("", text)
    # A heading is "# " with a space that can be typed: people's keyboards give others as well.
    if "\u00a0" in text or "\u3000" in text:
        text = _ODD_SPACE.sub(r"\1 ", text)
    return text


# Encodings -----------------------------------------------------------------------------------

_BOMS = {b"\xff\xfe\0\0": "utf-32-le", b"\0\0\xfe\xff": "utf-32-be"} | {
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"\xef\xbb\xbf": "utf-8",
}
_NAMES = {
    "big5": "Big5", "cp932": "Shift-JIS", "cp949": "EUC-KR", "cp1251": "Windows-1251",
    "cp1252": "Windows-1252",
}  # fmt: skip
_MANY_LINES = 10
"""Problems with bytes in one file; more of them say nothing new."""


def _decode(data: bytes, where: Location) -> tuple[str | None, list[Problem]]:
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            return _as(data[len(mark) :], encoding, where)
    if b"\0" in data and (encoding := utf16_of(data) or ""):
        return _as(data, encoding, where)
    if data.count(b"\0") * 50 > len(data):
        return None, [error("note-binary", where, "is not text; leave it out with [notes] exclude")]
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        return _as(data, _guess(data), where)


def _guess(data: bytes) -> str:
    """Return the encoding of *data*; mostly valid UTF-8 with a few bad bytes stays UTF-8."""
    lenient = data.decode("utf-8", "replace")
    multibyte = sum(c > "\x7f" and c != "\ufffd" for c in lenient)
    if lenient.count("\ufffd") <= multibyte // 20:
        return "utf-8"
    return encoding_of(data) or "utf-8"


def _as(data: bytes, encoding: str, where: Location) -> tuple[str, list[Problem]]:
    name = _NAMES.get(encoding, encoding.upper().replace("_", "-"))
    problems = []
    if encoding != "utf-8":
        message = f"read as {name}, which it seems to be; save it as UTF-8 to be sure"
        problems.append(note("encoding", where, message))
    try:
        return data.decode(encoding), problems
    except UnicodeDecodeError:
        return data.decode(encoding, "replace"), problems + _bad_bytes(data, encoding, name, where)


_LINE_BYTES = re.compile(rb"[\r\n]")


def _next_line(data: bytes, position: int) -> int:
    found = _LINE_BYTES.search(data, position)
    return found.start() if found else len(data)


def _bad_bytes(data: bytes, encoding: str, name: str, where: Location) -> list[Problem]:
    """Return a problem for each line with bytes that are nothing in *encoding*."""
    lines: dict[int, str] = {}
    position = line = 0
    while True:
        try:
            data[position:].decode(encoding)
            break
        except UnicodeDecodeError as broken:
            start, stop = position + broken.start, position + broken.end
            before = data[position:start].decode(encoding)
            line += _tidy(before).count("\n")
            lines.setdefault(line + 1, data[start:stop].hex(" "))
            if len(lines) > _MANY_LINES:
                break
            position = stop if encoding.startswith(("utf-16", "utf-32")) else _next_line(data, stop)
    message = "is not valid {}: {}; the card shows \ufffd. Save the file as UTF-8"
    problems = [
        warning("encoding-bytes", Location(where.path, number), message.format(name, bad))
        for number, bad in lines.items()
    ]
    if len(problems) > _MANY_LINES:
        text = f"and there are more bytes like these below; is it {name} at all?"
        problems[_MANY_LINES:] = [warning("encoding-bytes", where, text)]
    return problems
