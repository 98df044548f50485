"""Keys and icons as MkDocs has them: ``++ctrl+c++`` shows keys, ``:material-home:`` goes."""

from __future__ import annotations

import re

from markdown_it.rules_core import StateCore

from deckbuilder.syntax.shared import CODE_SPAN, rewrite

_FOUND = re.compile(
    rf"{CODE_SPAN}"
    r"|(?<![\w:]):(?:material|octicons|fontawesome|simple)-[\w-]+:(?:\{[^{}\n]*\})?[ \t]?"
    r"|(?<![\w+])\+\+((?:ctrl|alt|shift|cmd|command|option|meta|win|windows|super|fn|enter|esc|"
    r"escape|tab|space|backspace|del|delete|insert|home|page-(?:up|down)|arrow-[a-z]+|f\d{1,2})"
    r"(?:\+[\w-]+){0,4})\+\+(?!\+)",
    re.DOTALL | re.IGNORECASE,
)


def keys(state: StateCore) -> None:
    """Put HTML for keys, and nothing for icons."""
    rewrite(state, _FOUND, _shown)


def _shown(found: re.Match[str]) -> str:
    if found[1]:
        return found[0]
    names = found[2].split("+") if found[2] else []
    return "+".join(f"<kbd>{name.capitalize()}</kbd>" for name in names)
