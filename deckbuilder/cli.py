"""The command line: parse, make a request, one call, print, return a code.

Heavy modules are imported where they are needed: ``--help`` and a run with nothing to do
answer at once.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Self, TextIO

from deckbuilder import manifest
from deckbuilder.arguments import parsed

if TYPE_CHECKING:
    from deckbuilder.beside import Answering, Beside
    from deckbuilder.model import Written
    from deckbuilder.pipeline import Outcome
    from deckbuilder.problems import Problem
    from deckbuilder.setting import Request

EXIT_OK, EXIT_PROBLEMS, EXIT_INTERRUPTED = 0, 1, 130
PAYS_OFF_BESIDE = 2_000
"""Notes of the last run from which on a process more is worth it: what changed is mostly little,
and reading what is kept of the rest takes as long as loading the stages."""


def run() -> NoReturn:
    """Run the program and end the process with its exit code.

    What the run made goes with the process: giving back the values of a large deck one by one
    takes longer than writing its lock.
    """
    made: list[object] = []
    code = main(keep=made.append)
    atexit._run_exitfuncs()  # temporary folders go all the same
    os._exit(code)


def _let_go(made: object) -> None:
    """Keep nothing."""


def main(argv: Sequence[str] | None = None, *, keep: Callable[[object], None] = _let_go) -> int:
    """Run the program; return its exit code (CONTRACT section 2).

    *keep* is given what the run made.
    """
    _name_files_in_utf8()
    _speak_any_language()
    try:
        options = parsed(argv)
        options.cache = _cache_folder(options)
        if options.watch:
            return _watch(options)
        return _run(options, keep)
    except KeyboardInterrupt:
        _say_problems("interrupted; nothing half-written is left behind")
        return EXIT_INTERRUPTED
    except OSError as failed:
        _say_problems(str(_no_access(failed)))
        return EXIT_PROBLEMS
    finally:
        for stream in (sys.stdout, sys.stderr):
            _print("", stream, flush=True)


def _no_access(failed: OSError, place: Path = Path()) -> Problem:
    """Return a problem for what the system refused: at *place*, where it does not say itself."""
    from deckbuilder.problems import Location, error, shown
    from deckbuilder.replacing import of_ours, reason

    if named := failed.filename2 or failed.filename:
        place = Path(os.fsdecode(named))
        place = place.parent if of_ours(place) else place
    return error("no-access", Location(shown(place)), reason(failed))


def _name_files_in_utf8() -> None:
    """Begin anew in UTF-8 where the locale could not even name the notes' files."""
    if sys.getfilesystemencoding().lower() != "utf-8" and os.environ.get("PYTHONUTF8") != "1":
        environment = {**os.environ, "PYTHONUTF8": "1"}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)


