"""Rules for what a page offers beside its matter: badges, ways to other pages, pleas, footers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from deckbuilder.characters import EMOJI
from deckbuilder.cleaning.edit import drop_blocks, edit_inline
from deckbuilder.inline import drop_empty_spans
from deckbuilder.markdown import (
    BREAKS,
    LINES,
    Token,
    href_of,
    last_blocks,
    outside_links,
    plain_text,
    without_tags,
)
from deckbuilder.model import Section
from deckbuilder.wording import (
    BADGE,
    FOOTER,
    NAVIGATION,
    PROMOTION,
    asks_to_follow,
    asks_to_scan,
    leads_to_top,
)

_LONGEST_PLEA = 240
_IMG = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_SRC = re.compile(r"\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_PARTS = re.compile(r"\s*[|·•/]\s*|\s{3,}")


def drop_badges(section: Section) -> tuple[Section, int]:
    """Leave out pictures that state a project's state, with the links around them."""
    section, blocks = drop_blocks(section, {"html_block", *LINES}, _is_badge_block)
    section, inline = edit_inline(section, {"image"}, _without_badges)
    return section, blocks + inline


def _is_badge_block(block: Sequence[Token]) -> bool:
    if block[0].type == "html_block":
        pictures = _IMG.findall(block[0].content)
        shown = without_tags(block[0].content).strip()
        sources = [found[1] if (found := _SRC.search(tag)) else "" for tag in pictures]
        return bool(sources) and not shown and all(BADGE.match(source) for source in sources)
    children = block[1].children or []
    shows = [
        is_badge(child) for child in children if child.type == "image" or child.content.strip()
    ]
    return bool(shows) and all(shows)


def is_badge(child: Token) -> bool:
    """Return whether an inline token is a picture that states a project's state."""
    return child.type == "image" and bool(BADGE.match(str(child.attrs.get("src", ""))))


def _without_badges(children: list[Token]) -> tuple[list[Token], int]:
    kept = [child for child in children if not is_badge(child)]
    return drop_empty_spans(kept), len(children) - len(kept)


def drop_navigation(section: Section) -> tuple[Section, int]:
    """Leave out lines that lead to the pages before and after."""
    return drop_blocks(section, LINES, _is_navigation)


def _is_navigation(block: Sequence[Token]) -> bool:
    children = block[1].children or []
    if not any(child.type == "link_open" for child in children):
        return False
    text = plain_text(children)
    beside = sum(c.isalpha() for c in outside_links(children))
    if len(text) > 160 or beside > 20:
        return False
    parts = [part for part in _PARTS.split(text) if part]
    return bool(parts) and all(NAVIGATION.search(p) or leads_to_top(p) for p in parts)


def drop_tag_lines(section: Section) -> tuple[Section, int]:
    """Leave out lines of ``[#tag]()``, and what marks cards."""
    return drop_blocks(section, LINES, _is_tag_line)


def _is_tag_line(block: Sequence[Token]) -> bool:
    children = block[1].children or []
    words = plain_text(children).split()
    if not (words and all(word.startswith("#") for word in words)):
        return False
    links = [c for c in children if c.type == "link_open"]
    if not links:
        return any(_CARD_TAG.match(word) for word in words)
    return all(href_of(link) in {"", "."} for link in links)


_CARD_TAG = re.compile(r"#(?:flash)?cards?(?:[-/].*)?$", re.IGNORECASE)


# At the end of an answer -----------------------------------------------------------------------


def drop_promotion(section: Section) -> tuple[Section, int]:
    """Leave out a plea for stars, followers or money at the end, and the pictures under it."""
    return _drop_ending(section, _is_plea)


def _is_plea(text: str, children: Sequence[Token], pictured: bool) -> bool:
    if asks_to_follow(text):
        return True
    if pictured:
        return asks_to_scan(text)
    linked = any(c.type in {"link_open", "image", "html_inline"} for c in children)
    return bool((linked or _EAGER.search(text)) and PROMOTION.search(text))


_EAGER = re.compile(rf"[{EMOJI}]|:star|star\b")


def drop_footer(section: Section) -> tuple[Section, int]:
    """Leave out a line at the end that states a licence or a date, or offers more."""
    return _drop_ending(section, _is_footer)


def _is_footer(text: str, children: Sequence[Token], pictured: bool) -> bool:
    return not pictured and bool(FOOTER.match(text))


def _drop_ending(
    section: Section, unwanted: Callable[[str, Sequence[Token], bool], bool]
) -> tuple[Section, int]:
    """Leave out the last blocks from a line that is *unwanted*, if furniture follows it.

    *unwanted* is told whether a picture follows that may belong to the answer.
    """
    stop = len(section.answer)
    found = 0
    pictured = False
    for start, end in last_blocks(section.answer):
        block = section.answer[start:end]
        children = _line(block)
        text = plain_text(children)
        if 0 < len(text) <= _LONGEST_PLEA and unwanted(text, children, pictured):
            stop, found = start, found + 1
        elif not found and _is_picture(children):
            pictured = True
        elif not _is_furniture(block):
            break
    if not found or not stop:  # an answer that is nothing else is meant
        return section, 0
    return section._replace(answer=section.answer[:stop]), found


def _is_picture(children: Sequence[Token]) -> bool:
    """Return whether a line is nothing but pictures that lead nowhere."""
    return bool(children) and all(c.type == "image" or c.type in BREAKS for c in children)


def _line(block: Sequence[Token]) -> Sequence[Token]:
    """Return what a paragraph, heading or quoted paragraph holds; nothing for other blocks."""
    at = block[0].type == "blockquote_open"
    is_line = len(block) == 3 + 2 * at and block[at].type in LINES
    return block[at + 1].children or () if is_line else ()


def _is_furniture(block: Sequence[Token]) -> bool:
    """Return whether a block under a plea belongs to it: a rule, a linked picture, a break."""
    if block[0].type == "hr":
        return True
    if block[0].type == "html_block":
        content = block[0].content
        linked = "<a" in content.lower() or not _IMG.search(content)
        return linked and not without_tags(content).strip()
    if len(block) != 3 or block[1].type != "inline":
        return False
    children = block[1].children or []
    linked = any(c.type == "link_open" for c in children)
    return linked and not "".join(c.content for c in children if c.type == "text").strip()
