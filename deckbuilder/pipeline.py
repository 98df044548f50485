"""The stages in order: start reading here.

`plan` does everything but write: it reads notes, settings and lock, and says what the new
deck and lock would be. `write` writes them: lock first, then the package, each complete or
not at all (CONTRACT section 5).
"""

from __future__ import annotations

import contextlib
import errno
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

from deckbuilder.beside import Beside
from deckbuilder.cache import Cache
from deckbuilder.characters import composed
from deckbuilder.gather import PictureRules, gather
from deckbuilder.identify import PASSING, Identified, identify, settled
from deckbuilder.identity.fingerprint import framed
from deckbuilder.identity.lock import Lock, is_written, read_lock, writing_lock
from deckbuilder.identity.studied import true_to_notes
from deckbuilder.manifest import Seen, look
from deckbuilder.merge import merge_equal
from deckbuilder.model import (
    Deck,
    Draft,
    FileNotes,
    FileSettings,
    MediaFile,
    RenderSettings,
    Skipped,
    Written,
)
from deckbuilder.pictures.media import MediaLibrary
from deckbuilder.problems import BuildError, Location, Problem, Severity, error, shown, warning
from deckbuilder.quality import Asked, check_cards, check_links, few_of_each, similar_questions
from deckbuilder.read import Found, exists, find, identity_of, note_at
from deckbuilder.replacing import alone, folder_beside, move, of_ours, reason, sweep
from deckbuilder.setting import Request, Setting, set_up
from deckbuilder.work import Tick, Workshop, no_tick, notes_of_files


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run, finished but for the writing."""

    setting: Setting
    seen: Seen
    """Everything that may have been read, from before it was."""
    deck: Deck
    identified: Identified
    old_lock: Lock | None
    files: tuple[FileNotes, ...]
    merged: int
    """How many sections became part of another's note."""
    problems: tuple[Problem, ...]
    media_bytes: tuple[int, int]
    """Bytes of the author's media files, and of these in the package."""
    seconds: Mapping[str, float]
    """By stage; for people only."""

    @property
    def failed(self) -> bool:
        """Whether an error stands among the problems: nothing may be written."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def skipped(self) -> list[Skipped]:
        """What is on no card, in the order of the files."""
        return [skip for file in self.files for skip in file.skipped]

    @property
    def removed(self) -> dict[str, int]:
        """What the clean rules took away, by rule."""
        total: Counter[str] = Counter()
        for file in self.files:
            total.update(file.removed)
        return dict(sorted(total.items()))


class _Clock:
    """Seconds by stage; for people only, never part of a result."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._start = self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = now - self._last
        self.seconds["total"] = now - self._start
        self._last = now


def plan(request: Request, tick: Tick = no_tick, other: Beside | None = None) -> Outcome:
    """Return what a build would write, with every problem of the run.

    *tick* is told how far the work is; *other* is a process that can make notes. Raises
    BuildError where nothing sensible can be said: wrong settings, a damaged lock, no notes at
    all, a contradiction in identity.
    """
    clock = _Clock()
    setting, problems = set_up(request)
    seen = _look(setting)
    lock, damage = _lock(setting)
    clock.lap("read")
    workshop = _workshop(setting)
    problems += damage
    files, elsewhere = _read(setting, lock, workshop, problems, tick, other)
    if damage:
        raise BuildError(_sorted(problems))
    clock.lap("parse")
    drafts, merged = merge_equal(draft for file in files for draft in file.drafts)
    gathered = gather(drafts, _picture_rules(setting, lock), workshop.cache, tick)
    remarks = _remarks(setting, workshop, drafts)
    problems = few_of_each([*problems, *gathered.problems, *remarks])
    clock.lap("media")
    try:
        lock = _with_history(setting, lock, gathered.drafts, problems)
        identified = identify(
            gathered.drafts,
            lock,
            namespace=setting.name,
            now_ms=request.now_ms,
            elsewhere=elsewhere,
            structures={file.name: file.structure for file in files},
        )
    except BuildError as stopped:
        raise BuildError(_sorted([*problems, *stopped.problems])) from stopped
    problems += identified.problems
    clock.lap("identify")
    description = setting.config.deck.description
    return Outcome(
        setting=setting,
        seen=seen,
        deck=Deck(setting.name, description, identified.notes, gathered.content),
        identified=identified,
        old_lock=lock,
        files=tuple(files),
        merged=merged,
        problems=_sorted(_strict(problems) if request.strict else problems),
        media_bytes=(gathered.before, gathered.after),
        seconds=clock.seconds,
    )