def _speak_any_language() -> None:
    """Make output survive a terminal or locale that does not know the notes' letters."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed before the program began
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding=_for_any_language(stream.encoding), errors="replace")


def _for_any_language(encoding: str | None) -> str | None:
    """Return UTF-8 where *encoding* has no Chinese; None, which changes nothing, elsewhere."""
    try:
        "中".encode(encoding or "ascii")
    except UnicodeEncodeError:
        return "utf-8"
    return None


# One run -------------------------------------------------------------------------------------


def _run(options: argparse.Namespace, keep: Callable[[object], None] = _let_go) -> int:
    if options.report and (problem := _unfit(options.report, options)):
        _say_problems(str(problem), "nothing was written")
        return EXIT_PROBLEMS
    kept_at = _manifest_path(options)
    known = manifest.load(kept_at) if kept_at else None
    if known and known.holds:
        return _repeat(known, options)
    gc.disable()  # until all is loaded: nothing of it goes
    from deckbuilder.beside import beside

    large = known is not None and known.notes >= PAYS_OFF_BESIDE
    with beside(_stages) if large and options.jobs != 1 else nullcontext() as other:
        code = _build(options, kept_at, keep, other)
    if options.cache and code == EXIT_OK:
        from deckbuilder.cache import Cache

        Cache(options.cache).sweep()
    return code


def _stages() -> Answering:
    """Return what makes notes of files, with all that it needs."""
    from deckbuilder import draft, work  # noqa: F401

    work.collect_rarely()
    return work.made_of


def _build(
    options: argparse.Namespace,
    kept_at: Path | None,
    keep: Callable[[object], None],
    other: Beside | None,
) -> int:
    from dataclasses import replace

    from deckbuilder import pipeline
    from deckbuilder.plan import summary
    from deckbuilder.problems import BuildError
    from deckbuilder.report import report, to_text
    from deckbuilder.work import collect_rarely

    collect_rarely()
    written, previewed = None, False
    try:
        with _Progress(options) as progress:
            _check_preview(options.preview)
            outcome = pipeline.plan(_request(options), progress.tick, other)
            keep(outcome)
            if not outcome.failed:
                previewed = _write_preview(options.preview, outcome)
                progress.tick("writing", 0, 0)
                written = None if options.check else pipeline.write(outcome)
    except BuildError as stopped:
        return _stopped(stopped.problems, options, previewed=previewed)
    except OSError as failed:
        return _stopped([_no_access(failed, options.preview or Path())], options)
    _say_problems(*map(str, outcome.problems))
    _write_report(options.report, lambda: to_text(report(outcome, written)))
    if not options.quiet:
        _say(*summary(outcome, written, verbose=options.verbose))
    if outcome.failed:
        _say_problems("errors: nothing was written")
        return EXIT_PROBLEMS
    if kept_at and written and (later := pipeline.next_time(outcome)):
        _remember(kept_at, later, replace(written, anew=False), options)
    return EXIT_OK


def _stopped(
    problems: Sequence[Problem], options: argparse.Namespace, *, previewed: bool = False
) -> int:
    """End a run that wrote neither lock nor package; or the lock alone, which its problem says."""
    from deckbuilder.report import failure, to_text

    _say_problems(*map(str, problems))
    _write_report(options.report, lambda: to_text(failure(tuple(problems))))
    if all(one.code != "package-failed" for one in problems):
        _say_problems(f"nothing was written{' but the preview' if previewed else ''}")
    return EXIT_PROBLEMS


def _remember(path: Path, later: Outcome, written: Written, options: argparse.Namespace) -> None:
    """Keep what the next run says where nothing changes until then."""
    from deckbuilder.plan import summary
    from deckbuilder.report import report, to_text

    kept = manifest.Manifest(
        tuple(map(str, later.problems)),
        tuple(summary(later, written, verbose=options.verbose)),
        to_text(report(later, written)),
        len(later.deck.notes),
    )
    manifest.save(path, kept, later.seen, [later.setting.places.lock, later.setting.output])


def _repeat(known: manifest.Manifest, options: argparse.Namespace) -> int:
    """Say again what the last run said: nothing has changed since."""
    _say_problems(*known.problems)
    _write_report(options.report, lambda: known.report)
    if not options.quiet:
        _say(*known.summary)
    return EXIT_OK


def _cache_folder(options: argparse.Namespace) -> Path | None:
    asked: Path | None = options.cache
    if options.no_cache or asked:
        return asked
    from platformdirs import user_cache_path

    return user_cache_path("deckbuilder", appauthor=False)


def _manifest_path(options: argparse.Namespace) -> Path | None:
    """Return where a run that has nothing to do is remembered; None where that cannot be."""
    special = (options.check, options.adopt, options.merge_lock, options.restructure)
    if options.cache is None or options.preview or any(special):
        return None
    shaping = {k: v for k, v in vars(options).items() if k not in {"report", "quiet", "jobs"}}
    return manifest.path_for(options.cache, [f"{k}={v}" for k, v in sorted(shaping.items())])


def _request(options: argparse.Namespace) -> Request:
    from deckbuilder.setting import Request

    return Request(
        notes=tuple(options.notes) or (Path("source"),),
        now_ms=time.time_ns() // 1_000_000,
        output=options.output,
        name=options.name,
        config=options.config,
        lock=options.lock,
        media=tuple(options.media),
        adopt=options.adopt,
        strict=options.strict,
        restructure=options.restructure,
        merge_lock=options.merge_lock,
        offline=options.offline,
        jobs=options.jobs,
        cache=options.cache,
    )


# Watching ------------------------------------------------------------------------------------


def _watch(options: argparse.Namespace) -> int:
    """Build whenever something changes. Ctrl-C is how it ends, and exits as everywhere: 130."""
    from deckbuilder.setting import places
    from deckbuilder.watch import watch

    where = places(_request(options))
    to_come = [path for path in options.notes if not path.exists()]
    folders = [*to_come, *where.roots, *where.media]
    watch(folders, [where.config, where.lock], lambda: _watched_run(options))
    return EXIT_INTERRUPTED


def _watched_run(options: argparse.Namespace) -> list[Path]:
    """Build once, whatever is wrong, and return the files that this wrote."""
    start = time.perf_counter()
    try:
        code = _run(options)
    except OSError as failed:
        _say_problems(str(_no_access(failed)))
        code = EXIT_PROBLEMS
    verdict = "built" if code == EXIT_OK else "not built"
    seconds = time.perf_counter() - start
    _say(f"{verdict} in {seconds:.2f} s; waiting for changes, Ctrl-C ends")
    _print("", sys.stdout, flush=True)
    return _written_by(options)


def _written_by(options: argparse.Namespace) -> list[Path]:
    from deckbuilder.problems import BuildError
    from deckbuilder.setting import set_up

    asked = [path for path in (options.report, options.preview) if path]
    try:
        setting, _ = set_up(_request(options))
    except BuildError:
        return asked
    return [*asked, setting.places.lock, setting.output]


# Printing ------------------------------------------------------------------------------------


def _say(*lines: str) -> None:
    for line in map(_plain, lines):
        heading = _is_dressed(sys.stdout) and not line.startswith(" ")
        _print(f"\x1b[1m{line}\x1b[0m\n" if heading else f"{line}\n", sys.stdout)


def _say_problems(*lines: str) -> None:
    for line in map(_plain, lines):
        _print(f"{_coloured(line) if _is_dressed(sys.stderr) else line}\n", sys.stderr)


def _is_dressed(stream: TextIO) -> bool:
    """Return whether lines get colour and weight: on terminals, unless NO_COLOR asks for none."""
    return _is_terminal(stream) and not os.environ.get("NO_COLOR")


def _is_terminal(stream: TextIO) -> bool:
    """Return whether *stream* acts upon escape sequences; Windows' consoles do when told to."""
    acts = stream.isatty() and os.environ.get("TERM") != "dumb"  # as in Emacs
    if acts and sys.platform == "win32":
        import ctypes
        import msvcrt

        console, mode = ctypes.windll.kernel32, ctypes.c_ulong()
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(stream.fileno()))
        acts = console.GetConsoleMode(handle, ctypes.byref(mode))  # NUL only seems a terminal
        acts = acts and console.SetConsoleMode(handle, mode.value | _ACTS_UPON_ESCAPES)
    return bool(acts)


