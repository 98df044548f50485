"""The settings at the top of a note file: YAML between ``---``, or TOML between ``+++``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from deckbuilder.model import FrontMatter, SourceFile
from deckbuilder.problems import Location, Problem, line_in, warning

if TYPE_CHECKING:
    import yaml

_FRONT = re.compile(r"(---|\+\+\+)[ \t]*\n(.*?\n)??(?:\1|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
"""The second form as Hugo and Zola have it."""

_CARDS = re.compile(r"^\d{1,4}\. .+\n(?:.*\n){0,8}?> ", re.MULTILINE)
"""Questions and quoted answers: a block of cards between rules, not of settings."""


class _UnreadableError(ValueError):
    """Says why a block cannot be read, and at which 1-based line of the file."""

    def __init__(self, reason: object, line: int) -> None:
        super().__init__(reason)
        self.line = line


def front_matter(file: SourceFile) -> tuple[FrontMatter, str, list[Problem]]:
    """Return the settings of the block at the top, and the text with that block blanked."""
    found = _FRONT.match(file.text)
    inside = found[2] or "" if found else ""
    if found is None or _CARDS.search(inside):
        return FrontMatter(), file.text, []
    kind, read, sign = (
        ("TOML", _toml, r"\s*=") if found[1] == "+++" else ("YAML", _as_meant, r":(\s|$)")
    )
    rest = _blank(file.text, found.end())
    try:
        data = read(inside)
        front, problems = _front_of(data if isinstance(data, dict) else {}, file.path, found[0])
        "".join((front.title, front.deck, *front.tags)).encode()  # half a character is none
    except (ValueError, LookupError, AttributeError, RecursionError) as broken:
        if not re.search(rf"^[\w-]+{sign}", inside, re.MULTILINE):
            return FrontMatter(), file.text, []
        reason = str(broken) if isinstance(broken, ValueError) else "not readable"
        message = f"front matter is not valid {kind}: {reason}"
        where = Location(file.path, getattr(broken, "line", 1))
        return FrontMatter(), rest, [warning("front-matter", where, message)]
    if data is not None and not isinstance(data, dict):
        return FrontMatter(), file.text, []
    return front, rest, problems


def _toml(text: str) -> dict[str, Any]:
    """Return what a block of TOML sets. Raises ValueError."""
    import tomllib

    try:
        data = tomllib.loads("\n" + text)  # below its mark, as in the file
    except (ValueError, RecursionError) as broken:
        raise _UnreadableError(broken, line_in(str(broken)) or 1) from broken
    kinds = data.get("taxonomies")
    return {**(kinds if isinstance(kinds, dict) else {}), **data}


def _as_meant(text: str) -> object:
    """Return what a block of YAML says, with quotes around values that lack them.

    Raises ValueError where that does not help; others where YAML itself stumbles.
    """
    import yaml

    try:
        try:
            return yaml.load(text, _loader())
        except yaml.YAMLError:
            return yaml.load(_STUMBLED_OVER.sub(_quoted, text), _loader())
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        reason = getattr(broken, "problem", None) or "not readable"
        raise _UnreadableError(reason, mark.line + 2 if mark else 1) from broken


def _quoted(found: re.Match[str]) -> str:
    value = found[2].replace("'", "''")
    return f"{found[1]} '{value}'"


_STUMBLED_OVER = re.compile(
    r"^([A-Za-z_][\w-]*:)[ \t]+"
    r"([^\"'\[{|>\s].*:(?:[ \t].*)?|[@`%].*|(?:\[\[|\{\{).*|([\"']).*(?!\3)\S)[ \t]*$",
    re.MULTILINE,
)
"""A line ``title: paper: X``, ``title: @home``, ``up: [[Page]]``, ``day: {{date}}`` or
``title: "A" and B``."""


@cache
def _loader() -> type[yaml.SafeLoader]:
    """Return what reads YAML that is safe to load, and no alias: a few can stand for gigabytes."""
    import yaml

    class Loader(yaml.SafeLoader):
        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            if self.check_event(yaml.AliasEvent):
                mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
                raise yaml.MarkedYAMLError(problem="an alias (*) cannot be used", problem_mark=mark)
            return super().compose_node(parent, index)

    return Loader


def _blank(text: str, stop: int) -> str:
    return "\n" * text.count("\n", 0, stop) + text[stop:]


def _front_of(data: Mapping[Any, Any], path: str, block: str) -> tuple[FrontMatter, list[Problem]]:
    """Return what *data* sets, and problems with it at their lines of *block*."""
    problems: list[Problem] = []

    def complain(key: str, wanted: str) -> None:
        set_at = re.search(rf"""^["']?{key}["']?[ \t]*[:=]""", block, re.MULTILINE)
        line = block.count("\n", 0, set_at.start()) + 1 if set_at else 1
        problems.append(warning("front-matter", Location(path, line), f"{key} must be {wanted}"))

    front = FrontMatter(
        title=_text(data, "title", complain),
        tags=_tags(data.get("tags") or (), complain),
        deck=_text(data, "deck", complain),
        card_level=_level(data.get("card_level"), complain),
        plugin=any(key in data for key in _PLUGINS),
    )
    return front, problems


_PLUGINS = ("kanban-plugin", "excalidraw-plugin")
_Complain = Callable[[str, str], None]
_ONE_VALUE = (str, int, float, date)


def _text(data: Mapping[Any, Any], key: str, complain: _Complain) -> str:
    value = data.get(key)
    if value is not None and not isinstance(value, _ONE_VALUE):
        complain(key, "a single string")
        return ""
    return str(value or "").strip()


def _tags(value: object, complain: _Complain) -> tuple[str, ...]:
    if isinstance(value, str):
        value = re.split(r"[,\s]+" if "," not in value else r"\s*,\s*", value.strip())
    tags = [value] if isinstance(value, _ONE_VALUE) else value
    if isinstance(tags, (list, tuple)) and all(
        isinstance(t, (*_ONE_VALUE, type(None))) for t in tags
    ):
        words = tuple(str(tag).strip() for tag in tags if tag is not None)
        if len(words) <= _MOST_TAGS and len("".join(words)) <= 100 * _MOST_TAGS:
            return words
        complain("tags", f"{_MOST_TAGS} at most, and short: every note of the file gets them")
        return ()
    complain("tags", "words in a list, or separated by commas")
    return ()


_MOST_TAGS = 100


def _level(value: object, complain: _Complain) -> int:
    """Return 1 to 6, or 0 for ``auto`` and nothing; Obsidian puts quotes around numbers."""
    text = str(value)
    if re.fullmatch("[0-6]", text):
        return int(text)
    if value not in (None, "auto"):
        complain("card_level", f"auto or a number from 1 to 6, not {text[:40]!r}")
    return 0