def write(outcome: Outcome) -> Written:
    """Write lock and package, in this order, each replaced as a whole.

    The package is complete before the lock is replaced, so that what fails on the way, be it a
    full disk, leaves both as they were. Raises BuildError, and writes nothing, where the outcome
    holds an error, where something cannot be written, and where another build was faster. A
    package that is there already stays as it is (P5).
    """
    from deckbuilder.package import is_there

    if outcome.failed:
        raise BuildError(outcome.problems)
    lock, lock_path = outcome.identified.lock, outcome.setting.places.lock
    output = outcome.setting.output
    # A link that was asked for by name leads to the package; one that just lay there goes.
    target = output.resolve() if outcome.setting.request.output else output
    done, place = False, output
    try:
        with alone(lock_path):
            _check_lock(outcome)
            sweep(lock_path)
            sweep(target)
            with folder_beside(target) as folder:
                with _packing(outcome, folder / "deck.apkg") as complete:
                    place = lock_path
                    with writing_lock(lock, lock_path, was=outcome.old_lock) as anew:
                        place = output
                        written = complete()
                        place = lock_path
                    done, place = anew, output
                if is_there(target, written):
                    return replace(written, anew=False)
                move(folder / "deck.apkg", target)
    except OSError as failed:
        raise BuildError([_not_written(failed, place, after_lock=done)]) from failed
    return written


# From files to drafts --------------------------------------------------------------------------


def _workshop(setting: Setting) -> Workshop:
    config = setting.config
    places, max_width = setting.places, config.media.max_width
    library = MediaLibrary.scan(places.roots, places.media, max_width=max_width)
    settings = FileSettings(
        deck=setting.name,
        subdecks=config.deck.subdecks,
        card_level=config.notes.card_level,
        skip_headings=config.notes.skip_headings,
        render=RenderSettings(config.deck.language, config.notes.cloze_marks),
        tags=config.tags,
    )
    return Workshop(settings, library, _cache(setting.request))


def _cache(request: Request) -> Cache | None:
    return Cache(request.cache) if request.cache else None


def _read(
    setting: Setting,
    lock: Lock | None,
    workshop: Workshop,
    problems: list[Problem],
    tick: Tick,
    other: Beside | None,
) -> tuple[list[FileNotes], set[str]]:
    """Return what the note files give, and the names of files that are not part of this run.

    Adds to *problems*. Raises BuildError where there is nothing to build.
    """
    found, beside = _find(setting, problems)
    kept = {} if setting.request.restructure or lock is None else lock.structures
    jobs = setting.request.jobs
    results = notes_of_files(found, kept, workshop, jobs=jobs, tick=tick, other=other)
    names = {one.name for one in (*found, *beside)} | _known(setting, lock, found)
    elsewhere = names - {result.name for result in results if result.readable}
    if (told := _told(setting, lock)) and not setting.request.restructure:
        results = true_to_notes(results, elsewhere, told, partial(_read_again, found, workshop))
    problems += [problem for result in results for problem in result.problems]
    problems += check_links(_links(found, results), exists)
    results = [result for result in results if result.readable]
    if not results:
        raise BuildError(problems)
    if not any(result.drafts for result in results):
        message = (
            "no question was found in these notes: the deck is empty; -v says why for each file"
        )
        problems.append(warning("deck-empty", Location(shown(setting.places.roots[0])), message))
    return results, elsewhere


def _find(setting: Setting, problems: list[Problem]) -> tuple[list[Found], list[Found]]:
    """Return the note files of this run, and those that exist beside them.

    Adds to *problems*. Raises BuildError where there is nothing to build.
    """
    notes = setting.config.notes
    found, beside, more = find(setting.request.notes, include=notes.include, exclude=notes.exclude)
    problems += more
    if not found:
        message = "no notes here: expected files ending in .md, .markdown, .mdown or .txt"
        if beside:
            given = (("include", notes.include), ("exclude", notes.exclude))
            patterns = " and ".join(f"{name} = {[*globs]}" for name, globs in given if globs)
            message = f"deck.toml leaves out every note file here: {patterns}; change that"
        where = Location(shown(setting.places.roots[0]))
        if not any(problem.severity is Severity.ERROR for problem in more):
            problems.append(error("no-notes", where, message))
        raise BuildError(problems)
    return found, beside


