"""Code coloured at build time: spans with Pygments' short classes, no style of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deckbuilder.markup import escape
from deckbuilder.rendering.lexers import lexer_of

if TYPE_CHECKING:
    from pygments.token import _TokenType

_LONGEST = 200_000
"""Characters: longer code stays plain; some lexers are slow on it."""


def highlight(code: str, language: str) -> str:
    """Return *code* as HTML spans; plain where its language is unknown or a lexer changes it."""
    lexer = lexer_of(language.lower()) if language and len(code) <= _LONGEST else None
    if lexer is None:
        return escape(code)
    whole = f"{code}\n"  # some lexers pass over a line that has no end
    pieces = [(_CLASSES[kind], text) for kind, text in lexer.get_tokens(whole)]
    if "".join(text for _, text in pieces) != whole:
        return escape(code)
    parts: list[str] = []
    current, pending = "", ""
    for name, text in pieces:
        if name == current or not text or text.isspace():
            pending += text
        else:
            parts.append(_span(current, pending))
            current, pending = name, text
    parts.append(_span(current, pending.removesuffix("\n")))
    return "".join(parts)


class _Classes(dict["_TokenType", str]):
    """Kinds of tokens -> class of the closest kind that has one; none for plain text."""

    def __missing__(self, kind: _TokenType) -> str:
        from pygments.token import STANDARD_TYPES

        named: _TokenType | None = kind
        while named is not None and named not in STANDARD_TYPES:
            named = named.parent
        name = STANDARD_TYPES[named] if named is not None else ""
        self[kind] = name = "" if name in {"w", "l"} else name
        return name


_CLASSES = _Classes()


def _span(name: str, text: str) -> str:
    text = escape(text)
    return f'<span class="{name}">{text}</span>' if name else text
