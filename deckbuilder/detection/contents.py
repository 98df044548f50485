"""Contents lists: the author's own statement of what the questions are.

Found before anything is cut or dropped, used as evidence by `deckbuilder.structure`, and
left out of every answer.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

from deckbuilder.markdown import (
    LISTS,
    Token,
    closes_link,
    href_of,
    outside_links,
    plain_text,
    top_blocks,
)
from deckbuilder.model import REAL_HEADINGS, Document, Heading, HeadingKind
from deckbuilder.numbering import without_number
from deckbuilder.wording import CONTENTS_TITLE, bare, loose

_TITLE_END = re.compile(r"(?:目录|目录大纲|大纲|table of contents)\W*$", re.IGNORECASE)
_MARKER = re.compile(
    r"\s*(?:\\?\[\[?_?TOC_?\]?\\?\]|@\[toc\](?:\([^()]*\))?|\{:{0,2}\s*toc[^{}]*\}|\[toc\s[^\[\]]*\])\s*$",
    re.IGNORECASE,
)
"""What makes a program write a contents list: ``[TOC]``, ``[[_TOC_]]``, ``{:toc}``.

Exporters put a backslash before what they take for a bracket: ``\\[toc]``."""
_MARKER_COMMENT = re.compile(r"\s*(?:<!--\s*/?[\w\s-]*\btoc\w*\b[^<>]*-->\s*)+$", re.IGNORECASE)
_TWO_LINKS = 4
"""Tokens of which the shortest line of links consists."""
_HREF = re.compile(r"<a\b[^>]*?\bhref\s*=\s*[\"']?([^\"'\s>]*)", re.IGNORECASE)
_NOTE_FILE = re.compile(r"\.(?:md|markdown|html?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of a contents list."""

    depth: int
    text: str
    target: str
    """Link target after ``#``; empty in a list without links."""
    leaf: bool
    """Whether no deeper entry follows it."""


@dataclass(frozen=True, slots=True)
class ContentsList:
    """A contents list, and where its entries lead."""

    start: int
    stop: int
    """Token range, the heading that introduces it included."""
    leaves: frozenset[int]
    """Indices of the headings that its innermost entries name."""
    branches: frozenset[int]
    """Indices of the headings that its other entries name."""


def find_contents(document: Document) -> list[ContentsList]:
    """Return the contents lists of *document*, in order."""
    blocks = list(top_blocks(document.tokens))
    resolver = _Resolver(document)
    found: list[ContentsList] = []
    single: list[tuple[int, int, list[_Entry]]] = []
    for start, stop, entries in _candidates(document, resolver, blocks):
        if len(entries) == 1:
            single.append((start, stop, entries))
        elif (contents := resolver.resolve(start, stop, entries)) is not None:
            found.append(contents)
    found += _of_one_entry(document, resolver, single, found)
    found += _markers(document, resolver, blocks, found)
    return sorted(found, key=lambda one: one.start)


# Candidates ----------------------------------------------------------------------------------


def _candidates(
    document: Document, resolver: _Resolver, blocks: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int, list[_Entry]]]:
    tokens = document.tokens
    for start, stop in blocks:
        kind = tokens[start].type
        if kind not in _READERS:
            continue
        if kind == "paragraph_open" and len(tokens[start + 1].children or ()) < _TWO_LINKS:
            continue
        block = tokens[start:stop]
        if not _links_somewhere(block) and not (kind in LISTS and resolver.introduces(start)):
            continue
        raw = list(_READERS[kind](block))
        if len(raw) >= 2 or (raw and raw[0][2]):
            yield start, stop, _with_leaves(raw)
    yield from _outlines(document)


def _links_somewhere(block: Sequence[Token]) -> bool:
    """Return whether there is any link in a block, or may be in its HTML."""
    for token in block:
        for child in token.children or ():
            if child.type == "link_open" or child.type == "html_inline":
                return True
    return block[0].type == "html_block" and "href" in block[0].content


def _of_one_entry(
    document: Document,
    resolver: _Resolver,
    single: Sequence[tuple[int, int, list[_Entry]]],
    known: Sequence[ContentsList],
) -> Iterator[ContentsList]:
    """Lists of one entry between the others: a contents list that is cut into chapters."""
    named = [document.headings[i].start for one in known for i in one.leaves | one.branches]
    first = min(named, default=0)
    for start, stop, entries in single:
        found = resolver.resolve(start, stop, entries, least=1) if stop <= first else None
        if found is not None:
            yield found


def _with_leaves(entries: list[tuple[int, str, str]]) -> list[_Entry]:
    depths = [depth for depth, _, _ in entries] + [0]
    return [
        _Entry(depth, text, target, depths[index + 1] <= depth)
        for index, (depth, text, target) in enumerate(entries)
    ]


def _list_entries(block: Sequence[Token]) -> Iterator[tuple[int, str, str]]:
    depth = 0
    for token in block:
        if token.type in LISTS:
            depth += 1
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            depth -= 1
        elif token.type == "inline":
            for text, target in _links(token.children or []):
                yield depth, text, target


