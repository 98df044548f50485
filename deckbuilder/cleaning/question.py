"""Rules for the question: what is its position, its decoration or its anchor goes."""

from __future__ import annotations

import re
from dataclasses import replace

from deckbuilder.cleaning.edit import drop_empty_spans, drop_prefix
from deckbuilder.markdown import plain_text
from deckbuilder.model import Section, Token

_DECORATION = re.compile(
    "^(?:[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f\u200d\u20e3★☆◆◇■□●○►▶➤✅\\s])+"
)
_STARS = re.compile(r"^(?:\*{3,}|\\\*+)\s*")


def drop_heading_anchor(section: Section) -> tuple[Section, int]:
    """Leave out the ids and anchors that the heading carried for links."""
    return replace(section, anchors=()), len(section.anchors)


def drop_question_number(section: Section) -> tuple[Section, int]:
    """Leave out the number in front, which `deckbuilder.numbering` found to be a position."""
    if not section.position:
        return section, 0
    question = drop_prefix(section.question, section.position)
    return replace(section, question=tuple(_left_trimmed(question)), position=0), 1


def drop_question_decoration(section: Section) -> tuple[Section, int]:
    """Leave out emoji and stars in front of the question."""
    text = plain_text(section.question)
    found = _DECORATION.match(text) or _STARS.match(text)
    if found is None or found.end() >= len(text):
        return section, 0
    question = drop_prefix(section.question, found.end())
    return replace(section, question=tuple(_left_trimmed(question))), 1


def unwrap_question_bold(section: Section) -> tuple[Section, int]:
    """A question that is bold, marked or a link as a whole is just a question."""
    question = list(drop_empty_spans(section.question))
    count = 0
    while (
        len(question) > 2
        and question[0].type in {"strong_open", "em_open", "link_open", "mark_open"}
        and _closing(question) == len(question) - 1
    ):
        question = question[1:-1]
        count += 1
    return (replace(section, question=tuple(question)), count) if count else (section, 0)


def _closing(question: list[Token]) -> int:
    depth = 0
    for index, token in enumerate(question):
        depth += token.nesting
        if depth == 0:
            return index
    return -1


def _left_trimmed(children: list[Token]) -> list[Token]:
    if children and children[0].type == "text":
        children[0] = children[0].copy(content=children[0].content.lstrip())
    return children
