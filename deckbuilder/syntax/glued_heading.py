"""A heading glued to the end of a line: ``…the theme.**### Part one``.

Works on paragraphs before their inline content is parsed, never inside code spans.
"""

from __future__ import annotations

import re

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from deckbuilder.syntax.shared import CODE_SPAN, text_block

_CODE_SPAN = re.compile(CODE_SPAN, re.DOTALL)
_GLUED = re.compile(r"(?<=[^\s#\\\w&/('\"\[<`=-])(#{2,6})[ \t]+(\S[^\n]*)")


def _split(inline: Token) -> list[tuple[int, str, int]] | None:
    """Return (heading level or 0, text, line offset) parts, or None where nothing is glued."""
    text = inline.content
    if "##" not in text:
        return None
    masked = _CODE_SPAN.sub(lambda m: "`" * len(m[0]), text)
    parts: list[tuple[int, str, int]] = []
    position = 0
    for found in _GLUED.finditer(masked):
        parts.append((0, text[position : found.start()].strip(), text.count("\n", 0, position)))
        heading = text[found.start(2) : found.end(2)].rstrip().rstrip("#").rstrip()
        parts.append((len(found[1]), heading, text.count("\n", 0, found.start())))
        position = found.end()
    if not parts:
        return None
    parts.append((0, text[position:].strip(), text.count("\n", 0, position + 1)))
    return [part for part in parts if part[1]]


def _block(parts: list[tuple[int, str, int]], opening: Token, inline: Token) -> list[Token]:
    tokens: list[Token] = []
    first = inline.map[0] if inline.map else 0
    for level, text, offset in parts:
        name, tag = ("heading", f"h{level}") if level else ("paragraph", "p")
        lines = (first + offset, first + offset + 1 + text.count("\n"))
        tokens += text_block(name, tag, text, lines, opening.level, markup="#" * level)
    return tokens


def glued_heading(state: StateCore) -> None:
    """Part such headings from their paragraphs."""
    tokens: list[Token] = []
    index = 0
    while index < len(state.tokens):
        token = state.tokens[index]
        parts = _split(state.tokens[index + 1]) if token.type == "paragraph_open" else None
        if parts is None:
            tokens.append(token)
            index += 1
        else:
            tokens += _block(parts, token, state.tokens[index + 1])
            index += 3
    state.tokens = tokens
