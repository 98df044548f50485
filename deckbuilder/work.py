"""The work on single files, for many of them: from the cache, here, or in other processes."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, cast

from deckbuilder.cache import Cache, pack, unpack
from deckbuilder.media import MediaLibrary, Remark, Unresolved
from deckbuilder.model import FileNotes, FileSettings, MediaFile, MediaUse
from deckbuilder.read import Found, decode, read_bytes

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
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


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

    def recall(self, found: Found, kept: str) -> FileNotes | None:
        """Return what an earlier run made of the file, if it would be the same today.

        It is if every picture that the file names is found as it was, and if the choice of
        questions was the one that the lock keeps; or was made freshly, where it keeps none.
        """
        data, _ = read_bytes(found) if self.cache else (None, ())
        if self.cache is None or data is None:
            return None
        result = self.cache.load(self.key(found, data))
        if not isinstance(result, FileNotes):
            return None
        if kept != result.structure and (kept or _overruled(result)):
            return None
        uses = result.uses
        same = all(_outcome(self.library, use.reference, use.folder) == use for use in uses)
        return result if same else None

    def key(self, found: Found, data: bytes) -> str:
        """Return the cache's name for what a file with this content gives."""
        if self.cache is None:
            return ""
        where = (found.path, found.name, str(found.file.parent))
        shaping = (self.settings, self.library.max_width, self.library.max_bytes)
        known = repr((where, shaping)).encode("utf-8", "surrogatepass")
        return self.cache.key("notes", known, data)


def _overruled(result: FileNotes) -> bool:
    return any(problem.code == "structure-kept" for problem in result.problems)


def _outcome(library: MediaLibrary, reference: str, folder: Path) -> MediaUse:
    found = library.find(reference, beside=folder)
    remark = library.remark(reference, beside=folder)
    return MediaUse(reference, folder, repr((found, remark)))


@dataclass(slots=True)
class _Recorder:
    """A media library that remembers what it was asked."""

    library: MediaLibrary
    uses: dict[tuple[str, Path], MediaUse] = field(default_factory=dict)

    def find(self, reference: str, *, beside: Path) -> MediaFile | Unresolved:
        if (reference, beside) not in self.uses:
            self.uses[reference, beside] = _outcome(self.library, reference, beside)
        return self.library.find(reference, beside=beside)

    def remark(self, reference: str, *, beside: Path) -> Remark | None:
        return self.library.remark(reference, beside=beside)


# Over many files -----------------------------------------------------------------------------


class _Task(NamedTuple):
    place: int
    """Of the file among all."""
    found: Found
    kept: str


class _Made(NamedTuple):
    place: int
    key: str
    """In the cache; empty where it has no place there."""
    packed: bytes


def notes_of_files(
    files: Sequence[Found],
    kept: Mapping[str, str],
    workshop: Workshop,
    *,
    jobs: int = 0,
    tick: Tick = no_tick,
) -> list[FileNotes]:
    """Return what each file gives, in order; *kept* holds structures by file name.

    *jobs* is how many processes may work, 0 for as many as pay off. The result is the same
    from any number of them, with and without a cache.
    """
    results: dict[int, FileNotes] = {}
    tasks: list[_Task] = []
    for index, found in enumerate(files):
        structure = kept.get(found.name, "")
        recalled = workshop.recall(found, structure)
        if recalled is None:
            tasks.append(_Task(index, found, structure))
        else:
            results[index] = recalled
    sizes = {task.place: _size(task.found) for task in tasks}
    workers = _workers(jobs, sizes)
    alone = workers == 1
    made = _here(tasks, workshop) if alone else _elsewhere(tasks, sizes, workshop, workers)
    for place, result in made:
        results[place] = result
        tick("files", len(results), len(files))
    return [results[index] for index in range(len(files))]


def _size(found: Found) -> int:
    try:
        return found.file.stat().st_size
    except OSError:
        return 0


def _workers(jobs: int, sizes: Mapping[int, int]) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    most = jobs or min(cores or 1, 1 + sum(sizes.values()) // PAYS_OFF)
    return max(1, min(most, len(sizes)))


def _here(tasks: Iterable[_Task], workshop: Workshop) -> Iterator[tuple[int, FileNotes]]:
    for task in tasks:
        result, key = workshop.make(task.found, task.kept)
        if workshop.cache and key:
            workshop.cache.save(key, result)
        yield task.place, result


def _elsewhere(
    tasks: Sequence[_Task], sizes: Mapping[int, int], workshop: Workshop, workers: int
) -> Iterator[tuple[int, FileNotes]]:
    """Yield results from other processes. These write nothing, so they may end at any time."""
    from concurrent.futures import ProcessPoolExecutor, as_completed

    pool = ProcessPoolExecutor(workers, initializer=_begin, initargs=(workshop,))
    try:
        # Nothing here may hold on to a future: it holds what came back, of all notes in the end.
        for future in as_completed(
            [pool.submit(_make, some) for some in _chunks(tasks, sizes, workers)]
        ):
            for made in future.result():
                if workshop.cache and made.key:
                    workshop.cache.save_bytes(made.key, made.packed)
                yield made.place, cast(FileNotes, unpack(made.packed))
    except BaseException:
        _end_workers()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _chunks(tasks: Sequence[_Task], sizes: Mapping[int, int], workers: int) -> list[list[_Task]]:
    """Return tasks in portions that are worth sending, the largest files first."""
    chunks: list[list[_Task]] = []
    room, left = 0, sum(sizes.values())
    for task in sorted(tasks, key=lambda task: -sizes[task.place]):
        if room <= 0:
            chunks.append([])
            room = min(max(_LEAST, left // (_ROUNDS * workers)), _MOST)
        chunks[-1].append(task)
        room -= sizes[task.place]
        left -= sizes[task.place]
    return chunks


def _end_workers() -> None:
    """End the processes at once: an interrupt does not wait for a long file."""
    from multiprocessing import active_children

    for worker in active_children():
        worker.terminate()


_workshop: Workshop | None = None


def _begin(workshop: Workshop) -> None:
    """Set up a worker: an interrupt is the parent's business."""
    global _workshop
    _workshop = workshop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_rarely()


def _make(tasks: Sequence[_Task]) -> list[_Made]:
    assert _workshop is not None
    made = []
    for task in tasks:
        result, key = _workshop.make(task.found, task.kept)
        made.append(_Made(task.place, key, pack(result)))
    return made
