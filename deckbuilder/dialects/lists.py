"""Questions as list items, their answers inside the item or below it.

1. What is a page?            - **Q:** What is a page?
                                **A:** A fixed piece of memory.
   A fixed piece of memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, compress, takewhile

from deckbuilder.answers import begins_answer
from deckbuilder.dialects.blocks import Card, Part, end, end_after, is_resumed, length, paragraph
from deckbuilder.inline import join_lines, split_lines, text_lines
from deckbuilder.markdown import (
    LISTS,
    Token,
    as_blocks,
    as_list,
    block_end,
    blocks_in,
    items,
    lines_of,
    out_of_list,
    plain_text,
    top_blocks,
)
from deckbuilder.numbering import without_number
from deckbuilder.wording import (
    ANSWER_HEADING,
    ANSWER_LABEL,
    QUESTION_LABEL,
    RATING,
    asks,
    ends_asking,
)

_LEAST = 3


def question_list(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with such items as cards, or None where the file is not made of them."""
    blocks = blocks_in(tokens)
    if not known and not _may_be(tokens, blocks):
        return None
    cards: dict[int, list[Part]] = {}
    apart: list[bool] = []
    count = weight = last = 0
    lists = {at: _items(block) for at, block in enumerate(blocks) if block[0].type in LISTS}
    rounds, runs = _rounds(blocks, lists), _runs(blocks, lists)
    for position in lists:
        block, below = blocks[position], _below(blocks, position)
        found = rounds.get(position, lists[position])
        counts_on = block[0].attrs.get("start") == last + 1
        if counts_on and below and position in runs:
            found = [*found[:-1], _alone(found[-1])]
        below = below if _ends_open(found, below) else []
        asked = [item for item in found if isinstance(item, Card)]
        answers = [[*item.answer, *(below if item is found[-1] else ())] for item in asked]
        answers = [*filter(None, answers)]
        goes_on = (counts_on and asked) or (position in rounds and answers)
        if goes_on or _is_answered(found, asked, answers):
            cards[position] = found
            count += len(answers) or 1
            weight += length(block) + length(below)
            last = _last_number(block)  # one cut in two goes on after it
            apart += map(_is_set_off, answers)
    if not known and sum(apart) >= 2 and sum(apart) * 2 >= len(apart):
        return None
    enough = weight * 2 >= length(tokens) and headings_asking(tokens) * 3 <= count
    if count < (1 if known else _LEAST) or not (known or enough):
        return None
    return _rewritten(blocks, cards)


def _rounds(
    blocks: Sequence[Sequence[Token]], lists: Mapping[int, list[Part]]
) -> Mapping[int, list[Part]]:
    """Return the items of numbered lists that begin anew, where half of all ask and are answered.

    So interviews are written down: in a single round fewer may ask, or have answers.
    """
    begin = [at for at in lists if _is_numbered(blocks[at]) and "start" not in blocks[at][0].attrs]
    if len(begin) < 2:
        return {}
    every = [isinstance(item, Card) for at in begin for item in lists[at]]
    found = {at: _items(blocks[at], most=True) for at in begin}
    answered = sum(isinstance(one, Card) and len(one.answer) > 0 for one in chain(*found.values()))
    return found if min(sum(every), answered) * 2 >= len(every) else {}


def _runs(blocks: Sequence[Sequence[Token]], lists: Mapping[int, list[Part]]) -> set[int]:
    """Return the indices of numbered lists, each counting on from the last, where half of all ask.

    In the others those that do not ask are steps: ``1. Write a file``, ``2. Start it``.
    """
    runs: list[list[int]] = []
    last = 0
    for at in lists:
        if not _is_numbered(blocks[at]):
            continue
        if not runs or blocks[at][0].attrs.get("start") != last + 1:
            runs.append([])
        runs[-1].append(at)
        last = _last_number(blocks[at])
    asking = ([isinstance(item, Card) for at in run for item in lists[at]] for run in runs)
    half = (sum(ask) * 2 >= len(ask) for ask in asking)
    return {*chain(*compress(runs, half))}


def _is_numbered(block: Sequence[Token]) -> bool:
    return block[0].type == "ordered_list_open"


def _last_number(block: Sequence[Token]) -> int:
    """Return the number of a list's last item; 0 in a list without."""
    return int(items(block)[-1][0].info or 0)


def _ends_open(found: Sequence[Part], below: Sequence[Token]) -> bool:
    """Return whether a list ends in a question whose answer is what stands *below* the list.

    It is the only one, or all that lacks an answer while others have theirs; with a label, that
    of a pair is as good.
    """
    *others, last = found
    if not isinstance(last, Card) or not others:
        return isinstance(last, Card)
    told = any(isinstance(one, Card) and one.answer for one in others)
    return told and not last.answer and not begins_answer(below)


def _is_set_off(answer: Sequence[Token]) -> bool:
    """Return whether choices or text stand before a labelled answer: then it is a pair."""
    starts = [start for start, _ in top_blocks(answer)]
    below = any(begins_answer(answer, start) for start in starts[1:])
    return below or any(map(ANSWER_LABEL.match, text_lines(answer)[1:]))


def _is_answered(
    found: Sequence[Part], asked: Sequence[Card], answers: Sequence[Sequence[Token]]
) -> bool:
    """Return whether a list is made of questions with answers, some of which may be missing.

    Where few are there, nearly every item asks, and the answers outweigh the questions.
    """
    if len(answers) * 2 >= len(found):
        return bool(answers)
    if len(answers) < _LEAST or len(asked) * 5 < len(found) * 4:
        return False
    return sum(map(length, answers)) > sum(len(plain_text(item.question)) for item in asked)


