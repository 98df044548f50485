"""Rules that make real lists of ``● one`` and ``(1). two`` at line starts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from deckbuilder.cleaning.edit import edit_inline
from deckbuilder.inline import drop_prefix, every_line
from deckbuilder.markdown import Token, is_paragraph, plain_text, top_blocks
from deckbuilder.model import Section

BULLETS = "●•○◦▪‣■◆"
_BULLET = re.compile(rf"[{BULLETS}]\s*(?=\S)")
_NUMBER = re.compile(r"[(（]\s*(\d{1,2})\s*[)）]\s*[.．、:：]?\s*(?=\S)")
_SENTENCE_END = "。！？.!?；;：:"


@dataclass(frozen=True, slots=True)
class _Line:
    children: Sequence[Token]
    mark: int
    """Length of the bullet or number in front; 0 without one."""
    number: int
    """The number in front, or 0."""

    @property
    def text(self) -> str:
        return plain_text(self.children)


def list_pseudo_bullets(section: Section) -> tuple[Section, int]:
    """Turn lines that begin with a typed bullet or ``(n)`` into real lists."""
    numbered = _numbering(section.answer)
    result: list[Token] = []
    count = 0
    for start, stop in top_blocks(section.answer):
        block = section.answer[start:stop]
        if is_paragraph(block) and not block[0].hidden:
            blocks, items = _rebuilt(block, start in numbered)
            result += blocks
            count += items
        else:
            result += block
    return (section._replace(answer=tuple(_joined(result))), count) if count else (section, 0)


_TITLE = re.compile(r"[(（]\s*\d{1,2}(?:\.\d{1,2})+\s*[)）]")


def break_numbered_titles(section: Section) -> tuple[Section, int]:
    """Keep ``(2.1) Title`` on a line of its own where its text follows on the next."""

    def edit(children: list[Token]) -> tuple[list[Token], int]:
        at = next(i for i, child in enumerate(children) if child.type == "softbreak")
        title = plain_text(children[:at])
        if not _TITLE.match(title) or len(title) > 40 or title[-1] in _SENTENCE_END:
            return children, 0
        return [*children[:at], Token("hardbreak", "br", 0), *children[at + 1 :]], 1

    return edit_inline(section, {"softbreak"}, edit, question=False)


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
    lines: list[_Line] = []
    for line in every_line(children):
        text = plain_text(line)
        number = _NUMBER.match(text)
        found = _BULLET.match(text) or number
        if found and line[0].type in {"text", "strong_open"}:
            lines.append(_Line(line, found.end(), int(number[1]) if number else 0))
        else:
            lines.append(_Line(line, 0, 0))
    return lines


def _rebuilt(paragraph: Sequence[Token], numbered: bool) -> tuple[list[Token], int]:
    """Return the paragraph as paragraphs and lists, and how many items these have."""
    opening, inline, closing = paragraph
    lines = [
        line if line.number == 0 or numbered else replace(line, mark=0, number=0)
        for line in _lines(inline.children or [])
    ]
    if not any(line.mark for line in lines):
        return list(paragraph), 0
    groups: list[list[_Line]] = []
    for line in lines:
        if line.mark or not groups or (groups[-1][0].mark and not _continues(groups[-1])):
            groups.append([line])
        else:
            groups[-1].append(line)
    blocks: list[Token] = []
    for group in groups:
        if group[0].mark:
            blocks += _list(group, inline)
        else:
            blocks += [opening, inline.copy(children=_together(group)), closing]
    return blocks, sum(line.mark > 0 for line in lines)


def _continues(item: Sequence[_Line]) -> bool:
    """Return whether a line without a mark goes on with the item above it.

    It does not where the item has come to the end of a sentence; a title of its own line
    (``(1). 多模态预训练``) has its text below it.
    """
    last = item[-1].text
    return bool(last) and last[-1] not in _SENTENCE_END


def _together(lines: Sequence[_Line], mark: bool = False) -> list[Token]:
    children: list[Token] = []
    for position, line in enumerate(lines):
        if position:
            title = mark and position == 1 and len(lines[0].text) <= 30
            kind = "hardbreak" if title else "softbreak"
            children.append(Token(kind, "br", 0))
        children += (
            drop_prefix(line.children, line.mark) if mark and not position else line.children
        )
    return children


def _list(item: Sequence[_Line], inline: Token) -> list[Token]:
    ordered = item[0].number > 0
    tag, kind = ("ol", "ordered_list") if ordered else ("ul", "bullet_list")
    opening = Token(f"{kind}_open", tag, 1, block=True, markup="pseudo")
    if item[0].number > 1:
        opening.attrs["start"] = item[0].number
    return [
        opening,
        Token("list_item_open", "li", 1, block=True),
        Token("paragraph_open", "p", 1, block=True, hidden=True),
        inline.copy(children=_together(item, mark=True)),
        Token("paragraph_close", "p", -1, block=True, hidden=True),
        Token("list_item_close", "li", -1, block=True),
        Token(f"{kind}_close", tag, -1, block=True, markup="pseudo"),
    ]


def _joined(tokens: Sequence[Token]) -> list[Token]:
    """Join lists of ours that follow each other."""
    result: list[Token] = []
    for token in tokens:
        last = result[-1] if result else None
        if (
            last is not None
            and token.markup == last.markup == "pseudo"
            and token.nesting == 1
            and last.nesting == -1
            and token.tag == last.tag
        ):
            result.pop()
            continue
        result.append(token)
    return result
