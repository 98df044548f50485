"""Code coloured at build time: spans with Pygments' short classes, no style of their own."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

_LONGEST = 200_000
"""Characters: longer code stays plain; some lexers are slow on it."""


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def escape(text: str) -> str:
    """Return *text* as HTML, in the form that an HTML5 serialiser gives it."""
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\xa0", "&nbsp;")
    )


def highlight(code: str, language: str) -> str:
    """Return *code* as HTML spans; plain where the language is unknown."""
    lexer = _lexer(language.lower()) if language and len(code) <= _LONGEST else None
    if lexer is None:
        return escape(code)
    from pygments.token import STANDARD_TYPES

    parts: list[str] = []
    current, pending = "", ""
    for kind, text in lexer.get_tokens(code):
        name = STANDARD_TYPES.get(kind) or _nearest_name(kind)
        if name in {"w", "l"} or not text.strip():
            name = current if not text.strip() else ""
        if name == current:
            pending += text
        else:
            parts.append(_span(current, pending))
            current, pending = name, text
    parts.append(_span(current, pending))
    return "".join(parts)


def _nearest_name(kind: _TokenType) -> str:
    """Return the class of the closest kind above that has one."""
    from pygments.token import STANDARD_TYPES

    above = kind.parent
    while above is not None and above not in STANDARD_TYPES:
        above = above.parent
    return STANDARD_TYPES[above] if above is not None else ""


def _span(name: str, text: str) -> str:
    if not text:
        return ""
    return f'<span class="{name}">{escape(text)}</span>' if name else escape(text)
