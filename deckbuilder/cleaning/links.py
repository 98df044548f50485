"""Rules for what only made sense on a page: comments, anchors, links to places in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deckbuilder.anchors import without_anchors
from deckbuilder.cleaning.edit import drop_blocks, edit_inline
from deckbuilder.inline import drop_empty_spans, right_trimmed, with_text
from deckbuilder.markdown import (
    Token,
    closes_link,
    href_of,
    is_comment,
    plain_text,
    without_tags,
)
from deckbuilder.model import Section
from deckbuilder.rendering.sanitise import may_lead_to
from deckbuilder.wording import ARROW, leads_to_top


def drop_comments(section: Section) -> tuple[Section, int]:
    """Leave out HTML comments."""
    section, blocks = drop_blocks(section, {"html_block"}, lambda block: is_comment(block[0]))

    def edit(children: list[Token]) -> tuple[list[Token], int]:
        kept = [c for c in children if not (c.type == "html_inline" and c.content[:4] == "<!--")]
        return kept, len(children) - len(kept)

    section, inline = edit_inline(section, {"html_inline"}, edit)
    return section, blocks + inline


def drop_anchors(section: Section) -> tuple[Section, int]:
    """Leave out ``<a name>`` and ``<a id>``, and blocks that hold nothing else."""
    section, blocks = drop_blocks(section, {"paragraph_open"}, _is_anchor_block)

    def edit(children: list[Token]) -> tuple[list[Token], int]:
        kept, anchors = without_anchors(children)
        return kept, len(anchors)

    section, inline = edit_inline(section, {"html_inline", "text"}, edit)
    return section, blocks + inline


def _is_anchor_block(block: Sequence[Token]) -> bool:
    kept, anchors = without_anchors(block[1].children)
    return bool(anchors) and not any(c.content.strip() or c.type == "image" for c in kept)


_BLOCK_ID = re.compile(r"(?:^|\s)\^(?:1\d{12}|(?!\d{1,5}$|\d{7})[A-Za-z0-9][A-Za-z0-9-]{2,})$")
"""Of Obsidian; ``2 ^10`` and ``e ^ix`` are powers, six digits or a time of Anki's are an id."""


def drop_block_ids(section: Section) -> tuple[Section, int]:
    """Leave out ``^block-id`` at the end of paragraphs, list items and headings."""
    section, blocks = drop_blocks(section, {"paragraph_open"}, _is_block_id)
    section, inline = edit_inline(section, {"text"}, _without_block_id)
    return section, blocks + inline


def _is_block_id(block: Sequence[Token]) -> bool:
    children = block[1].children or []
    return [c.type for c in children] == ["text"] and bool(_BLOCK_ID.match(children[0].content))


def _without_block_id(children: list[Token]) -> tuple[list[Token], int]:
    for last in children[-1:]:
        if last.type == "text" and (found := _BLOCK_ID.search(last.content)):
            kept = [*children[:-1], with_text(last, last.content[: found.start()])]
            return right_trimmed(kept), 1
    return children, 0


_CITATION = re.compile(
    r"(?:(?<!\s)\s+)?(?:\[citation:\d{1,3}\]|\[\^\d{1,3}\^\]|【\d{1,3}†[^【】]{0,40}】|"
    r":contentReferenceoaicite:\d{1,3})"
)
"""Of DeepSeek, Kimi and ChatGPT; the last had brackets and attributes, read as those of a span."""
CITATIONS = {"citation:", "^", "†", "oaicite"}
"""What such marks hold, one each."""


def drop_citations(section: Section) -> tuple[Section, int]:
    """Leave out the marks by which a chat names sources that stand nowhere in the notes."""
    return edit_inline(section, {"text"}, _without_citations)


def _without_citations(children: list[Token]) -> tuple[list[Token], int]:
    kept = []
    count = 0
    for child in children:
        text, found = _CITATION.subn("", child.content) if child.type == "text" else ("", 0)
        kept.append(with_text(child, text) if found else child)
        count += found
    return drop_empty_spans(kept), count


_HOLD_LINES = {
    "html_block", "paragraph_open", "heading_open", "bullet_list_open", "blockquote_open",
}  # fmt: skip


def drop_back_to_top(section: Section) -> tuple[Section, int]:
    """Leave out links back to the top or the contents, as blocks or at the end of a line."""
    section, blocks = drop_blocks(section, _HOLD_LINES, _is_top_block)
    section, inline = edit_inline(section, {"html_inline", "link_open"}, _without_top_links)
    return section, blocks + inline


_IN_PAGE = re.compile(r"<a\b[^<>]*href\s*=\s*[\"']?[^\"'>]{0,500}#", re.IGNORECASE)
"""A link of HTML to a place on a page."""


