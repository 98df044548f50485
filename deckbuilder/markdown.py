"""The one configured Markdown parser, and the small questions all stages ask of its tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token as Token

from deckbuilder.characters import is_cjk
from deckbuilder.syntax.math import FORMULAS
from deckbuilder.syntax.quick import quick_plugin
from deckbuilder.syntax.rules import rules_plugin

BREAKS = {"softbreak", "hardbreak"}
LISTS = {"bullet_list_open", "ordered_list_open"}
LINES = {"paragraph_open", "heading_open"}
"""What opens a block that is text and nothing else."""
VERBATIM = {"fence", "code_block", "math_block", "amsmath"}
"""Blocks of code and formulas, whose text is what they show."""
_SAID = {"text", "code_inline", *FORMULAS}


@cache
def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"maxNesting": 60})
    # Any address makes a link or a picture; which of them a card may hold, the sanitiser says.
    md.validateLink = lambda url: True  # type: ignore[method-assign]
    rules_plugin(md)
    quick_plugin(md)
    return md


def parse_tokens(text: str) -> list[Token]:
    """Return the block tokens of *text*; footnote definitions stand where they are written."""
    return _parser().parse(text, {})


# What a reader sees --------------------------------------------------------------------------


def plain_text(children: Sequence[Token] | None) -> str:
    """Return what a reader sees of inline tokens, white space folded; pictures as their alt."""
    return " ".join(inline_text(children).split())


def inline_text(children: Sequence[Token] | None) -> str:
    """Return the text of inline tokens with line breaks kept as ``\\n``."""
    if not children:
        return ""
    if len(children) == 1 and children[0].type == "text":
        return children[0].content
    parts: list[str] = []
    for index, token in enumerate(children):
        kind = token.type
        if kind in _SAID:
            parts.append(token.content)
        elif token.nesting:
            continue
        elif kind == "softbreak":
            parts.append("" if joins_without_space(children, index) else "\n")
        elif kind == "hardbreak":
            parts.append("\n")
        elif kind == "image":
            parts.append(inline_text(token.children))
        elif kind == "html_inline" and _LINE_BREAK.match(token.content):
            parts.append("\n")
    return "".join(parts)


_LINE_BREAK = re.compile(r"<br\b", re.IGNORECASE)


def visible_text(tokens: Sequence[Token]) -> str:
    """Return what a reader sees of block tokens, a line a block."""
    parts = []
    for token in tokens:
        if token.type == "inline":
            parts.append(plain_text(token.children))
        elif token.type in VERBATIM:
            parts.append(token.content.strip())
        elif token.type == "html_block":
            text = without_tags(without_comments(token.content, " "), " ")
            parts.append(" ".join(text.split()))
    return "\n".join(filter(None, parts))


def without_comments(html: str, instead: str = "") -> str:
    """Return *html* without its comments; one that is never closed is none."""
    end = html.rfind("-->") + 3  # where no more end, a search would go on to the last character
    return _COMMENT.sub(instead, html[:end]) + html[end:] if end > 2 else html


_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def is_comment(token: Token) -> bool:
    """Return whether a block is nothing but HTML comments."""
    return token.type == "html_block" and not without_comments(token.content).strip()


def without_tags(html: str, instead: str = "") -> str:
    """Return *html* without its tags."""
    return _TAG.sub(instead, html)


_TAG = re.compile(r"<[^<>]*>")


def joins_without_space(children: Sequence[Token], index: int) -> bool:
    """Return whether the soft break at *index* stands between two CJK characters."""
    before = _edge(children, index, -1)
    if not before or not is_cjk(before):
        return False
    after = _edge(children, index, 1)
    return bool(after) and is_cjk(after)


def _edge(tokens: Sequence[Token], index: int, step: int) -> str:
    """Return the character next to the token at *index*, on the side of *step*."""
    for place in range(index + step, len(tokens) if step > 0 else -1, step):
        token = tokens[place]
        if token.type == "text" or token.type == "code_inline":
            if token.content:
                return token.content[min(step, 0)] if token.type == "text" else "`"
        elif token.type in FORMULAS or token.type in BREAKS or token.type == "image":
            return ""
    return ""


# Links ---------------------------------------------------------------------------------------


def closes_link(child: Token) -> bool:
    """Return whether a link ends with an inline token, in Markdown or HTML."""
    if child.type == "html_inline":
        return child.content.lower().startswith("</a")
    return child.type == "link_close"


def href_of(link: Token) -> str:
    """Return where a link leads."""
    return str(link.attrs.get("href", ""))


def outside_links(children: Sequence[Token] | None) -> str:
    """Return the text of inline tokens that no link holds."""
    depth = 0
    text = ""
    for child in children or ():
        depth += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if depth == 0 and child.type == "text":
            text += child.content
    return text


# Blocks --------------------------------------------------------------------------------------


def block_end(tokens: Sequence[Token], start: int) -> int:
    """Return the index after the block that begins at *start*."""
    depth = 0
    for index in range(start, len(tokens)):
        depth += tokens[index].nesting
        if depth <= 0:
            return index + 1
    return len(tokens)


def top_blocks(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of each block that stands on its own in *tokens*."""
    start = depth = 0
    for stop, token in enumerate(tokens, 1):
        depth += token.nesting
        if depth <= 0:
            yield start, stop
            start, depth = stop, 0
    if start < len(tokens):
        yield start, len(tokens)


