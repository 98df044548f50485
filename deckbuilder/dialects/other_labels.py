"""Labels that mean ``Q:`` and ``A:``, like ``Front:`` and ``Back:``, and are read as these.

Front: What is a page?         问题: 什么是页？
Back: A fixed piece of memory. A. 固定大小的内存块。
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate, chain, pairwise

from deckbuilder.dialects.blocks import label_of, paragraph
from deckbuilder.inline import split_lines, text_token
from deckbuilder.markdown import Token, inline_text, lines_of, plain_text
from deckbuilder.wording import (
    AFTER_LETTER,
    ANSWER_HEADING,
    ANSWER_LABEL,
    QUESTION_LABEL,
    asks,
    ends_asking,
    starts_answer_text,
    starts_question_text,
)

_LEAST = 2
_LETTERS = len("P:R:")
"""Labels that are longer are words; a letter may begin anything."""
_LABEL = re.compile(
    r"((?i:front|back|term|definition)|正面|反面|背面|术语|定义|\w)\d{0,3}\s?([.:：])"
)
_MARK = re.compile(rf"{_LABEL.pattern}(?:\s|(?<=：))\s*\S")
_ANSWERS = {"A.", "R:", "О:"}
"""What begins an answer, where that is no ``A:``."""
_ANSWER_OF = {
    "P:": {"R:"}, "D:": {"R:"}, "F:": {"A:"}, "В:": {"О:"}, "س:": {"ج:"}, "ש:": {"ת:"},
    "front:": {"back:"}, "term:": {"definition:"}, "正面:": {"反面:", "背面:"}, "术语:": {"定义:"},
}  # fmt: skip
"""What begins a question, where that is no ``Q:`` -> what begins its answer."""
OTHER_ANSWER = re.compile(
    r"\n[^\w\n]{0,9}(?:[AROОجת]\d{0,3}|(?i:back|definition)|[反背]面|定义)\**\s?[.:：]"
)
"""A line that may begin such an answer."""
_OTHER_CHOICE = re.compile(rf"B{AFTER_LETTER}")


def relabelled_pairs(tokens: list[Token]) -> list[Token]:
    """Return *tokens* with ``Q:`` and ``A:`` for what means these, like ``Front:`` and ``Back:``.

    The one asks, or its label says that it does, and the other follows and is no choice; with
    the same labels, more than once; words also among pairs of the usual ones, if these begin a
    paragraph.
    """
    inlines = [split_lines(t.children) for t in tokens if t.type == "inline"]
    begins = {*accumulate(map(len, inlines), initial=0)}
    lines = [*chain(*inlines)]
    texts = [plain_text(line) if _text_ahead(line) else "" for line in lines] + [""]
    labels = {
        at: found
        for at in range(len(lines) - 1)
        if (found := _labels(*texts[at : at + 2])) and not _OTHER_CHOICE.match(texts[at + 2])
    }
    pairs = pairwise(texts if labels else ())
    usual = sum(starts_question_text(one) and starts_answer_text(other) for one, other in pairs)
    count = Counter(labels.values())
    new: dict[int, Token] = {}
    for at, found in labels.items():
        alike = (n for one, n in count.items() if one.endswith(found) or found.endswith(one))
        beside = usual if at in begins and len(found) > _LETTERS else 0
        if sum(alike) + beside >= _LEAST:
            new |= {} if starts_question_text(texts[at]) else _relabelled(lines[at], "Q:")
            new |= _relabelled(lines[at + 1], "A:")
    return [_with(token, new) for token in tokens] if new else tokens


def labelled_headings(tokens: list[Token]) -> list[Token]:
    """Return *tokens* with headings that announce answers as labels, where no others may ask.

    A title aside, they are all that the file has, and there are several.
    """
    headings = [at for at, token in enumerate(tokens) if token.type == "heading_open"]
    answers = [at for at in headings if ANSWER_HEADING.match(plain_text(tokens[at + 1].children))]
    if len(answers) < _LEAST or len(headings) > len(answers) + 1:
        return tokens
    result = list(tokens)
    for at in answers:
        text = plain_text(tokens[at + 1].children)
        label = text if ANSWER_LABEL.match(text) else label_of(text, text)
        result[at : at + 3] = paragraph([text_token(label)], lines_of(tokens[at]))
    return result


def _text_ahead(line: Sequence[Token]) -> Token | None:
    """Return the token that begins a line, if that is text: not code, nor a picture's name."""
    first = next((token for token in line if token.content.strip()), None)
    return first if first and first.type == "text" else None


def _relabelled(line: Sequence[Token], label: str) -> dict[int, Token]:
    """Return the identity of the token that begins *line* -> it, with *label* for its own."""
    if (old := _text_ahead(line)) is None:
        return {}
    is_whole = _LABEL.match(old.content)  # else the colon stands outside of a bold label
    new = _LABEL.sub(label, old.content, count=1) if is_whole else label[:-1]
    return {id(old): old.copy(content=new)}


def _with(token: Token, new: Mapping[int, Token]) -> Token:
    if not any(id(child) in new for child in token.children or ()):
        return token
    children = [new.get(id(child), child) for child in token.children or ()]
    return token.copy(children=children, content=inline_text(children))


def _labels(question: str, answer: str) -> str:
    """Return the labels of two lines that are a pair as `listed_pairs` does not know it."""
    end = _mark(answer)
    if label := QUESTION_LABEL.match(question):
        return end if end in _ANSWERS and asks(question[label.end() :]) else ""
    begin = _mark(question)
    says = len(begin) > 2 or ends_asking(question)
    return begin + end if says and end in _ANSWER_OF.get(begin, ()) else ""


def _mark(line: str) -> str:
    """Return the label that a line begins with: a letter, or a word in small letters."""
    found = _MARK.match(line)
    if found is None:
        return ""
    word, stop = found[1], found[2].replace("：", ":")
    return (word if len(word) == 1 else word.lower()) + stop
