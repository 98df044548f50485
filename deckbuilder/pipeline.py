"""The stages in order: start reading here.

`plan` does everything but write: it reads notes, settings and lock, and says what the new
deck and lock would be. `write` writes them: lock first, then the package, each complete or
not at all (CONTRACT section 5).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from deckbuilder.cache import Cache
from deckbuilder.config import Config, load_config
from deckbuilder.draft import FileSettings, merge_equal
from deckbuilder.gather import RemoteRules, gather
from deckbuilder.identify import Identified, identify
from deckbuilder.lock import Lock, read_lock, write_lock
from deckbuilder.media import MediaLibrary
from deckbuilder.model import (
    Deck,
    FileNotes,
    Skipped,
    SourceFile,
)
from deckbuilder.problems import BuildError, Location, Problem, Severity, warning
from deckbuilder.read import Found, find, notes_folder, read_file, shown
from deckbuilder.render import RenderSettings
from deckbuilder.tag import TagRules, topics_from
from deckbuilder.work import Tick, Workshop, notes_of_files


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for; paths as given."""

    notes: tuple[Path, ...]
    now_ms: int
    """The time of the run, in milliseconds since the epoch."""
    output: Path | None = None
    name: str = ""
    config: Path | None = None
    lock: Path | None = None
    media: tuple[Path, ...] = ()
    adopt: Path | None = None
    strict: bool = False
    restructure: bool = False
    merge_lock: bool = False
    offline: bool = False
    allow_private: bool = False
    """Whether pictures may be fetched from this machine itself; for tests."""
    jobs: int = 0
    """Worker processes; 0 for as many as pay off."""
    cache: Path | None = None
    """Folder of the cache; None for none."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run, finished but for the writing."""

    deck: Deck
    namespace: str
    output: Path
    lock_path: Path
    identified: Identified
    old_lock: Lock | None
    files: tuple[FileNotes, ...]
    sections: int
    merged: int
    skipped: tuple[Skipped, ...]
    removed: Mapping[str, int]
    problems: tuple[Problem, ...]
    media_before: int
    """Bytes of the author's media files."""
    media_after: int
    """Bytes of them in the package."""
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether an error stands among the problems: nothing may be written."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


