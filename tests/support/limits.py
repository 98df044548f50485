"""How long something may take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def within(seconds: float, *, waiting: bool = False) -> Iterator[None]:
    """Fail where what is done inside takes longer: in work, or with all the *waiting* in it.

    What other programs do meanwhile is no work of ours.
    """
    clock = time.monotonic if waiting else time.process_time
    begun = clock()
    yield
    taken = clock() - begun
    assert taken < seconds, f"{taken:.2f} s"
