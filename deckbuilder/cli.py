"""The command line: parse, make a request, one call, print, return a code."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deckbuilder import __version__

if TYPE_CHECKING:
    from deckbuilder.pipeline import Outcome, Request, Written
    from deckbuilder.problems import Problem

EXIT_OK, EXIT_PROBLEMS, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code (CONTRACT section 2)."""
    _speak_utf8()
    options = _parser().parse_args(argv)
    try:
        return _run(options)
    except KeyboardInterrupt:
        print("interrupted; nothing half-written is left behind", file=sys.stderr)
        return EXIT_INTERRUPTED


def _speak_utf8() -> None:
    """Make output survive a terminal or locale that does not know the notes' letters."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            encoding = (stream.encoding or "").lower().replace("-", "")
            stream.reconfigure(
                encoding="utf-8" if encoding in {"", "ascii", "ansi_x3.41968"} else None,
                errors="replace",
            )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build_deck.py" if sys.argv[0].endswith("build_deck.py") else "deckbuilder",
        description="Turn Markdown notes into an Anki deck, and keep it true while they change.",
        epilog="exit status: 0 built, 1 errors and nothing written, 2 wrong usage, 130 interrupted",
    )
    add = parser.add_argument
    add(
        "notes",
        nargs="*",
        type=Path,
        metavar="NOTES",
        help="files or folders of notes (default: source/)",
    )
    add(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="the package (default: build/<deck name>.apkg)",
    )
    add("--name", default="", help="deck name (default: deck.toml, else the folder's name)")
    add(
        "--config",
        type=Path,
        metavar="FILE",
        help="settings (default: deck.toml in the first notes folder)",
    )
    add(
        "--lock",
        type=Path,
        metavar="FILE",
        help="identities (default: deck.lock in the first notes folder)",
    )
    add(
        "--media",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="further folder to look for pictures in; repeatable",
    )
    add("--check", action="store_true", help="say what a build would do, and write nothing")
    add("--report", type=Path, metavar="FILE", help="also write the run as JSON")
    add("--strict", action="store_true", help="warnings count as errors")
    add(
        "--restructure",
        action="store_true",
        help="choose the question headings anew instead of as deck.lock holds them",
    )
    add("--offline", action="store_true", help="fetch no pictures from the network")
    add(
        "--jobs",
        type=_count,
        default=0,
        metavar="N",
        help="worker processes (default: as many as pay off)",
    )
    cache = parser.add_mutually_exclusive_group()
    cache.add_argument(
        "--cache",
        type=Path,
        metavar="DIR",
        help="where finished work is kept (default: the platform's cache folder)",
    )
    cache.add_argument("--no-cache", action="store_true", help="neither use nor keep any")
    quiet = parser.add_mutually_exclusive_group()
    quiet.add_argument("-q", "--quiet", action="store_true", help="print problems only")
    quiet.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="say also how questions were found, and seconds by stage",
    )
    add("--version", action="version", version=f"deckbuilder {__version__}")
    return parser


def _count(text: str) -> int:
    """Return a number of processes; argparse turns the ValueError into a message."""
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def _cache_folder(options: argparse.Namespace) -> Path | None:
    if options.no_cache:
        return None
    from deckbuilder.cache import default_folder

    return options.cache or default_folder()


def _request(options: argparse.Namespace) -> Request:
    from deckbuilder.pipeline import Request

    return Request(
        notes=tuple(options.notes) or (Path("source"),),
        now_ms=time.time_ns() // 1_000_000,
        output=options.output,
        name=options.name,
        config=options.config,
        lock=options.lock,
        media=tuple(options.media),
        strict=options.strict,
        restructure=options.restructure,
        offline=options.offline,
        jobs=options.jobs,
        cache=_cache_folder(options),
    )


def _run(options: argparse.Namespace) -> int:
    from deckbuilder import pipeline
    from deckbuilder.problems import BuildError
    from deckbuilder.report import failure, report

    try:
        outcome = pipeline.plan(_request(options))
        written = None if options.check or outcome.failed else pipeline.write(outcome)
    except BuildError as stopped:
        problems = stopped.problems
        _print_problems(problems)
        _write_report(options.report, lambda: failure(problems))
        print("nothing was written", file=sys.stderr)
        return EXIT_PROBLEMS
    _print_problems(outcome.problems)
    _write_report(options.report, lambda: report(outcome, written))
    if not options.quiet:
        _print_summary(outcome, written, options)
    if outcome.failed:
        print("errors: nothing was written", file=sys.stderr)
        return EXIT_PROBLEMS
    return EXIT_OK


def _print_problems(problems: Sequence[Problem]) -> None:
    for problem in dict.fromkeys(problems):
        print(problem, file=sys.stderr)


def _write_report(path: Path | None, make: Callable[[], dict[str, Any]]) -> None:
    if path is None:
        return
    from deckbuilder.report import to_text

    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_text(to_text(make()), "utf-8")
    temporary.replace(path)


def _print_summary(outcome: Outcome, written: Written | None, options: argparse.Namespace) -> None:
    from deckbuilder.plan import plan_text, summarise

    if options.verbose:
        for file in outcome.files:
            print(f"{file.name}: {len(file.drafts)} notes; {file.why}")
        for name, count in outcome.removed.items():
            print(f"removed {name}: {count}")
        for skip in outcome.skipped:
            print(f"skipped {skip.path}:{skip.line}: {skip.heading or '(no heading)'}: {skip.why}")
    plan = summarise(
        outcome.identified.changes, outcome.old_lock, outcome.identified.lock, outcome.deck.notes
    )
    for line in plan_text(plan, verbose=options.verbose):
        print(line)
    notes, cards = len(outcome.deck.notes), sum(len(n.draft.ords) for n in outcome.deck.notes)
    merged = f", {outcome.merged} merged" if outcome.merged else ""
    media = f", {len(outcome.deck.media)} media files" if outcome.deck.media else ""
    print(f"{outcome.deck.name}: {notes} notes, {cards} cards{merged}{media}")
    if written:
        print(f"wrote {outcome.output} ({written.size / 1e6:.1f} MB): import it into Anki")
    if options.verbose:
        print("seconds: " + ", ".join(f"{k} {v:.2f}" for k, v in outcome.seconds.items()))
