"""Inline tokens, cut by the characters that a reader sees."""

from __future__ import annotations

from collections.abc import Sequence

from deckbuilder.markdown import Token

__all__ = ["drop_empty_spans", "drop_prefix", "drop_suffix", "with_text"]


def with_text(token: Token, content: str) -> Token:
    """Return a token of text or code with *content* in its place."""
    return Token(token.type, token.tag, 0, content=content, markup=token.markup, meta=token.meta)


def drop_prefix(children: Sequence[Token], length: int) -> list[Token]:
    """Return inline tokens without the first *length* characters of their plain text."""
    result: list[Token] = []
    left = length
    for child in children:
        if left and child.type in {"text", "code_inline"}:
            content = child.content.lstrip() if not result else child.content
            taken = min(left, len(content))
            left -= taken
            child = with_text(child, content[taken:])
        result.append(child)
    return drop_empty_spans(result)


def drop_suffix(children: Sequence[Token], length: int) -> list[Token]:
    """Return inline tokens without the last *length* characters of their plain text."""
    result: list[Token] = []
    left = length
    for child in reversed(children):
        if left and child.type in {"text", "code_inline"}:
            content = child.content if result else child.content.rstrip()
            taken = min(left, len(content))
            left -= taken
            child = with_text(child, content[: len(content) - taken])
        result.append(child)
    return drop_empty_spans(result[::-1])


def drop_empty_spans(children: Sequence[Token]) -> list[Token]:
    """Return inline tokens without empty text and without spans that hold nothing."""
    result = [c for c in children if c.type != "text" or c.content]
    changed = True
    while changed:
        changed = False
        for index in range(len(result) - 1):
            opening, closing = result[index], result[index + 1]
            if opening.nesting == 1 and closing.nesting == -1 and opening.tag == closing.tag:
                del result[index : index + 2]
                changed = True
                break
    return result
