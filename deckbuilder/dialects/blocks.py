"""What dialects build: questions, ends and paragraphs, and small views of token lists."""

from __future__ import annotations

from collections.abc import Sequence

from deckbuilder.markdown import BREAKS, Token, inline_text, plain_text, top_blocks
from deckbuilder.wording import (
    ANSWER_HEADING,
    ANSWER_LABEL,
    BARE_ANSWER,
    EXPLAINS,
    frame_length,
    starts_answer_text,
)

Lines = tuple[int, int]


def unit(children: Sequence[Token], lines: Lines) -> list[Token]:
    """Return the question of a card as a block."""
    return _block(children, lines, {"unit": "question"})


def end(lines: Lines) -> list[Token]:
    """Return the end of an answer that no heading ends; it shows nothing."""
    return [token.copy(hidden=True) for token in _block((), lines, {"unit": "end"})]


def end_after(lines: Lines) -> list[Token]:
    """Return the end of an answer behind what stands on *lines*."""
    return end((lines[1], lines[1]))


def is_paragraph(block: Sequence[Token]) -> bool:
    """Return whether a block is a paragraph."""
    return len(block) == 3 and block[0].type == "paragraph_open"


def paragraph(children: Sequence[Token], lines: Lines) -> list[Token]:
    """Return inline content as a paragraph; nothing for no content."""
    children = _trimmed(children)
    return _block(children, lines, {}) if children else []


def _block(children: Sequence[Token], lines: Lines, meta: dict[str, str]) -> list[Token]:
    opening = Token("paragraph_open", "p", 1, map=[*lines], block=True, meta=meta)
    inline = Token("inline", "", 0, map=[*lines], level=1, block=True)
    inline.children = _trimmed(children)
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


FOLDS = {"details_open": "summary_open", "callout_open": "callout_title_open"}
"""What opens a block that may be folded -> what opens its title."""


def hides_answer(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a folded block begins at *at* whose title only announces an answer."""
    if at + 3 >= len(tokens) or tokens[at + 1].type != FOLDS.get(tokens[at].type):
        return False
    folded = tokens[at].type == "details_open" or tokens[at].meta["name"] == "details"
    if not folded and tokens[at].meta["kind"] != "question":
        return False
    return bool(BARE_ANSWER.match(plain_text(tokens[at + 2].children or [])))


_LONG_TITLE = 80
"""Characters: what only announces an answer is shorter."""


def answer_label(tokens: Sequence[Token], at: int = 0) -> str:
    """Return the words by which the block at *at* announces an answer; else nothing.

    They are a heading, the title of a fold or callout, or begin a paragraph, in a quote or not.
    What is only called an explanation may explain what already is the answer.
    """
    while at + 1 < len(tokens) and tokens[at].type == "blockquote_open":
        at += 1
    title = at + 1 + (tokens[at].type in FOLDS)
    if title >= len(tokens) or tokens[title].type != "inline":
        return ""
    text = inline_text(tokens[title].children or ())
    text = text[frame_length(text) :]
    label = ANSWER_LABEL.match(text)
    if len(text) < _LONG_TITLE and (BARE_ANSWER.match(text) or ANSWER_HEADING.match(text)):
        return "" if EXPLAINS.search(text) else label[0] if label else text
    if label is None or tokens[at].type != "paragraph_open":
        return ""
    below = [inline_text(t.children or ()) for t in tokens[title + 2 : title + 5]]
    return label[0] if starts_answer_text("\n".join([text, *filter(None, below)])) else ""


def tag_comment(tags: Sequence[str]) -> list[Token]:
    """Return the comment that gives a card its tags; nothing for no tags."""
    return _comment(f"tags: {' '.join(tags)}") if tags else []


def reverse_comment() -> list[Token]:
    """Return the comment that asks for a card from answer to question as well."""
    return _comment("card: reverse")


def _comment(text: str) -> list[Token]:
    return [Token("html_block", "", 0, content=f"<!-- {text} -->\n", block=True)]


def _trimmed(children: Sequence[Token]) -> list[Token]:
    """Return inline tokens without white space and line breaks at their ends."""
    kept = list(children)
    for end_, strip in ((0, str.lstrip), (-1, str.rstrip)):
        while kept and (kept[end_].type in BREAKS or _is_blank(kept[end_])):
            kept.pop(end_)
        if kept and kept[end_].type == "text":
            kept[end_] = kept[end_].copy(content=strip(kept[end_].content))
    return kept


def _is_blank(token: Token) -> bool:
    return token.type == "text" and not token.content.strip()


def split_lines(children: Sequence[Token]) -> list[list[Token]]:
    """Return inline tokens cut at their line breaks; spans over several lines stay whole."""
    lines: list[list[Token]] = [[]]
    depth = 0
    for child in children:
        if child.type == "text" and not child.content:
            continue
        depth += child.nesting
        if child.type in BREAKS and depth == 0:
            lines.append([])
        else:
            lines[-1].append(child)
    return [line for line in lines if line]


def join_lines(lines: Sequence[Sequence[Token]]) -> list[Token]:
    """Return lines as inline tokens, with soft breaks between them."""
    joined: list[Token] = []
    for position, line in enumerate(lines):
        if position:
            joined.append(Token("softbreak", "br", 0))
        joined += line
    return joined


def items(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Return (start, stop) of the items of a list that begins and ends *tokens*."""
    return [(start + 1, stop + 1) for start, stop in top_blocks(tokens[1:-1])]


def shown(blocks: Sequence[Token]) -> list[Token]:
    """Return the blocks of a tight list's item as blocks of their own; lists in it stay tight."""
    result: list[Token] = []
    depth = 0
    for token in blocks:
        outer = depth == 0 or (depth == 1 and token.nesting < 0)
        depth += token.nesting
        is_hidden = outer and token.hidden and token.type.startswith("paragraph_")
        result.append(token.copy(hidden=False) if is_hidden else token)
    return result


def length(tokens: Sequence[Token]) -> int:
    """Return how many characters block tokens show, roughly."""
    return sum([len(token.content) for token in tokens])
