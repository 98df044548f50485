"""What the rules of `deckbuilder.structure` look at, found out once so that they stay linear."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from deckbuilder.answers import begins_answer
from deckbuilder.detection.contents import find_contents
from deckbuilder.detection.folds import Fold, folds_around
from deckbuilder.detection.targets import ContentsList
from deckbuilder.detection.weights import Weights
from deckbuilder.markdown import LISTS, Token
from deckbuilder.model import REAL_HEADINGS, TITLES, Document, Heading, HeadingKind
from deckbuilder.numbering import Number, number_of
from deckbuilder.wording import (
    ANSWER_HEADING,
    BARE_QUESTION,
    CONTENTS_NAME,
    CONTENTS_TITLE,
    QUESTION_LABEL,
    SKIP_HEADINGS,
    TASK_LABEL,
    asks,
    bare,
    loose,
)

_LISTING = {*LISTS, "table_open", "html_block"}
_BOILERPLATE = 3
"""A heading that stands so often in a file, word for word, is part of a pattern."""
_SUBSTANTIAL = 60
"""Characters: a file without headings and title is a card only if it says that much."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document, and what its headings are like."""

    document: Document
    contents: tuple[ContentsList, ...]
    body: tuple[int, ...]
    """Indices of the headings outside contents lists."""
    real: tuple[int, ...]
    """Those of them that are headings to every reader: no bold line, label or summary."""
    is_real: tuple[bool, ...]
    """Of each heading, whether it is among those."""
    title: int
    """The heading that names the whole file: the only one of its level, first of all; or -1."""
    skipped: frozenset[int]
    """Headings that introduce no question: references, licence, contents titles."""
    labelled: tuple[bool, ...]
    """Of each heading, whether it is labelled as a question: ``Q. …``, ``第3题 …``."""
    pairs: frozenset[int]
    """Headings in the form ``Q: …`` with ``A: …`` after them."""
    tasks: frozenset[int]
    """Those in the form ``Exercise 1. …`` with ``Solution: …``: in a chapter that is asked, they
    may be part of what it says."""
    texts: tuple[str, ...]
    """Of each heading, what it says: without number, label, emoji and emphasis."""
    numbers: tuple[Number | None, ...]
    asking: tuple[bool, ...]
    """Of each heading, whether it reads like a question or a task."""
    asked: frozenset[int]
    """Headings that say what the file asked when it was last built, but for a slip or a word."""
    answers: frozenset[int]
    """Headings that only announce an answer."""
    repeated: frozenset[int]
    """Headings that stand word for word again and again."""
    parts: tuple[int, ...]
    """Of each heading, the index of the next one that is more than a bold line."""
    ends: tuple[int, ...]
    """Of each heading, the index of the next real one of its level or above."""
    folds: tuple[Fold, ...]
    """Of each heading, the innermost fold around it."""
    weights: Weights = field(repr=False)

    def heading(self, index: int) -> Heading:
        """Return a heading by its index; the one past the last is the end of the document."""
        return self.document.headings[index]

    def token(self, index: int) -> Token:
        """Return the token that opens a heading."""
        return self.document.tokens[self.heading(index).start]

    def level(self, index: int) -> int:
        """Return the level of a heading."""
        return self.heading(index).level

    def of_kind(self, kind: HeadingKind) -> list[int]:
        """Return the headings of one kind outside contents lists."""
        return [i for i in self.body if self.heading(i).kind is kind]

    def writing(self, index: int) -> tuple[HeadingKind, int]:
        """Return how a heading is written: its kind and level."""
        heading = self.heading(index)
        return heading.kind, heading.level

    def spans(self, indices: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Yield each of some headings, given in order, with the next of them, or the end."""
        return pairwise([*indices, len(self.texts)])

    def counted(self, index: int) -> bool:
        """Return whether the number in front of a heading certainly is a position."""
        number = self.numbers[index]
        return number is not None and number.certain

    def weight(self, index: int, stop: int) -> int:
        """Return how many characters stand between a heading and that of index *stop*."""
        return self.weights.between(index, stop).shown

    def own(self, index: int) -> int:
        """Return how many characters stand between a heading and the next one."""
        return self.weight(index, self.parts[index])

    def has_own(self, index: int) -> bool:
        """Return whether anything stands between a heading and the next one."""
        return self.weights.shows(index, self.parts[index])

    def whole(self, index: int) -> int:
        """Return how many characters a heading has with all that is below it."""
        return self.weight(index, self.ends[index])

    def is_text(self) -> bool:
        """Return whether the document as a whole says something beside links."""
        whole = self.weights.all()
        titled = bool(self.document.front.title)
        enough = whole.shown > (0 if titled else _SUBSTANTIAL)
        return enough and not whole.mostly(whole.elsewhere)

    def folded_into(self, index: int, chosen: Sequence[int]) -> bool:
        """Return whether a heading stands in a fold that is in the answer to one of *chosen*.

        *chosen* is sorted. A fold in which there are more of them is a chapter, no answer.
        """
        fold, at = self.folds[index], bisect_left(chosen, index)
        if at == 0 or fold.start < self.heading(chosen[at - 1]).start - 1:
            return False
        return at == len(chosen) or self.heading(chosen[at]).start >= fold.stop

    def only_links(self, index: int) -> bool:
        """Return whether what stands under a heading is little more than links."""
        below = self.weights.between(index, self.ends[index])
        return below.mostly(below.linked)

    def leads_elsewhere(self, index: int) -> bool:
        """Return whether it is little more than links, names of other notes and queries."""
        below = self.weights.between(index, self.ends[index])
        return below.mostly(below.elsewhere)

    def only_questions(self, index: int) -> bool:
        """Return whether what stands under a heading is a list of questions without answers.

        Links may lead to the answers.
        """
        below = self.weights.between(index, self.ends[index])
        return below.asked > 0 and (below.asked + below.linked) * 10 >= below.shown * 8


def evidence_of(
    document: Document, skip_headings: Collection[str], asked: Collection[str] = ()
) -> Evidence:
    """Return the evidence of *document*; *skip_headings* are added to the built-in ones.

    *asked* are questions that it had.
    """
    headings = document.headings
    contents = tuple(find_contents(document))
    folds = folds_around(document)
    listed = {at for one in contents for at in range(one.start, one.stop)}
    answered = _answer_folds(headings, folds)
    body = tuple(
        i for i, one in enumerate(headings) if one.start not in listed and i not in answered
    )
    named = [bare(heading.text) for heading in headings]
    numbers = tuple(map(number_of, named))
    texts = tuple(map(_without, named, numbers))
    real = tuple(i for i in body if headings[i].kind in REAL_HEADINGS)
    real_set = frozenset(real)
    skipped = _skipped(document, real, texts, skip_headings)
    answers = frozenset(i for i in body if ANSWER_HEADING.match(headings[i].text))
    before = _asked(texts, body, asked)
    pairs = frozenset(i for i in body if _is_pair(document, headings[i]))
    tasks = frozenset(i for i in pairs if TASK_LABEL.match(headings[i].text))
    return Evidence(
        document=document,
        contents=contents,
        body=body,
        real=real,
        is_real=tuple(i in real_set for i in range(len(headings))),
        title=_title(headings, [i for i in real if i not in skipped and i not in answers]),
        skipped=skipped,
        labelled=tuple(map(_is_labelled, headings, numbers)),
        pairs=pairs - tasks,
        tasks=tasks,
        texts=texts,
        numbers=numbers,
        asking=tuple(i in before or asks(text) for i, text in enumerate(texts)),
        asked=before,
        answers=answers,
        repeated=_repeated(headings, real),
        parts=_next_parts(headings, body),
        ends=_section_ends(headings, body),
        folds=folds,
        weights=Weights(document, [(one.start, one.stop) for one in contents]),
    )


def _asked(texts: Sequence[str], body: Collection[int], asked: Collection[str]) -> frozenset[int]:
    """Return the headings of *body* that say what was *asked*, or nearly, and alone do so."""
    if not asked:
        return frozenset()
    from deckbuilder.identity.likeness import near  # seldom needed, and long to load

    said = {i: loose(texts[i]) for i in body}
    count = Counter(said.values())
    alone = {text: i for i, text in said.items() if count[text] == 1}
    wanted = list(alone)
    found = (near(loose(question), wanted) for question in asked)
    return frozenset(alone[text] for text in found if text)


def _is_labelled(heading: Heading, number: Number | None) -> bool:
    return (number is not None and number.names) or bool(BARE_QUESTION.match(heading.text))


def _without(text: str, number: Number | None) -> str:
    return bare(text[number.length :]) if number else text


def _answer_folds(headings: Sequence[Heading], folds: Sequence[Fold]) -> frozenset[int]:
    """Return the titles inside folded answers, where each question has one of its own."""
    if len({fold.start for fold in folds if fold.answers}) < 2:
        return frozenset()
    return frozenset(
        i for i, fold in enumerate(folds) if fold.answers and headings[i].kind in TITLES
    )


def _skipped(
    document: Document,
    real: Sequence[int],
    texts: Sequence[str],
    skip_headings: Collection[str],
) -> frozenset[int]:
    headings = document.headings
    skip = {loose(text) for text in (*SKIP_HEADINGS, *skip_headings)}
    return frozenset(
        i
        for i in real
        if loose(headings[i].text) in skip
        or loose(texts[i]) in skip
        or _titles_contents(document, i)
    )


def _titles_contents(document: Document, index: int) -> bool:
    """Return whether a heading is called like a contents list, and not a section of prose."""
    heading, *following = document.headings[index : index + 2]
    if not CONTENTS_TITLE.match(heading.text):
        return False
    below = document.tokens[heading.stop : following[0].start if following else None]
    inline = [child.type for token in below for child in token.children or ()]
    kinds = {token.type for token in below}
    prose = "paragraph_open" in kinds and kinds.isdisjoint(_LISTING) and "link_open" not in inline
    return not prose or bool(CONTENTS_NAME.match(heading.text))


def _title(headings: Sequence[Heading], units: Sequence[int]) -> int:
    if not units:
        return -1
    top = headings[units[0]].level
    return units[0] if sum(headings[i].level <= top for i in units) == 1 else -1


def _repeated(headings: Sequence[Heading], real: Sequence[int]) -> frozenset[int]:
    count = Counter(loose(headings[i].text) for i in real)
    return frozenset(i for i in real if count[loose(headings[i].text)] >= _BOILERPLATE)


def _is_pair(document: Document, heading: Heading) -> bool:
    if heading.kind in {HeadingKind.LABEL, HeadingKind.UNIT}:
        return True
    if heading.kind is HeadingKind.END or not QUESTION_LABEL.match(heading.text):
        return False
    return begins_answer(document.tokens, heading.stop)


def _next_parts(headings: Sequence[Heading], body: Sequence[int]) -> tuple[int, ...]:
    following = [len(headings)] * len(headings)
    nearest = len(headings)
    for index in reversed(body):
        following[index] = nearest
        if headings[index].kind not in {HeadingKind.BOLD, HeadingKind.LABEL}:
            nearest = index
    return tuple(following)


def _section_ends(headings: Sequence[Heading], body: Sequence[int]) -> tuple[int, ...]:
    ends = [len(headings)] * len(headings)
    open_: list[int] = []
    for index in body:
        if headings[index].kind is HeadingKind.END:
            continue
        while open_ and headings[open_[-1]].level >= headings[index].level:
            ends[open_.pop()] = index
        open_.append(index)
    return tuple(ends)
