"""Pieces of HTML: text and attributes as it writes them, and read back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser

REMOTE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
"""How an address begins."""


def without_lonely(html: str, tags: Iterable[str]) -> str:
    """Return *html* without those of *tags* of which not each has its end, or its beginning."""
    for tag in tags:
        opened = re.findall(rf"<{tag}\b[^<>]*(?<!/)>", html, re.IGNORECASE)
        if len(opened) != len(re.findall(rf"</{tag}\s*>", html, re.IGNORECASE)):
            html = re.sub(rf"</?{tag}\b[^<>]*>", "", html, flags=re.IGNORECASE)
    return html


def escape(text: str) -> str:
    """Return *text* as HTML, in the form that an HTML5 serialiser gives it."""
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\xa0", "&nbsp;")
    )


def attribute(text: str) -> str:
    """Return *text* as the value of an attribute in double quotes."""
    return escape(text).replace('"', "&quot;")


class _Attributes(HTMLParser):
    """Reads the attributes of the first tag of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] | None = None

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Read on behind ``<![`` and a word: Python's own class stops, browsers see a comment."""
        return self.parse_bogus_comment(i, report)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.found is None:
            self.found = {name: value or "" for name, value in attrs}


def attributes_of(html: str) -> dict[str, str]:
    """Return names and values of the first tag's attributes, these without entities."""
    reader = _Attributes()
    reader.feed(html)
    return reader.found or {}
