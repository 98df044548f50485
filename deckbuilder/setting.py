"""What a run has to go by: the request, where things lie, and the settings."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path

from deckbuilder.characters import composed
from deckbuilder.config import Config, load_config
from deckbuilder.problems import BuildError, Location, Problem, error, shown, warning
from deckbuilder.read import notes_folder


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
class Places:
    """Where a run reads; nothing need be there."""

    roots: tuple[Path, ...]
    """The notes folders; settings and lock lie in the first."""
    media: tuple[Path, ...]
    """Folders where pictures may lie, beside the notes folders."""
    config: Path
    lock: Path


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run has to go by: where things are, and what the settings say."""

    request: Request
    places: Places
    config: Config
    name: str
    """Of the deck."""
    output: Path


def places(request: Request) -> Places:
    """Return where notes, pictures, settings and lock are, without reading any."""
    roots = tuple(dict.fromkeys(notes_folder(argument) for argument in request.notes))
    beside = (root.resolve().parent / "media" for root in roots)
    return Places(
        roots,
        (*request.media, *dict.fromkeys(beside)),
        request.config or roots[0] / "deck.toml",
        request.lock or roots[0] / "deck.lock",
    )


def set_up(request: Request) -> tuple[Setting, list[Problem]]:
    """Return where everything is. Raises BuildError where the settings are wrong."""
    where = places(request)
    _check_ordinary(where.lock, *([] if request.config else [where.config]))
    config = _config(request, where.config)
    name, problems = _deck_name(request, config, where.roots[0], where.config)
    missing = [folder for folder in request.media if not folder.is_dir()]
    problems += [error("media-missing", Location(shown(one)), "no such folder") for one in missing]
    output = request.output or Path("build", _file_name(name) + ".apkg")
    _check_ordinary(output)
    return Setting(request, where, config, name, output), problems


def _check_ordinary(*files: Path) -> None:
    """Raise BuildError for devices and pipes, or links to them: to read one may never end."""
    for file in files:
        with contextlib.suppress(OSError):  # who reads or writes it will say why
            if file.exists() and not (file.is_file() or file.is_dir()):
                message = "is a device or a pipe, not a file; remove it or name another"
                raise BuildError([error("no-access", Location(shown(file)), message)])


def _config(request: Request, path: Path) -> Config:
    if request.config is not None and not request.config.exists():
        raise BuildError([error("config-missing", Location(shown(path)), "no such file")])
    return load_config(path, shown(path))


def _deck_name(
    request: Request, config: Config, folder: Path, config_path: Path
) -> tuple[str, list[Problem]]:
    if named := request.name or config.deck.name:
        return named, []
    name = composed(folder.resolve().name) or "Notes"
    if not any(argument.exists() for argument in request.notes):
        return name, []  # nothing will be built
    message = (
        f"the deck is called {name!r} after its folder; name it before you study, with "
        f'[deck] name = "…" in deck.toml or with --name: two decks of one name share their notes'
    )
    return name, [warning("deck-name", Location(shown(config_path)), message)]


def _file_name(deck: str) -> str:
    """Return a deck name as the front of a file name that every system takes."""
    cleaned = "".join("-" if c in '<>:"/\\|?*' or ord(c) < 32 else c for c in deck)
    short = cleaned.replace("--", "-").strip(" .")[:80].encode()[:240].decode("utf-8", "ignore")
    return _DEVICE.sub(r"\1-", short) or "deck"


_DEVICE = re.compile(r"\A(con|prn|aux|nul|com\d|lpt\d)(?= *(?:\.|\Z))", re.IGNORECASE)
"""What names a device on Windows, whatever follows after a dot."""
