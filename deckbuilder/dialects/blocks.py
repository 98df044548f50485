"""What dialects build: questions, ends, paragraphs and comments; and what a block begins with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from deckbuilder.characters import regex
from deckbuilder.inline import left_trimmed, right_trimmed
from deckbuilder.markdown import Token, is_comment, items, lines_of, plain_text
from deckbuilder.syntax.shared import comment

Lines = tuple[int, int]
_NEAR = 40
"""Blocks: an answer that stands beside its list is not longer."""
_CHINESE = regex("[\u4e00-\u9fff]")


class Card(NamedTuple):
    """A question and its answer, where they stand."""

    question: Sequence[Token]
    """Inline tokens."""
    answer: Sequence[Token]
    """Block tokens."""
    lines: Lines

    def blocks(self) -> list[Token]:
        """Return the card as block tokens."""
        return [*unit(self.question, self.lines), *self.answer]


Part = Card | list[Token]
"""A card, or a block that is none."""


def unit(children: Sequence[Token] | None, lines: Lines, level: int = 0) -> list[Token]:
    """Return the question of a card as a block.

    With a *level* it is a heading, so that deeper ones are part of its answer.
    """
    opening, inline, closing = _block(children, lines, {"unit": "question"})
    if level:
        opening.type, opening.tag = "heading_open", f"h{level}"
        closing.type, closing.tag = "heading_close", f"h{level}"
    return [opening, inline, closing]


def end(lines: Lines) -> list[Token]:
    """Return the end of an answer that no heading ends; it shows nothing."""
    return [token.copy(hidden=True) for token in _block((), lines, {"unit": "end"})]


def end_after(lines: Lines) -> list[Token]:
    """Return the end of an answer behind what stands on *lines*."""
    return end((lines[1], lines[1]))


def paragraph(children: Sequence[Token] | None, lines: Lines) -> list[Token]:
    """Return inline content as a paragraph; nothing for no content."""
    block = _block(children, lines, {})
    return block if block[1].children else []


def _block(children: Sequence[Token] | None, lines: Lines, meta: dict[str, str]) -> list[Token]:
    opening = Token("paragraph_open", "p", 1, map=[*lines], block=True, meta=meta)
    inline = Token("inline", "", 0, map=[*lines], level=1, block=True)
    inline.children = right_trimmed(left_trimmed(children or ()))
    inline.content = plain_text(inline.children)
    return [opening, inline, Token("paragraph_close", "p", -1, block=True)]


def prompt(blocks: Sequence[Token]) -> list[Token]:
    """Return blocks that belong to the question above them."""
    if not blocks:
        return []
    return [
        Token("prompt_open", "div", 1, block=True),
        *blocks,
        Token("prompt_close", "div", -1, block=True),
    ]


def on_no_card(tokens: Sequence[Token], line: int, why: str) -> list[Token]:
    """Return *tokens* as a block that no card shows; *why* is said of the 1-based *line*."""
    return [
        *end(lines_of(tokens[0])),
        Token("unused_open", "div", 1, block=True, meta={"unused": (line, why)}),
        *tokens,
        Token("unused_close", "div", -1, block=True),
    ]


def is_resumed(blocks: Sequence[Sequence[Token]], position: int) -> bool:
    """Return whether a list not far below, and below no heading, counts on from that at *position*.

    What stands between the two belongs to the last item of the first.
    """
    following = int(items(blocks[position])[-1][0].info or 0) + 1
    near = blocks[position + 1 : position + 1 + _NEAR]
    below = takewhile(lambda block: block[0].type != "heading_open", near)
    return following > 1 and any(block[0].attrs.get("start") == following for block in below)


def tag_comment(tags: Sequence[str]) -> list[Token]:
    """Return the comment that gives a card its tags; nothing for no tags."""
    return [comment(f"tags: {' '.join(tags)}")] if tags else []


def reverse_comment() -> list[Token]:
    """Return the comment that asks for a card from answer to question as well."""
    return [comment("card: reverse")]


def length(tokens: Sequence[Token]) -> int:
    """Return how many characters block tokens show, roughly."""
    return sum([len(t.content) for t in tokens if t.type != "html_block" or not is_comment(t)])


def text_of(block: Sequence[Token]) -> str:
    """Return the plain text that a block begins with."""
    return plain_text(inline_of(block))


def inline_of(block: Sequence[Token]) -> Sequence[Token]:
    """Return the inline tokens that a block begins with."""
    return next((token.children or () for token in block[:2] if token.type == "inline"), ())


def label_of(beside: str, word: str = "") -> str:
    """Return *word*, or the usual one, as the label of an answer, written as *beside* it."""
    if _CHINESE.search(beside):
        return f"{word or '答案'}："
    return f"{word or 'Answer'}: "
