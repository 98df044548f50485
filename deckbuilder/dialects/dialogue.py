"""Interviews and chats, written out: what one side asks is a card, what the other says answers it.

面试官：什么是页？            ## User
                              What is a page?
我：固定大小的内存块。        ## Assistant
                              A fixed piece of memory.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from deckbuilder.characters import regex
from deckbuilder.dialects.blocks import end, length, paragraph, prompt, text_of, unit
from deckbuilder.dialects.lists import headings_asking
from deckbuilder.inline import drop_prefix, join_lines, split_lines, text_lines
from deckbuilder.markdown import (
    LINES,
    LISTS,
    Token,
    as_blocks,
    blocks_in,
    is_paragraph,
    items,
    lines_of,
    plain_text,
)
from deckbuilder.wording import ANSWER_LABEL, asks

_INTERVIEWER = (
    r"(?:技术|主)?面[试試]官\s?[a-z一二三]?(?:追?问|提问)?|考官|hr|追问|"
    r"interviewer|follow-up(?: question)?"
)
_ASSISTANT = (
    r"(?:(?:(?:chat)?gpt|claude|gemini|deepseek|kimi|qwen|(?:github )?copilot|cursor|grok|llama|"
    r"mistral|glm)[-\w. ]{0,20}?|豆包|通义(?:千问)?|文心(?:一言)?|元宝|智谱(?:清言)?|"
    r"ai(?:\s?助手)?|助手|(?:ai )?assistant|bot|model|response|回复)(?:\s?said|\s?说)?"
)
_SIDES = (
    (
        rf"{_INTERVIEWER}|[问問](?:[题題])?|提问|q|question",
        "我(?:的?回?答)?|你|答主|楼主|候[选選]人|应聘者|求职者|面[试試]者|应试者|回?答|"
        "candidate|interviewee|me|you|a|answer",
    ),
    (
        r"(?:[我你您]|you|user)(?:\s?said|\s?说)?|用[户戶]|提?[问問]|human|me|prompt|you asked|q",
        _ASSISTANT,
    ),
)
"""Who asks and who answers: in an interview, and in a chat with a program."""
_TELLING = regex(f"{_INTERVIEWER}|{_ASSISTANT}", re.IGNORECASE)
"""Who of these is known to speak; other labels may be those of pairs, or of anything."""
_LABEL = (
    r"[^\w\n]{{0,9}}(?:message from |来自\s?)?(?:{})(?:\s?的消息)?\s?\d{{0,3}}"
    r"(?:\s?[（(][^()（）\n]{{0,40}}[)）])?[^\w\n:：]{{0,3}}(?:[:：]\s*|$)"
)
_LABELS = [
    regex(_LABEL.format(f"(?P<asks>{asker})|(?P<answers>{answerer})"), re.IGNORECASE)
    for asker, answerer in _SIDES
]
DIALOGUE = regex(rf"\n{_LABEL.format(_TELLING.pattern)}", re.IGNORECASE | re.MULTILINE)

_MORE = regex(r"请?(?:继续|接着)[说讲]?|(?:please )?(?:continue|go on|carry on)", re.IGNORECASE)
_COURTESY = regex(
    r"(?:好|嗯+|行|不错|很好|我?(?:明白|懂|了解|知道|清楚)|收到|辛苦|再见|没有?(?=了))[的了吧啦]?|"
    r"(?:面试官|老师|同学)?[你您]?好|.{0,4}(?:谢谢|感谢).{0,16}|不客气|不用谢|随时.{0,6}|祝.{0,10}|"
    r"(?:那?今天|这次|面试|我们|时间|就|先).{0,6}(?:到这|结束|差不多).{0,4}|"
    r".{0,6}没有?(?:别的|其他|什么)?问题了?|(?:后[续面]|之后|我们|hr|会).{0,8}(?:联系|通知).{0,4}|"
    r"(?:ok(?:ay)?|all right|great|good|nice|cool|perfect|got it|i see)|"
    r"(?:(?:ok|okay|great)\s)?(?:thanks|thank you|you['’]re welcome|welcome|let me know)\b.*|"
    r"(?:that['’]?s|that is|we(?:['’]re| are)|this is) (?:all|it|out of time|done)\b.*",
    re.IGNORECASE,
)
"""A clause that only opens a talk, goes along with it or ends it."""
_CLAUSES = regex(r"[,，.。!！?？;；、~～\n]\s*")
_WHEN = regex(r"[\d/.年月日-]{6,11},?\s\d{1,2}:\d\d(?::\d\d)?(?:\s?[AP]M)?", re.IGNORECASE)
"""When something was said, as exports write it."""
_PAIR = ("asks", "answers")


class _Turn(NamedTuple):
    """What one side says, or what stands beside the talk."""

    side: str
    """``asks``, ``answers`` or empty."""
    blocks: list[list[Token]]
    name: str = ""


def dialogue(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with what is asked in a talk as cards, or None where the file is none."""
    for label in _LABELS:
        forms: dict[str, str] = {}
        turns, level = _turns(tokens, label, forms)
        cards = {at for at, (one, other) in enumerate(pairwise(turns)) if _is_card(one, other)}
        if cards and (known or _is_talk(tokens, turns, cards, forms)):
            return _rewritten(turns, cards, level + 1)
    return None


