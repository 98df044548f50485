"""What a kept result depends on beside its input: this program, the libraries, Python."""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache
from pathlib import Path

_CODE = (".py", ".html", ".css", ".js", ".txt")


@cache
def versions() -> str:
    """Return a hash that differs wherever program, libraries or Python do.

    Libraries are told by the names of what is installed, which hold their versions; the
    program by the sizes and times of its files, so that its development is safe too.
    """
    told = "\n".join((sys.version, *_installed(), _own_code()))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _installed() -> list[str]:
    names: set[str] = set()
    for folder in sys.path:
        try:
            with os.scandir(folder or ".") as entries:
                names.update(one.name for one in entries if one.name.endswith("-info"))
        except OSError:
            continue
    return sorted(names)


def _own_code() -> str:
    digest = hashlib.sha256()
    for base, folders, names in os.walk(Path(__file__).parent):
        folders.sort()
        for name in sorted(names):
            if name.endswith(_CODE):
                about = Path(base, name).stat()
                digest.update(f"{base}/{name} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()
