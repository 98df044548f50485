"""``--watch``: build again whenever notes, pictures or settings change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

SETTLE_MS = 150
"""Editors write a file in several steps; a build waits until it has been quiet this long."""


def watch(folders: Sequence[Path], ours: Sequence[Path], build: Callable[[], None]) -> None:
    """Call *build* now and after every change below *folders*, until interrupted.

    *ours* are the files that a build writes itself; changes to them start none. Raises
    KeyboardInterrupt when the user stops it.
    """
    from watchfiles import Change
    from watchfiles import watch as changes

    own = {path.resolve() for path in ours}

    def foreign(_: Change, path: str) -> bool:
        name = Path(path).name
        return Path(path).resolve() not in own and not name.endswith(".tmp") and name[:1] != "."

    build()
    existing = [folder for folder in folders if folder.exists()]
    for _ in changes(
        *existing, watch_filter=foreign, debounce=400, step=SETTLE_MS, raise_interrupt=True
    ):
        build()
