"""The one place that says what HTML a card may hold; the sanitiser itself is a library's.

Everything that `deckbuilder.render` writes passes through unchanged; what a stranger wrote
as raw HTML is reduced to the allow-lists below (CONTRACT P9).
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from html.parser import HTMLParser

ALLOWED: dict[str, set[str]] = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "audio": {"src", "controls"},
    "bdi": {"dir"},
    "bdo": {"dir"},
    "details": {"open"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start", "type", "reversed"},
    "li": {"value"},
    "source": {"src", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "video": {"src", "controls", "playsinline", "width", "height"},
}
"""Element -> its attributes, beside ``lang``, ``dir`` and ``class``."""

PLAIN = {
    "b", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd",
    "del", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h3", "h4", "h5", "h6",
    "hr", "i", "ins", "kbd", "mark", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp",
    "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody",
    "tfoot", "thead", "time", "tr", "u", "ul", "var", "wbr",
}  # fmt: skip
"""Elements without attributes of their own."""

GENERIC = {"lang", "dir"}
"""Attributes that every element may carry."""

CLASSES = {
    "a": {"remote"},
    "div": {
        "abstract", "bug", "callout", "callout-title", "caution", "code", "danger", "example",
        "footnotes", "further", "important", "info", "lang", "math", "note", "question", "quote",
        "success", "table", "tip", "todo", "warning",
    },
    "img": {"diagram"},
    "li": {"done", "todo"},
    "p": {"heading"},
    "span": {"box", "missing"},
    "sup": {"fn"},
    "td": {"left", "center", "right"},
    "th": {"left", "center", "right"},
    "ul": {"tasks"},
}  # fmt: skip
"""Element -> classes of ours that the note types style; tokens of code are added below."""

WITH_CONTENT = {"script", "style", "iframe", "object", "embed", "template", "noscript", "title",
                "textarea", "select", "svg", "math", "form-data"}  # fmt: skip
"""Elements that go with everything inside them; of others the text stays."""

SCHEMES = {"http", "https", "mailto", "tel", "obsidian", "zotero"}
"""What a link on a card may lead to."""


@cache
def _classes() -> dict[str, set[str]]:
    from pygments.token import STANDARD_TYPES

    code = {name for name in STANDARD_TYPES.values() if name}
    return {**CLASSES, "span": CLASSES["span"] | code}


def sanitise(html: str) -> str:
    """Return *html* with allowed elements, attributes, classes and links only, well-formed."""
    import nh3

    return nh3.clean(
        html,
        tags=PLAIN | set(ALLOWED),
        attributes={"*": GENERIC, **ALLOWED},
        allowed_classes=_classes(),
        clean_content_tags=WITH_CONTENT,
        url_schemes=SCHEMES,
        link_rel=None,
        strip_comments=True,
    )


class _Counter(HTMLParser):
    """Counts elements and attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[f"<{tag}>"] += 1
        for name, _ in attrs:
            if name.startswith("on"):
                self.seen["event handler"] += 1
            elif name in {"style", "id", "srcdoc", "href", "src"}:
                self.seen[f"{name}="] += 1


def what_went(before: str, after: str) -> Counter[str]:
    """Return what a raw page had that its sanitised form no longer has, for the report."""
    counters = [_Counter(), _Counter()]
    for counter, html in zip(counters, (before, after), strict=True):
        counter.feed(html)
        counter.close()
    lost = counters[0].seen - counters[1].seen
    for harmless in ("<html>", "<body>", "<head>", "<h1>", "<h2>", "id="):
        lost.pop(harmless, None)
    return lost
