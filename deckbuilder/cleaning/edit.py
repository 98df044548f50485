"""Ways to rewrite a section's tokens; never its text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from deckbuilder.markdown import Token, block_end
from deckbuilder.model import Section

Children = list[Token]
InlineEdit = Callable[[Children], tuple[Children, int]]
BlockTest = Callable[[Sequence[Token]], bool]


def edit_inline(section: Section, kinds: Collection[str], edit: InlineEdit) -> tuple[Section, int]:
    """Apply *edit* to the question, and to what each inline token with a token of *kinds* holds."""
    answer, in_answer = _edited(section.answer, kinds, edit)
    prompt, in_prompt = _edited(section.prompt, kinds, edit)
    question, in_question = edit(list(section.question))
    if in_question:
        section = section._replace(question=tuple(question))
    if in_answer or in_prompt:
        section = section._replace(answer=answer, prompt=prompt)
    return section, in_answer + in_prompt + in_question


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
    return (section._replace(answer=(*kept, *answer[stop:])) if count else section), count
