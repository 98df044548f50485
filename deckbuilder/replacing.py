"""Files of ours are replaced whole or not at all, by one build at a time.

What a build writes lies beside its target under a name of its own until it is complete. A
process that was killed leaves such a file behind; the next build sweeps it away.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import IO, Final

_WAIT: Final = 30.0
"""Seconds to wait for another build that is writing."""
_HELD: Final = 2.0
"""Seconds to wait for who holds a file open on Windows: virus scanners read what is new."""


@contextlib.contextmanager
def instead_of(target: Path) -> Iterator[Path]:
    """Give a name beside *target*: the file written there takes its place, if nothing fails."""
    temporary = _temporary(target)
    try:
        yield temporary
        _rename(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def put(target: Path, parts: Iterable[bytes]) -> None:
    """Replace the file *target* as `putting` does, at once."""
    with putting(target, parts):
        pass


@contextlib.contextmanager
def putting(target: Path, parts: Iterable[bytes]) -> Iterator[None]:
    """Replace the file *target* by one that holds *parts*, if nothing fails in the block.

    The new file is on the disk before the name points to it, so that a crash leaves the old
    one or the new one. It has the old one's mode.
    """
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with instead_of(target) as temporary:
        with temporary.open("wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        if target.is_file():
            with contextlib.suppress(OSError):  # not every disk has modes
                temporary.chmod(target.stat().st_mode & 0o777)
        yield
    _sync(target.parent)


def move(source: Path, target: Path) -> None:
    """Put the complete file *source* in the place of *target*, on the same file system."""
    _rename(source, target)
    _sync(target.parent)


def _rename(source: Path, target: Path) -> None:
    """Rename *source* to *target*; where a file is open elsewhere, Windows refuses meanwhile."""
    end = time.monotonic() + _HELD
    while True:
        try:
            source.replace(target)
        except PermissionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


@contextlib.contextmanager
def folder_beside(target: Path) -> Iterator[Path]:
    """Give a folder on the file system of *target*, which is gone at the end."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = _temporary(target)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Make a renaming in *folder* last through a power cut, where the system can promise it.

    Windows has no handle on a folder, and many network disks cannot sync one.
    """
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def reason(failed: OSError) -> str:
    """Return what went wrong and what to do about it, for people."""
    held = "" if os.name == "posix" else "close the program that has it open, "
    denied = f"access is denied; {held}change its permissions or choose another place"
    advice = {
        errno.ENOSPC: "the disk is full; make room and run again",
        errno.EDQUOT: "your quota on this disk is used up; make room and run again",
        errno.EFBIG: "the file grows larger than this system allows; choose another place",
        errno.EROFS: "the disk is read-only; choose another place",
        errno.EACCES: denied,
        errno.EPERM: denied,
        errno.EISDIR: "is a folder; name a file",
        errno.ENOTDIR: "a part of this path is a file, not a folder; choose another place",
        errno.EEXIST: "a part of this path is a file, not a folder; choose another place",
        errno.ENAMETOOLONG: "the name is too long for this disk; choose a shorter one",
    }
    return advice.get(failed.errno or 0) or f"the system says: {failed.strerror or failed}"


# Temporaries ---------------------------------------------------------------------------------


def _mark(target: Path) -> str:
    return hashlib.sha256(os.fsencode(target.name)).hexdigest()[:8]


_numbers = count()


def _temporary(target: Path) -> Path:
    """Return a name beside *target* that no other process and no other thread uses."""
    name = f".deckbuilder-{_mark(target)}-{os.getpid()}-{next(_numbers)}.tmp"
    return target.with_name(name)


def of_ours(path: Path) -> bool:
    """Return whether *path* is a temporary, which no message should name."""
    return any(part.startswith(".deckbuilder-") for part in path.parts)


def sweep(target: Path) -> None:
    """Remove what killed builds left beside *target*, which this process is not writing yet."""
    target = target.resolve()
    _sweep(target.parent, _mark(target), own=True)


def sweep_folder(folder: Path) -> None:
    """Remove what killed processes left in *folder*, where threads of this one may be writing."""
    _sweep(folder, "[0-9a-f]{8}", own=False)


def _sweep(folder: Path, mark: str, *, own: bool) -> None:
    """Remove what ended processes left, and under our own number an earlier one, if *own*."""
    pattern = re.compile(rf"\.deckbuilder-{mark}-(\d+)-\d+\.tmp")
    with contextlib.suppress(OSError):
        for entry in sorted(folder.iterdir()):
            found = pattern.fullmatch(entry.name)
            process = int(found[1]) if found else 0
            if found and (own if process == os.getpid() else not _alive(process)):
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry, ignore_errors=True)
                else:
                    entry.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    """Return whether *process* goes on; Windows itself keeps what a process still writes."""
    if os.name != "posix":
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


# One at a time -------------------------------------------------------------------------------


@contextlib.contextmanager
def alone(target: Path) -> Iterator[None]:
    """Keep other builds from replacing *target* meanwhile.

    The system itself frees what a killed process held, so nothing can be stale. Where the
    folder takes no such file (read-only, some network disks), the build goes on without.
    """
    path = target.resolve()
    path = path.with_name(f".deckbuilder-{_mark(path)}.busy")
    file = _taken(path)
    try:
        yield
    finally:
        if file is not None:
            if os.name != "posix":
                file.close()  # nothing can be removed there while it is open
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            file.close()


def _taken(path: Path) -> IO[bytes] | None:
    end = time.monotonic() + _WAIT
    while True:
        try:
            file = path.open("a+b")
        except OSError:
            return None
        try:
            _lock(file, path)
            return file
        except (BlockingIOError, FileNotFoundError):
            file.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        except OSError:
            file.close()
            return None


def _lock(file: IO[bytes], path: Path) -> None:
    """Lock *file*, which lies at *path*. Raises BlockingIOError where another process has it."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError as taken:  # other errors: this disk locks nothing
            raise BlockingIOError(*taken.args) from None
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The one who held it before may have removed it: then this is nobody's file.
        if not os.path.samestat(os.fstat(file.fileno()), path.stat()):
            raise BlockingIOError