def blocks_in(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return each block that stands on its own in *tokens*."""
    return [list(tokens[start:stop]) for start, stop in top_blocks(tokens)]


def last_blocks(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield what `top_blocks` does, from the last block to the first."""
    stop, depth = len(tokens), 0
    for index in range(len(tokens) - 1, -1, -1):
        depth -= tokens[index].nesting
        if depth <= 0:
            yield index, stop
            stop, depth = index, 0


def folds_in(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield the places of the two tags of each ``<details>`` in *tokens* that has its end."""
    open_: list[int] = []
    for index, token in enumerate(tokens):
        if token.type == "details_open":
            open_.append(index)
        elif token.type == "details_close" and open_:
            yield open_.pop(), index


def is_paragraph(block: Sequence[Token]) -> bool:
    """Return whether a block is a paragraph."""
    return len(block) == 3 and block[0].type == "paragraph_open"


def items(block: Sequence[Token]) -> list[list[Token]]:
    """Return the items of a list, each with the tokens that open and close it."""
    return blocks_in(block[1:-1])


def as_list(item: Sequence[Token], block: Sequence[Token]) -> list[Token]:
    """Return an item of the list *block* as a list of its own."""
    return [block[0].copy(map=item[0].map), *item, block[-1]]


def out_of_list(kind: str, blocks: Sequence[Token]) -> Sequence[Token]:
    """Return *blocks*, out of a list of this *kind* what is its only item and begins them."""
    if not blocks or blocks[0].type != kind:
        return blocks
    stop = block_end(blocks, 0)
    first, *more = items(blocks[:stop])
    return blocks if more else (*as_blocks(first[1:-1]), *blocks[stop:])


def table_rows(table: Sequence[Token]) -> list[list[Token]]:
    """Return the cells of a table, row by row, as inline tokens."""
    rows: list[list[Token]] = []
    for token in table:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token)
    return rows


def as_blocks(blocks: Sequence[Token]) -> list[Token]:
    """Return the blocks of a tight list's item as blocks of their own; lists in it stay tight."""
    result: list[Token] = []
    depth = 0
    for token in blocks:
        outer = depth == 0 or (depth == 1 and token.nesting < 0)
        depth += token.nesting
        is_hidden = outer and token.hidden and token.type.startswith("paragraph_")
        result.append(token.copy(hidden=False) if is_hidden else token)
    return result


def lines_of(token: Token) -> tuple[int, int]:
    """Return the 0-based (first line, line after the last) of a block token."""
    return (token.map[0], token.map[1]) if token.map else (0, 0)
