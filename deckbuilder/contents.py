"""Contents lists: the author's own statement of what the questions are.

Found before anything is cut or dropped, used as evidence by `deckbuilder.structure`, and
left out of every answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from deckbuilder.markdown import plain_text, top_blocks
from deckbuilder.model import Document, Heading, Token
from deckbuilder.numbering import number_of

TITLE = re.compile(
    r"^\W*(?:目\s*录(?:大纲)?|大纲|索引|导航|table\s+of\s+contents?|contents?|toc|index|outline|"
    r"list\s+of\s+questions|questions?(?:\s+list)?|all\s+questions|问题列表|问题目录|题目列表)\W*$",
    re.IGNORECASE,
)
"""Headings that only introduce a contents list."""
_TITLE_END = re.compile(r"(?:目录|目录大纲|大纲|table of contents)\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
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
    missing: tuple[str, ...]
    """Entries that name no heading."""


def find_contents(document: Document) -> list[ContentsList]:
    """Return the contents lists of *document*, in order."""
    targets = _Targets(document.headings)
    found = []
    for start, stop, entries in _candidates(document):
        contents = _resolve(document, targets, start, stop, entries)
        if contents is not None:
            found.append(contents)
    return found


# Candidates ----------------------------------------------------------------------------------


def _candidates(document: Document) -> Iterator[tuple[int, int, list[Entry]]]:
    tokens = document.tokens
    for start, stop in top_blocks(tokens):
        kind = tokens[start].type
        if kind in {"bullet_list_open", "ordered_list_open"}:
            entries = _with_leaves(list(_list_entries(tokens[start:stop])))
        elif kind == "table_open":
            entries = _with_leaves(list(_table_entries(tokens[start:stop])))
        elif kind == "paragraph_open":
            entries = _with_leaves(list(_paragraph_entries(tokens[start:stop])))
        else:
            continue
        if len(entries) >= 2:
            yield start, stop, entries
    yield from _outlines(document)


def _with_leaves(entries: list[tuple[int, str, str]]) -> list[Entry]:
    depths = [depth for depth, _, _ in entries] + [0]
    return [
        Entry(depth, text, target, depths[index + 1] <= depth)
        for index, (depth, text, target) in enumerate(entries)
    ]


def _list_entries(block: Sequence[Token]) -> Iterator[tuple[int, str, str]]:
    depth = 0
    for token in block:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
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
    rest = "".join(_outside_links(children))
    links = [(text, target) for text, target in _links(children) if target]
    if len(links) >= 2 and len(re.sub(r"[\W\d]", "", rest)) <= len(links):
        for text, target in links:
            yield 1, text, target


def _outside_links(children: Sequence[Token]) -> Iterator[str]:
    depth = 0
    for child in children:
        depth += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if depth == 0 and child.type == "text":
            yield child.content


def _links(children: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Yield (text, fragment) of each in-page link; the bare text where there is no link."""
    inside: list[Token] | None = None
    target = ""
    found = False
    for child in children:
        if child.type == "link_open":
            href = str(child.attrs.get("href", ""))
            base, mark, fragment = href.partition("#")
            if mark and not re.search(r"\.(?:md|markdown)$", base, re.IGNORECASE):
                inside, target = [], unquote(fragment)
        elif child.type == "link_close" and inside is not None:
            found = True
            yield plain_text(inside), target
            inside = None
        elif inside is not None:
            inside.append(child)
    if not found:
        yield plain_text(children), ""


def _outlines(document: Document) -> Iterator[tuple[int, int, list[Entry]]]:
    """Headings that stand one after the other without text: an outline written as headings."""
    headings = document.headings
    index = 0
    while index < len(headings):
        run = [index]
        while run[-1] + 1 < len(headings) and (
            headings[run[-1] + 1].start == headings[run[-1]].stop
        ):
            run.append(run[-1] + 1)
        titled = bool(_TITLE_END.search(headings[run[0]].text))
        body = run[1:] if titled else run
        if len(body) >= 3:
            entries = [(headings[at].level, headings[at].text, "") for at in body]
            # A heading "Appendix" and its parts may be split from the run by nothing but levels.
            yield headings[body[0]].start, headings[body[-1]].stop, _with_leaves(entries)
        index = run[-1] + 1


