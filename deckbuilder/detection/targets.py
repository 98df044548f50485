"""Where the entries of a contents list lead: to which headings, by their ids or their texts."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from deckbuilder.markdown import LISTS
from deckbuilder.model import Document, Heading, HeadingKind
from deckbuilder.numbering import without_number
from deckbuilder.wording import CONTENTS_TITLE, bare, loose

TITLE_END = re.compile(r"(?:目录|目录大纲|大纲|table of contents)\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a contents list."""

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


_ENCODED = re.compile(r"(?:%[0-9a-fA-F]{2})+")


def unquoted(address: str) -> str:
    """Return what ``urllib.parse.unquote`` does, at once for a whole word in Chinese."""
    return _ENCODED.sub(_decoded, address) if "%" in address else address


def _decoded(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace")


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


class Resolver:
    """Knows headings by what a link may call them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.headings = document.headings
        self.starts = [heading.start for heading in document.headings]
        self.by_stop = {heading.stop: heading for heading in document.headings}

    @cached_property
    def by_anchor(self) -> Mapping[str, int]:
        """The first heading of each id."""
        anchors = [(unquoted(a), i) for i, one in enumerate(self.headings) for a in one.anchors]
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

    def resolve(self, start: int, stop: int, entries: Sequence[Entry]) -> ContentsList | None:
        """Return the contents list, or None where too few entries name a heading."""
        least = min(len(entries), 2)
        linked = [entry for entry in entries if entry.target]
        introduced, first, last = self._introduction(start, stop)
        if linked and len(linked) * 2 >= len(entries):
            entries = linked
        elif not introduced and (linked or self.document.tokens[start].type in LISTS):
            return None
        leaves, branches = self._named(entries, (first, last))
        named = len(leaves | branches)
        if named < (1 if introduced else max(least, len(entries) / 2)):
            return None
        return ContentsList(first, last, frozenset(leaves), frozenset(branches - leaves))

    def _named(
        self, entries: Sequence[Entry], inside: tuple[int, int]
    ) -> tuple[set[int], set[int]]:
        leaves: set[int] = set()
        branches: set[int] = set()
        taken = _Taken()
        low, high = (bisect_left(self.starts, at) for at in inside)
        for entry in entries:
            found = self._find(entry, after=0 if entry.target else high, taken=taken)
            if found is not None and not low <= found < high:
                taken.indices.add(found)
                (leaves if entry.leaf else branches).add(found)
        return leaves, branches

    def _find(self, entry: Entry, *, after: int, taken: _Taken) -> int | None:
        """Return the heading that *entry* names, from heading *after* on and not *taken*."""
        if entry.target:
            found = self._by_target(entry.target, after, taken)
            if found is not None:
                return found
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
        above = self.by_stop.get(start)
        if above is not None and (CONTENTS_TITLE.match(above.text) or TITLE_END.search(above.text)):
            return True, *self._with_fold(above, stop)
        return False, start, stop

    def _with_fold(self, title: Heading, stop: int) -> tuple[int, int]:
        """Return the range with the ``<details>`` around it, if the title is its summary."""
        tokens = self.document.tokens
        start = title.start
        folded = start and tokens[start - 1].type == "details_open"
        if title.kind is HeadingKind.SUMMARY and folded and stop < len(tokens):
            return start - 1, stop + (tokens[stop].type == "details_close")
        return start, stop
