"""Questions and answers with labels, wherever two stand: in list items, quotes, or ``Q.``, ``A.``.

- Q: What is a page?        1. What is a page?        - Q: What is a page?
  A: A piece of memory.        Answer: memory.        - A: A piece of memory.

A number that makes no list (``1、``) is as good as one that does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, takewhile

from deckbuilder.answers import FOLDS, answer_line, are_choices, begins_answer, is_choices
from deckbuilder.dialects.blocks import Lines, end_after, is_resumed, paragraph, prompt, unit
from deckbuilder.inline import join_lines, split_lines, text_lines
from deckbuilder.markdown import (
    LISTS,
    Token,
    as_blocks,
    as_list,
    blocks_in,
    inline_text,
    is_paragraph,
    items,
    lines_of,
    plain_text,
    top_blocks,
)
from deckbuilder.numbering import certain_number, number_of
from deckbuilder.wording import BLANK, CHOICE, asks, ends_asking, starts_question_text

_LEAST = 2
_COUNTED = {"dot", "chinese", "bracket", "item"}


@dataclass(frozen=True, slots=True)
class _Pair:
    question: Sequence[Token]
    prompt: Sequence[Token]
    answer: Sequence[Token]
    """Block tokens; none where the answer stands below the list."""
    line: Lines
    labelled: bool
    asks: bool
    """Whether it says so itself; else it is only bold, or a numbered line, with an answer."""


_Parts = list["_Pair | list[Token]"]


def quoted_pairs(tokens: list[Token]) -> list[Token]:
    """Return *tokens* without the quotes around questions that have an answer in them."""
    blocks = blocks_in(tokens)
    quoted = {at for at, block in enumerate(blocks) if _is_quoted_pair(block)}
    if len(quoted) < _LEAST:
        return tokens
    result: list[Token] = []
    for at, block in enumerate(blocks):
        if at not in quoted:
            result += block
            continue
        result += block[1:-1]
        if at + 1 not in quoted:
            result += end_after(lines_of(block[0]))
    return result


def _is_quoted_pair(block: Sequence[Token]) -> bool:
    """Return whether a quote begins with a labelled question, and a labelled answer follows."""
    if block[0].type != "blockquote_open" or block[1].type != "paragraph_open":
        return False
    first, *more = split_lines(block[2].children) or [[]]
    if not starts_question_text(plain_text(first)):
        return False
    inner = block[1:-1]
    below = (begins_answer(inner, start) for start, _ in list(top_blocks(inner))[1:])
    return answer_line(list(map(plain_text, more))) is not None or any(below)


def listed_pairs(tokens: list[Token], *, undecided: bool) -> list[Token]:
    """Return *tokens* with such list items as cards.

    Numbered titles that do not ask are cards among others; alone only in a file without chapters,
    of which it is still *undecided* what its questions are.
    """
    places = list(top_blocks(tokens))
    blocks = [tokens[start:stop] for start, stop in places]
    found: dict[int, _Parts] = {}
    asked = False  # by the heading above
    for position, block in enumerate(blocks):
        if block[0].type == "heading_open":
            asked = ends_asking(inline_text(block[1].children))
        if block[0].type in LISTS or _is_numbered(block):
            read = _parts if block[0].type in LISTS else _of_paragraph
            choices = _choices(blocks[position + 1 :])
            after = position + 1 + len(choices)
            stop = places[after][0] if after < len(places) else len(tokens)
            folded = tokens[stop : stop + 1] and tokens[stop].type in FOLDS
            answered = begins_answer(tokens, stop) and not (folded and _is_long(block))
            parts = list(read(block, [*chain(*choices)] if answered else None))
            if _clear(parts, asked):
                found[position] = parts
                used = isinstance(parts[-1], _Pair) and not parts[-1].answer
                found |= {position + 1 + i: [] for i in range(len(choices)) if used}
    pairs = [part for parts in found.values() for part in parts if isinstance(part, _Pair)]
    alone = undecided and sum(block[0].type == "heading_open" for block in blocks) <= 1
    clear = pairs if alone else [pair for pair in pairs if pair.asks or _bold(pair.question)]
    return _rewritten(blocks, found) if len(clear) >= _LEAST else tokens


def _choices(below: Sequence[list[Token]]) -> list[list[Token]]:
    """Return the blocks right below a question that are to choose from: with letters, or a list."""
    lettered = list(takewhile(is_choices, below))
    return lettered or [block for block in below[:1] if block[0].type == "bullet_list_open"]


def _is_long(block: Sequence[Token]) -> bool:
    """Return whether a list has several items: one fold below holds the answers to all of them."""
    return block[0].type in LISTS and len(items(block)) > 1


def _clear(parts: _Parts, asked: bool) -> bool:
    """Return whether a list is made of pairs, or has one with both labels.

    Below a heading that asks, a list of bold words with solutions answers it.
    """
    pairs = [part for part in parts if isinstance(part, _Pair)]
    if asked and not any(pair.asks for pair in pairs):
        return False
    return any(pair.labelled for pair in pairs) or 0 < len(parts) <= 2 * len(pairs)


def _parts(
    block: Sequence[Token], choices: Sequence[Token] | None
) -> Iterator[_Pair | list[Token]]:
    """Yield the pairs of a list, and other items as lists of their own.

    *choices* are what stands between the list and an answer below it; None where there is none.
    """
    ordered = block[0].type == "ordered_list_open"
    left = items(block)[::-1]
    alone = ordered and len(left) == 1
    while left:
        whole = left.pop()
        item, following = whole[1:-1], left[-1][1:-1] if left else None
        answered = following is None and choices is not None
        if not item or item[0].type != "paragraph_open":
            yield as_list(whole, block)
        elif pair := _in_one(item, ordered):
            yield pair
        elif following and _is_question(item, False) and begins_answer(following):
            yield _apart(item, as_blocks(following))
            left.pop()
        elif answered and (_is_question(item, ordered) or (alone and _is_line(item))):
            yield _apart([*item, *(choices or ())], ())
        else:
            yield as_list(whole, block)


def _is_numbered(block: Sequence[Token]) -> bool:
    """Return whether a paragraph begins with a number that makes no list: ``1、``."""
    if not is_paragraph(block) or not block[1].children:
        return False
    number = certain_number(block[1].content)
    return number is not None and number.kind in _COUNTED


def _of_paragraph(
    block: list[Token], choices: Sequence[Token] | None
) -> Iterator[_Pair | list[Token]]:
    """Yield a numbered paragraph as a pair, or as it is; *choices* as in `_parts`."""
    pair = _in_one(block, True)
    if pair is None and choices is not None and (_is_question(block, True) or _is_line(block)):
        pair = _apart([*block, *choices], ())
    yield pair or block


def _is_question(item: Sequence[Token], ordered: bool) -> bool:
    text = _unnumbered(plain_text(item[1].children))
    return starts_question_text(text) or (ordered and bool(asks(text) or BLANK.search(text)))


def _is_line(item: Sequence[Token]) -> bool:
    """Return whether an item is one line, with a number and a labelled answer: it is a title.

    Choices may stand below it.
    """
    _, *below = text_lines(item[1:2])
    return not below or are_choices(below)


def _unnumbered(text: str) -> str:
    """Return *text* without a number that makes no list."""
    number = number_of(text)
    return text[number.length :] if number and number.kind in _COUNTED else text


def _apart(item: Sequence[Token], answer: Sequence[Token]) -> _Pair:
    """Return the pair of a question that fills its item."""
    labelled = starts_question_text(plain_text(item[1].children))
    place, asking = lines_of(item[1]), _is_question(item, True)
    return _Pair(item[1].children or [], as_blocks(item[3:]), answer, place, labelled, asking)


def _in_one(item: Sequence[Token], ordered: bool) -> _Pair | None:
    """Return the pair that an item holds, if a line in it begins the answer."""
    place = lines_of(item[1])
    first, *lines = split_lines(item[1].children) or [[]]
    text = _unnumbered(plain_text(first))
    labelled = starts_question_text(text)
    at = answer_line(list(map(plain_text, lines)))
    if at is None:
        before, after = _cut(as_blocks(item[3:]))
        rest = lines
    else:
        before, after = [], [*paragraph(join_lines(lines[at:]), place), *as_blocks(item[3:])]
        rest = lines[:at]
    choices = next((i for i, one in enumerate(rest) if CHOICE.match(plain_text(one))), len(rest))
    question = join_lines([first, *rest[:choices]])
    clues = asks(text) or BLANK.search(text) or choices < len(rest) or before
    asking = labelled or ends_asking(text) or (ordered and bool(clues))
    if not after or not (asking or (ordered and (_bold(first) or not rest))):
        return None
    before = [*paragraph(join_lines(rest[choices:]), place), *before]
    return _Pair(question, before, after, place, labelled, asking)


def _bold(line: Sequence[Token]) -> bool:
    return bool(line) and line[0].type == "strong_open" and line[-1].type == "strong_close"


def _cut(blocks: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """Return what stands before the block that begins the answer, and from there on."""
    for start, stop in top_blocks(blocks):
        block = list(blocks[start:stop])
        if block[0].type in LISTS:
            first, *more = items(block)
            rest = as_list([*chain(*more)], block) if more else []
            block = [*as_blocks(first[1:-1]), *rest]
        if begins_answer(block):
            return list(blocks[:start]), [*block, *blocks[stop:]]
    return list(blocks), []


def _rewritten(blocks: Sequence[list[Token]], found: dict[int, _Parts]) -> list[Token]:
    result: list[Token] = []
    for position, block in enumerate(blocks):
        parts = found.get(position, [block])
        for part in parts:
            if isinstance(part, _Pair):
                result += [*unit(part.question, part.line), *prompt(part.prompt), *part.answer]
            else:
                result += part
        last = parts[-1] if parts else block
        ends = isinstance(last, _Pair) and last.answer and block[0].type in LISTS
        if ends and not is_resumed(blocks, position):
            result += end_after(lines_of(block[0]))
    return result