def _told(setting: Setting, lock: Lock | None) -> Lock | None:
    """Return what is known of the notes: the lock, or else what the last package tells."""
    if lock is not None or not setting.output.exists():
        return lock
    from deckbuilder.adopt import told_by_package

    return told_by_package(setting.output)


def _read_again(
    found: Sequence[Found], workshop: Workshop, at: int, structure: str, asked: Sequence[str]
) -> FileNotes:
    workshop = replace(workshop, settings=replace(workshop.settings, asked=tuple(asked)))
    return notes_of_files([found[at]], {found[at].name: structure}, workshop)[0]


def _links(
    found: Sequence[Found], results: Sequence[FileNotes]
) -> Iterator[tuple[Location, Path, str]]:
    for one, result in zip(found, results, strict=True):
        for line, target in result.links:
            yield Location(one.path, line), one.file.parent, target


def _known(setting: Setting, lock: Lock | None, found: Iterable[Found]) -> set[str]:
    """Return the names of files that the lock knows and that still exist beside those *found*.

    A file may have had another name: in a run with other folders, or where the disk makes no
    difference between small letters and capitals.
    """
    folders = {folder for root in setting.places.roots for folder in (root, root.resolve().parent)}
    names = {one.name for one in found}
    here = {identity_of(one.file) for one in found}
    return {
        name
        for name in (lock.structures if lock else ())
        if name not in names and any({note_at(folder, name)} - here - {None} for folder in folders)
    }


# Drafts together -------------------------------------------------------------------------------


def _remarks(setting: Setting, workshop: Workshop, drafts: Sequence[Draft]) -> list[Problem]:
    """Return what can be said of the notes together."""
    unused = _unused(setting, workshop.library, drafts)
    return check_cards(drafts, unused, partial(_twins, workshop.cache))


def _unused(setting: Setting, library: MediaLibrary, drafts: Iterable[Draft]) -> list[str]:
    """Return pictures that no card shows; where only some files are built, nobody knows."""
    if not _whole(setting.request):
        return []
    files = (media for draft in drafts for media in draft.media)
    return library.unused(media.path for media in files if isinstance(media, MediaFile))


def _twins(cache: Cache | None, asked: Sequence[Asked]) -> tuple[tuple[int, int], ...]:
    """Return `similar_questions`; most edits are to answers, and leave them as they were."""
    if cache is None:
        return similar_questions(asked)
    key = cache.key("twins", framed(chain.from_iterable(asked)))
    return cache.kept(key, lambda: similar_questions(asked))


def _picture_rules(setting: Setting, lock: Lock | None) -> PictureRules:
    return PictureRules(
        max_width=setting.config.media.max_width,
        fetch=setting.config.media.remote,
        offline=setting.request.offline,
        known=lock.remote_pictures() if lock else {},
        allow_private=setting.request.allow_private,
    )


