"""Rules that make real lists of ``● one`` and ``(1). two`` at line starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from deckbuilder.cleaning.edit import edit_inline
from deckbuilder.inline import drop_prefix, every_line, join_lines
from deckbuilder.markdown import Token, is_paragraph, plain_text, top_blocks
from deckbuilder.model import Section

BULLETS = "●•·○◦▪‣■◆"
_BULLET = re.compile(rf"[{BULLETS}]\s*(?=\S)")
_NUMBER = re.compile(r"[(（]\s*(\d{1,2})\s*[)）]\s*[.．、:：]?\s*(?=\S)")
_SENTENCE_END = "。！？.!?；;：:"
_SHORT = 30
"""Characters of an item's first line that may be a title of those below it."""


class _Line(NamedTuple):
    children: list[Token]
    text: str
    mark: int
    """Length of the bullet or number in front; 0 without one."""
    number: int
    """The number in front, or 0."""


def list_pseudo_bullets(section: Section) -> tuple[Section, int]:
    """Turn lines that begin with a typed bullet or ``(n)`` into real lists."""
    numbered = _numbering(section.answer)
    result: list[Token] = []
    count = 0
    for start, stop in top_blocks(section.answer):
        block = section.answer[start:stop]
        lines = _lines(block[1].children or []) if is_paragraph(block) else []
        if start not in numbered:
            lines = [line._replace(mark=0) if line.number else line for line in lines]
        items = sum(line.mark > 0 for line in lines)
        result += _rebuilt(block, lines) if items else block
        count += items
    return section._replace(answer=tuple(_joined(result))), count


_TITLE = re.compile(r"[(（]\s*\d{1,2}(?:\.\d{1,2})+\s*[)）]")


def break_numbered_titles(section: Section) -> tuple[Section, int]:
    """Keep ``(2.1) Title`` on a line of its own where its text follows on the next."""
    return edit_inline(section, {"softbreak"}, _with_title)


def _with_title(children: list[Token]) -> tuple[list[Token], int]:
    at = next((i for i, child in enumerate(children) if child.type == "softbreak"), 0)
    title = plain_text(children[:at])
    if not _TITLE.match(title) or len(title) > 40 or title[-1] in _SENTENCE_END:
        return children, 0
    return [*children[:at], Token("hardbreak", "br", 0), *children[at + 1 :]], 1


def _numbering(tokens: Sequence[Token]) -> frozenset[int]:
    """Return where the paragraphs stand whose ``(n)`` count up from 1; a lone one is text."""
    expected, chain, found = 1, [], set()
    for start, stop in top_blocks(tokens):
        if not is_paragraph(tokens[start:stop]):
            continue
        for line in _lines(tokens[start + 1].children or []):
            if line.number == expected:
                expected += 1
                chain.append(start)
            elif line.number == 1:
                expected, chain = 2, [start]
            if len(chain) >= 2:
                found |= set(chain)
    return frozenset(found)


def _lines(children: Sequence[Token]) -> list[_Line]:
    lines = []
    for line in every_line(children):
        text = plain_text(line)
        number = _NUMBER.match(text)
        found = number or _BULLET.match(text)
        marked = found and line[0].type in {"text", "strong_open"}
        length = found.end() if found and marked else 0
        lines.append(_Line(line, text, length, int(number[1]) if number and marked else 0))
    return lines


def _rebuilt(paragraph: Sequence[Token], lines: Sequence[_Line]) -> Iterator[Token]:
    """Yield the paragraph as paragraphs and lists."""
    opening, inline, closing = paragraph
    groups: list[list[_Line]] = []
    for line in lines:
        if line.mark or not groups or not _continues(groups[-1]):
            groups.append([line])
        else:
            groups[-1].append(line)
    for group in groups:
        if group[0].mark:
            yield from _list(group, inline)
        else:
            together = join_lines([line.children for line in group])
            yield from (opening, inline.copy(children=together), closing)


def _continues(group: Sequence[_Line]) -> bool:
    """Return whether a line without a mark goes on with the lines above it.

    It does not where an item has come to the end of a sentence; a title of its own line
    (``(1). 多模态预训练``) has its text below it.
    """
    return not group[0].mark or group[-1].text[-1:] not in _SENTENCE_END


def _list(item: Sequence[_Line], inline: Token) -> list[Token]:
    first, *more = item
    ordered = first.number > 0
    tag, kind = ("ol", "ordered_list") if ordered else ("ul", "bullet_list")
    opening = Token(f"{kind}_open", tag, 1, block=True, markup="pseudo")
    if first.number > 1:
        opening.attrs["start"] = first.number
    children = drop_prefix(first.children, first.mark)
    if more:
        below = "hardbreak" if len(first.text) <= _SHORT else "softbreak"
        children += [Token(below, "br", 0), *join_lines([line.children for line in more])]
    return [
        opening,
        Token("list_item_open", "li", 1, block=True),
        Token("paragraph_open", "p", 1, block=True, hidden=True),
        inline.copy(children=children),
        Token("paragraph_close", "p", -1, block=True, hidden=True),
        Token("list_item_close", "li", -1, block=True),
        Token(f"{kind}_close", tag, -1, block=True, markup="pseudo"),
    ]


def _joined(tokens: Sequence[Token]) -> list[Token]:
    """Join lists of ours that follow each other."""
    result: list[Token] = []
    for token in tokens:
        if result and token.markup == result[-1].markup == "pseudo" and token.tag == result[-1].tag:
            result.pop()
            continue
        result.append(token)
    return result
