r"""``\(…\)`` and ``\[…\]``, beside the dollar signs that a library knows.

They must be seen before Markdown takes ``\(`` for an escaped bracket.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from deckbuilder.syntax.lines import line_at

_INLINE = re.compile(r"\\\((?=\S)((?:[^\\\n]|\\(?!\))[^\n]|\n(?!\s*\n))+?)\\\)")
_DISPLAY = re.compile(r"\\\[((?:[^\\]|\\(?!\]).)+?)\\\]", re.DOTALL)
_MAX_LINES = 200


def _bracket_math(state: StateInline, silent: bool) -> bool:
    for opening, pattern, kind in (
        ("\\(", _INLINE, "math_inline"),
        ("\\[", _DISPLAY, "math_inline_double"),
    ):
        if not state.src.startswith(opening, state.pos):
            continue
        found = pattern.match(state.src, state.pos, state.posMax)
        if found is None or (kind == "math_inline_double" and not _looks_like_math(found[1])):
            return False
        if not silent:
            token = state.push(kind, "math", 0)
            token.content = found[1]
            token.markup = opening
        state.pos = found.end()
        return True
    return False


def _looks_like_math(text: str) -> bool:
    r"""Return whether ``\[…\]`` is not just escaped square brackets, as in ``\[1\]``."""
    return bool(re.search(r"[\\^_=+<>{}]|\n", text))


def _bracket_math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    first = line_at(state, start)
    if not first.startswith("\\[") or state.sCount[start] - state.blkIndent >= 4:
        return False
    lines = [first[2:]]
    last = start
    while "\\]" not in lines[-1]:
        last += 1
        if last >= min(end, start + _MAX_LINES) or state.sCount[last] < state.blkIndent:
            return False
        lines.append(line_at(state, last))
    content, _, rest = lines[-1].partition("\\]")
    if rest.strip() or (last == start and not _looks_like_math(content)):
        return False
    if not silent:
        token = state.push("math_block", "math", 0)
        token.content = "\n".join([*lines[:-1], content]).strip("\n")
        token.map = [start, last + 1]
        state.line = last + 1
    return True


def bracket_math_plugin(md: MarkdownIt) -> None:
    """Add both rules."""
    md.inline.ruler.before("escape", "bracket_math", _bracket_math)
    md.block.ruler.before(
        "fence", "bracket_math_block", _bracket_math_block, {"alt": ["paragraph", "reference"]}
    )
