"""Cards by their tag, in Logseq, Obsidian and others: ``#card``, ``#card-reverse``, ``#flashcard``.

- What is a page? #card        What is a page? #card        ## What is a page? #card
  - A piece of memory.         A piece of memory.           A piece of memory.

In an outline what stands below answers, and ``{{cloze …}}`` is a gap; elsewhere what follows,
up to the next card, to a heading as high, or to the ``^1700000000000`` of a card in Anki.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from deckbuilder.dialects.blocks import (
    Lines,
    end,
    end_after,
    paragraph,
    reverse_comment,
    tag_comment,
    unit,
)
from deckbuilder.inline import join_lines, split_lines
from deckbuilder.markdown import (
    LISTS,
    Token,
    as_blocks,
    blocks_in,
    inline_text,
    is_paragraph,
    items,
    lines_of,
    plain_text,
)
from deckbuilder.model import BELOW_ALL
from deckbuilder.rendering.cloze import has_gap
from deckbuilder.wording import ends_asking

_CARD = r"card(?:[-/](?:reversed?|spaced))?(?![^\s#])"
_MARK = re.compile(rf"#(?:flash)?{_CARD}", re.IGNORECASE)
_TAGS = re.compile(r"(?:^|(?<!\s)\s+|(?<=[?？。！]))(?:#[^\s#]++\s*+)++$")
_BOTH_WAYS = re.compile(r"#(?:flash)?card[-/]reversed?", re.IGNORECASE)
_ALONE = re.compile(rf"\s*#{_CARD}(?:\s+#\S+)*\s*$", re.IGNORECASE)
_CLOZE = re.compile(r"\{\{cloze\s+", re.IGNORECASE)
_ID = re.compile(r"(?:^|\s)\^1\d{12}\s*$")
_WORDS = re.compile(r"#\[\[([^\[\]|\n]+)\]\]")
_LEAST = 2


@dataclass(frozen=True, slots=True)
class _Card:
    question: list[Token]
    """Inline tokens."""
    answer: list[Token]
    """Block tokens."""
    tags: Sequence[str]
    line: Lines
    heading: Sequence[Token] = ()
    """The block that the question is, if that is a heading."""


_Part = _Card | list[Token]


def tagged(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with such cards as units, or None where one mark may be anything."""
    tokens = [_with_joined(t) if "#[[" in t.content else t for t in tokens]
    parts = [part for block in _with_marks_below(tokens) for part in _parts(block)]
    if not any(isinstance(part, _Card) for part in parts):
        return None
    pairs = pairwise([*parts, []])
    told = [one for one, below in pairs if isinstance(one, _Card) and _is_told(one, below)]
    asking = any(ends_asking(plain_text(card.question)) for card in told)
    return _rewritten(parts) if known or asking or len(told) >= _LEAST else None


def _is_told(card: _Card, below: _Part) -> bool:
    """Return whether a card has an answer, gaps, or text *below* it: else it is but tagged."""
    if card.answer or has_gap(inline_text(card.question)):
        return True
    return isinstance(below, list) and bool(below) and "unit" not in below[0].meta


def _with_joined(token: Token) -> Token:
    """Return inline content with the words of a tag like ``#[[two words]]`` joined."""
    children = [child.copy() for child in token.children or ()]
    for tag in (f"#{words}" for words in _WORDS.findall(token.content)):
        for child in children:
            child.content = child.content.replace(tag, tag.replace(" ", "-"))
    return token.copy(children=children)


