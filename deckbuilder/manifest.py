"""Nothing changed? Said from file times alone, before anything heavy is imported.

A build leaves a manifest: what it read and wrote, and what a run that finds all of that
unchanged would say. The next run with the same request compares sizes and times; where all
are as they were, it says that and is done. In doubt the answer is no, and the build runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from deckbuilder.versions import versions

_TICK_NS = 200_000_000
"""A file changed this shortly before it was looked at may change again within one tick of the
file system's clock, unseen; nothing is remembered of such a run."""
_SLOW_TICK_NS = 2_000_000_000
"""The same for a time of whole seconds: FAT, and some network disks, know no parts of them."""

_About = list[int] | None
"""Size, times and number of a file; None of one that is not there."""
State = dict[str, _About]
"""Path -> what the file was like."""


class Seen(NamedTuple):
    """What some files and folders were like at one moment."""

    folders: tuple[str, ...]
    files: tuple[str, ...]
    state: State
    """Of the files, and of every file below the folders."""
    at_ns: int
    """When, in nanoseconds since the epoch."""


class Manifest(NamedTuple):
    """What a run with nothing to do says."""

    problems: tuple[str, ...]
    summary: tuple[str, ...]
    report: str
    """As `--report` writes it."""
    notes: int
    """How many the deck has."""
    holds: bool = True
    """Whether everything that it names is as it was."""


def look(folders: Iterable[Path], files: Iterable[Path]) -> Seen:
    """Return what *files* and everything below *folders* are like now."""
    inside = tuple(sorted({str(folder.absolute()) for folder in folders}))
    single = tuple(sorted({str(file.absolute()) for file in files}))
    return Seen(inside, single, _state(inside, single), time.time_ns())


def _state(folders: Sequence[str], files: Sequence[str]) -> State:
    state = {file: _about(file) for file in files}
    for folder in folders:
        for base, below, names in os.walk(folder):
            below[:] = [name for name in below if not name.startswith(".")]
            paths = (f"{base}{os.sep}{name}" for name in names if not name.startswith("."))
            state.update((path, _about(path)) for path in paths)
    return state


def _about(file: str) -> _About:
    try:
        about = os.stat(file)  # noqa: PTH116  # thousands of files: half the time
    except OSError:
        return None
    return [about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino]


# Kept ----------------------------------------------------------------------------------------


def path_for(cache: Path, request: Sequence[str]) -> Path:
    """Return where the manifest of a request lies; *request* is all that shapes the run."""
    digest = hashlib.sha256("\0".join((str(Path.cwd()), *request)).encode("utf-8", "surrogatepass"))
    return cache / f"unchanged-{digest.hexdigest()[:32]}.json"


def load(path: Path) -> Manifest | None:
    """Return the manifest at *path*, or None where there is none of this very program."""
    try:
        data = json.loads(path.read_text("utf-8", "surrogatepass"))
        if data["program"] != versions():
            return None
        holds = _state(data["folders"], data["files"]) == data["state"]
        said = tuple(data["problems"]), tuple(data["summary"]), data["report"]
        return Manifest(*said, data["notes"], holds)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def save(path: Path, manifest: Manifest, seen: Seen, wrote: Iterable[Path]) -> None:
    """Keep *manifest* for as long as all is as it is now.

    *seen* is from before anything was read. What changed since then, or just before, may have
    been read as it was or as it is: then nothing is kept. *wrote* are the run's own files.
    """
    own = {str(file.absolute()) for file in wrote}
    now = _state(seen.folders, seen.files)
    before = {file: about for file, about in seen.state.items() if file not in own}
    if before != {file: about for file, about in now.items() if file not in own}:
        return
    if any(about and _is_fresh(about, seen.at_ns) for about in before.values()):
        return
    data = {
        "program": versions(),
        "folders": seen.folders,
        "files": seen.files,
        "state": now,
        "problems": manifest.problems,
        "summary": manifest.summary,
        "report": manifest.report,
        "notes": manifest.notes,
    }
    from deckbuilder.replacing import instead_of

    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with instead_of(path) as new:
            new.write_text(json.dumps(data, ensure_ascii=False), "utf-8", "surrogatepass")


def _is_fresh(about: list[int], at_ns: int) -> bool:
    """Return whether a file changed so shortly before a moment that another change might hide."""
    times = about[1:3]
    tick = _TICK_NS if all(time % 1_000_000_000 for time in times) else _SLOW_TICK_NS
    return max(times) > at_ns - tick
