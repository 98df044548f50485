"""Rules for the question: what is its position, its decoration or its anchor goes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deckbuilder.characters import EMOJI, EMOJI_JOINTS
from deckbuilder.inline import (
    drop_empty_spans,
    drop_prefix,
    drop_suffix,
    left_trimmed,
    without_link_at,
)
from deckbuilder.markdown import Token, block_end, plain_text
from deckbuilder.model import Section
from deckbuilder.wording import SOURCE_NAME

_DECORATION = re.compile(rf"[{EMOJI}{EMOJI_JOINTS}◆◇■□●○►▶\s]+|\*{{3,}}\s*")
_MARK = rf"[\s{EMOJI}{EMOJI_JOINTS}]"
_MARKS_AFTER = re.compile(rf"(?<!{_MARK}){_MARK}*[{EMOJI}][\s{EMOJI_JOINTS}]*$")


def drop_heading_anchor(section: Section) -> tuple[Section, int]:
    """Leave out the ids and anchors that the heading carried for links."""
    if not section.anchors:
        return section, 0
    return section._replace(anchors=()), len(section.anchors)


def drop_question_number(section: Section) -> tuple[Section, int]:
    """Leave out the number in front, which `deckbuilder.numbering` found to be a position."""
    if not section.position:
        return section, 0
    question = drop_prefix(section.question, section.position)
    return section._replace(question=tuple(left_trimmed(question)), position=0), 1


def drop_question_decoration(section: Section) -> tuple[Section, int]:
    """Leave out emoji before and after the question, and stars of bold text that never ends."""
    text = plain_text(section.question)
    found = _DECORATION.match(text)
    front = found.end() if found else 0
    found = _MARKS_AFTER.search(text[front:])
    back = front + found.start() if found else len(text)
    if front >= back or (front, back) == (0, len(text)):
        return section, 0
    question = drop_suffix(section.question, len(text) - back) if found else section.question
    if front:
        question = left_trimmed(drop_prefix(question, front))
    return section._replace(question=tuple(question)), 1


def drop_question_source(section: Section) -> tuple[Section, int]:
    """Leave out a link at the end that only says where the question was found: ``[[src](…)]``."""
    kept = without_link_at(-1, section.question, _names_source)
    if len(kept) == len(section.question) or not plain_text(kept):
        return section, 0
    return section._replace(question=tuple(kept)), 1


def _names_source(link: Sequence[Token]) -> bool:
    return SOURCE_NAME.fullmatch(plain_text(link)) is not None


def unwrap_question_bold(section: Section) -> tuple[Section, int]:
    """A question that is bold, marked or a link as a whole is just a question."""
    question = list(drop_empty_spans(section.question))
    count = 0
    while (
        len(question) > 2
        and question[0].type in {"strong_open", "em_open", "link_open", "mark_open"}
        and _covers(question)
    ):
        stop = block_end(question, 0)
        question = [*question[1 : stop - 1], *question[stop:]]
        count += 1
    while (inner := _unwrapped_html(question)) is not None:
        question, count = inner, count + 1
    return section._replace(question=tuple(question)), count


_HTML_AROUND = re.compile(
    r"<(b|strong|i|em|u|font|span|center|big|small|mark)\b[^<>]*>", re.IGNORECASE
)


def _unwrapped_html(question: list[Token]) -> list[Token] | None:
    """Return the question without a pair of HTML tags that covers it, or None."""
    if len(question) < 3 or question[0].type != "html_inline":
        return None
    found = _HTML_AROUND.fullmatch(question[0].content)
    if found is None or question[-1].content.lower() != f"</{found[1].lower()}>":
        return None
    closing = question[-1].content.lower()
    alone = not any(c.type == "html_inline" and c.content.lower() == closing for c in question[:-1])
    return question[1:-1] if alone else None


def _covers(question: list[Token]) -> bool:
    """Return whether the first span covers the question, but for the mark that ends it."""
    rest = question[block_end(question, 0) :]
    return all(token.type == "text" and not token.content.strip(" ?？!！.。:：*") for token in rest)