def _table_entries(block: Sequence[Token]) -> Iterator[tuple[int, str, str]]:
    for token in block:
        if token.type == "inline":
            for text, target in _links(token.children or []):
                if target:
                    yield 1, text, target


def _paragraph_entries(block: Sequence[Token]) -> Iterator[tuple[int, str, str]]:
    """Links on lines of their own, without list marks."""
    if len(block) != 3:
        return
    children = block[1].children or []
    links = [(text, target) for text, target in _links(children) if target]
    if len(links) < 2:
        return
    if len(re.sub(r"[\W\d]", "", outside_links(children))) <= len(links):
        for text, target in links:
            yield 1, text, target


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
    base, mark, fragment = href.partition("#")
    if not mark or not fragment:
        return None
    elsewhere = _NOTE_FILE.search(base) and not re.match(r"https?:", base, re.IGNORECASE)
    return None if elsewhere else _unquoted(fragment)


_ENCODED = re.compile(r"(?:%[0-9a-fA-F]{2})+")


def _unquoted(address: str) -> str:
    """Return what ``urllib.parse.unquote`` does, at once for a whole word in Chinese."""
    return _ENCODED.sub(_decoded, address) if "%" in address else address


def _decoded(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace")


class _HtmlLinks(HTMLParser):
    """Collects links from a contents list written as HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.depth = 1
        self.target = ""
        self.text = ""
        self.entries: list[tuple[int, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"ul", "ol"}:
            self.depth += 1
        elif tag == "a":
            self.target = _fragment(dict(attrs).get("href") or "") or ""
            self.text = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in {"ul", "ol"}:
            self.depth -= 1
        elif tag == "a" and self.target:
            self.entries.append((self.depth, " ".join(self.text.split()), self.target))
            self.target = ""

    def handle_data(self, data: str) -> None:
        self.text += data


def _html_entries(block: Sequence[Token]) -> list[tuple[int, str, str]]:
    content = block[0].content
    if "#" not in content:
        return []
    parser = _HtmlLinks()
    parser.feed(content)
    parser.close()
    return parser.entries


_READERS: Mapping[str, Callable[[Sequence[Token]], Iterable[tuple[int, str, str]]]] = {
    "bullet_list_open": _list_entries,
    "ordered_list_open": _list_entries,
    "table_open": _table_entries,
    "paragraph_open": _paragraph_entries,
    "html_block": _html_entries,
}


def _outlines(document: Document) -> Iterator[tuple[int, int, list[_Entry]]]:
    """Headings that stand one after the other without text: an outline written as headings."""
    headings = [one for one in document.headings if one.kind in REAL_HEADINGS]
    index = 0
    while index < len(headings):
        run = [index]
        while run[-1] + 1 < len(headings) and (
            headings[run[-1] + 1].start == headings[run[-1]].stop
        ):
            run.append(run[-1] + 1)
        titled = len(run) >= 3 and _TITLE_END.search(headings[run[0]].text)
        body = run[1:] if titled else run
        if len(body) >= 3:
            entries = [(headings[at].level, headings[at].text, "") for at in body]
            # A heading "Appendix" and its parts may be split from the run by nothing but levels.
            yield headings[body[0]].start, headings[body[-1]].stop, _with_leaves(entries)
        index = run[-1] + 1


def _markers(
    document: Document,
    resolver: _Resolver,
    blocks: Iterable[tuple[int, int]],
    known: Sequence[ContentsList],
) -> Iterator[ContentsList]:
    """What makes a program write a contents list, with the heading above it if that is all."""
    nothing: frozenset[int] = frozenset()
    taken = {index for one in known for index in (one.start, one.stop - 1)}
    tokens = document.tokens
    for start, stop in blocks:
        if tokens[start].type == "html_block":
            above = None
            marked = _MARKER_COMMENT.match(tokens[start].content)
        else:
            above = resolver.by_stop.get(start)
            texts = [token.content for token in tokens[start:stop] if token.type == "inline"]
            marked = _MARKER.match(texts[0]) if len(texts) == 1 else None
        if marked and start not in taken:
            first = above.start if above and CONTENTS_TITLE.match(above.text) else start
            yield ContentsList(first, stop, nothing, nothing)


# Where entries lead --------------------------------------------------------------------------


def unnumbered(text: str) -> str:
    """Return the loose form of *text* without the number in front."""
    return loose(without_number(bare(text)))


@dataclass(slots=True)
class _Taken:
    """Which headings the entries of one list have named."""

    indices: set[int] = field(default_factory=set)
    past: dict[tuple[str, int], int] = field(default_factory=dict)
    """How far the headings of one text are all taken: no list is walked twice."""

    def first(self, same: Sequence[int], key: str, after: int) -> int | None:
        """Return the first of *same* from heading *after* on that is free, else the first."""
        low = bisect_left(same, after)
        if low >= len(same):
            return None
        at = self.past.get((key, low), low)
        while at < len(same) and same[at] in self.indices:
            at += 1
        self.past[key, low] = at
        return same[at] if at < len(same) else same[low]


class _Resolver:
    """Knows headings by what a link may call them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.headings = document.headings
        self.starts = [heading.start for heading in document.headings]
        self.by_start = {heading.start: heading for heading in document.headings}
        self.by_stop = {heading.stop: heading for heading in document.headings}

    @cached_property
    def by_anchor(self) -> Mapping[str, int]:
        """The first heading of each id."""
        anchors = [(_unquoted(a), i) for i, one in enumerate(self.headings) for a in one.anchors]
        return dict(reversed(anchors))

    @cached_property
    def by_text(self) -> Mapping[str, list[int]]:
        """The headings of each text, in loose form."""
        return self._by(loose)

    @cached_property
    def by_bare(self) -> Mapping[str, list[int]]:
        """The headings of each text, in loose form, without the number in front."""
        return self._by(unnumbered)

    def _by(self, form: Callable[[str], str]) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for index, heading in enumerate(self.headings):
            found[form(heading.text)].append(index)
        return found

    def resolve(
        self, start: int, stop: int, entries: Sequence[_Entry], *, least: int = 2
    ) -> ContentsList | None:
        """Return the contents list, or None where too few entries name a heading."""
        linked = [entry for entry in entries if entry.target]
        block = self.document.tokens[start].type
        introduced, first, last = self._introduction(start, stop)
        if linked and len(linked) * 2 >= len(entries):
            entries = linked
        elif linked and not introduced:
            return None
        leaves, branches = self._named(entries, (first, last))
        named = len(leaves | branches)
        enough = named >= least and named * 2 >= len(entries)
        is_outline = not linked and block not in LISTS
        if not linked and not introduced and not (is_outline and named * 2 >= len(entries)):
            return None
        if not enough and not (introduced and named >= 1):
            return None
        return ContentsList(first, last, frozenset(leaves), frozenset(branches - leaves))

    def _named(
        self, entries: Sequence[_Entry], inside: tuple[int, int]
    ) -> tuple[set[int], set[int]]:
        leaves: set[int] = set()
        branches: set[int] = set()
        taken = _Taken()
        low, high = (bisect_left(self.starts, at) for at in inside)
        for entry in entries:
            found = self._find(entry, after=0 if entry.target else high, taken=taken)
            if found is not None and low <= found < high:
                taken.indices.add(found)  # the list names itself: the next of that name is meant
                found = self._find(entry, after=high, taken=taken)
            if found is not None and not low <= found < high:
                taken.indices.add(found)
                (leaves if entry.leaf else branches).add(found)
        return leaves, branches

    def _find(self, entry: _Entry, *, after: int, taken: _Taken) -> int | None:
        """Return the heading that *entry* names, from heading *after* on and not *taken*."""
        if entry.target:
            found = self._by_target(entry.target, after, taken)
            if found is not None:
                return found
        if not entry.text:
            return None
        if (key := loose(entry.text)) and key in self.by_text:
            return taken.first(self.by_text[key], key, after)
        if (key := unnumbered(entry.text)) and key in self.by_bare:
            return taken.first(self.by_bare[key], key, after)
        return None

    def _by_target(self, target: str, after: int, taken: _Taken) -> int | None:
        if target in self.by_anchor:
            return self.by_anchor[target]
        slug = loose(target)
        if slug and slug in self.by_text:
            return taken.first(self.by_text[slug], slug, after)
        if repeated := re.fullmatch(r"(.+?)[-_](\d{1,4})", target):
            base = loose(repeated[1])
            nth = int(repeated[2])
            if nth < len(self.by_text.get(base, ())):
                return self.by_text[base][nth]
        if slug and slug in self.by_bare:
            return taken.first(self.by_bare[slug], slug, after)
        return None

    def introduces(self, start: int) -> bool:
        """Return whether a title like "Contents" introduces the block at *start*."""
        return self._introduction(start, start)[0]

    def _introduction(self, start: int, stop: int) -> tuple[bool, int, int]:
        """Return whether a title like "Contents" introduces the list, and its whole range."""
        tokens = self.document.tokens
        before = start - 1
        marked = (
            before >= 0
            and tokens[before].type == "html_block"
            and bool(_MARKER_COMMENT.match(tokens[before].content))
        )
        above = self.by_stop.get(before if marked else start)
        if above is not None and (
            CONTENTS_TITLE.match(above.text) or _TITLE_END.search(above.text)
        ):
            return True, *self._with_fold(above, stop)
        here = self.by_start.get(start)
        if here is not None and CONTENTS_TITLE.match(here.text):
            return True, start, stop
        return marked, start, stop

    def _with_fold(self, title: Heading, stop: int) -> tuple[int, int]:
        """Return the range with the ``<details>`` around it, if the title is its summary."""
        tokens = self.document.tokens
        start = title.start
        folded = start and tokens[start - 1].type == "details_open"
        if title.kind is HeadingKind.SUMMARY and folded and stop < len(tokens):
            return start - 1, stop + (tokens[stop].type == "details_close")
        return start, stop
