"""What several rules need: to read a line, to build blocks, to rewrite text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

STOPS = r"\n$\\`=~^*_!\[\]<&%"
"""The characters at which plain text may end, for a class of a pattern."""

PLAIN = r"(?:[^\s<$\\:`~>*_+\-0-9\[{#%!?=]|\*+[^\s*]|\[[^\[\]\\\n]*\](?!:)|[0-9]+(?![0-9.)]))"
"""How text begins that is the beginning of nothing else, as a regular expression."""

CODE_SPAN = r"(?<!`)(`++).*?(?<!`)\1(?!`)"
"""A span of code, for what looks through text that is not parsed yet; it is the first group."""

NOTHING = "<!---->"
"""What stands for a part that is not shown: all stages know that it is nothing."""

InlineRule = Callable[[StateInline, bool], bool]


def reads(
    pattern: re.Pattern[str],
    push: Callable[[StateInline, re.Match[str]], None],
    is_meant: Callable[[re.Match[str]], object] = bool,
) -> InlineRule:
    """Return the rule for what *pattern* finds in a line: *push* adds its tokens."""

    def rule(state: StateInline, silent: bool) -> bool:
        found = pattern.match(state.src, state.pos, state.posMax)
        if found is None or not is_meant(found):
            return False
        if not silent:
            push(state, found)
        state.pos = found.end()
        return True

    return rule


def line_at(state: StateBlock, line: int) -> str:
    """Return the text of *line* without its indentation and line end."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def text_block(
    name: str, tag: str, text: str, lines: tuple[int, int], level: int, *, markup: str = ""
) -> list[Token]:
    """Return a block with nothing but *text* in it: a paragraph, a heading, a summary."""
    opening = Token(f"{name}_open", tag, 1, level=level, markup=markup, block=True)
    inline = Token("inline", "", 0, level=level + 1, content=text, block=True)
    opening.map, inline.map = [*lines], [*lines]
    inline.children = []
    closing = Token(f"{name}_close", tag, -1, level=level, markup=markup, block=True)
    return [opening, inline, closing]


def paragraph(text: str, start: int, stop: int, level: int, *, hidden: bool = False) -> list[Token]:
    """Return a paragraph as block tokens; a tight list hides its paragraphs."""
    block = text_block("paragraph", "p", text, (start, stop), level)
    block[0].hidden = block[2].hidden = hidden
    return block


def comment(text: str, lines: Sequence[int] | None = None) -> Token:
    """Return a comment as a block: how what is written otherwise says what the comments say."""
    place = [*lines] if lines else None
    return Token("html_block", "", 0, map=place, content=f"<!-- {text} -->\n", block=True)


def push_lines(
    state: StateBlock, kind: str, tag: str, content: str, lines: tuple[int, int]
) -> Token:
    """Add a block that is all that stands on *lines*, and return it."""
    token = state.push(kind, tag, 0)
    token.content, token.map = content, [*lines]
    state.line = lines[1]
    return token


def rewrite(state: StateCore, found: re.Pattern[str], put: Callable[[re.Match[str]], str]) -> None:
    """Replace what is *found* in text that is not parsed yet."""
    for token in state.tokens:
        if token.type == "inline":
            token.content = found.sub(put, token.content)


_DEPTH = "inner_blocks"
_DEEPEST = 20
"""Blocks inside of blocks that are parsed by themselves: each takes a stack of its own."""


def may_hold_blocks(state: StateBlock) -> bool:
    """Return whether `push_blocks` may still be called: blocks inside of blocks take a stack."""
    return bool(state.env.get(_DEPTH, 0) < _DEEPEST)


def push_blocks(state: StateBlock, text: str, line: int) -> None:
    """Add the blocks of *text*, which begins at *line*."""
    inner: list[Token] = []
    state.env[_DEPTH] = state.env.get(_DEPTH, 0) + 1
    state.md.block.parse(text, state.md, state.env, inner)
    state.env[_DEPTH] -= 1
    for token in inner:
        token.level += state.level
        if token.map:
            token.map = [max(token.map[0] + line, 0), token.map[1] + line]
    state.tokens += inner


def push_paragraph(state: StateBlock, text: str, line: int) -> None:
    """Add a paragraph of one line, unless *text* is empty."""
    if text:
        state.tokens += paragraph(text, line, line + 1, state.level)
