"""The work on single files, for many of them: from the cache, here, or in other processes."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path

from deckbuilder.cache import Cache
from deckbuilder.draft import FileSettings, notes_of_file
from deckbuilder.media import MediaLibrary, Remark, Unresolved
from deckbuilder.model import FileNotes, MediaFile, MediaUse, SourceFile

PAYS_OFF = 400_000
"""Characters of notes for each further process: starting one costs as much as rendering these."""

Tick = Callable[[int, int], None]
"""Called with how many files are done, of how many."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What all files share; sent to other processes once."""

    settings: FileSettings
    library: MediaLibrary
    cache: Cache | None

    def make(self, file: SourceFile, kept: str) -> FileNotes:
        """Return what *file* gives, and keep it; an unexpected error names the file."""
        recorder = _Recorder(self.library)
        try:
            result = notes_of_file(file, self.settings, recorder, kept=kept)
        except Exception as unexpected:
            unexpected.add_note(f"while working on {file.path}")
            raise
        result = replace(result, uses=tuple(recorder.uses.values()))
        if self.cache:
            self.cache.save(self.key(file, kept), result)
        return result

    def recall(self, file: SourceFile, kept: str) -> FileNotes | None:
        """Return what an earlier run made of *file*, if every picture it names is the same."""
        if self.cache is None:
            return None
        result = self.cache.load(self.key(file, kept))
        if not isinstance(result, FileNotes):
            return None
        fresh = all(_outcome(self.library, use.reference, use.folder) == use for use in result.uses)
        return result if fresh else None

    def key(self, file: SourceFile, kept: str) -> str:
        """Return the cache's name for the result of *file*."""
        assert self.cache is not None
        parts = (file.path, file.name, str(file.folder), file.text, kept, repr(self.settings))
        return self.cache.key("notes", (*parts, str(self.library.max_width)))


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
        self.uses[reference, beside] = _outcome(self.library, reference, beside)
        return self.library.find(reference, beside=beside)

    def remark(self, reference: str, *, beside: Path) -> Remark | None:
        return self.library.remark(reference, beside=beside)


# Over many files -----------------------------------------------------------------------------


def notes_of_files(
    files: Sequence[SourceFile],
    kept: Mapping[str, str],
    workshop: Workshop,
    *,
    jobs: int = 0,
    tick: Tick = lambda done, total: None,
) -> list[FileNotes]:
    """Return what each file gives, in order; *kept* holds structures by file name.

    *jobs* is how many processes may work, 0 for as many as pay off. The result is the same
    from any number of them.
    """
    results: dict[int, FileNotes] = {}
    missing: list[int] = []
    for index, file in enumerate(files):
        recalled = workshop.recall(file, kept.get(file.name, ""))
        if recalled is None:
            missing.append(index)
        else:
            results[index] = recalled
    todo = [(index, files[index], kept.get(files[index].name, "")) for index in missing]
    workers = _workers(jobs, [file for _, file, _ in todo])
    make = _elsewhere(todo, workshop, workers) if workers > 1 else _here(todo, workshop)
    for index, result in make:
        results[index] = result
        tick(len(results), len(files))
    return [results[index] for index in range(len(files))]


_Todo = Sequence[tuple[int, SourceFile, str]]


def _workers(jobs: int, files: Sequence[SourceFile]) -> int:
    size = sum(len(file.text) for file in files)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    most = jobs or min(cores or 1, 1 + size // PAYS_OFF)
    return max(1, min(most, len(files)))


def _here(todo: _Todo, workshop: Workshop) -> Iterator[tuple[int, FileNotes]]:
    for index, file, kept in todo:
        yield index, workshop.make(file, kept)


def _elsewhere(todo: _Todo, workshop: Workshop, workers: int) -> Iterator[tuple[int, FileNotes]]:
    """Yield results from other processes; the largest files are begun first."""
    order = sorted(todo, key=lambda one: -len(one[1].text))
    pool = ProcessPoolExecutor(workers, initializer=_begin, initargs=(workshop,))
    try:
        futures = [pool.submit(_make, *one) for one in order]
        for future in as_completed(futures):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_workshop: Workshop | None = None


def _begin(workshop: Workshop) -> None:
    """Set up a worker: an interrupt is the parent's business, garbage hardly arises."""
    global _workshop
    _workshop = workshop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(50_000, 20, 100)


def _make(index: int, file: SourceFile, kept: str) -> tuple[int, FileNotes]:
    assert _workshop is not None
    return index, _workshop.make(file, kept)
