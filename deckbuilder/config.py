"""Settings: defaults, then ``deck.toml``; one frozen value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from deckbuilder.model import TagRules
from deckbuilder.problems import BuildError, Location, Problem, error, line_in
from deckbuilder.replacing import reason

SUBDECKS: Final = ("none", "file", "folder")


@dataclass(frozen=True, slots=True)
class DeckSettings:
    """``[deck]``: CONTRACT section 3."""

    name: str = ""
    """Empty: the notes folder's name, with a warning."""
    description: str = ""
    subdecks: str = "none"
    language: str = ""
    """BCP 47 tag for the fields' ``lang``; empty: detected from the text."""


@dataclass(frozen=True, slots=True)
class NotesSettings:
    """``[notes]``."""

    include: tuple[str, ...] = ()
    """Glob patterns relative to the notes folder; empty: all note files."""
    exclude: tuple[str, ...] = ()
    card_level: int = 0
    """1 to 6, or 0 for ``auto``."""
    skip_headings: tuple[str, ...] = ()
    cloze_marks: bool = False


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """``[media]``."""

    max_width: int = 1600
    """Pixels; 0 leaves pictures as they are."""
    remote: bool = True


@dataclass(frozen=True, slots=True)
class Config:
    """What ``deck.toml`` says; every key is optional."""

    deck: DeckSettings = DeckSettings()
    notes: NotesSettings = NotesSettings()
    tags: TagRules = TagRules()  # noqa: RUF009  # frozen
    media: MediaSettings = MediaSettings()


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a string in quotes")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError('a list of strings, such as ["one", "two"]')
    return tuple(value)


def _subdecks(value: object) -> str:
    if value not in SUBDECKS:
        raise TypeError(f"one of {', '.join(SUBDECKS)}")
    return str(value)


def _language(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"(?:[A-Za-z0-9]{1,8}(?:-|$))*+", value):
        raise TypeError('a language tag such as "zh" or "pt-BR"')
    return value


def _level(value: object) -> int:
    if value == "auto":
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 6:
        raise TypeError('"auto" or a number from 1 to 6')
    return value


def _width(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError("a number of pixels, 0 or more")
    return value


_Check = Callable[[Any], Any]
KEYS: Final[Mapping[str, Mapping[str, _Check]]] = {
    "deck": {"name": _text, "description": _text, "subdecks": _subdecks, "language": _language},
    "notes": {
        "include": _texts,
        "exclude": _texts,
        "card_level": _level,
        "skip_headings": _texts,
        "cloze_marks": _flag,
    },
    "tags": {"prefix": _text, "path": _flag, "headings": _flag, "auto": _flag},
    "media": {"max_width": _width, "remote": _flag},
}
"""Section -> its keys, and what a value has to be; README names each."""


def load_config(path: Path, shown: str) -> Config:
    """Return the settings in *path*, or the defaults where there is no such file.

    Raises BuildError with every unknown key and wrong value, at their lines.
    """
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return Config()
    except OSError as failed:
        raise BuildError([error("config-unreadable", Location(shown), reason(failed))]) from None
    except UnicodeDecodeError as broken:
        where = Location(shown, broken.object.count(b"\n", 0, broken.start) + 1)
        message = "this line is not valid UTF-8; save the file as UTF-8"
        raise BuildError([error("config-unreadable", where, message)]) from None
    import tomllib

    try:
        data = tomllib.loads(text)
        repr(data)  # numbers of thousands of digits fail here, not in a message about them
    except RecursionError:
        raise BuildError([error("config-syntax", Location(shown), "is nested too deep")]) from None
    except ValueError as broken:
        where = Location(shown, line_in(str(broken)))
        hint = '; text stands in straight quotes, "so"' if "Invalid value" in str(broken) else ""
        message = f"not valid TOML: {broken}{hint}"
        raise BuildError([error("config-syntax", where, message)]) from None
    config = Config()
    problems: list[Problem] = []
    for section, values in data.items():
        config, wrong = _with_section(config, section, values)
        for key, message in wrong:
            where = Location(shown, _line_of(text, section, key))
            problems.append(error("config-key", where, message))
    if problems:
        raise BuildError(problems)
    return config


def _with_section(
    config: Config, section: str, values: object
) -> tuple[Config, list[tuple[str, str]]]:
    """Return *config* with what a section says, and each key that is wrong with the reason."""
    sections = ", ".join(f"[{name}]" for name in (*KEYS, "topics"))
    if not isinstance(values, dict):
        return config, [("", f"{section!r} stands in no section; put it below one of {sections}")]
    if section not in KEYS and section != "topics":
        return config, [("", f"unknown section {section!r}; allowed: {sections}")]
    checked, wrong = {}, []
    for key, value in values.items():
        try:
            if section == "topics":
                checked[key] = _texts(value)
            elif key in KEYS[section]:
                checked[key] = KEYS[section][key](value)
            else:
                allowed = ", ".join(KEYS[section])
                wrong.append((key, f"unknown key {key!r} in [{section}]; allowed: {allowed}"))
        except TypeError as wanted:
            name = f"topic {key!r}" if section == "topics" else key
            wrong.append((key, f"{name} must be {wanted}, not {value!r}"))
    if section == "topics":
        return replace(config, tags=replace(config.tags, topics=tuple(checked.items()))), wrong
    return replace(config, **{section: replace(getattr(config, section), **checked)}), wrong


def _line_of(text: str, section: str, key: str) -> int:
    """Return the 1-based line where *key* of *section* is set, or the section begins; or 0."""
    section, key = (rf"""[ \t]*["']?{re.escape(name)}["']?[ \t]*""" for name in (section, key))
    ways = (
        rf"^[ \t]*\[{section}\].*\n(?:(?![ \t]*\[).*\n)*?(?={key}[=.])",
        rf"^(?=[ \t]*\[?{section}\.{key}[=\]])",
        rf"^(?=[ \t]*\[?{section}[=.\]])",
    )
    found = next(filter(None, (re.search(way, text, re.MULTILINE) for way in ways)), None)
    return text.count("\n", 0, found.end()) + 1 if found else 0
