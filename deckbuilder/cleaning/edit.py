"""Ways to rewrite a section's tokens; never its text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from deckbuilder.markdown import block_end
from deckbuilder.model import Section, Token

Children = list[Token]
InlineEdit = Callable[[Children], tuple[Children, int]]
BlockTest = Callable[[Sequence[Token]], bool]


def edit_inline(
    section: Section, edit: InlineEdit, *, question: bool = True
) -> tuple[Section, int]:
    """Apply *edit* to the children of every inline token, the question's included."""
    total = 0

    def edited(tokens: Sequence[Token]) -> tuple[Token, ...]:
        nonlocal total
        result: list[Token] = []
        for token in tokens:
            if token.type == "inline" and token.children:
                children, count = edit(token.children)
                if count:
                    total += count
                    token = token.copy(children=children)
            result.append(token)
        return tuple(result)

    answer, prompt = edited(section.answer), edited(section.prompt)
    new_question = section.question
    if question:
        children, count = edit(list(section.question))
        total += count
        new_question = tuple(children) if count else new_question
    if not total:
        return section, 0
    return replace(section, question=new_question, answer=answer, prompt=prompt), total


def drop_blocks(section: Section, unwanted: BlockTest) -> tuple[Section, int]:
    """Leave out the blocks of the answer for which *unwanted* holds, at any depth."""
    kept: list[Token] = []
    index = count = 0
    while index < len(section.answer):
        token = section.answer[index]
        stop = block_end(section.answer, index) if token.nesting == 1 else index + 1
        if token.nesting >= 0 and unwanted(section.answer[index:stop]):
            count += 1
            index = stop
        else:
            kept.append(token)
            index += 1
    return (replace(section, answer=tuple(kept)), count) if count else (section, 0)


def split_text(token: Token, start: int, stop: int) -> tuple[Token, Token]:
    """Return text before *start* and after *stop* as tokens."""
    return (
        token.copy(content=token.content[:start]),
        token.copy(content=token.content[stop:]),
    )


def drop_prefix(children: Sequence[Token], length: int) -> list[Token]:
    """Return inline tokens without the first *length* characters of their plain text."""
    result: list[Token] = []
    left = length
    for child in children:
        if left and child.type in {"text", "code_inline"}:
            content = child.content.lstrip() if not result else child.content
            taken = min(left, len(content))
            left -= taken
            child = child.copy(content=content[taken:])
        result.append(child)
    return drop_empty_spans(result)


def drop_suffix(children: Sequence[Token], length: int) -> list[Token]:
    """Return inline tokens without the last *length* characters of their plain text."""
    result: list[Token] = []
    left = length
    for child in reversed(children):
        if left and child.type in {"text", "code_inline"}:
            content = child.content if result else child.content.rstrip()
            taken = min(left, len(content))
            left -= taken
            child = child.copy(content=content[: len(content) - taken])
        result.append(child)
    return drop_empty_spans(result[::-1])


def right_trimmed(children: list[Token]) -> list[Token]:
    """Return inline tokens without white space at their end."""
    while children and children[-1].type in {"softbreak", "hardbreak"}:
        children = children[:-1]
    if children and children[-1].type == "text":
        last = children[-1].copy(content=children[-1].content.rstrip())
        return [*children[:-1], last] if last.content else right_trimmed(children[:-1])
    return children


def drop_empty_spans(children: Sequence[Token]) -> list[Token]:
    """Return inline tokens without empty text and without spans that hold nothing."""
    result = [c for c in children if c.type != "text" or c.content]
    changed = True
    while changed:
        changed = False
        for index in range(len(result) - 1):
            opening, closing = result[index], result[index + 1]
            if opening.nesting == 1 and closing.nesting == -1 and opening.tag == closing.tag:
                del result[index : index + 2]
                changed = True
                break
    return result
