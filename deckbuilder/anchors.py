"""Anchors of headings: ``<a name>`` and ``{#id}``, which links on a page lead to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deckbuilder.markdown import Token
from deckbuilder.syntax.html_heading import anchors_in

_TRAILING_ID = re.compile(r"\{(?::\s*+|\s*+(?=[#.-]))(?:#([^\s{}]++)|[.\w-])[^{}]*+\}\s*$")
_ANCHOR_TAG = re.compile(r"<a\b[^<>]*\b(?:name|id)\s*=[^<>]*>\s*(?:</a\s*>)?", re.IGNORECASE)


def anchors_of_block(block: Sequence[Token]) -> tuple[str, ...]:
    """Return the ids of a block that holds nothing but anchors, for the heading after it."""
    if len(block) == 1 and block[0].type == "html_block":
        content = block[0].content
    elif len(block) == 3 and block[1].type == "inline":
        content = block[1].content
    else:
        return ()
    alone = content.lstrip().startswith("<") and not _ANCHOR_TAG.sub("", content).strip()
    return tuple(anchors_in(content)) if alone else ()


def without_anchors(children: Sequence[Token] | None) -> tuple[list[Token], tuple[str, ...]]:
    """Return heading content without ``<a name>`` and ``{#id}``, and the ids these gave."""
    anchors: list[str] = []
    kept: list[Token] = []
    open_anchor = False
    for child in children or ():
        if child.type == "html_inline":
            tag = child.content.lower()
            if tag.startswith("<a") and not re.search(r"\bhref\s*=", tag):
                anchors += anchors_in(child.content)
                open_anchor = not tag.endswith("/>")
                continue
            if tag.startswith("</a") and open_anchor:
                open_anchor = False
                continue
        kept.append(child)
    if kept and kept[-1].type == "text" and (found := _TRAILING_ID.search(kept[-1].content)):
        anchors += [found[1]] if found[1] else []
        kept[-1] = kept[-1].copy(content=kept[-1].content[: found.start()].rstrip())
    return kept, tuple(anchors)
