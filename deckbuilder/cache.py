"""What the last run worked out, kept in the platform's cache folder; never believed blindly.

Entries are found by a hash of everything that shapes them, carry a checksum of their content,
and hold nothing but values of ours: one that is damaged, of another version or half-written
is as good as none. Nothing in here is needed: a build without a cache gives the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache, lru_cache, partial
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar, cast
from zlib import crc32

from deckbuilder import model, problems
from deckbuilder.replacing import instead_of
from deckbuilder.versions import versions

_Value = TypeVar("_Value")

MAX_BYTES = 2 * 2**30
"""The folder is swept to half of this once it is larger; what was not used longest goes first."""
_SWEEP_EVERY = 24 * 3600
"""Seconds; looking through a large cache takes longer than a small build."""

_DAMAGED = (
    pickle.UnpicklingError, ValueError, TypeError, AttributeError, EOFError, ImportError,
    IndexError, KeyError, MemoryError, OverflowError,
)  # fmt: skip


# Values as bytes -----------------------------------------------------------------------------

_CLASSES = {
    (kind.__module__, name): kind
    for module in (model, problems)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, (Enum, tuple)))
}


def _reducer(kind: type[Any]) -> Callable[[Any], tuple[type, tuple[object, ...]]]:
    """Return what takes a value apart: by position, which is read back twice as fast."""
    if issubclass(kind, tuple):
        return lambda value: (kind, (tuple(value),))
    values = attrgetter(*(field.name for field in fields(kind)))  # each has several
    return lambda value: (kind, values(value))


_MAKERS: dict[tuple[str, str], Callable[..., object]] = {
    name: partial(tuple.__new__, kind) if issubclass(kind, tuple) else kind
    for name, kind in _CLASSES.items()
}
"""What puts them together again; a tuple with names, too, without a line of Python."""

_REDUCERS = {kind: _reducer(kind) for kind in _CLASSES.values() if not issubclass(kind, Enum)}

_path = lru_cache(maxsize=4096)(Path)
"""A kept path as a path; many notes show the same file."""


class _OnlyOurs(pickle.Unpickler):
    """Loads values of ours and nothing that could run."""

    def find_class(self, module: str, name: str) -> object:
        # Python 3.13 calls the module by another name than all others.
        if module.partition(".")[0] == "pathlib" and name in {"PosixPath", "WindowsPath"}:
            return _path
        if (module, name) not in _MAKERS:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in the cache")
        return _MAKERS[module, name]


def pack(value: object) -> bytes:
    """Return a value of ours as bytes."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCERS
    pickler.dump(value)
    return buffer.getvalue()


def unpack(data: bytes) -> object:
    """Return the value that `pack` made *data* of. Raises one of `_DAMAGED` for other bytes."""
    return _OnlyOurs(io.BytesIO(data)).load()


@cache
def _begun(kind: str) -> hashlib._Hash:
    digest = hashlib.sha256()
    _add(digest, kind.encode(), versions().encode())
    return digest


def _add(digest: hashlib._Hash, *parts: bytes) -> None:
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)


def _checksum(data: bytes) -> bytes:
    return crc32(data).to_bytes(4)


# The folder ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of results."""

    folder: Path

    def key(self, kind: str, *parts: bytes) -> str:
        """Return the name of an entry: a hash of *parts* and of all versions."""
        digest = _begun(kind).copy()
        _add(digest, *parts)
        return f"{kind}-{digest.hexdigest()[:40]}"

    def load(self, key: str) -> object | None:
        """Return the value kept as *key*, or None where there is none that is whole."""
        data = self.load_bytes(key)
        try:
            return None if data is None else unpack(data)
        except _DAMAGED:
            return None

    def kept(self, key: str, make: Callable[[], _Value]) -> _Value:
        """Return the value kept as *key*, or what *make* gives, which is kept from then on."""
        value = self.load(key)
        if value is None:
            value = make()
            self.save(key, value)
        return cast(_Value, value)

    def holds(self, key: str) -> bool:
        """Return whether something is kept as *key*, whole or not."""
        return bool(key) and os.path.exists(self._path(key))  # noqa: PTH110  # refused is no

    def load_bytes(self, key: str) -> bytes | None:
        """Return the bytes kept as *key*, or None where there are none that are whole."""
        try:
            with self._path(key).open("rb", buffering=0) as file:
                checksum, data = file.read(4), file.read()
        except OSError:
            return None
        return data if _checksum(data) == checksum else None

    def save(self, key: str, value: object) -> None:
        """Keep a value of ours; a full or read-only disk just means that nothing is kept."""
        self.save_bytes(key, pack(value))

    def save_bytes(self, key: str, data: bytes) -> None:
        """Keep *data* as *key*, whole or not at all."""
        path, whole = self._path(key), _checksum(data) + data
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with instead_of(path) as new:
                new.write_bytes(whole)

    def _path(self, key: str) -> Path:
        return self.folder / key[-2:] / key

    def sweep(self, limit: int = MAX_BYTES) -> None:
        """Remove what was not used longest where the folder holds more than *limit* bytes.

        Looks only where that was not done within the last day.
        """
        mark = self.folder / "swept"
        now = time.time()  # noqa: TID251  # the age of a file, never part of a result
        with contextlib.suppress(OSError):
            if now - mark.stat().st_mtime < _SWEEP_EVERY:
                return
        with contextlib.suppress(OSError):
            mark.touch()
        entries = sorted(self._entries())
        total = sum(size for _, size, _ in entries)
        keep = limit // 2 if total > limit else limit
        for _, size, path in entries:
            if total <= keep:
                break
            with contextlib.suppress(OSError):
                Path(path).unlink()
                total -= size

    def _entries(self) -> Iterator[tuple[float, int, str]]:
        """Yield when each file was last used, its size and path; fetched pictures are not ours."""
        with contextlib.suppress(OSError):
            for entry in os.scandir(self.folder):
                shelf = entry.is_dir() and len(entry.name) == 2
                for file in os.scandir(entry.path) if shelf else [entry]:
                    if file.is_file():
                        about = file.stat()
                        yield max(about.st_atime, about.st_mtime), about.st_size, file.path