def _turns(
    tokens: Sequence[Token], label: re.Pattern[str], forms: dict[str, str]
) -> tuple[list[_Turn], int]:
    """Return what is said in turn, and the level of the headings that part one talk from another.

    Deeper ones are part of an answer, but nobody speaks in headings where no name is one. A name
    counts in the form in which it stands first; where one is a heading, all of its side are, on
    one level. *forms* is told of these.
    """
    turns = [_Turn("", [])]
    level = 0
    spoken = label is _LABELS[0]
    for block in filter(None, _pieces(blocks_in(tokens), label, forms)):
        begun = len(turns) > 1
        if begun and _WHEN.fullmatch(text_of(block)):
            continue
        side, name, said = _said(block, label, forms)
        heading = int(block[0].tag[1]) if block[0].type == "heading_open" else 0
        if side == "asks" or (side and begun):
            said = block if side == turns[-1].side == "answers" else said
            turns.append(_Turn(side, [said] if said else [], name))
        elif begun and heading and (heading <= level or (spoken and "asks" not in forms)):
            turns.append(_Turn("", [block]))
            level = max(level, heading)
        else:
            turns[-1].blocks.append(block)
            level = level if begun else heading or level
    return turns, level


def _pieces(
    blocks: Sequence[list[Token]], label: re.Pattern[str], forms: dict[str, str]
) -> Iterator[list[Token]]:
    """Yield *blocks*, each line with a label as one, and what quotes and lists of turns hold."""
    for block in blocks:
        kind = block[0].type
        parts = items(block) if kind in LISTS else [block] if kind == "blockquote_open" else []
        inner = [as_blocks(part[1:-1]) for part in parts]
        sides = {_said(one[:3], label, forms)[0] for one in inner if one}
        if sides and "" not in sides and ("asks" in sides or kind not in LISTS):
            yield from _pieces(blocks_in([*chain(*inner)]), label, forms)
        elif is_paragraph(block):
            lines, first = split_lines(block[1].children), lines_of(block[0])[0]
            begins = [i for i, line in enumerate(lines) if i and label.match(plain_text(line))]
            for a, b in pairwise([0, *begins, len(lines)]):
                place = first + a, first + b
                yield paragraph(join_lines(lines[a:b]), place) if begins else block
        else:
            yield block


