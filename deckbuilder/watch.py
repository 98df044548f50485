"""``--watch``: build again whenever notes, pictures or settings change.

The system says that something happened below the folders; whether it matters is told from
sizes and times, so that a build does not answer to what it wrote itself, and misses nothing
that was saved while it ran. A folder that goes is waited for.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from deckbuilder.manifest import State, look

_SETTLE_MS = 150
"""Editors write a file in several steps; a build waits until it has been quiet this long."""
_LONGEST_MS = 1000
"""Nor longer than this while files keep coming."""
_LOOK_MS = 500
"""How often to look at what no event tells: folders that come and go, single files."""


def watch(
    folders: Sequence[Path], files: Sequence[Path], build: Callable[[], Iterable[Path]]
) -> None:
    """Call *build* now and whenever *files* or anything below *folders* changed.

    *build* returns the files and folders that it wrote itself. Never returns;
    KeyboardInterrupt ends it.
    """
    known: State = {}
    for _ in _occasions(folders, files):
        before = look(folders, files).state
        if before != known:
            wrote = [str(path.absolute()) for path in build()]
            known = _with_own(before, look(folders, files).state, wrote)


def _with_own(before: State, after: State, wrote: Sequence[str]) -> State:
    """Return what was there before a build, and what the build left of its own."""
    below = tuple(f"{path}{os.sep}" for path in wrote)

    def is_own(path: str) -> bool:
        return path in wrote or path.startswith(below)

    kept = {path: about for path, about in before.items() if not is_own(path)}
    return kept | {path: about for path, about in after.items() if is_own(path)}


def _occasions(folders: Sequence[Path], files: Sequence[Path]) -> Iterator[None]:
    """Yield at once, and whenever something may have changed."""
    from watchfiles import watch as changes

    while True:
        there, single = _there(folders), look((), files).state
        yield
        if not there:
            time.sleep(_LOOK_MS / 1000)
            continue
        events = changes(
            *there,
            watch_filter=None,
            debounce=_LONGEST_MS,
            step=_SETTLE_MS,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
            raise_interrupt=True,
            ignore_permission_denied=True,
        )
        unheard = True  # no event tells of what was saved before the system listened
        with contextlib.suppress(FileNotFoundError):  # a folder went during the build
            for found in events:
                if _there(folders) != there or look((), files).state != single:
                    break
                if found or unheard:
                    yield
                unheard = False


def _there(folders: Sequence[Path]) -> dict[str, int]:
    """Return the folders that exist and what the system calls each, so that a new one counts."""
    return {path: about[3] for path, about in look((), folders).state.items() if about}
