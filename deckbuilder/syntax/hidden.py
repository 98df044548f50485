"""What programs keep in a note and do not show: ``%%comments%%``, ``id:: 64f…``, ``*[abbr]: …``.

A comment becomes one of HTML, which all stages know to be nothing; a property goes.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline

from deckbuilder.characters import regex
from deckbuilder.syntax.shared import CODE_SPAN, NOTHING, line_at, push_lines, reads, rewrite

_COMMENT = regex(r"(?<![0-9%\\])%%(?!%)[^%]+(?:%(?!%)[^%]*)*%%(?![%A-Za-z0-9])")
"""``100%% of 50%%`` is none, nor are the magics ``%%time`` and ``%%timeit``."""
_LAST_LINE = regex(r"(?:[^%\n]|%(?!%))*(?<![0-9%])%%[ \t]*")
_LINE_END = regex(r"[ \t]*(?:\n|$)")
_FENCE = regex(r"^[ \t>]*(?:```|~~~)", re.MULTILINE)
_PROPERTY = regex(
    r"^(?::LOGBOOK:\n(?:CLOCK:.*\n)*:END:|(?:SCHEDULED|DEADLINE): <[^<>\n]*>[ \t]*|"
    r"(?:id|collapsed|heading|background-color|created-at|updated-at|hl-\w+|ls-type|"
    r"card-[\w-]+|logseq\.[\w.-]+)::(?:[ \t].*)?|\*\[[^\]\n]+\]:[ \t][^*\n]*)(?:\n|$)",
    re.MULTILINE,
)
_BLOCK_ID = regex(r"^id::[ \t]*([0-9a-f-]{36})[ \t]*$", re.MULTILINE)
_REFERENCE = regex(
    rf"{CODE_SPAN}|(?<!\]\()(?:\{{\{{embed\s+)?\(\(([0-9a-f-]{{36}})\)\)(?:\s*\}}\}})?", re.DOTALL
)
"""``((id))`` or ``{{embed ((id))}}``: the text of the block that has the id."""

_OF_PAGE = regex(
    r"(?:[^\W\d_#][^:\n]{0,39}:(?:[ \t].*)?(?:\n|$))*(?:Created|Last edited|创建|最后编辑|上次编辑)"
    r"[^:\n]{0,9}: .*\d.*(?:\n[^\W\d_#][^:\n]{0,39}:(?:[ \t].*)?)*",
    re.IGNORECASE,
)
"""The properties of a page that Notion writes below its title: one of them is a date."""


def _is_comment(found: re.Match[str]) -> bool:
    """Return whether what was found is a comment, and no two signs in a sentence."""
    tight = "\n" not in found[0] and not (found[0][2].isspace() or found[0][-3].isspace())
    return tight or _LINE_END.match(found.string, found.end()) is not None


def _push_nothing(state: StateInline, _: re.Match[str]) -> None:
    state.push("html_inline", "", 0).content = NOTHING


hidden_comment = reads(_COMMENT, _push_nothing, _is_comment)


def comment_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a comment that takes whole lines."""
    text = line_at(state, start)
    if not text.startswith("%%") or text.startswith("%%%") or state.is_code_block(start):
        return False
    last = start
    if "%%" in text[2:]:
        if not _COMMENT.fullmatch(text.rstrip()):
            return False
    else:
        next_mark = state.src.find("%%", state.eMarks[start], state.eMarks[end - 1])
        last = bisect_right(state.bMarks, next_mark, start, end) - 1
        if next_mark < 0 or not _LAST_LINE.fullmatch(line_at(state, last)):
            return False
        if len(_FENCE.findall(state.src, state.eMarks[start], next_mark)) % 2:
            return False  # the mark stands in code
    if not silent:
        push_lines(state, "html_block", "", NOTHING, (start, last + 1))
    return True


def braced_comment(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read ``{/* comment */}``, as MDX has it, over lines or on one."""
    if not line_at(state, start).startswith("{/*") or state.is_code_block(start):
        return False
    stop = state.src.find("*/}", state.bMarks[start], state.eMarks[end - 1])
    last = bisect_right(state.bMarks, stop, start, end) - 1
    if stop < 0 or state.src[stop + 3 : state.eMarks[last]].strip():
        return False
    if not silent:
        push_lines(state, "html_block", "", NOTHING, (start, last + 1))
    return True


def properties(state: StateCore) -> None:
    """Leave out abbreviations, and how Logseq shows its blocks; show those that it refers to."""
    tokens = state.tokens
    empty: set[int] = set()
    texts: dict[str, str] = {}
    last = ""
    for index, token in enumerate(tokens):
        if token.type == "inline" and tokens[index - 1].type == "paragraph_open":
            named = _BLOCK_ID.search(token.content)
            if _PROPERTY.search(token.content):
                token.content = _PROPERTY.sub("", token.content).rstrip()
                if not token.content:
                    empty.update((index - 1, index, index + 1))
            if named:
                texts[named[1]] = token.content or last
        last = token.content or last
    if texts:
        rewrite(state, _REFERENCE, lambda at: texts.get(at[2], at[0]))
    if empty:
        state.tokens = [token for index, token in enumerate(tokens) if index not in empty]


def page_properties(state: StateCore) -> None:
    """Leave out the first paragraph, below the title, where it says when the page was made."""
    first = 3 if state.tokens and state.tokens[0].type == "heading_open" else 0
    block = state.tokens[first : first + 3]
    is_paragraph = len(block) == 3 and block[0].type == "paragraph_open"
    if is_paragraph and _OF_PAGE.fullmatch(block[1].content):
        del state.tokens[first : first + 3]
