"""Markdown inside a block of HTML: ``<aside>``, ``<td>**bold**</td>``, ``<p>![](a.png)</p>``.

CommonMark leaves all of it as it is; who writes stars or a formula there wants them read. So
what stands between the outer tags is read as a paragraph, where it clearly holds Markdown.
"""

from __future__ import annotations

import re

from markdown_it.common.html_re import close_tag, open_tag
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from deckbuilder.characters import regex
from deckbuilder.syntax.shared import paragraph

_TAG = regex(f"{open_tag}|{close_tag}")
_OUTER = regex(
    r"</?(?:address|admonition|article|aside|blockquote|callout|caption|center|dd|div|dl|dt|fieldset|figcaption|"
    r"figure|footer|form|h[1-6]|header|hr|li|main|nav|ol|p|section|table|tbody|td|tfoot|th|thead|"
    r"tr|ul)\b[^<>]*>\s*",
    re.IGNORECASE,
)
_AS_IT_IS = regex(
    r"<(?:pre|script|style|textarea|svg|math|details|summary|[!?])|href\s*=\s*[\"']?#|"
    r"^ *(?:```|~~~)",
    re.IGNORECASE | re.MULTILINE,
)
_MARKDOWN = regex(
    r"\*\*(?![\s*])[^*\n]+\*\*|\]\([^()\s]+\)|!\[\[|(?<![\\$])\$[^\s$][^$\n]*\$|(?<!`)`[^`\n]+`(?!`)"
)


def html_text(state: StateCore) -> None:
    """Part such blocks into tags and text."""
    tokens: list[Token] = []
    for token in state.tokens:
        tokens += _parts(token) if token.type == "html_block" else [token]
    state.tokens = tokens


def _parts(block: Token) -> list[Token]:
    """Return a block of HTML as its outer tags and the paragraph between them, if it is one."""
    html = block.content
    text = _TAG.sub("", html)
    if _AS_IT_IS.search(html) or not _MARKDOWN.search(text) or re.search(r"<[a-zA-Z/]", text):
        return [block]
    start, stop = 0, len(html)
    while tag := _OUTER.match(html, start):
        start = tag.end()
    while tag := _OUTER.fullmatch(html, max(html.rfind("<", start, stop), start), stop):
        stop = tag.start()
    line = block.map[0] if block.map else 0
    begins, ends = line + html.count("\n", 0, start), line + html.count("\n", 0, stop)
    inner = html[start:stop].strip()
    is_inline = _OUTER.search(inner) is None
    return [
        *_tags(block, html[:start], line, begins + 1),
        *paragraph(inner, begins, ends + 1, block.level, hidden=not is_inline),
        *_tags(block, html[stop:], ends, block.map[1] if block.map else 0),
    ]


def _tags(block: Token, html: str, start: int, stop: int) -> list[Token]:
    return [block.copy(content=html, map=[start, stop])] if html.strip() else []