# Where entries lead --------------------------------------------------------------------------


def loose(text: str) -> str:
    """Return *text* as slugs of all dialects agree on it: letters and digits alone."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if c.isalnum() or c in "+#")


def unnumbered(text: str) -> str:
    """Return the loose form of *text* without the number in front."""
    number = number_of(text)
    return loose(text[number.length :] if number else text)


class _Targets:
    """Headings by what a link may call them."""

    def __init__(self, headings: Sequence[Heading]) -> None:
        self.headings = headings
        self.by_anchor: dict[str, int] = {}
        self.by_text: dict[str, list[int]] = defaultdict(list)
        self.by_bare: dict[str, list[int]] = defaultdict(list)
        for index, heading in enumerate(headings):
            for anchor in heading.anchors:
                self.by_anchor.setdefault(anchor, index)
            self.by_text[loose(heading.text)].append(index)
            self.by_bare[unnumbered(heading.text)].append(index)

    def find(self, entry: Entry, *, after: int, taken: set[int]) -> int | None:
        """Return the heading that *entry* names, at or after token *after* and not *taken*."""

        def first(indices: Sequence[int], skip: int = 0) -> int | None:
            free = [i for i in indices if self.headings[i].start >= after and i not in taken] or [
                i for i in indices if self.headings[i].start >= after
            ]
            return free[skip] if len(free) > skip else None

        if entry.target in self.by_anchor:
            return self.by_anchor[entry.target]
        if entry.target:
            slug = entry.target.casefold()
            found = first(self.by_text.get(loose(slug), []))
            if found is None and (repeated := re.fullmatch(r"(.+)[-_](\d+)", slug)):
                indices = self.by_text.get(loose(repeated[1]), [])
                nth = int(repeated[2])
                found = indices[nth] if nth < len(indices) else None
            if found is None:
                found = first(self.by_bare.get(loose(slug), []))
            if found is not None:
                return found
        if not entry.text:
            return None
        found = first(self.by_text.get(loose(entry.text), []))
        return first(self.by_bare.get(unnumbered(entry.text), [])) if found is None else found


def _resolve(
    document: Document, targets: _Targets, start: int, stop: int, entries: Sequence[Entry]
) -> ContentsList | None:
    """Return the contents list, or None where too few entries name a heading."""
    linked = [entry for entry in entries if entry.target]
    introduced, start = _introduction(document, start)
    if linked and len(linked) * 2 >= len(entries):
        entries = linked
    elif linked and not introduced:
        return None
    leaves: set[int] = set()
    branches: set[int] = set()
    missing = []
    for entry in entries:
        after = 0 if entry.target else stop
        found = targets.find(entry, after=after, taken=leaves | branches)
        if found is None or start <= document.headings[found].start < stop:
            missing.append(entry.text)
        else:
            (leaves if entry.leaf else branches).add(found)
    named = len(leaves | branches)
    enough = named >= 2 and named * 2 >= len(entries)
    is_outline = not linked and document.tokens[start].type != "bullet_list_open"
    if not linked and not introduced and not (is_outline and named * 2 >= len(entries)):
        return None
    if not enough and not (introduced and named >= 1):
        return None
    return ContentsList(
        start, stop, frozenset(leaves), frozenset(branches - leaves), tuple(missing)
    )


def _introduction(document: Document, start: int) -> tuple[bool, int]:
    """Return whether a heading like "Contents" stands right before *start*, and where."""
    for heading in document.headings:
        if heading.stop == start and (
            TITLE.search(heading.text) or _TITLE_END.search(heading.text)
        ):
            return True, heading.start
        if heading.start == start and TITLE.search(heading.text):
            return True, start
        if heading.start > start:
            break
    return False, start
