"""Contents lists: the author's own statement of what the questions are.

Found before anything is cut or dropped, used as evidence by `deckbuilder.structure`, and
left out of every answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import unescape
from itertools import pairwise

from deckbuilder.detection.targets import (
    TITLE_END,
    ContentsList,
    Entry,
    Resolver,
    unquoted,
)
from deckbuilder.markdown import (
    LISTS,
    Token,
    closes_link,
    href_of,
    outside_links,
    plain_text,
    top_blocks,
    without_tags,
)
from deckbuilder.model import REAL_HEADINGS, Document, Heading

_MARKER = re.compile(
    r"\s*(?:\\?\[\[?_?TOC_?\]?\\?\]|@\[toc\](?:\([^()]*\))?|\{:{0,2}\s*toc[^{}]*\}|\[toc\s[^\[\]]*\])\s*$",
    re.IGNORECASE,
)
"""What makes a program write a contents list: ``[TOC]``, ``[[_TOC_]]``, ``{:toc}``.

Exporters put a backslash before what they take for a bracket: ``\\[toc]``."""
_Line = tuple[int, str, str]
"""Depth, text and target of what may be an entry, as it is read."""
_HREF = re.compile(r"<a\b[^>]*?\bhref\s*=\s*[\"']?([^\"'\s>]*)", re.IGNORECASE)
_NOTE_FILE = re.compile(r"\.(?:md|markdown|html?)$", re.IGNORECASE)


def find_contents(document: Document) -> list[ContentsList]:
    """Return the contents lists of *document*, in order."""
    blocks = list(top_blocks(document.tokens))
    resolver = Resolver(document)
    candidates = list(_candidates(document, resolver, blocks))
    several = (resolver.resolve(*one) for one in candidates if len(one[2]) > 1)
    found = [one for one in several if one]
    named = [document.headings[i].start for one in found for i in one.leaves | one.branches]
    first = min(named, default=0)
    # A contents list may be cut into chapters, some of which have one entry.
    single = (resolver.resolve(*one) for one in candidates if len(one[2]) == 1 and one[1] <= first)
    found += filter(None, single)
    found += _markers(document, blocks)
    return sorted(found, key=lambda one: one.start)


# Candidates ----------------------------------------------------------------------------------


def _candidates(
    document: Document, resolver: Resolver, blocks: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int, list[Entry]]]:
    tokens = document.tokens
    for start, stop in blocks:
        kind = tokens[start].type
        if kind not in _READERS:
            continue
        block = tokens[start:stop]
        if not _links_somewhere(block) and not (kind in LISTS and resolver.introduces(start)):
            continue
        read = list(_READERS[kind](block))
        if len(read) >= 2 or (read and read[0][2]):
            yield start, stop, _entries(read)
    yield from _outlines(document)


def _links_somewhere(block: Sequence[Token]) -> bool:
    """Return whether there is any link in a block, or may be in its HTML."""
    for token in block:
        for child in token.children or ():
            if child.type == "link_open" or child.type == "html_inline":
                return True
    return block[0].type == "html_block" and "href" in block[0].content


def _entries(lines: Sequence[_Line]) -> list[Entry]:
    """Return *lines* as entries: a leaf is what no deeper one follows."""
    pairs = pairwise([*lines, (0, "", "")])
    return [Entry(text, target, below <= depth) for (depth, text, target), (below, *_) in pairs]


def _list_entries(block: Sequence[Token]) -> Iterator[_Line]:
    depth = 0
    for token in block:
        if token.type in LISTS:
            depth += 1
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            depth -= 1
        elif token.type == "inline":
            for text, target in _links(token.children or []):
                yield depth, text, target


def _table_entries(block: Sequence[Token]) -> Iterator[_Line]:
    for depth, text, target in _list_entries(block):
        if target:
            yield depth + 1, text, target


def _paragraph_entries(block: Sequence[Token]) -> Iterator[_Line]:
    """Links on lines of their own, without list marks."""
    children = block[1].children or []
    links = [(1, text, target) for text, target in _links(children) if target]
    beside = re.sub(r"[\W\d]", "", outside_links(children))
    if len(links) >= 2 and len(beside) <= len(links):
        yield from links


def _links(children: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Yield (text, fragment) of each in-page link; the bare text where there is no link."""
    inside: list[Token] | None = None
    target = ""
    found = False
    for child in children:
        opened = _href(child)
        if opened is not None:
            fragment = _fragment(opened)
            if fragment is not None:
                inside, target = [], fragment
        elif inside is not None and closes_link(child):
            found = True
            yield plain_text(inside), target
            inside = None
        elif inside is not None:
            inside.append(child)
    if not found:
        yield plain_text(children), ""


def _href(child: Token) -> str | None:
    if child.type == "link_open":
        return href_of(child)
    if child.type == "html_inline":
        found = _HREF.match(child.content)
        return found[1] if found else None
    return None


def _fragment(href: str) -> str | None:
    """Return where on this page a link leads, or None: full addresses of the page do, too."""
    base, _, fragment = href.partition("#")
    if not fragment:
        return None
    elsewhere = _NOTE_FILE.search(base) and not re.match(r"https?:", base, re.IGNORECASE)
    return None if elsewhere else unquoted(fragment)


_HTML_LIST = re.compile(
    r"<(?P<ends>/?)(?:ul|ol)\b[^<>]*>|"
    r"(?P<link><a\b[^<>]*>)(?P<text>[^<]*+(?:<(?!/?a\b)[^<]*+)*+)</a\b",
    re.IGNORECASE,
)


def _html_entries(block: Sequence[Token]) -> Iterator[_Line]:
    depth = 1
    for found in _HTML_LIST.finditer(block[0].content):
        if not found["link"]:
            depth += -1 if found["ends"] else 1
        elif (href := _HREF.match(found["link"])) and (target := _fragment(unescape(href[1]))):
            yield depth, " ".join(unescape(without_tags(found["text"])).split()), target


_READERS: Mapping[str, Callable[[Sequence[Token]], Iterable[_Line]]] = {
    "bullet_list_open": _list_entries,
    "ordered_list_open": _list_entries,
    "table_open": _table_entries,
    "paragraph_open": _paragraph_entries,
    "html_block": _html_entries,
}


def _outlines(document: Document) -> Iterator[tuple[int, int, list[Entry]]]:
    """Headings that stand one after the other without text: an outline written as headings."""
    runs: list[list[Heading]] = []
    for one in document.headings:
        if one.kind in REAL_HEADINGS:
            if runs and runs[-1][-1].stop == one.start:
                runs[-1].append(one)
            else:
                runs.append([one])
    for run in runs:
        if TITLE_END.search(run[0].text):
            run.pop(0)
        if len(run) >= 3:
            entries = _entries([(one.level, one.text, "") for one in run])
            yield run[0].start, run[-1].stop, entries


def _markers(document: Document, blocks: Iterable[tuple[int, int]]) -> Iterator[ContentsList]:
    """What makes a program write a contents list."""
    for start, stop in blocks:
        texts = [token.content for token in document.tokens[start:stop] if token.type == "inline"]
        if len(texts) == 1 and _MARKER.match(texts[0]):
            yield ContentsList(start, stop, frozenset(), frozenset())
