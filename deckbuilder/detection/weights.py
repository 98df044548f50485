"""How much text stands between which headings, counted where a rule asks for it, and once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from deckbuilder.markdown import VERBATIM, Token, plain_text, without_comments, without_tags
from deckbuilder.model import Document
from deckbuilder.wording import QUERIES, only_asks

_SHOWS = re.compile(r"<(?:img|audio|video|table)|>[^<>]*\w")
_LISTED = Token("listed", "", 0)


class Amount(NamedTuple):
    """Characters of a part of a document."""

    shown: int
    linked: int
    """Those in links."""
    elsewhere: int
    """These, those in list items that begin with the name of a ``[[page]]``, and in queries."""
    asked: int
    """Those in list items that are questions."""

    def mostly(self, part: int) -> bool:
        """Return whether *part* is most of what is shown, if anything is."""
        return self.shown > 0 and part * 10 >= self.shown * 8


class Weights:
    """How much text a document holds, its contents lists aside."""

    def __init__(self, document: Document, contents: Iterable[tuple[int, int]]) -> None:
        self._tokens = list(document.tokens)
        for start, stop in contents:
            self._tokens[start:stop] = [_LISTED] * (stop - start)
        self._bounds = [at for one in document.headings for at in (one.start, one.stop)]
        self._bounds.append(len(self._tokens))
        self._counted: dict[int, Amount] = {}

    def shows(self, index: int, stop: int) -> bool:
        """Return whether anything stands between a heading and that of index *stop*."""
        span = range(self._bounds[2 * index + 1], self._bounds[2 * stop])
        return any(_shown(self._tokens[at]) for at in span)

    def between(self, index: int, stop: int) -> Amount:
        """Return how much stands between a heading and that of index *stop*."""
        parts = map(self._part, range(2 * index + 1, 2 * stop))
        return Amount(*map(sum, zip(*parts, strict=True)))

    def all(self) -> Amount:
        """Return how much the document holds as a whole."""
        return amount_of(self._tokens)

    def _part(self, at: int) -> Amount:
        """Return how much a heading holds, or what stands between it and the next one."""
        if at not in self._counted:
            self._counted[at] = amount_of(self._tokens[self._bounds[at] : self._bounds[at + 1]])
        return self._counted[at]


def amount_of(tokens: Sequence[Token]) -> Amount:
    """Return how much block tokens show."""
    shown = linked = elsewhere = asked = in_item = 0
    for token in tokens:
        kind = token.type
        if kind == "inline":
            text = plain_text(token.children)
            weight, in_links = _weigh(token.children or (), text, in_item > 0)
            shown += weight
            linked += in_links
            elsewhere += weight if in_item and token.content.startswith("[[") else in_links
            if in_item and only_asks(text):
                asked += weight
        elif kind == "list_item_open":
            in_item += 1
        elif kind == "list_item_close":
            in_item -= 1
        else:
            weight = _shown(token)
            shown += weight
            elsewhere += weight if token.info in QUERIES else 0
    return Amount(shown, linked, elsewhere, asked)


def _weigh(children: Sequence[Token], text: str, in_item: bool) -> tuple[int, int]:
    """Return how much inline tokens show, and how much of it in links."""
    total = len(text)
    links = linked = depth = 0
    for child in children:
        kind = child.type
        if kind == "image":
            total += 1
        elif kind == "link_open":
            links, depth = links + 1, depth + 1
        elif kind == "link_close":
            depth -= 1
        elif depth and kind in {"text", "code_inline"}:
            linked += len(child.content)
    if links and in_item:
        begins = next(c for c in children if c.type != "text" or c.content.strip())
        if begins.type == "link_open":
            return total, total
    return total, min(linked, total)


def _shown(token: Token) -> int:
    kind = token.type
    if kind == "inline":
        children = token.children or ()
        return len(plain_text(children)) + sum(child.type == "image" for child in children)
    if kind in VERBATIM:
        return len(token.content.strip())
    if kind == "html_block":
        content = without_comments(token.content)
        return len(without_tags(content).strip()) or 1 if _SHOWS.search(content) else 0
    return 0
