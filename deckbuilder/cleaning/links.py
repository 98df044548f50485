"""Rules for what only made sense on a page: comments, anchors, links to places in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deckbuilder.cleaning.edit import drop_blocks, drop_empty_spans, edit_inline
from deckbuilder.markdown import plain_text
from deckbuilder.model import Section, Token
from deckbuilder.parse import without_anchors

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TOP = re.compile(
    r"^[\W_]*(?:(?:go\s+|jump\s+|return\s+|scroll\s+)?(?:back\s+)?to\s+(?:the\s+)?(?:top|toc|"
    r"table\s+of\s+contents|contents|index|questions?)|back|top|up|toc|返回(?:顶部|目录|到?顶|上方)?|回到?"
    r"(?:顶部|目录)|(?:↥|⬆|↑|▲|🔝|🔼|⇧|⤴|☝)+)[\W_]*$",
    re.IGNORECASE,
)
_ARROW = re.compile("[↥⬆↑▲🔝🔼⇧⤴☝]")


def drop_comments(section: Section) -> tuple[Section, int]:
    """Leave out HTML comments."""
    section, blocks = drop_blocks(section, _is_comment_block)

    def edit(children: list[Token]) -> tuple[list[Token], int]:
        kept = [c for c in children if not (c.type == "html_inline" and _COMMENT.match(c.content))]
        return kept, len(children) - len(kept)

    section, inline = edit_inline(section, edit)
    return section, blocks + inline


def _is_comment_block(block: Sequence[Token]) -> bool:
    return block[0].type == "html_block" and not _COMMENT.sub("", block[0].content).strip()


def drop_anchors(section: Section) -> tuple[Section, int]:
    """Leave out ``<a name>`` and ``<a id>``, and blocks that hold nothing else."""
    section, blocks = drop_blocks(section, _is_anchor_block)

    def edit(children: list[Token]) -> tuple[list[Token], int]:
        kept, anchors = without_anchors(children)
        return (kept, len(anchors)) if anchors else (children, 0)

    section, inline = edit_inline(section, edit)
    return section, blocks + inline


_EMPTY_ANCHOR = re.compile(r"<a\b(?![^<>]*\bhref)[^<>]*>\s*(?:</a\s*>)?", re.IGNORECASE)


def _is_anchor_block(block: Sequence[Token]) -> bool:
    if block[0].type != "html_block" or "<a" not in block[0].content.lower():
        return False
    return not _EMPTY_ANCHOR.sub("", block[0].content).strip()


def drop_back_to_top(section: Section) -> tuple[Section, int]:
    """Leave out links back to the top or the contents, as blocks or at the end of a line."""
    section, blocks = drop_blocks(section, _is_top_block)
    section, inline = edit_inline(section, _without_top_links)
    return section, blocks + inline


def _is_top_block(block: Sequence[Token]) -> bool:
    first = block[0]
    if first.type == "html_block":
        text = re.sub(r"<[^>]*>", " ", first.content)
        in_page = re.search(r"href\s*=\s*[\"']?[^\"'>]*#", first.content)
        return bool(in_page or _ARROW.search(text)) and bool(_TOP.match(" ".join(text.split())))
    if first.type not in {"paragraph_open", "heading_open"} or len(block) != 3:
        return False
    children = block[1].children or []
    text = plain_text(children)
    linked = any(
        (c.type == "link_open" and "#" in str(c.attrs.get("href", "")))
        or (c.type == "html_inline" and re.search(r"href\s*=\s*[\"']?[^\"'>]*#", c.content))
        for c in children
    )
    return bool(_TOP.match(text)) and bool(linked or _ARROW.search(text))


def _without_top_links(children: list[Token]) -> tuple[list[Token], int]:
    result: list[Token] = []
    index = count = 0
    while index < len(children):
        stop = _link_end(children, index)
        if stop and _TOP.match(plain_text(children[index:stop])):
            count += 1
            index = stop
            continue
        result.append(children[index])
        index += 1
    return (drop_empty_spans(result), count) if count else (children, 0)


def _link_end(children: Sequence[Token], index: int) -> int:
    """Return the index after an in-page link that begins at *index*, or 0."""
    token = children[index]
    if token.type == "link_open" and "#" in str(token.attrs.get("href", "")):
        closing = "link_close"
    elif token.type == "html_inline" and re.match(
        r"<a\b[^>]*href\s*=\s*[\"']?[^\"'>]*#", token.content, re.IGNORECASE
    ):
        closing = "html_inline"
    else:
        return 0
    for stop in range(index + 1, len(children)):
        if children[stop].type == closing and (
            closing == "link_close" or children[stop].content.lower().startswith("</a")
        ):
            return stop + 1
    return 0


def unlink_in_page(section: Section) -> tuple[Section, int]:
    """Keep the text of links to places in the notes; on a card they lead nowhere."""
    return edit_inline(section, _unlinked)


def _unlinked(children: list[Token]) -> tuple[list[Token], int]:
    kept: list[Token] = []
    dropped: list[bool] = []
    count = 0
    for child in children:
        if child.type == "link_open":
            dropped.append(not _leads_out(str(child.attrs.get("href", ""))))
            if dropped[-1]:
                count += 1
                continue
        elif child.type == "link_close" and dropped and dropped.pop():
            continue
        kept.append(child)
    return (kept, count) if count else (children, 0)


def _leads_out(href: str) -> bool:
    """Return whether a link leads anywhere from a card: only addresses with a scheme do."""
    return bool(
        re.match(r"(?:https?|mailto|tel|ftp|anki|obsidian|zotero|doi):", href, re.IGNORECASE)
    )
