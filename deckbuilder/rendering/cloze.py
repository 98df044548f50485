"""Clozes: the gaps of a text as Anki reads them, and what a section needs to become one.

Facts 56 and 66.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MOST_GAPS: Final = 500
"""Anki makes no card for a number above this."""


@dataclass(slots=True)
class Deletion:
    """A deletion while its text is read."""

    numbers: tuple[int, ...]
    parts: list[str | Deletion]
    hint: str = "..."


_GAP: Final = re.compile(r"\{\{c(,*\d[\d,]*)::")
_MARK: Final = re.compile(rf"{_GAP.pattern}|\}}\}}", re.ASCII)
_DEEPEST: Final = 10
"""Anki does not look for deletions inside ten others."""


def read_cloze(text: str) -> list[str | Deletion]:
    """Return *text* as strings and deletions, which may nest; one left open is lost, as in Anki."""
    top: list[str | Deletion] = []
    open_: list[Deletion] = []
    end = 0
    for mark in _MARK.finditer(text):
        _add_text(text[end : mark.start()], top, open_)
        end = mark.end()
        if mark[1]:
            if len(open_) < _DEEPEST:
                numbers = sorted({int(number) for number in mark[1].split(",") if number})
                open_.append(Deletion(tuple(numbers), []))
        elif open_:
            closed = open_.pop()
            (open_[-1].parts if open_ else top).append(closed)
        else:
            top.append("}}")
    _add_text(text[end:], top, open_)
    return top


def shown_size(text: str) -> int:
    """Return about how many characters Anki shows of the cloze *text* on a card, at most.

    It writes what a deletion hides into an attribute, where a character takes three on average;
    what is hidden in ten goes through that ten times.
    """
    depth = deepest = 0
    for mark in _MARK.finditer(text):
        depth = min(depth + 1, _DEEPEST) if mark[1] else max(depth - 1, 0)
        deepest = max(deepest, depth)
    size: int = len(text) * 3**deepest
    return size


def _add_text(text: str, top: list[str | Deletion], open_: list[Deletion]) -> None:
    """Add *text* where it stands; inside a deletion, what follows ``::`` is its hint."""
    if not open_:
        top.append(text)
        return
    shown, hinted, hint = text.partition("::")
    if hinted:
        open_[-1].hint = hint
    open_[-1].parts.append(shown)


def cloze_ords(text: str) -> tuple[int, ...]:
    """Return the ordinals, from 0 and sorted, of the cards that the cloze *text* makes.

    Nested deletions and ``{{c1,2::…}}`` count too, which genanki overlooks (fact 56).
    """
    found: set[int] = set()
    parts = read_cloze(text)
    while parts:
        part = parts.pop()
        if not isinstance(part, str):
            found.update(number - 1 for number in part.numbers if number)
            parts.extend(part.parts)
    return tuple(sorted(found))


# A section's HTML as a cloze -------------------------------------------------------------------

PROTECTED: Final = re.compile(
    r"<pre\b.*?</pre>|<code\b.*?</code>|\\\(.*?\\\)|\\\[.*?\\\]", re.DOTALL
)
"""Code and formulas."""
_MEANT: Final = re.compile(r"\{\{c(?=[\d,]*(?!0)\d)\d{1,3}(?:,\d{1,3})*::")
"""A gap that its author meant as one: its numbers are short, and not all of them 0."""


def has_gap(html: str) -> bool:
    """Return whether there is a gap in *html*, code and formulas aside."""
    if "{{c" not in html:
        return False
    text = PROTECTED.sub("", html)
    return "}}" in text and _MEANT.search(text) is not None


def cloze_fields(question: str, answer: str) -> tuple[str, str]:
    """Return text and answer of a cloze note: what holds the gaps is the text."""
    question, answer = _safe(question), _safe(answer)
    if has_gap(answer):
        return f"<div>{question}</div>{answer}", ""
    return question, answer


_TEXT: Final = re.compile(r"(?:<div lang=[^>]*>)?<div>(.*?)</div>(.*)", re.DOTALL)


def cloze_sides(text: str, answer: str) -> tuple[str, str]:
    """Return question and answer of the cloze note that `cloze_fields` made of them."""
    found = _TEXT.fullmatch(text)
    return (found[1], found[2]) if found and not answer else (text, answer)


def wild_gaps(html: str) -> list[str]:
    """Return the gaps whose numbers make no card, as written."""
    return [
        found[0]
        for found in _GAP.finditer(html)
        if any(len(n) > 3 or int(n) > MOST_GAPS for n in found[1].split(",") if n)
    ]


def _safe(html: str) -> str:
    """Return *html* with braces and colons in code and maths that no cloze can trip over."""

    def harmless(found: re.Match[str]) -> str:
        text = found[0]
        if text.startswith("<"):
            return without_gaps(text)
        while "}}" in text:
            text = text.replace("}}", "} }")
        return text.replace("::", "&#58;&#58;")

    for wild in wild_gaps(html):
        html = html.replace(wild, "{&#123;" + wild[2:])
    return PROTECTED.sub(harmless, html)


def without_gaps(html: str) -> str:
    """Return *html* with all that Anki would take for a mark of a cloze as entities."""
    html = html.replace("::", "&#58;&#58;")
    while "{{" in html or "}}" in html:
        html = html.replace("{{", "{&#123;").replace("}}", "}&#125;")
    return html
