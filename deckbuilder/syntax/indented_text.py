"""Chinese text that is indented like code: no code, but how people begin a paragraph."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock, code

from deckbuilder.characters import regex
from deckbuilder.syntax.shared import paragraph

_CJK = r"\u3001-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff01-\uff5e\u201c\u201d\u2026"
_FORMULA = regex(r"\$[^$\n]*\$|`[^`\n]*`")
_CODE = regex(
    r"[{}<>|=\u2500-\u257f]|//|/\*|;[ \t]*$|^[ \t]*[#$>*+-]|"
    r"\S(?: {3,}|\t)\S|^([ \t]*)\S.*\n\1[ \t]+\S",  # columns, and lines below a line
    re.MULTILINE,
)
_NO_TEXT = regex(rf"[^{_CJK}]")
_SENTENCE = regex(r"[。；：！？，]\s*$", re.MULTILINE)


def indented_text(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read an indented block as code, or as paragraphs whose lines stay lines."""
    if not code(state, start, end, silent):
        return False
    if not _is_text(state.tokens[-1].content):
        return True
    block = state.tokens.pop()
    line, stop = block.map or (start, start + 1)
    for run in re.split(r"\n(?:[ \t]*\n)+", block.content.strip("\n")):
        text = "  \n".join(part.strip() for part in run.split("\n"))
        state.tokens += paragraph(text, line, stop, state.level)
    return True


def _is_text(content: str) -> bool:
    """Return whether most of a block is Chinese, some of its lines end so, and none is code."""
    if not _SENTENCE.search(content):
        return False
    said = _FORMULA.sub("", content)
    letters = "".join(said.split())
    return len(_NO_TEXT.sub("", letters)) * 2 >= len(letters) and not _CODE.search(said)