_ACTS_UPON_ESCAPES = 4
"""ENABLE_VIRTUAL_TERMINAL_PROCESSING; consoles of before Windows 10 refuse it."""


def _plain(line: str) -> str:
    """Return *line* without what a terminal acts upon, and as one line; notes may hold anything."""
    return _ACTED_UPON.sub("\ufffd", line)


_ACTED_UPON = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Controls, ends of lines, and what turns the letters after it around."""


def _print(text: str, stream: TextIO, *, flush: bool = False) -> None:
    """Print; that nobody listens any more changes nothing about the run."""
    try:
        print(text, end="", file=stream, flush=flush)
    except OSError:
        # What is left goes nowhere, or Python itself would complain at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


_COLOURS = {": error: ": "\x1b[31m", ": warning: ": "\x1b[33m", ": note: ": "\x1b[36m"}


def _coloured(line: str) -> str:
    for mark, colour in _COLOURS.items():
        before, found, after = line.partition(mark)
        if found:
            return f"\x1b[1m{before}\x1b[0m{colour}{found}\x1b[0m{after}"
    return line


def _check_preview(folder: Path | None) -> None:
    """Refuse a folder that is not ours before anything is written."""
    if folder is not None:
        from deckbuilder.preview.folder import check_folder

        check_folder(folder)


def _write_preview(folder: Path | None, outcome: Outcome) -> bool:
    """Write the preview if one is asked for, and return whether it is."""
    if folder is None:
        return False
    from deckbuilder.preview.folder import write_preview

    write_preview(outcome.deck, outcome.identified.changes, outcome.problems, folder)
    return True


def _unfit(report: Path, options: argparse.Namespace) -> Problem | None:
    """Return why *report* cannot be written, or must not: what is there is something else."""
    from deckbuilder.problems import Location, error
    from deckbuilder.replacing import folder_beside
    from deckbuilder.setting import places

    try:
        where = places(_request(options))
        if report.resolve() in {where.lock.resolve(), where.config.resolve()}:
            message = "is where this deck's lock or settings belong; name another file"
            return error("report-file", Location(report.as_posix()), message)
        if report.exists() and not (report.is_file() and _begins_a_report(report)):
            message = "already exists and is not a report of an earlier run; name another file"
            return error("report-file", Location(report.as_posix()), message)
        with folder_beside(report.resolve()):
            return None
    except OSError as failed:
        return _no_access(failed, report)


def _begins_a_report(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16).startswith((b'{\n "deck": ', b'{\n "problems": ')) or not file.tell()


def _write_report(path: Path | None, make: Callable[[], str]) -> None:
    """Write the report if one is asked for; what only now stands in its way is said, no more."""
    if path is None:
        return
    from deckbuilder.problems import warning
    from deckbuilder.replacing import put, sweep

    try:
        sweep(path)
        put(path, [make().encode("utf-8", "replace")])
    except OSError as failed:
        problem = _no_access(failed, path)
        _say_problems(str(warning(problem.code, problem.where, problem.message)))


class _Progress:
    """A line on the terminal for work of more than half a second; nothing anywhere else."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._shown = not options.quiet and _is_terminal(sys.stderr)
        self._start = self._since = time.perf_counter()
        self._drawn = 0.0
        """When; 0 where no line is to be seen."""
        self._what = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._drawn:
            _print("\r\x1b[K", sys.stderr, flush=True)

    def tick(self, what: str, done: int, total: int) -> None:
        """Show how far the work is, ten times a second at most."""
        now = time.perf_counter()
        often = what == self._what and now - self._drawn < 0.1
        if what != self._what:
            self._what, self._since = what, now
        if not self._shown or often or now - self._start < 0.5:
            return
        rate = f", {done / (now - self._since):.0f} a second" if done and now > self._since else ""
        count = f": {done} of {total}{rate}" if total else ""
        _print(f"\r\x1b[K{_plain(what)}{count}", sys.stderr, flush=True)
        self._drawn = now
