"""Rules for what says nothing: breaks, wrappers, empty headings, the question once more."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deckbuilder.cleaning.edit import drop_blocks, edit_inline
from deckbuilder.markdown import BREAKS, LINES, Token, last_blocks, plain_text
from deckbuilder.markup import without_lonely
from deckbuilder.model import Section

_BR = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ONLY_BR = re.compile(r"\s*(?:</?br\s*/?>\s*+)++", re.IGNORECASE)
_WRAPPER = re.compile(
    r"</?(?:div|p|center|b|strong|i|em|font|span|section|article|main|header|footer|nav|"
    r"a(?![^<>]*\bhref))\b[^<>]*>",
    re.IGNORECASE,
)
_PAIRED = ("div", "p", "center", "b", "strong", "i", "em", "font", "span", "section", "a")


def drop_line_breaks(section: Section) -> tuple[Section, int]:
    """Leave out ``<br>`` between blocks, and at the start and end of a paragraph."""
    section, blocks = drop_blocks(section, {"html_block", "paragraph_open"}, _is_break_block)
    section, inline = edit_inline(section, {"html_inline"}, _without_outer_breaks)
    return section, blocks + inline


def _is_break_block(block: Sequence[Token]) -> bool:
    if block[0].type == "html_block":
        return bool(_ONLY_BR.fullmatch(block[0].content))
    children = block[1].children or []
    return any(map(_is_br, children)) and all(_is_nothing(child) for child in children)


def _is_br(child: Token) -> bool:
    return child.type == "html_inline" and bool(_BR.fullmatch(child.content))


def _is_nothing(child: Token) -> bool:
    if child.type in BREAKS or _is_br(child):
        return True
    return child.type == "text" and not child.content.strip("\u00a0 \t\u2800")


def _without_outer_breaks(children: list[Token]) -> tuple[list[Token], int]:
    said = [place for place, child in enumerate(children) if not _is_nothing(child)]
    if not said:
        return children, 0
    start, stop = said[0], said[-1] + 1
    before, after = (sum(map(_is_br, edge)) for edge in (children[:start], children[stop:]))
    kept = children[start if before else 0 : stop if after else None]
    return kept, before + after


def drop_wrappers(section: Section) -> tuple[Section, int]:
    """Leave out HTML that wraps nothing: ``</div>`` alone, ``<p>`` without its end."""
    section, blocks = drop_blocks(section, {"html_block"}, _is_wrapper_block)
    answer = list(section.answer)
    count = 0
    for index, token in enumerate(answer):
        if token.type == "html_block" and (content := _balanced(token.content)) != token.content:
            answer[index] = token.copy(content=content)
            count += 1
    return section._replace(answer=tuple(answer)), blocks + count


def _is_wrapper_block(block: Sequence[Token]) -> bool:
    return not _WRAPPER.sub("", block[0].content).strip()


def _balanced(content: str) -> str:
    """Return raw HTML without tags of a kind of which some never close or open."""
    return content if "<pre" in content.lower() else without_lonely(content, _PAIRED)


def drop_empty_headings(section: Section) -> tuple[Section, int]:
    """Leave out headings at the end of the answer: nothing stands below them."""
    stop = len(section.answer)
    count = 0
    for start, _ in last_blocks(section.answer):
        if section.answer[start].type != "heading_open":
            break
        if any(child.type == "image" for child in section.answer[start + 1].children or []):
            break
        stop, count = start, count + 1
    return section._replace(answer=section.answer[:stop]), count


def drop_repeated_question(section: Section) -> tuple[Section, int]:
    """Leave out a heading or paragraph that says the question again before its answer."""
    answer = section.answer
    if len(answer) < 4 or answer[0].type not in LINES:
        return section, 0
    asked, text = _said(plain_text(section.question)), plain_text(answer[1].children)
    # A paragraph is long, and its first words mostly say something else.
    if not asked.startswith(_words(text[:_FEW])) or _said(text) != asked:
        return section, 0
    return section._replace(answer=answer[3:]), 1


_FEW = 16
_UNSAID = re.compile(r"[\W_]+")


def _said(text: str) -> str:
    return _words(text) or text


def _words(text: str) -> str:
    return _UNSAID.sub("", text.casefold())
