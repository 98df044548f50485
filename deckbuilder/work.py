"""The work on single files, for many of them: from the cache, here, or in other processes."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple, cast

from deckbuilder.beside import Beside
from deckbuilder.cache import Cache, pack, unpack
from deckbuilder.model import Embedded, FileNotes, FileSettings, Finding, MediaUse, Unresolved
from deckbuilder.pictures.media import MediaLibrary
from deckbuilder.read import Found, decode, read_bytes

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

PAYS_OFF = 200_000
"""Bytes of notes for each further process: starting one costs as much as rendering these."""
_LEAST, _MOST = 60_000, 300_000
"""Bytes of notes that are handed to a process at once: worth a message, and no burden."""
_ROUNDS = 8
"""Each process gets about this part of what is left: few messages, and all end together."""

Tick = Callable[[str, int, int], None]
"""Called with what is being worked on, and how many of it are done, of how many."""


def collect_rarely() -> None:
    """Spare the garbage collector: what a build makes lives until its end, and has no cycles."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(1_000_000, 20, 100)


def no_tick(what: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What all files share; sent to other processes once."""

    settings: FileSettings
    library: MediaLibrary
    cache: Cache | None = None

    def make(self, found: Found, kept: str) -> tuple[FileNotes, str]:
        """Return what a file gives, and its name in the cache; an unexpected error names it."""
        data, problems = read_bytes(found)
        file = None
        if data is not None:
            file, problems = decode(found, data)
        if file is None or data is None:
            unread = FileNotes(found.name, "", "", (), (), {}, tuple(problems), readable=False)
            return unread, ""
        from deckbuilder.draft import notes_of_file  # loads the stages: a kept result needs none

        recorder = _Recorder(self.library)
        try:
            result = notes_of_file(file, self.settings, recorder, kept=kept)
        except Exception as unexpected:
            unexpected.add_note(f"while working on {file.path}")
            raise
        uses = tuple(recorder.uses.values())
        result = replace(result, problems=(*problems, *result.problems), uses=uses)
        return result, self.key(found, data)

    def recall(self, key: str, kept: str) -> FileNotes | None:
        """Return what an earlier run made of the file called *key*, if it would be so today.

        It is if every picture that the file names is found as it was, and if the lock says of
        its questions what it said then, or what was chosen while it said nothing.
        """
        result = self.cache.load(key) if self.cache and key else None
        if not isinstance(result, FileNotes):
            return None
        if kept != result.kept and (result.kept or kept != result.structure):
            return None
        return result if all(map(self._finds_again, result.uses)) else None

    def _finds_again(self, use: MediaUse) -> bool:
        return repr(self.library.find(use.reference, beside=use.folder)) == use.finding

    def key(self, found: Found, data: bytes) -> str:
        """Return the cache's name for what a file with this content gives."""
        if self.cache is None:
            return ""
        where = (found.path, found.name, str(found.file.parent))
        shaping = (self.settings, self.library.max_width)
        known = repr((where, shaping)).encode("utf-8", "surrogatepass")
        return self.cache.key("notes", known, data)


@dataclass(slots=True)
class _Recorder:
    """A media library that remembers what it was asked."""

    library: MediaLibrary
    uses: dict[tuple[str, Path], MediaUse] = field(default_factory=dict)

    def find(self, reference: str, *, beside: Path) -> Finding:
        finding = self.library.find(reference, beside=beside)
        self.uses[reference, beside] = MediaUse(reference, beside, repr(finding))
        return finding

    def embedded(self, reference: str) -> Embedded | Unresolved:
        return self.library.embedded(reference)


# Over many files -----------------------------------------------------------------------------


class _Task(NamedTuple):
    place: int
    """Of the file among all."""
    found: Found
    kept: str
    key: str
    """In the cache; empty where it has no place there."""
    held: bool
    """Whether the cache may know what comes of it."""
    size: int
    """Bytes of the file."""


class _Made(NamedTuple):
    place: int
    key: str
    packed: bytes


_Arrived = Iterator[tuple[int, FileNotes]]


def notes_of_files(
    files: Sequence[Found],
    kept: Mapping[str, str],
    workshop: Workshop,
    *,
    jobs: int = 0,
    tick: Tick = no_tick,
    other: Beside | None = None,
) -> list[FileNotes]:
    """Return what each file gives, in order; *kept* holds structures by file name.

    *jobs* is how many processes may work, 0 for as many as pay off; *other* is one that has
    begun, for `made_of`. The result is the same from any number of them, with and without a
    cache.
    """
    results: dict[int, FileNotes] = {}

    def work_on(
        tasks: Sequence[_Task], meanwhile: Sequence[_Task] = (), other: Beside | None = None
    ) -> None:
        with _made(tasks, workshop, jobs, other) as made:
            for task in meanwhile:
                if recalled := workshop.recall(task.key, task.kept):
                    results[task.place] = recalled
            for place, result in made:
                results[place] = result
                tick("files", len(results), len(files))

    tasks = [
        _task(place, found, kept.get(found.name, ""), workshop) for place, found in enumerate(files)
    ]
    held = [task for task in tasks if task.held]
    work_on([task for task in tasks if not task.held], held, other)
    # What is kept may hold no more, and other processes may end early: what is missing is made now.
    work_on([task for task in tasks if task.place not in results])
    for place, result in _here([task for task in tasks if task.place not in results], workshop):
        results[place] = result
    return [results[place] for place in range(len(files))]


def _task(place: int, found: Found, kept: str, workshop: Workshop) -> _Task:
    data, _ = read_bytes(found)
    key = "" if data is None else workshop.key(found, data)
    held = workshop.cache is not None and workshop.cache.holds(key)
    return _Task(place, found, kept, key, held, len(data or b""))


@contextlib.contextmanager
def _made(
    tasks: Sequence[_Task], workshop: Workshop, jobs: int, other: Beside | None
) -> Iterator[_Arrived]:
    """Give what comes of *tasks*, from other processes if they pay off; these begin at once."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    most = min(jobs or cores or 1, 61)  # Windows waits for no more
    workers = min(most, 1 + _bytes(tasks) // PAYS_OFF, len(tasks))
    if workers > 1:
        with _elsewhere(tasks, workshop, workers) as made:
            yield made
    elif other and tasks:
        other.ask((workshop, tasks))
        yield _arriving(other.answers(), workshop)
    else:
        yield _here(tasks, workshop)


def _bytes(tasks: Iterable[_Task]) -> int:
    return sum(task.size for task in tasks)


def _here(tasks: Iterable[_Task], workshop: Workshop) -> _Arrived:
    for task in tasks:
        result, key = workshop.make(task.found, task.kept)
        if workshop.cache and key:
            workshop.cache.save(key, result)
        yield task.place, result


@contextlib.contextmanager
def _elsewhere(tasks: Sequence[_Task], workshop: Workshop, workers: int) -> Iterator[_Arrived]:
    """Give results from other processes. These write nothing, so they may end at any time."""
    from concurrent.futures import ProcessPoolExecutor, as_completed

    from deckbuilder import draft  # noqa: F401  # once, where others begin with what is loaded

    pool = ProcessPoolExecutor(workers, initializer=_begin, initargs=(workshop,))
    try:
        # Nothing here may hold on to a future: it holds what came back, of all notes in the end.
        begun = as_completed([*_handed_out(pool, _chunks(tasks, workers))])
        yield _arriving(_results(begun), workshop)
    except BaseException:
        _end_workers()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _handed_out(
    pool: ProcessPoolExecutor, chunks: Iterable[list[_Task]]
) -> Iterator[Future[list[_Made]]]:
    """Yield what other processes begin with; less than all where the system allows no more."""
    with contextlib.suppress(OSError):
        for some in chunks:
            yield pool.submit(_make, some)


def _results(futures: Iterator[Future[list[_Made]]]) -> Iterator[list[_Made]]:
    """Yield what comes back; less than all where the system, short of memory, ended a process."""
    from concurrent.futures.process import BrokenProcessPool

    with contextlib.suppress(BrokenProcessPool):
        for future in futures:
            yield future.result()


def _arriving(portions: Iterator[list[_Made]], workshop: Workshop) -> _Arrived:
    for portion in portions:
        for made in portion:
            if workshop.cache and made.key:
                workshop.cache.save_bytes(made.key, made.packed)
            yield made.place, cast(FileNotes, unpack(made.packed))


def _chunks(tasks: Sequence[_Task], workers: int) -> list[list[_Task]]:
    """Return tasks in portions that are worth sending, the largest files first."""
    chunks: list[list[_Task]] = []
    room, left = 0, _bytes(tasks)
    for task in sorted(tasks, key=lambda task: -task.size):
        if room <= 0:
            chunks.append([])
            room = min(max(_LEAST, left // (_ROUNDS * workers)), _MOST)
        chunks[-1].append(task)
        room -= task.size
        left -= task.size
    return chunks


def _end_workers() -> None:
    """End the processes at once: an interrupt does not wait for a long file."""
    from multiprocessing import active_children

    for worker in active_children():
        worker.terminate()


_workshop: Workshop | None = None


def _begin(workshop: Workshop) -> None:
    """Set up a worker: an interrupt is the parent's business, and nothing outlives the parent."""
    global _workshop
    _workshop = workshop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    collect_rarely()


def _end_with_parent() -> None:
    """End this process when the parent ended without a word: killed, it ends nothing itself."""
    from multiprocessing import parent_process

    if parent := parent_process():
        parent.join()
        os._exit(1)


def _make(tasks: Sequence[_Task]) -> list[_Made]:
    assert _workshop is not None
    return made_of((_workshop, tasks))


def made_of(asked: tuple[Workshop, Sequence[_Task]]) -> list[_Made]:
    """Return what comes of tasks in a workshop."""
    workshop, tasks = asked
    made = []
    for task in tasks:
        result, key = workshop.make(task.found, task.kept)
        made.append(_Made(task.place, key, pack(result)))
    return made