def _is_top_block(block: Sequence[Token]) -> bool:
    first = block[0]
    if first.type == "html_block":
        text = without_tags(first.content, " ")
        linked = _IN_PAGE.search(first.content) or ARROW.search(text)
        return bool(linked) and leads_to_top(" ".join(text.split()))
    inlines = [token.children or [] for token in block if token.type == "inline"]
    if len(inlines) != 1:
        return False
    text = plain_text(inlines[0])
    marked = any(map(_is_in_page, inlines[0])) or ARROW.search(text)
    return bool(marked) and leads_to_top(text)


def _is_in_page(child: Token) -> bool:
    if child.type == "link_open":
        return "#" in href_of(child)
    return child.type == "html_inline" and bool(_IN_PAGE.match(child.content))


def _without_top_links(children: list[Token]) -> tuple[list[Token], int]:
    result: list[Token] = []
    index = count = 0
    while index < len(children):
        stop = _link_end(children, index)
        if stop and leads_to_top(plain_text(children[index:stop])):
            count += 1
            index = stop
            continue
        result.append(children[index])
        index += 1
    return right_trimmed(drop_empty_spans(result)), count


def _link_end(children: Sequence[Token], index: int) -> int:
    """Return the index after an in-page link that begins at *index*, or 0."""
    if not _is_in_page(children[index]):
        return 0
    ends = (stop for stop in range(index + 1, len(children)) if closes_link(children[stop]))
    return next(ends, -1) + 1


def unlink_in_page(section: Section) -> tuple[Section, int]:
    """Keep the text of links to places in the notes; on a card they lead nowhere."""
    return edit_inline(section, {"link_open"}, _unlinked)


def _unlinked(children: list[Token]) -> tuple[list[Token], int]:
    kept: list[Token] = []
    dropped: list[bool] = []
    count = 0
    for child in children:
        if child.type == "link_open":
            dropped.append(not _leads_out(href_of(child)))
            if dropped[-1]:
                count += 1
                continue
        elif child.type == "link_close" and dropped and dropped.pop():
            continue
        kept.append(child)
    return kept, count


def _leads_out(href: str) -> bool:
    """Return whether a link leads anywhere from a card.

    A search for the very word that a site made a link of says nothing that the word does not.
    """
    return may_lead_to(href) and not _KEYWORD.match(href)


_KEYWORD = re.compile(r"https?://(?:zhida\.zhihu|so\.csdn)\.(?:com|net)/(?:so/)?search\?")
"""What Zhihu and CSDN make of words in their articles."""


_ATTRIBUTE_LIST = re.compile(r"\{(?:(?=[^{}]*=)|:|\s*(?=[.#][A-Za-z_]))[^{}]*\}")
_MOST_LINES = 4
_OF_CODE = re.compile(r"\{:?\s*[.#=][A-Za-z_][^{}]*\}")
_OF_BLOCK = re.compile(r"\{:?\s*[.#][A-Za-z_][^{}]*\}\s*$")
_ENDS = {
    "link_close": _ATTRIBUTE_LIST, "image": _ATTRIBUTE_LIST, "code_inline": _OF_CODE,
    "strong_close": _OF_CODE, "em_close": _OF_CODE, "softbreak": _OF_BLOCK,
}  # fmt: skip
"""Token -> the attributes that may follow it; what begins a line belongs to the paragraph."""


def drop_attribute_lists(section: Section) -> tuple[Section, int]:
    """Leave out ``{:target="_blank"}`` and ``{width=50%}`` after links, pictures and code."""
    return edit_inline(section, _ENDS, _without_attributes)


def _without_attributes(children: list[Token]) -> tuple[list[Token], int]:
    kept: list[Token] = []
    index = count = 0
    while index < len(children):
        pattern = _ENDS.get(kept[-1].type) if kept else None
        stop = _end_of_list(children, index) if pattern else index
        found = pattern and pattern.match("\n".join(t.content for t in children[index:stop:2]))
        if found and (found.re is not _OF_BLOCK or stop == len(children)):
            count += 1
            index = stop
            if found.re is _OF_BLOCK:
                kept.pop()
            elif rest := found.string[found.end() :]:
                kept.append(with_text(children[stop - 1], rest))
        else:
            kept.append(children[index])
            index += 1
    return drop_empty_spans(kept), count


def _end_of_list(children: Sequence[Token], index: int) -> int:
    """Return the index after the lines that hold the list of attributes begun at *index*.

    It is *index* where none begins: lines are text with soft breaks between.
    """
    if children[index].type != "text" or not children[index].content.startswith("{"):
        return index
    for stop in range(index + 1, min(index + 2 * _MOST_LINES, len(children) + 1), 2):
        if "}" in children[stop - 1].content:
            return stop
        if [t.type for t in children[stop : stop + 2]] != ["softbreak", "text"]:
            break
    return index