class _Clock:
    """Seconds by stage; for people only, never part of a result."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._start = self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self.seconds["total"] = now - self._start
        self._last = now


def plan(request: Request, tick: Tick = lambda done, total: None) -> Outcome:
    """Return what a build would write, with every problem of the run.

    Raises BuildError where nothing sensible can be said: wrong settings, a damaged lock, no
    notes at all, a contradiction in identity.
    """
    clock = _Clock()
    place = _places(request)
    config = _config(request, place)
    found, beside, problems = find(
        request.notes, include=config.notes.include, exclude=config.notes.exclude
    )
    name, name_problems = _deck_name(request, config, place)
    problems += name_problems
    output = request.output or Path("build", _file_name(name) + ".apkg")
    lock = _lock(request, place, output)
    files, read_problems = _read(found)
    problems += read_problems
    if not files:
        raise BuildError(problems or [_no_notes(place.folder)])
    clock.lap("read")
    library = MediaLibrary.scan(
        [one.resolve() for one in place.roots],
        [*request.media, *(root.resolve().parent / "media" for root in place.roots)],
        max_width=config.media.max_width,
    )
    workshop = Workshop(
        _settings(config, name), library, Cache(request.cache) if request.cache else None
    )
    kept = {} if request.restructure or lock is None else lock.structures
    results = notes_of_files(files, kept, workshop, jobs=request.jobs, tick=tick)
    clock.lap("notes")
    problems += [problem for result in results for problem in result.problems]
    sections = sum(len(result.drafts) for result in results)
    drafts, merged = merge_equal(draft for result in results for draft in result.drafts)
    gathered = gather(
        drafts,
        RemoteRules(
            fetch=config.media.remote,
            offline=request.offline,
            known=lock.remote_pictures() if lock else {},
            allow_private=request.allow_private,
        ),
        workshop.cache,
        max_width=config.media.max_width,
    )
    problems += gathered.problems
    clock.lap("media")
    identified = identify(
        gathered.drafts,
        lock,
        namespace=name,
        now_ms=request.now_ms,
        present=[file.name for file in files],
        elsewhere=_elsewhere(found, beside, files),
        structures={result.name: result.structure for result in results},
    )
    problems += identified.problems
    clock.lap("identify")
    removed: Counter[str] = Counter()
    for result in results:
        removed.update(result.removed)
    return Outcome(
        deck=Deck(name, config.deck.description, identified.notes, gathered.content),
        namespace=identified.lock.namespace,
        output=output,
        lock_path=place.lock,
        identified=identified,
        old_lock=lock,
        files=tuple(results),
        sections=sections,
        merged=merged,
        skipped=tuple(skip for result in results for skip in result.skipped),
        removed=dict(sorted(removed.items())),
        problems=_strict(problems) if request.strict else tuple(problems),
        media_before=gathered.before,
        media_after=gathered.after,
        seconds=clock.seconds,
    )


@dataclass(frozen=True, slots=True)
class Written:
    """What a build wrote."""

    sha256: str
    size: int


def write(outcome: Outcome) -> Written:
    """Write lock and package, in this order, each replaced as a whole.

    Raises BuildError, and writes nothing, where the outcome holds an error.
    """
    if outcome.failed:
        raise BuildError(outcome.problems)
    from deckbuilder.package import write_package

    outcome.lock_path.parent.mkdir(parents=True, exist_ok=True)
    write_lock(outcome.identified.lock, outcome.lock_path)
    outcome.output.parent.mkdir(parents=True, exist_ok=True)
    written = write_package(outcome.deck, to=outcome.output, namespace=outcome.namespace)
    return Written(written.sha256, written.size)


# Where things are ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Places:
    folder: Path
    """The first notes folder: settings and lock lie there."""
    roots: tuple[Path, ...]
    config: Path
    lock: Path


def _places(request: Request) -> _Places:
    roots = tuple(dict.fromkeys(notes_folder(argument) for argument in request.notes))
    folder = roots[0]
    return _Places(
        folder=folder,
        roots=roots,
        config=request.config or folder / "deck.toml",
        lock=request.lock or folder / "deck.lock",
    )


def _config(request: Request, place: _Places) -> Config:
    if request.config is not None and not request.config.exists():
        where = Location(shown(request.config))
        raise BuildError([Problem(Severity.ERROR, "config-missing", where, "no such file")])
    return load_config(place.config, shown(place.config))


def _deck_name(request: Request, config: Config, place: _Places) -> tuple[str, list[Problem]]:
    if named := request.name or config.deck.name:
        return named, []
    name = place.folder.resolve().name or "Notes"
    message = (
        f"the deck is called {name!r} after its folder; name it before you study, with "
        f'[deck] name = "…" in deck.toml or with --name: two decks of one name share their notes'
    )
    return name, [warning("deck-name", Location(shown(place.config)), message)]


def _file_name(deck: str) -> str:
    """Return a deck name as a file name that every system takes."""
    cleaned = "".join("-" if c in '<>:"/\\|?*' or ord(c) < 32 else c for c in deck)
    return cleaned.replace("--", "-").strip(" .")[:80] or "deck"


def _no_notes(folder: Path) -> Problem:
    message = "no notes here: expected files ending in .md, .markdown, .mdown or .txt"
    return Problem(Severity.ERROR, "no-notes", Location(shown(folder)), message)


def _lock(request: Request, place: _Places, output: Path) -> Lock | None:
    lock = read_lock(place.lock)
    del output
    return lock


# The stages over many files ------------------------------------------------------------------


def _read(found: Sequence[Found]) -> tuple[list[SourceFile], list[Problem]]:
    files: list[SourceFile] = []
    problems: list[Problem] = []
    for one in found:
        file, file_problems = read_file(one)
        problems += file_problems
        if file is not None:
            files.append(file)
    return files, problems


def _settings(config: Config, deck: str) -> FileSettings:
    return FileSettings(
        deck=deck,
        subdecks=config.deck.subdecks,
        card_level=config.notes.card_level,
        skip_headings=config.notes.skip_headings,
        render=RenderSettings(config.deck.language, config.notes.cloze_marks),
        tags=TagRules(
            config.tags.prefix,
            config.tags.path,
            config.tags.headings,
            config.tags.auto,
            topics_from(config.topics),
        ),
    )


def _elsewhere(
    found: Iterable[Found], beside: Iterable[Found], files: Iterable[SourceFile]
) -> list[str]:
    """Return the names of files that exist and are not part of this run, or unreadable."""
    read = {file.name for file in files}
    return sorted({one.name for one in (*found, *beside)} - read)


def _strict(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(
        replace(problem, severity=Severity.ERROR)
        if problem.severity is Severity.WARNING
        else problem
        for problem in problems
    )
