"""Ways to rewrite a section's tokens; never its text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from deckbuilder.markdown import Token, block_end
from deckbuilder.model import Section

Children = list[Token]
InlineEdit = Callable[[Children], tuple[Children, int]]
BlockTest = Callable[[Sequence[Token]], bool]


def edit_inline(
    section: Section, kinds: Collection[str], edit: InlineEdit, *, question: bool = True
) -> tuple[Section, int]:
    """Apply *edit* to the children of each inline token that holds a token of *kinds*.

    The question is such a token, too.
    """
    answer, total = _edited(section.answer, kinds, edit)
    prompt, count = _edited(section.prompt, kinds, edit)
    total += count
    new_question = section.question
    if question:
        children, count = edit(list(section.question))
        total += count
        new_question = tuple(children) if count else new_question
    if not total:
        return section, 0
    return section._replace(question=new_question, answer=answer, prompt=prompt), total


def _edited(
    tokens: tuple[Token, ...], kinds: Collection[str], edit: InlineEdit
) -> tuple[tuple[Token, ...], int]:
    changed: dict[int, Token] = {}
    total = 0
    for index, token in enumerate(tokens):
        if token.type != "inline" or not token.children:
            continue
        for child in token.children:
            if child.type in kinds:
                children, count = edit(token.children)
                if count:
                    total += count
                    changed[index] = token.copy(children=children)
                break
    if not changed:
        return tokens, 0
    return tuple(changed.get(index, token) for index, token in enumerate(tokens)), total


def drop_blocks(
    section: Section, kinds: Collection[str], unwanted: BlockTest
) -> tuple[Section, int]:
    """Leave out the blocks of the answer, at any depth, for which *unwanted* holds.

    It is asked of blocks that begin with a token of *kinds*.
    """
    answer = section.answer
    kept: list[Token] = []
    count = stop = 0
    for index, token in enumerate(answer):
        if index >= stop and token.type in kinds:
            end = block_end(answer, index)
            if unwanted(answer[index:end]):
                kept += answer[stop:index]
                count, stop = count + 1, end
    return (section._replace(answer=(*kept, *answer[stop:])), count) if count else (section, 0)
