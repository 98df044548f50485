"""Where an answer begins in so many words: below a label, or folded and called so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from deckbuilder.inline import text_lines
from deckbuilder.markdown import Token, block_end, inline_text, plain_text
from deckbuilder.wording import (
    ANSWER_HEADING,
    ANSWER_LABEL,
    ANSWER_TO,
    BARE_ANSWER,
    CHOICE,
    EXPLAINS,
    LETTERED,
    frame_length,
    starts_answer_text,
)

FOLDS = {"details_open": "summary_open", "callout_open": "callout_title_open"}
"""What opens a block that may be folded -> what opens its title."""
RIGHT = "✅✔✓☑"
"""What tells the right choices from the wrong ones, for a class of a pattern."""
_RIGHT = re.compile(f"[{RIGHT}]")
_SIGN = re.compile(rf"\s*[{RIGHT}❌✖✗✘]\ufe0f?\s*")
_LONG_TITLE = 80
"""Characters: what only announces an answer is shorter."""


def begins_answer(tokens: Sequence[Token], at: int = 0) -> bool:
    """Return whether the block at *at* is an answer in so many words.

    It has a label, in a quote or not, or it is folded and called so.
    """
    while at < len(tokens) and tokens[at].type == "blockquote_open":
        at += 1
    if at + 1 >= len(tokens):
        return False
    children = tokens[at + 1].children or []
    if tokens[at].type == "paragraph_open":
        return starts_answer_text(inline_text(children))
    return hides_answer(tokens, at)


def hides_answer(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a folded block begins at *at* whose title only announces an answer."""
    if at + 3 >= len(tokens) or tokens[at + 1].type != FOLDS.get(tokens[at].type):
        return False
    folded = tokens[at].type == "details_open" or tokens[at].meta["name"] == "details"
    if not folded and tokens[at].meta["kind"] != "question":
        return False
    title = plain_text(tokens[at + 2].children)
    return bool(BARE_ANSWER.match(title) or ANSWER_TO.match(title))


def answer_label(tokens: Sequence[Token], at: int) -> str:
    """Return the words by which the block at *at* announces an answer; else nothing.

    They are a heading, the title of a fold or callout, or begin a paragraph, in a quote or not.
    What is only called an explanation may explain what already is the answer.
    """
    while at + 1 < len(tokens) and tokens[at].type == "blockquote_open":
        at += 1
    title = at + 1 + (at < len(tokens) and tokens[at].type in FOLDS)
    if title >= len(tokens) or tokens[title].type != "inline":
        return ""
    text = inline_text(tokens[title].children)
    text = text[frame_length(text) :]
    label = ANSWER_LABEL.match(text)
    if len(text) < _LONG_TITLE and (BARE_ANSWER.match(text) or ANSWER_HEADING.match(text)):
        return "" if EXPLAINS.search(text) else label[0] if label else text
    if label is None or tokens[at].type != "paragraph_open":
        return ""
    below = [inline_text(t.children) for t in tokens[title + 2 : title + 5]]
    return label[0] if starts_answer_text("\n".join([text, *filter(None, below)])) else ""


def answer_line(lines: Sequence[str]) -> int | None:
    """Return which of *lines* begins an answer with a label; None for none."""
    pairs = pairwise([*lines, ""])
    return next((at for at, two in enumerate(pairs) if starts_answer_text("\n".join(two))), None)


# What is there to choose from --------------------------------------------------------------------


def is_choices(block: Sequence[Token]) -> bool:
    """Return whether a block is a list or lines of which each is to choose: ``A. red``."""
    return are_choices(text_lines(block))


def are_choices(lines: Sequence[str]) -> bool:
    """Return whether *lines* are to choose from: ``A. red``; ``a. red`` only in a row from A on."""
    if all(map(CHOICE.match, lines)):
        return bool(lines)
    letters = [found[1].upper() for found in map(LETTERED.match, lines) if found]
    return len(lines) > 1 and letters == [*"ABCDEFGH"[: len(lines)]]


def is_ticked(tokens: Sequence[Token], at: int) -> bool:
    """Return whether choices begin at *at*, some of them ticked: by a box, or with a sign."""
    if at >= len(tokens):
        return False
    block = tokens[at : block_end(tokens, at)]
    if is_choices(block):
        marks = {_RIGHT.search(line) is not None for line in text_lines(block)}
        if len(marks) == 2:
            return True
    items = (t for t in block if t.type == "list_item_open")
    states = {str(item.attrs.get("class", "")) for item in items}
    return block[0].type == "bullet_list_open" and states == {"todo", "done"}


def unticked(block: Sequence[Token]) -> tuple[Token, ...]:
    """Return choices as they ask: without their ticks, and none in bold."""
    return tuple(map(_unticked, block))


def _unticked(token: Token) -> Token:
    if token.type == "list_item_open" and token.attrs.get("class") == "done":
        return token.copy(attrs={"class": "todo"})
    if token.type == "text" and _SIGN.search(token.content):
        return token.copy(content=_SIGN.sub(" ", token.content))
    if token.children:
        plain = (one for one in token.children if one.tag != "strong")
        return token.copy(children=list(map(_unticked, plain)))
    return token