def _said(
    block: list[Token], label: re.Pattern[str], forms: dict[str, str]
) -> tuple[str, str, list[Token]]:
    """Return side and name of who says a block, if it begins with a label, and what is said."""
    line = next(iter(split_lines(block[1].children)), []) if block[0].type in LINES else []
    found = label.match(plain_text(line)) if line else None
    if found is None or found.lastgroup is None:
        return "", "", block
    side, name = found.lastgroup, found[found.lastgroup].lower()
    if block[0].type == "heading_open":
        counts = forms.setdefault(side, block[0].tag) == block[0].tag
    else:
        form, bare = line[0].type, not re.search("[:：]", found[0])
        counts = side not in forms and not (bare and form == "text")
        counts = counts and forms.setdefault(name, form) == form
    if not counts:
        return "", "", block
    said = drop_prefix(block[1].children or (), found.end())
    return side, name, paragraph(said, lines_of(block[0]))


def _is_card(one: _Turn, other: _Turn) -> bool:
    """Return whether one turn asks what the other answers, and neither is small talk.

    What has its answer inside is a pair: ``Q: …``, ``A: …`` and ``Model: …`` are no talk.
    """
    if (one.side, other.side) != _PAIR or not any(map(is_paragraph, one.blocks)):
        return False
    if any(map(ANSWER_LABEL.match, chain(*map(text_lines, one.blocks)))):
        return False
    small = _is_courteous(one) and not any(asks(text_of(block)) for block in one.blocks)
    return not (small or _is_courteous(other) or _goes_on(one))


def _is_courteous(turn: _Turn) -> bool:
    """Return whether a turn says nothing, or nothing but courtesies."""
    clauses = chain(*(_CLAUSES.split(text_of(block)) for block in turn.blocks))
    plain = all(map(is_paragraph, turn.blocks))
    return plain and all(_COURTESY.fullmatch(clause) for clause in clauses if clause)


def _goes_on(turn: _Turn) -> bool:
    """Return whether a turn only asks to say more."""
    said = " ".join(text_of(block) for block in turn.blocks)
    return _MORE.fullmatch(_CLAUSES.sub("", said)) is not None


def _is_talk(
    tokens: Sequence[Token],
    turns: Sequence[_Turn],
    cards: Collection[int],
    forms: Mapping[str, str],
) -> bool:
    """Return whether a file is made of talks, and nearly all of what is said in pairs of turns.

    A text that quotes one has it in its answers. Where names are headings, nothing quotes; where
    they are plain, what goes on for long may explain the talk, and one turn in three has to ask.
    """
    sides = [turn.side for turn in turns]
    pairs = [pair for pair in pairwise(turns) if (pair[0].side, pair[1].side) == _PAIR]
    begun = sum(sides[at - 1] != "answers" for at in cards)
    headed = all(side in forms for side in _PAIR)
    beside = [*chain(*(block for turn in turns if not turn.side for block in turn.blocks))]
    last = [*chain(*turns[max(cards) + 1].blocks)]
    asked = sum(any(asks(text_of(block)) for block in turns[at].blocks) for at in cards)
    doubtful = length(last) * 2 > length(tokens) or asked * 3 < len(cards)
    return (
        any(_TELLING.fullmatch(turn.name) for pair in pairs for turn in pair)
        and len(pairs) * 5 >= sum(map(bool, sides)) * 2
        and (headed or len(cards) * 2 >= begun * 3)
        and len(cards) >= headings_asking(beside) * 3
        and length(beside) * 3 <= length(tokens)
        and not (doubtful and "text" in forms.values())
    )


def _rewritten(turns: Sequence[_Turn], cards: Collection[int], level: int) -> list[Token]:
    result: list[Token] = []
    for at, (side, blocks, _) in enumerate(turns):
        if at in cards:
            front = next(filter(is_paragraph, blocks))
            more = [*chain(*(block for block in blocks if block is not front))]
            result += [*unit(front[1].children, lines_of(front[0]), level), *prompt(more)]
        elif side == "answers" or (side and _goes_on(turns[at])):
            result += chain(*blocks)
        elif blocks:
            result += [*(end(lines_of(blocks[0][0])) if result else ()), *chain(*blocks)]
    return result
