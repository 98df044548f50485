"""Footnotes: those of a document, and those of one section, numbered from 1 at its end."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from deckbuilder.dialects.blocks import paragraph
from deckbuilder.markdown import Token, lines_of, top_blocks
from deckbuilder.model import Document, Section

_FOOTNOTE = re.compile(r"\^(?:\[|(?<=\[\^))")  # the one character first: that is found fast


@dataclass(frozen=True, slots=True)
class Footnote:
    """A definition; several may have one label, each meant for the text around it."""

    position: int
    tokens: tuple[Token, ...]
    line: int


def may_refer(text: str) -> bool:
    """Return whether there may be a reference to a footnote in *text*."""
    return _FOOTNOTE.search(text) is not None


def take_footnotes(
    document: Document,
) -> tuple[list[Token | None], dict[str, list[Footnote]]]:
    """Return the tokens with footnote definitions blanked, and these by label."""
    tokens: list[Token | None] = list(document.tokens)
    footnotes: dict[str, list[Footnote]] = {}
    if not may_refer(document.file.text):
        return tokens, footnotes
    for start, stop in top_blocks(document.tokens):
        opening = document.tokens[start]
        if opening.type == "footnote_reference_open":
            inside = document.tokens[start + 1 : stop - 1]
            line = next((one.map[0] + 1 for one in inside if one.map), 0)
            footnote = Footnote(start, inside, line)
            footnotes.setdefault(str(opening.meta["label"]), []).append(footnote)
            tokens[start:stop] = [None] * (stop - start)
    return tokens, footnotes


class _Numbering:
    """The footnotes of one section, numbered from 1 as they are referred to."""

    def __init__(self, footnotes: Mapping[str, list[Footnote]], start: int, stop: int) -> None:
        self.footnotes = footnotes
        self.start, self.stop = start, stop
        """Where the section stands."""
        self.numbers: dict[str, int] = {}
        self.in_line: dict[str, list[Token]] = {}
        """What a reference says itself: ``text^[A note.]``."""

    def of_line(self, children: Sequence[Token], lines: tuple[int, int]) -> list[Token]:
        """Return inline tokens with numbers in their references."""
        result = []
        for child in children:
            if child.type == "footnote_ref":
                label = str(child.meta["label"])
                number = self.numbers.setdefault(label, len(self.numbers) + 1)
                self.in_line[label] = paragraph(child.children, lines)
                child = child.copy(meta={**child.meta, "number": number})
            result.append(child)
        return result

    def of_blocks(self, tokens: Sequence[Token]) -> list[Token]:
        """Return block tokens with numbers in their references."""
        return [
            t.copy(children=self.of_line(t.children, lines_of(t)))
            if t.children and any(c.type == "footnote_ref" for c in t.children)
            else t
            for t in tokens
        ]

    def defined(self) -> Iterator[tuple[int, list[Token]]]:
        """Yield where each footnote is defined, or -1, and what it says, by number."""
        done = 0
        while done < len(self.numbers):  # a footnote may refer to another
            label = list(self.numbers)[done]
            footnote = self._near(label)
            tokens = self.of_blocks(footnote.tokens if footnote else self.in_line[label])
            yield footnote.position if footnote else -1, tokens
            done += 1

    def _near(self, label: str) -> Footnote | None:
        """Return the footnote of this name: the definition inside the section, or the first."""
        notes = self.footnotes.get(label)
        if not notes:
            return None
        at = bisect_left(notes, self.start, key=lambda note: note.position)
        inside = at < len(notes) and notes[at].position < self.stop
        return notes[at] if inside else notes[0]


def with_footnotes(
    section: Section, footnotes: Mapping[str, list[Footnote]], start: int, stop: int
) -> tuple[Section, list[int]]:
    """Return *section* with its footnotes at its end, numbered from 1, and where these stood.

    It stands between the tokens *start* and *stop*.
    """
    numbering = _Numbering(footnotes, start, stop)
    question = numbering.of_line(section.question, (section.where.line - 1, section.where.line))
    prompt = numbering.of_blocks(section.prompt)
    answer = numbering.of_blocks(section.answer)
    if not numbering.numbers:
        return section, []
    used: list[int] = []
    answer.append(Token("footnotes_open", "div", 1, block=True))
    for position, tokens in numbering.defined():
        answer += [Token("footnote_open", "li", 1), *tokens, Token("footnote_close", "li", -1)]
        used.append(position)
    answer.append(Token("footnotes_close", "div", -1, block=True))
    section = section._replace(question=tuple(question), prompt=tuple(prompt), answer=tuple(answer))
    return section, used
