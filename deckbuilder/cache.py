"""What the last run worked out, kept in the platform's cache folder; never believed blindly.

Entries are found by a hash of everything that shapes them, carry a digest of their content,
and hold nothing but values of ours: one that is damaged, of another version or half-written
is as good as none. Nothing in here is needed: a build without a cache gives the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from deckbuilder import __version__, model, problems

MAX_BYTES = 2 * 2**30
"""The folder is swept to half of this once it is larger; the oldest entries go first."""
_LIBRARIES = (
    "markdown-it-py", "mdit-py-plugins", "Pygments", "beautifulsoup4", "nh3", "mmdr", "PyYAML",
    "Pillow", "lxml", "tinycss2",
)  # fmt: skip


def default_folder() -> Path:
    """Return the platform's cache folder for this program."""
    from platformdirs import user_cache_path

    return user_cache_path("deckbuilder", appauthor=False)


@cache
def versions() -> str:
    """Return what a cached result depends on beside its input: program, libraries, Python."""
    from importlib.metadata import PackageNotFoundError, version

    found = [f"deckbuilder {__version__} {_own_code()}", sys.version]
    for name in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return "\n".join(found)


def _own_code() -> str:
    """Return a hash of the program's files' sizes and times, so that development is safe too."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".py", ".html", ".css", ".txt"}:
            about = path.stat()
            digest.update(
                f"{path.relative_to(folder)} {about.st_size} {about.st_mtime_ns}".encode()
            )
    return digest.hexdigest()


class _OnlyOurs(pickle.Unpickler):
    """Loads values of ours and nothing that could run."""

    def find_class(self, module: str, name: str) -> object:
        if module in {model.__name__, problems.__name__}:
            return super().find_class(module, name)
        if (module, name) in {("pathlib", "PosixPath"), ("pathlib", "WindowsPath")}:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} has no place in the cache")


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of results; may be sent to other processes."""

    folder: Path

    def key(self, kind: str, parts: Iterable[str]) -> str:
        """Return the name of an entry: a hash of *parts* and of all versions."""
        digest = hashlib.sha256()
        for part in (kind, versions(), *parts):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(data))
            digest.update(data)
        return f"{kind}-{digest.hexdigest()[:40]}"

    def load(self, key: str) -> object | None:
        """Return the value kept as *key*, or None where there is none that is whole."""
        data = self.load_bytes(key)
        if data is None:
            return None
        try:
            return _OnlyOurs(io.BytesIO(data)).load()  # type: ignore[no-any-return]
        except (pickle.UnpicklingError, ValueError, TypeError, AttributeError, EOFError,
                ImportError, IndexError, KeyError, MemoryError):  # fmt: skip
            return None

    def load_bytes(self, key: str) -> bytes | None:
        """Return the bytes kept as *key*, or None where there are none that are whole."""
        try:
            with self._path(key).open("rb") as file:
                digest, data = file.read(32), file.read()
        except OSError:
            return None
        return data if hashlib.sha256(data).digest() == digest else None

    def save(self, key: str, value: object) -> None:
        """Keep a value of ours; a full or read-only disk just means that nothing is kept."""
        self.save_bytes(key, pickle.dumps(value, pickle.HIGHEST_PROTOCOL))

    def save_bytes(self, key: str, data: bytes) -> None:
        """Keep *data* as *key*, whole or not at all."""
        path = self._path(key)
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with temporary.open("wb") as file:
                file.write(hashlib.sha256(data).digest())
                file.write(data)
            temporary.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / key[-2:] / key

    def sweep(self, limit: int = MAX_BYTES) -> None:
        """Remove the oldest entries where the folder holds more than *limit* bytes."""
        entries = []
        with contextlib.suppress(OSError):
            for folder in os.scandir(self.folder):
                if folder.is_dir():
                    entries += [(e.stat().st_mtime, e.stat().st_size, e.path)
                                for e in os.scandir(folder.path)]  # fmt: skip
        total = sum(size for _, size, _ in entries)
        if total <= limit:
            return
        for _, size, path in sorted(entries):
            with contextlib.suppress(OSError):
                Path(path).unlink()
                total -= size
            if total <= limit // 2:
                break