def _with_marks_below(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the blocks; a mark that stands alone goes to the paragraph above it."""
    above: list[Token] = []
    for block in blocks_in(tokens):
        if is_paragraph(block) and is_paragraph(above) and _ALONE.match(block[1].content):
            lines = [above[1].children or [], block[1].children or []]
            place = (lines_of(above[1])[0], lines_of(block[1])[1])
            above = paragraph(join_lines(lines), place)
            continue
        if above:
            yield above
        above = block
    if above:
        yield above


# Cards in blocks -------------------------------------------------------------------------------


def _parts(block: list[Token]) -> Iterator[_Part]:
    """Yield the cards of a block, and what is not one of them."""
    if block[0].type in LISTS and _is_marked(block):
        yield from _of_list(block)
        yield end_after(lines_of(block[0]))
    elif block[0].type == "heading_open" and (card := _of_heading(block)):
        yield card
    elif is_paragraph(block) and _is_marked(block):
        yield from _of_paragraph(block[1])
    else:
        yield block


def _is_marked(tokens: Iterable[Token]) -> bool:
    return any(token.type == "inline" and _MARK.search(token.content) for token in tokens)


def _marked(line: Sequence[Token]) -> tuple[list[Token], list[str]] | None:
    """Return a line without the tags at its end, and these, if the mark is one of them."""
    last = line[-1] if line else None
    found = _TAGS.search(last.content) if last and last.type == "text" else None
    if last is None or found is None or not _MARK.search(found[0]):
        return None
    if any(token.type == "text" and "::" in token.content for token in line):
        return None  # question and answer in one
    return [*line[:-1], last.copy(content=last.content[: found.start()])], found[0].split()


def _card(lines: Sequence[list[Token]], below: Sequence[Token], place: Lines) -> _Card | None:
    """Return the card whose question ends with the first line that has the mark."""
    for at, line in enumerate(lines):
        found = _marked(line)
        question = join_lines([*lines[:at], found[0]]) if found else []
        if found and plain_text(question):
            answer = [*paragraph(join_lines(lines[at + 1 :]), place), *below]
            return _Card(question, answer, found[1], place)
    return None


def _of_heading(block: Sequence[Token]) -> _Card | None:
    card = _card([list(block[1].children or [])], [], lines_of(block[1]))
    return replace(card, heading=block) if card else None


def _of_paragraph(inline: Token) -> Iterator[_Part]:
    """Yield the cards of a paragraph: from the second on, each begins with its marked line."""
    place = lines_of(inline)
    lines = split_lines(inline.children)
    starts = [0, *[at for at, line in enumerate(lines) if _marked(line)][1:], len(lines)]
    for start, stop in pairwise(starts):
        yield _card(lines[start:stop], [], place) or paragraph(join_lines(lines[start:stop]), place)


def _of_list(block: Sequence[Token]) -> Iterator[_Part]:
    """Yield the cards of an outline at any depth, each with all that stands below it."""
    for whole in items(block):
        item = whole[1:-1]
        if not _is_marked(item):
            opening = block[0].copy(map=whole[0].map)
            yield [*end(lines_of(opening)), opening, *whole, block[-1]]
            continue
        card = _of_item(item)
        if card:
            yield card
        for inner in blocks_in(item):
            if inner[0].type in LISTS and _is_marked(inner):
                deeper = _of_list(inner)
                yield from (one for one in deeper if isinstance(one, _Card) or not card)
            elif not card:
                yield [*end(lines_of(inner[0])), *as_blocks(inner)]


def _of_item(item: Sequence[Token]) -> _Card | None:
    """Return the card of a list item with the mark in its own text."""
    if item[0].type != "paragraph_open":
        return None
    card = _card(split_lines(item[1].children), as_blocks(item[3:]), lines_of(item[1]))
    if card is None:
        return None
    answer = [t.copy(children=_with_gaps(t.children)) if t.children else t for t in card.answer]
    return replace(card, question=_with_gaps(card.question), answer=answer)


def _with_gaps(children: Sequence[Token]) -> list[Token]:
    """Return inline tokens with the gaps of an outline as Anki's: all of them on one card."""
    return [
        child.copy(content=_CLOZE.sub("{{c1::", child.content)) if child.type == "text" else child
        for child in children
    ]


# The tokens with these cards -------------------------------------------------------------------


def _rewritten(parts: Iterable[_Part]) -> list[Token]:
    result: list[Token] = []
    level = 0  # of the card that is open, if there is one
    for part in parts:
        block = part.answer if isinstance(part, _Card) else part
        if isinstance(part, _Card):
            result += [*_question(part), *_comments(part.tags)]
            level = int(part.heading[0].tag[1]) if part.heading else BELOW_ALL
        elif level and block[0].type == "heading_open" and int(block[0].tag[1]) <= level:
            result += end(lines_of(block[0]))
            level = 0
        result += block
        if level and _ID.search(next((t.content for t in reversed(block) if t.content), "")):
            result += end_after(lines_of(block[0]))
            level = 0
    return result


def _question(card: _Card) -> list[Token]:
    if not card.heading:
        return unit(card.question, card.line)
    opening, inline, closing = card.heading
    opening = opening.copy(meta={**opening.meta, "unit": "question"})
    return [opening, inline.copy(children=card.question), closing]


def _comments(tags: Sequence[str]) -> list[Token]:
    """Return what the tags of a card ask for, as comments."""
    both = any(_BOTH_WAYS.fullmatch(tag) for tag in tags)
    others = [tag.removeprefix("#") for tag in tags if not _MARK.fullmatch(tag)]
    return [*(reverse_comment() if both else []), *tag_comment(others)]
