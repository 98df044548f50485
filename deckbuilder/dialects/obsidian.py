"""Obsidian's spaced repetition: ``Question::Answer``, ``:::`` for both ways, ``?`` between lines.

What is a page?::A fixed piece of memory.

What is a page?
?
A fixed piece of memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deckbuilder.characters import regex
from deckbuilder.dialects.blocks import Card, Part, end, length, paragraph, reverse_comment
from deckbuilder.inline import join_lines, split_lines
from deckbuilder.markdown import (
    LISTS,
    Token,
    as_blocks,
    as_list,
    blocks_in,
    is_paragraph,
    items,
    lines_of,
    plain_text,
)

_FLASHCARDS = re.compile(r"#flashcards?(?:/[\w/-]+)?\b", re.IGNORECASE)
_MARK = re.compile(r"(?<!\s)\s+#(?:flash)?cards?(?:/[\w/-]+)?\s*$", re.IGNORECASE)
_TAGS = re.compile(r"(?:#[^\s#]+\s*)+")
_SIDE = regex(r"[\s\u2e80-\U0003ffff?？]")
"""A side of a card is text: a space, a question mark or a CJK character; ``std::move`` is code."""
_PATH = re.compile(r"[\w>]::[a-z~_]|::\s*\w+::")
"""``std::move``, ``Vec::new``, ``a::b::c``: a name in a program."""
_SEPARATOR = re.compile(r"(?<!:)(?<!\{c\d)(?<!\{c\d\d):::?(?!:)")
"""Not that of a gap: ``{{c1::…}}``."""
_LEAST = 3
_LONGEST = 50
"""Blocks of an answer."""


def obsidian(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with such lines as cards, or None where a file does not clearly use them."""
    blocks = blocks_in(tokens)
    marked = any(_FLASHCARDS.search(t.content) for t in tokens if t.type == "inline")
    sure = _found(blocks, strict=True)
    count = sum(isinstance(part, Card) for parts in sure.values() for part in parts)
    weight = sum(length(blocks[position]) for position in sure)
    mostly = count >= _LEAST and weight * 2 >= length(tokens)
    clear = marked or mostly or any(_is_dated(blocks, position) for position in sure)
    found = _found(blocks, strict=False) if known or clear else {}
    return _rewritten(blocks, found) if found else None


def _is_dated(blocks: Sequence[list[Token]], position: int) -> bool:
    """Return whether a card ends with the comment in which its dates are kept."""
    line = lines_of(blocks[position][0])[0]
    for block in blocks[position : position + _LONGEST]:
        if lines_of(block[0])[0] != line:
            return False
        if any("<!--SR:!" in token.content for token in block):
            return True
        line = _line_after(block)
    return False


_Found = dict[int, list[Part]]


def _found(blocks: Sequence[list[Token]], *, strict: bool) -> _Found:
    """Return the blocks that hold cards, in parts; *strict* leaves out what may be code."""
    found: _Found = {}
    for position, block in enumerate(blocks):
        parts = list(_parts(block, strict))
        if any(isinstance(part, Card) for part in parts):
            found[position] = parts
    return found


def _parts(block: Sequence[Token], strict: bool) -> Iterator[Part]:
    """Yield the cards of a block, and what is not one of them."""
    if block[0].type in LISTS:
        for item in items(block):
            yield _in_item(item[1:-1], strict) or as_list(item, block)
    elif is_paragraph(block):
        yield from _in_paragraph(block, strict)
    else:
        yield list(block)


def _in_item(inner: Sequence[Token], strict: bool) -> Card | None:
    """Return the card that begins a list item; what stands below its line is answer, too."""
    if len(inner) < 3 or inner[0].type != "paragraph_open":
        return None
    card = _on_one_line(inner[1], inner[1].children or [], strict)
    return card and card._replace(answer=[*card.answer, *as_blocks(inner[3:])])


def _in_paragraph(block: Sequence[Token], strict: bool) -> Iterator[Part]:
    place = lines_of(block[1])
    lines = split_lines(block[1].children)
    mark = next((i for i, line in enumerate(lines) if _is_mark(line)), 0)
    if mark:
        first = int(mark > 1 and _TAGS.fullmatch(plain_text(lines[0])) is not None)
        if first:
            yield paragraph(lines[0], place)
        answer = paragraph(join_lines(lines[mark + 1 :]), place)
        both = reverse_comment() if len(plain_text(lines[mark])) > 1 else []
        yield Card(join_lines(lines[first:mark]), [*both, *answer], place)
        return
    for line in lines:
        card = _on_one_line(block[1], line, strict)
        yield card or paragraph(line, place)


def _is_mark(line: Sequence[Token]) -> bool:
    return plain_text(line) in {"?", "??", "？", "？？"}


def _on_one_line(inline: Token, line: Sequence[Token], strict: bool) -> Card | None:
    place = lines_of(inline)
    depth = 0
    for index, token in enumerate(line):
        depth += token.nesting
        if token.type != "text" or depth or "::" not in token.content:
            continue
        found = _SEPARATOR.search(token.content)
        if found is None:
            continue
        before = [*line[:index], token.copy(content=token.content[: found.start()])]
        after = [token.copy(content=token.content[found.end() :]), *line[index + 1 :]]
        if after[-1].type == "text":
            after[-1] = after[-1].copy(content=_MARK.sub("", after[-1].content))
        left, right = plain_text(before), plain_text(after)
        near = token.content[max(found.start() - 40, 0) : found.end() + 40]
        code = _PATH.search(near) or not _SIDE.search(left + right)
        if not left or not right or (strict and code):
            return None
        both = reverse_comment() if found[0] == ":::" else []
        return Card(before, [*both, *paragraph(after, place)], place)
    return None


def _rewritten(blocks: Sequence[list[Token]], found: _Found) -> list[Token]:
    result: list[Token] = []
    open_until: int | None = None
    """The line after an answer: what begins there goes on with it."""
    for position, block in enumerate(blocks):
        if position not in found:
            if open_until == lines_of(block[0])[0]:
                open_until = _line_after(block)
            elif open_until is not None:
                result += end((open_until, open_until))
                open_until = None
            result += block
            continue
        for part in found[position]:
            if isinstance(part, Card):
                result += part.blocks()
            else:
                result += [*end(lines_of(block[0])), *part]
        open_until = _line_after(block)
    return result


def _line_after(block: Sequence[Token]) -> int:
    """Return the line after what a block shows; the map of a list has the empty ones below it."""
    shown = (lines_of(token)[1] for token in block if token.map and not token.nesting)
    return max(shown, default=lines_of(block[0])[1])