def _may_be(tokens: Sequence[Token], blocks: Sequence[Sequence[Token]]) -> bool:
    """Return whether lists outweigh the rest, and questions in headings, if every item asks."""
    weight = count = 0
    for position, block in enumerate(blocks):
        if block[0].type in LISTS:
            weight += length(block) + length(_below(blocks, position))
            count += len(items(block))
    return count >= _LEAST and weight * 2 >= length(tokens) and headings_asking(tokens) * 3 <= count


def _items(block: Sequence[Token], *, most: bool = False) -> list[Part]:
    """Return the items of a list: those that ask as such, others as a list of their own.

    Where half of them ask in their first line, or *most* of a file's, so do others that are
    counted, or where all have more below it.
    """
    ordered = _is_numbered(block)
    found: list[Card | None] = []
    titled: list[Card | None] = []
    whole = items(block)
    for _, *content, _ in whole:
        inner = out_of_list("ordered_list_open", content)  # ``- 1. Why?``
        is_text = bool(inner) and inner[0].type == "paragraph_open"
        found.append(_asking(inner, ordered) if is_text else None)
        titled.append(_titled(inner) if is_text else None)
    most = most or (len(found) >= _LEAST and found.count(None) * 2 <= len(found))
    if most and (ordered or all(titled)):
        found = [asked or title for asked, title in zip(found, titled, strict=True)]
    return [asking or as_list(item, block) for asking, item in zip(found, whole, strict=True)]


def _titled(inner: Sequence[Token]) -> Card | None:
    """Return an item as its title and what stands below, if that is more than a list.

    The title is its only line, or the first one, in bold; below that, a list will do.
    """
    first, *more = split_lines(inner[1].children) or [[]]
    is_bold = bool(first) and first[0].type == "strong_open" and block_end(first, 0) == len(first)
    place, below = lines_of(inner[1]), as_blocks(inner[3:])
    only_lists = all(below[start].type in LISTS for start, _ in top_blocks(below))
    if not (more or below if is_bold else not more and not only_lists):
        return None
    return Card(first, [*paragraph(join_lines(more), place), *below], place)


def _alone(item: Part) -> Part:
    """Return the last item of a list as a question, if it is one line: it counts on from others."""
    if isinstance(item, Card):
        return item
    inner = items(item)[0][1:-1]
    is_line = len(inner) == 3 and len(split_lines(inner[1].children)) == 1
    return Card(inner[1].children or (), (), lines_of(inner[1])) if is_line else item


def _asking(inner: Sequence[Token], ordered: bool) -> Card | None:
    lines = split_lines(inner[1].children)
    if not lines:
        return None
    place = lines_of(inner[1])
    first = lines[0]
    if lead := bold_lead(first):
        rest = join_lines([first[lead:], *lines[1:]])
        return Card(first[:lead], paragraph(rest, place) + as_blocks(inner[3:]), place)
    text = plain_text(first)
    label = QUESTION_LABEL.match(text)
    core = without_number(text)
    if label or ends_asking(core) or (ordered and asks(core) and not _goes_on(lines)):
        rest = join_lines(lines[1:])
        return Card(first, paragraph(rest, place) + as_blocks(inner[3:]), place)
    return None


def _goes_on(lines: Sequence[Sequence[Token]]) -> bool:
    """Return whether a sentence runs into the next line: no title ends so."""
    return len(lines) > 1 and plain_text(lines[1])[:1].islower()


def bold_lead(line: Sequence[Token]) -> int:
    """Return where a bold question ends that its answer follows on the same line, or 0."""
    if line[0].type != "strong_open":
        return 0
    stop = next(i for i, token in enumerate(line) if token.type == "strong_close") + 1
    after = RATING.sub("", plain_text(line[stop:])).strip(" :：-–—")
    return stop if after and ends_asking(plain_text(line[:stop])) else 0


def _below(blocks: Sequence[Sequence[Token]], position: int) -> list[Token]:
    """Return what stands between a question in a list of its own and what is next.

    Points of the answer belong in the item, and often stand below it: ``1. Why?``, ``- Because.``
    """
    ends = {"ordered_list_open", blocks[position][0].type, "heading_open", "hr"}
    return [*chain(*takewhile(lambda block: block[0].type not in ends, blocks[position + 1 :]))]


def headings_asking(tokens: Sequence[Token]) -> int:
    """Return how many headings ask or answer: in a file of such, lists belong to the answers."""
    headings = (i + 1 for i, token in enumerate(tokens) if token.type == "heading_open")
    texts = (plain_text(tokens[i].children) for i in headings)
    return sum(ends_asking(text) or bool(ANSWER_HEADING.match(text)) for text in texts)


def _rewritten(blocks: Sequence[Sequence[Token]], cards: Mapping[int, list[Part]]) -> list[Token]:
    result: list[Token] = []
    for position, block in enumerate(blocks):
        if position not in cards:
            result += block
            continue
        inside = False
        counted = _is_numbered(block)
        for item in cards[position]:
            if isinstance(item, Card):
                result += item.blocks()
                inside = bool(item.answer)
            else:
                result += [*(end(lines_of(item[1])) if counted else ()), *item]
        following = blocks[position + 1][0].type if position + 1 < len(blocks) else ""
        apart = following not in {"", "heading_open", *LISTS}
        if inside and apart and not is_resumed(blocks, position):
            result += end_after(lines_of(block[0]))
    return result
