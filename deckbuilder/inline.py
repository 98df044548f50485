"""Inline tokens, cut by the characters and lines that a reader sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deckbuilder.markdown import BREAKS, Token, inline_text, joins_without_space


def text_token(text: str) -> Token:
    """Return *text* as an inline token."""
    return Token("text", "", 0, content=text)


def with_text(token: Token, content: str) -> Token:
    """Return a token of text or code with *content* in its place."""
    return Token(token.type, token.tag, 0, content=content, markup=token.markup, meta=token.meta)


def drop_prefix(children: Sequence[Token], length: int) -> list[Token]:
    """Return inline tokens without the first *length* characters of their plain text."""
    result: list[Token] = []
    left = length
    for index, child in enumerate(children):
        if left and child.type in BREAKS:
            left -= not joins_without_space(children, index)
        elif left and child.type in {"text", "code_inline"}:
            content = child.content.lstrip() if not result else child.content
            taken = min(left, len(content))
            left -= taken
            child = with_text(child, content[taken:])
        result.append(child)
    return drop_empty_spans(result)


def drop_suffix(children: Sequence[Token], length: int) -> list[Token]:
    """Return inline tokens without the last *length* characters of their plain text."""
    result: list[Token] = []
    left = length
    for index, child in reversed([*enumerate(children)]):
        if left and child.type in BREAKS:
            left -= not joins_without_space(children, index)
        elif left and child.type in {"text", "code_inline"}:
            content = child.content if result else child.content.rstrip()
            taken = min(left, len(content))
            left -= taken
            child = with_text(child, content[: len(content) - taken])
        result.append(child)
    return drop_empty_spans(result[::-1])


def drop_empty_spans(children: Sequence[Token]) -> list[Token]:
    """Return inline tokens without empty text and without spans that hold nothing."""
    result: list[Token] = []
    for child in children:
        if child.type == "text" and not child.content:
            continue
        last = result[-1] if result else None
        if last and last.nesting == 1 and child.nesting == -1 and last.tag == child.tag:
            result.pop()
        else:
            result.append(child)
    return result


def left_trimmed(children: Sequence[Token]) -> list[Token]:
    """Return inline tokens without white space and line breaks at their start."""
    return _trimmed(children, 0, str.lstrip)


def right_trimmed(children: Sequence[Token]) -> list[Token]:
    """Return inline tokens without white space and line breaks at their end."""
    return _trimmed(children, -1, str.rstrip)


def _trimmed(children: Sequence[Token], end: int, strip: Callable[[str], str]) -> list[Token]:
    kept = list(children)
    while kept and (kept[end].type in BREAKS or _is_blank(kept[end])):
        kept.pop(end)
    outer = kept[end] if kept else None
    if outer and outer.type == "text" and (text := strip(outer.content)) != outer.content:
        kept[end] = with_text(outer, text)
    return kept


def without_blanks(children: Sequence[Token] | None) -> list[Token]:
    """Return inline tokens without text that is only white space."""
    return [child for child in children or () if not _is_blank(child)]


def _is_blank(token: Token) -> bool:
    return token.type == "text" and not token.content.strip()


def without_link_at(
    end: int, children: Sequence[Token], unwanted: Callable[[Sequence[Token]], bool]
) -> list[Token]:
    """Return inline tokens without a link at one *end*, 0 or -1, and the brackets around it.

    *unwanted* is asked of a link that is there.
    """
    kept = list(children)
    while kept and kept[end].type == "text" and not kept[end].content.strip("[]()（） "):
        kept.pop(end)
    if not kept or kept[end].type != ("link_close" if end else "link_open"):
        return list(children)
    marks = [i for i, child in enumerate(kept) if child.type in {"link_open", "link_close"}]
    start, stop = (marks[-2], marks[-1] + 1) if end else (marks[0], marks[1] + 1)
    if not unwanted(kept[start:stop]):
        return list(children)
    kept = kept[:start] if end else kept[stop:]
    if kept and kept[end].type == "text":
        text = kept[end].content
        kept[end] = with_text(kept[end], text.rstrip("[(（ ") if end else text.lstrip("])） "))
    return kept


# Lines ---------------------------------------------------------------------------------------


def every_line(children: Sequence[Token]) -> list[list[Token]]:
    """Return inline tokens cut at each line break, those inside of spans too."""
    lines: list[list[Token]] = [[]]
    for child in children:
        if child.type in BREAKS:
            lines.append([])
        else:
            lines[-1].append(child)
    return lines


def split_lines(children: Sequence[Token] | None) -> list[list[Token]]:
    """Return inline tokens cut at their line breaks; spans over several lines stay whole."""
    lines: list[list[Token]] = [[]]
    depth = 0
    for child in children or ():
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


def text_lines(blocks: Sequence[Token]) -> list[str]:
    """Return the lines of text in block tokens, at any depth."""
    texts = [inline_text(token.children) for token in blocks if token.type == "inline"]
    return [line for text in texts for line in text.split("\n")]
