"""The options of the command line (CONTRACT section 2); README.md lists the same."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from deckbuilder import __version__

_EPILOG = "exit status: 0 built, 1 errors and nothing written, 2 wrong usage, 130 interrupted"


def parsed(words: Sequence[str] | None) -> argparse.Namespace:
    """Return what the command line says; notes may stand anywhere in it.

    Leaves the program with exit status 2 where it says something wrong.
    """
    made = parser()
    options, unknown = made.parse_known_intermixed_args(words)
    if unknown:
        made.error(f"unrecognized arguments: {' '.join(unknown)}{_meant(unknown[0], made)}")
    return options


def _meant(word: str, by: argparse.ArgumentParser) -> str:
    """Return a question for the option that *word* is nearest to, if it is near."""
    from difflib import get_close_matches

    names: Iterable[str] = (name for action in by._actions for name in action.option_strings)
    near = get_close_matches(word.partition("=")[0], list(names), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="build_deck.py" if sys.argv[0].endswith("build_deck.py") else "deckbuilder",
        description="Turn Markdown notes into an Anki deck, and keep it true while they change.",
        epilog=_EPILOG,
    )
    _add_places(made)
    _add_modes(made)
    _add_output(made)
    made.add_argument("--version", action="version", version=f"deckbuilder {__version__}")
    return made


def _add_places(to: argparse.ArgumentParser) -> None:
    def path(*names: str, metavar: str = "FILE", **more: Any) -> None:  # noqa: ANN401  # argparse's
        to.add_argument(*names, metavar=metavar, **{"type": Path, **more})

    path("notes", metavar="NOTES", nargs="*", help="files or folders of notes (default: source/)")
    path("-o", "--output", type=_package, help="the package (default: build/<deck name>.apkg)")
    to.add_argument("--name", default="", help="deck name (default: deck.toml, else the folder's)")
    path("--config", help="settings (default: deck.toml in the first notes folder)")
    path(
        "--lock", type=_no_package, help="identities (default: deck.lock in the first notes folder)"
    )
    path(
        "--media",
        metavar="DIR",
        action="append",
        default=[],
        help="another folder to look for pictures in; repeatable",
    )
    path("--report", type=_no_package, help="also write the run as JSON")
    path("--preview", metavar="DIR", help="also write the deck as a page to look at without Anki")
    path("--adopt", help="take over the history of an older deck's notes")


def _add_modes(to: argparse.ArgumentParser) -> None:
    def flag(name: str, help: str) -> None:
        to.add_argument(name, action="store_true", help=help)

    flag("--check", "say what a build would do, and write neither package nor lock")
    flag("--strict", "warnings count as errors")
    flag("--merge-lock", "settle a deck.lock that holds git's conflict marks")
    flag("--restructure", "choose the question headings anew, not as deck.lock holds them")
    flag("--offline", "fetch no pictures from the network")
    flag("--watch", "build again whenever notes, pictures or settings change")
    to.add_argument(
        "--jobs",
        type=_count,
        default=0,
        metavar="N",
        help="worker processes (default: as many as pay off)",
    )
    cache = to.add_mutually_exclusive_group()
    cache.add_argument(
        "--cache",
        type=Path,
        metavar="DIR",
        help="where finished work is kept (default: the platform's cache folder)",
    )
    cache.add_argument("--no-cache", action="store_true", help="do without a cache")


def _add_output(to: argparse.ArgumentParser) -> None:
    quiet = to.add_mutually_exclusive_group()
    quiet.add_argument("-q", "--quiet", action="store_true", help="print problems only")
    quiet.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="also say how questions were found, what was left out, and seconds by stage",
    )


def _package(text: str) -> Path:
    """Return where the package goes: never over a note or the lock, and Anki goes by the ending."""
    path = Path(text)
    if path.suffix.lower() != ".apkg":
        raise argparse.ArgumentTypeError(f"must end in .apkg, not {text!r}")
    return path


def _no_package(text: str) -> Path:
    """Return where lock or report goes: never over a package."""
    path = Path(text)
    if path.suffix.lower() == ".apkg":
        raise argparse.ArgumentTypeError(f"must not end in .apkg, as packages do: {text!r}")
    return path


def _count(text: str) -> int:
    """Return a number of processes."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, not {text!r}")
    return int(text)