def _sorted(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems as their author goes through them: each once, by file, then by line."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.where))


def _strict(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(
        replace(problem, severity=Severity.ERROR)
        if problem.severity is Severity.WARNING
        else problem
        for problem in problems
    )


# History ---------------------------------------------------------------------------------------


def _lock(setting: Setting) -> tuple[Lock | None, tuple[Problem, ...]]:
    """Return what the lock holds, or why it cannot be read: the notes may have problems, too."""
    try:
        return read_lock(setting.places.lock, merging=setting.request.merge_lock), ()
    except BuildError as broken:
        return None, broken.problems


def _with_history(
    setting: Setting, lock: Lock | None, drafts: Sequence[Draft], problems: list[Problem]
) -> Lock | None:
    """Return the lock to go by: the old one, one out of the last package, or an adopted deck's.

    Adds to *problems*. Raises BuildError where there is nothing to adopt.
    """
    if lock is None and setting.output.exists():
        from deckbuilder.adopt import lock_from_package

        lock = lock_from_package(setting.output, drafts, setting.name)
        if lock is not None:
            message = f"was missing and is rebuilt from {shown(setting.output)}"
            problems.append(warning("lock-rebuilt", Location(shown(setting.places.lock)), message))
    if setting.request.adopt is not None:
        from deckbuilder.adopt import adopt

        lock, told = adopt(setting.request.adopt, drafts, lock, namespace=setting.name)
        problems += told
    if lock is None and not setting.request.lock:
        problems += _inside_another(setting)
    return lock


def _inside_another(setting: Setting) -> list[Problem]:
    """Return what to say where a part of a deck's notes is to become a deck of its own."""
    folder = setting.places.roots[0].resolve()
    above = next((one for one in folder.parents if (one / "deck.lock").is_file()), folder)
    with contextlib.suppress(BuildError):  # is said where that deck is built
        whole = read_lock(above / "deck.lock")
        part = composed(folder.relative_to(above).as_posix()) + "/"
        if whole and any(name.startswith(part) for name in whole.structures):
            message = (
                f"{shown(above / 'deck.lock')} has these notes: as a deck of their own they are "
                "new to Anki, and there twice. Build the folder of that lock, or files by name"
            )
            return [warning("deck-inside", Location(shown(setting.places.lock)), message)]
    return []


# Writing ---------------------------------------------------------------------------------------


def _packing(outcome: Outcome, path: Path) -> AbstractContextManager[Callable[[], Written]]:
    from deckbuilder.package import writing_package

    if outcome.setting.output.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(outcome.setting.output))
    namespace, cache = outcome.identified.lock.namespace, _cache(outcome.setting.request)
    return writing_package(outcome.deck, to=path, namespace=namespace, cache=cache)


def _check_lock(outcome: Outcome) -> None:
    """Raise BuildError where the lock is not the one any more that identity was made from."""
    path = outcome.setting.places.lock
    before = outcome.seen.state.get(str(path.absolute()))
    if look((), [path]).state[str(path.absolute())] == before:
        return
    if is_written(outcome.identified.lock, path):
        return
    message = "another build has changed it while this one was working; run again"
    raise BuildError([error("lock-changed", Location(shown(path)), message)])


def _not_written(failed: OSError, place: Path, *, after_lock: bool) -> Problem:
    if isinstance(failed, BlockingIOError):
        message = "another build is still writing; run again when it has finished"
        return error("write-failed", Location(shown(place)), message)
    if after_lock:
        message = (
            f"{reason(failed)}; deck.lock is new already; the next run writes a package to match"
        )
        return error("package-failed", Location(shown(place)), message)
    if isinstance(failed.filename, str) and not of_ours(Path(failed.filename)):
        place = Path(failed.filename)
    return error("write-failed", Location(shown(place)), reason(failed))


# Nothing to do ---------------------------------------------------------------------------------


def next_time(outcome: Outcome) -> Outcome | None:
    """Return what the next run finds where its input stays and *outcome* is written.

    None where that run has something to do all the same.
    """
    request = outcome.setting.request
    once = request.adopt or request.merge_lock or request.restructure or not _whole(request)
    missing = any(problem.code == "image-remote" for problem in outcome.problems)
    if once or (missing and not request.offline) or _shows_hidden(outcome):
        return None
    passing = PASSING | {"lock-rebuilt"}
    return replace(
        outcome,
        identified=settled(outcome.identified),
        old_lock=outcome.identified.lock,
        problems=tuple(one for one in outcome.problems if one.code not in passing),
    )


def _shows_hidden(outcome: Outcome) -> bool:
    """Return whether a card shows a file of a hidden folder, which `_look` passes over."""
    setting, notes = outcome.setting, outcome.deck.notes
    media = {one.path for note in notes for one in note.draft.media if isinstance(one, MediaFile)}
    folders = [folder.resolve() for folder in (*setting.places.roots, *setting.places.media)]
    below = (one.relative_to(f) for one in media for f in folders if one.is_relative_to(f))
    return any(part.startswith(".") for path in below for part in path.parts)


def _look(setting: Setting) -> Seen:
    files = (setting.places.config, setting.places.lock, setting.output)
    folders = (*setting.places.roots, *setting.places.media) if _whole(setting.request) else ()
    fetched = [setting.request.cache / "remote"] if setting.request.cache else []
    return look((*folders, *fetched), files)


def _whole(request: Request) -> bool:
    """Return whether the run takes in whole folders; else nobody looks at the rest of them."""
    return all(argument.is_dir() for argument in request.notes)
