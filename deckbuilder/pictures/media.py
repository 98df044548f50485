"""Find and check the pictures, sounds and films that notes show.

Nothing is decoded here: `find` says which file a reference means and what it is called in the
package, or which of a few named things is wrong with it. `scaling` makes what is packed.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from urllib.parse import unquote

from deckbuilder.characters import composed
from deckbuilder.model import Embedded, Finding, MediaFile, Remark, Unresolved
from deckbuilder.pictures.embedded import embedded
from deckbuilder.pictures.media_types import (
    HEAD_BYTES,
    MAX_FILE_BYTES,
    SUFFIXES,
    MediaType,
    media_name,
    sniff,
    what_it_is,
)
from deckbuilder.problems import Severity, shown

MAX_LISTED = 200_000
"""Folder entries looked through, in all, when a picture is searched by its name."""


@dataclass(frozen=True, slots=True)
class _Hit:
    path: str
    exact: bool
    """False where letters differ in case from the reference."""
    shared: int = 0
    """Of one that was found by its name: how many parts of the two paths agree, from the end."""


@dataclass(slots=True)
class _Memo:
    """What one process has learnt; files are taken not to change within a run."""

    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    real: dict[str, str] = field(default_factory=dict)
    folders: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    files: dict[str, MediaFile | Unresolved] = field(default_factory=dict)
    names: dict[str, list[str]] | None = None
    cut: bool = False
    """True where `MAX_LISTED` ended the search by name."""


@dataclass(frozen=True, slots=True)
class MediaLibrary:
    """Where pictures, sounds and films may come from; may be sent to other processes."""

    notes: tuple[str, ...]
    """Real paths of the notes folders."""
    media: tuple[str, ...]
    """Real paths of the media folders."""
    max_width: int
    """In pixels; part of the pictures' names. 0: never scaled."""
    _memo: _Memo = field(default_factory=_Memo, init=False, repr=False, compare=False)

    @classmethod
    def scan(
        cls,
        notes_folders: Sequence[Path],
        media_folders: Sequence[Path],
        *,
        max_width: int,
    ) -> MediaLibrary:
        """Return the library of these folders; those that do not exist are left out.

        Links are resolved here; folders are listed only when a reference asks for it.
        """
        return cls(_real_folders(notes_folders), _real_folders(media_folders), max_width)

    def find(self, reference: str, *, beside: Path) -> Finding:
        """Return which file *reference* means in a note that lies in folder *beside*.

        Looked for beside the note, in the folders above it up to the notes folder, in the
        notes and media folders, and at last by its name in all of them. The file lies in one of
        these folders even after links are resolved (P9). Never raises.
        """
        folder = os.fspath(beside)
        finding = self._memo.findings.get((reference, folder))
        if finding is None:
            finding = self._search(reference, self._real(folder))
            self._memo.findings[reference, folder] = finding
        return finding

    def embedded(self, reference: str) -> Embedded | Unresolved:
        """Return the picture that *reference* holds, which is a ``data:`` address."""
        return embedded(reference, max_width=self.max_width)

    def _search(self, reference: str, beside: str) -> Finding:
        refused = _refusal(reference)
        if refused:
            message = f"{_quoted(reference)} {refused}"
            return Finding(Unresolved("image-name-invalid", message))
        failures: list[Unresolved] = []
        spellings = _spellings(self._resource(reference))
        for spelling in spellings:
            climbs, parts = _split(spelling)
            if self._target_outside(beside, spelling):
                failures.append(_outside(reference))
            for base, rest in self._places(spelling, climbs, parts, beside):
                hit = self._locate(base, rest)
                finding = hit and self._accept(reference, hit, failures)
                if finding:
                    return finding
        if any(os.path.lexists(self._target_outside(beside, one)) for one in spellings):
            return Finding(_outside(reference))  # what it names is there: no other will do
        return self._search_by_name(reference, spellings, beside, failures)

    def _resource(self, reference: str) -> str:
        """Return the name of the file that *reference* means where Joplin wrote it; else itself."""
        found = _RESOURCE.fullmatch(reference)
        if found is None:
            return reference
        return next((one for one in self._names() if one.startswith(f"{found[1]}.")), reference)

    def _places(
        self, spelling: str, climbs: int, parts: tuple[str, ...], beside: str
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield folder and path below it, in the order of looking."""
        if not spelling.startswith("/"):
            target = os.path.normpath(Path(beside, *[".."] * climbs, *parts))
            for root in self._roots():
                if _within(target, root):
                    yield root, tuple(Path(target).relative_to(root).parts)
                    break
            for above in self._above(beside):
                yield above, parts
        for root in self._roots():
            yield root, parts
        for root in self.media:
            if parts and _folded(parts[0]) == _folded(Path(root).name):
                yield root, parts[1:]

    def _roots(self) -> tuple[str, ...]:
        return (*self.notes, *self.media)

    def _above(self, beside: str) -> Iterator[str]:
        """Yield the folders from above *beside* up to its notes folder."""
        root = max((r for r in self.notes if _within(beside, r)), key=len, default=beside)
        while beside != root:
            beside = str(Path(beside).parent)
            yield beside

    def _target_outside(self, beside: str, spelling: str) -> str:
        """Return where a relative path leads, if that is outside all folders; else nothing."""
        target = os.path.normpath(Path(beside, spelling))
        return "" if spelling.startswith("/") or self._allowed(target) else target

    def _real(self, path: str) -> str:
        if path not in self._memo.real:
            self._memo.real[path] = os.path.realpath(path)
        return self._memo.real[path]

    def _allowed(self, real: str) -> bool:
        return any(_within(real, root) for root in self._roots())

    def _locate(self, base: str, parts: tuple[str, ...]) -> _Hit | None:
        """Return what lies at *parts* below *base*, if need be by another spelling of it."""
        path = str(Path(base, *parts))
        there = _Hit(path, exact=True) if os.path.lexists(path) else None
        # Where case does not matter to the disk, the listing tells what the file is called.
        if there and not os.path.lexists(Path(base, *map(str.swapcase, parts))):
            return there
        path, exact = base, True
        for part in parts:
            names = self._listing(path).get(_folded(part), [])
            same = [name for name in names if composed(name) == composed(part)]
            if not names:
                return there
            exact = exact and bool(same)
            path = str(Path(path, (same or names)[0]))
        return _Hit(path, exact)

    def _listing(self, folder: str) -> dict[str, list[str]]:
        """Return the names in *folder*, sorted, by their folded form; {} if not to be read."""
        if folder not in self._memo.folders:
            found: dict[str, list[str]] = {}
            if self._allowed(self._real(folder)):
                for entry in _entries(folder):
                    found.setdefault(_folded(entry.name), []).append(entry.name)
            self._memo.folders[folder] = found
        return self._memo.folders[folder]

    def _accept(
        self, reference: str, hit: _Hit, failures: list[Unresolved], remark: Remark | None = None
    ) -> Finding | None:
        """Return what was found if *hit* is the end of the search; else note why it is not."""
        try:
            real = os.path.realpath(hit.path, strict=True)
        except OSError:  # a link to nowhere, or in a circle
            return None
        if not self._allowed(real):
            failures.append(_outside(reference))
            return None
        result = self._examined(real)
        if isinstance(result, Unresolved):
            result = Unresolved(result.code, f"{_quoted(reference)} {result.message}")
            if result.code == "image-not-a-file":
                failures.insert(0, result)
                return None
        elif not hit.exact and not remark:
            remark = Remark(Severity.NOTE, "image-case", _case_message(reference, real))
        return Finding(result, remark)

    def _examined(self, real: str) -> MediaFile | Unresolved:
        if real not in self._memo.files:
            self._memo.files[real] = self._examine(real)
        return self._memo.files[real]

    def _examine(self, real: str) -> MediaFile | Unresolved:
        """Return the file with its name in the package, or what is wrong with it."""
        try:
            # A FIFO would block, a link put here in between is not followed.
            flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
            with os.fdopen(os.open(real, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
                about = os.fstat(file.fileno())
                if not stat.S_ISREG(about.st_mode):
                    return _not_a_file(about.st_mode)
                if about.st_size > MAX_FILE_BYTES:
                    return _too_large(about.st_size)
                head = file.read(HEAD_BYTES)
                media = sniff(head)
                if media is None:
                    return Unresolved("image-unknown-type", what_it_is(head))
                file.seek(0)
                digest = _digest(file, media)
        except OSError as problem:
            return _unreadable(real, problem)
        name = media_name(Path(real).stem, digest, media, max_width=self.max_width)
        return MediaFile(name, Path(real))

    # By name alone ---------------------------------------------------------------------------

    def _search_by_name(
        self, reference: str, spellings: Sequence[str], beside: str, failures: list[Unresolved]
    ) -> Finding:
        for spelling in spellings:
            _, parts = _split(spelling)
            ranked = self._ranked(parts, beside) if parts else []
            for hit in ranked:
                remark = self._by_name_remark(reference, parts, hit, ranked)
                finding = self._accept(reference, hit, failures, remark)
                if finding:
                    return finding
        if failures:
            return Finding(failures[0])
        if spellings[0].startswith("/") and os.path.lexists(spellings[0]):
            return Finding(_outside(reference))
        return Finding(self._missing(reference, beside))

    def _ranked(self, parts: tuple[str, ...], beside: str) -> list[_Hit]:
        """Return all files of that name, the best first.

        Most of the path agrees, same case, nearest to the note, first by name.
        """

        def rank(hit: _Hit) -> tuple[object, ...]:
            return -hit.shared, not hit.exact, _distance(hit.path, beside), hit.path

        wanted, name = [_folded(part) for part in parts], composed(parts[-1])
        found = (
            _Hit(path, composed(Path(path).name) == name, _shared_tail(wanted, path))
            for path in self._names().get(wanted[-1], [])
        )
        return sorted(found, key=rank)

    def _names(self) -> dict[str, list[str]]:
        """Return all files in all folders by their folded name; hidden ones are left out."""
        if self._memo.names is None:
            self._memo.names = {}
            for path in self._walk():
                self._memo.names.setdefault(_folded(Path(path).name), []).append(path)
        return self._memo.names

    def _walk(self) -> Iterator[str]:
        # Breadth first, so that the limit cuts off what lies deepest.
        waiting, seen, listed = deque(self._roots()), set(self._roots()), 0
        while waiting:
            for entry in _entries(waiting.popleft()):
                listed += 1
                if listed > MAX_LISTED:
                    self._memo.cut = True
                    return
                if entry.name.startswith("."):
                    continue
                if not _is_folder(entry):
                    yield entry.path
                elif entry.path not in seen:
                    seen.add(entry.path)
                    waiting.append(entry.path)

    def unused(self, shown_files: Iterable[Path]) -> list[str]:
        """Return the pictures, sounds and films in all folders that are not among those given."""
        real = {os.path.realpath(path) for path in {*map(str, shown_files)}}
        return sorted(
            shown(path)
            for path in self._walk()
            if path.rpartition(".")[2].lower() in SUFFIXES and os.path.realpath(path) not in real
        )

    def _by_name_remark(
        self, reference: str, parts: tuple[str, ...], hit: _Hit, ranked: Sequence[_Hit]
    ) -> Remark | None:
        level = (hit.shared, hit.exact)
        alike = [one.path for one in ranked if (one.shared, one.exact) == level]
        rivals = [path for path in alike if path != hit.path]
        took = shown(hit.path)
        if any(self._differ(hit.path, rival) for rival in rivals):
            return Remark(
                Severity.WARNING,
                "image-ambiguous",
                f"{_quoted(reference)} could be {len(alike)} files; took {took} "
                f"(also {_listed(map(shown, rivals))}): write the path",
            )
        if len(parts) == 1 or hit.shared > 1:
            return None
        in_media = any(_within(hit.path, root) for root in self.media)
        return Remark(
            Severity.NOTE if in_media else Severity.WARNING,
            "image-by-name",
            f"{_quoted(reference)} is not at that path; took {took} of the same name",
        )

    def _differ(self, path: str, rival: str) -> bool:
        first, second = (self._content(os.path.realpath(each)) for each in (path, rival))
        return second != "" and first != second

    def _content(self, real: str) -> str:
        """Return the name that stands for the content, or '' where there is none to pack."""
        result = self._examined(real) if self._allowed(real) else None
        return result.name if isinstance(result, MediaFile) else ""

    def _missing(self, reference: str, beside: str) -> Unresolved:
        places = dict.fromkeys((beside, *self._above(beside), *self._roots()))
        looked = _listed(shown(place) for place in places)
        cut = f" (by name only among {MAX_LISTED} files)" if self._memo.cut else ""
        message = f"{_quoted(reference)} not found; looked in {looked}{cut}"
        return Unresolved("image-missing", message)


# Spelling ------------------------------------------------------------------------------------

# "Fig 1: loss.png" is a name; what is known to be an address, or looks like one, is none.
_SCHEME = re.compile(
    r"(?:about|blob|cid|content|data|https?|javascript|mailto|vbscript):|[a-z][a-z0-9+.-]+://",
    re.IGNORECASE,
)
_OF_ONE_MACHINE = re.compile(r"[a-z]:(?:[\\/]|$)|[\\/]{2}|file:", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MAX_REFERENCE = 4096


_RESOURCE = re.compile(r":/([0-9a-f]{32})")
"""How Joplin names a picture; its file is called so, whatever its ending."""


def _refusal(reference: str) -> str:
    """Return why *reference* cannot name a file of the notes; '' if it can."""
    plain = unquote(reference, errors="surrogateescape")
    if not plain.strip():
        return "names no file"
    if len(reference) > _MAX_REFERENCE:
        return f"is longer than {_MAX_REFERENCE} characters"
    if _CONTROL.search(plain):
        return "holds a control character"
    if plain.startswith("attachment:"):
        return "is in the notebook that this was exported from: save it beside the note"
    if _OF_ONE_MACHINE.match(plain):
        return "is a path on one machine: put the file beside the note, and write its name alone"
    if _SCHEME.match(plain):
        return "is an address, not a file in the notes or media folder"
    return ""


def _spellings(reference: str) -> list[str]:
    """Return what the author may have meant, the likeliest first, with ``/``."""
    reference = reference.strip()
    cut = re.split(r"[?#]", reference, maxsplit=1)[0]
    plain = [unquote(each, errors="surrogateescape") for each in (reference, cut)]
    spellings = (plain[0], reference, plain[1], cut)
    return list(dict.fromkeys(each.replace("\\", "/") for each in spellings if each))


def _split(spelling: str) -> tuple[int, tuple[str, ...]]:
    """Return how many folders *spelling* goes up, and its path from there."""
    climbs, parts = 0, list[str]()
    for part in spelling.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part == "..":
            climbs += 1
        elif part not in ("", "."):
            parts.append(part)
    return climbs, tuple(parts)


def _distance(path: str, folder: str) -> int:
    """Return how many steps lead from *folder* to *path*."""
    try:
        return len(Path(os.path.relpath(path, folder)).parts)
    except ValueError:  # another drive
        return len(Path(path).parts) + len(Path(folder).parts)


def _folded(name: str) -> str:
    return composed(composed(name).casefold())


def _shared_tail(wanted: Sequence[str], path: str) -> int:
    """Return how many parts agree, counted from the end."""
    count = 0
    for want, part in zip(reversed(wanted), reversed(Path(path).parts), strict=False):
        if want != _folded(part):
            break
        count += 1
    return count


# Files and messages --------------------------------------------------------------------------


def _real_folders(folders: Iterable[Path]) -> tuple[str, ...]:
    real = (os.path.realpath(folder) for folder in folders)
    return tuple(dict.fromkeys(folder for folder in real if Path(folder).is_dir()))


def _within(path: str, root: str) -> bool:
    return path == root or path.startswith(root if root.endswith(os.sep) else root + os.sep)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _quoted(reference: str) -> str:
    plain = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", unquote(reference))
    return f"'{plain if len(plain) <= 120 else plain[:117] + '…'}'"


def _listed(places: Iterable[str]) -> str:
    names = list(places)
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _outside(reference: str) -> Unresolved:
    message = f"{_quoted(reference)} lies outside the notes and media folders: copy it into one"
    return Unresolved("image-outside", message)


def _case_message(reference: str, real: str) -> str:
    return f"{_quoted(reference)} is {Path(real).name} on disk: other systems will not find it"


_MODES = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def _digest(file: BufferedReader, media: MediaType) -> str:
    """Return the SHA-256 of a file; of text the same whatever line ends git gave it here."""
    if media.source == "svg":
        return hashlib.sha256(file.read().replace(b"\r\n", b"\n")).hexdigest()
    return hashlib.file_digest(file, "sha256").hexdigest()


def _not_a_file(mode: int) -> Unresolved:
    what = next((name for test, name in _MODES if test(mode)), "no file")
    return Unresolved("image-not-a-file", f"is {what}, not a file")


def _too_large(size: int) -> Unresolved:
    most = f"{MAX_FILE_BYTES / 2**20:g} MiB"
    message = f"is {size / 2**20:.0f} MiB; files over {most} never sync: make it smaller"
    return Unresolved("image-too-large", message)


def _unreadable(real: str, problem: OSError) -> Unresolved:
    # open() of a socket or of a device without a driver fails before fstat could tell.
    try:
        mode = Path(real).stat().st_mode
    except OSError:
        mode = stat.S_IFREG
    if not stat.S_ISREG(mode):
        return _not_a_file(mode)
    return Unresolved("image-unreadable", f"cannot be read: {problem.strerror or problem}")
