"""Stage 3b, cut: Document and Structure -> Section…, and what ends up on no card."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from deckbuilder.answers import begins_answer, is_ticked, unticked
from deckbuilder.footnotes import may_refer, take_footnotes, with_footnotes
from deckbuilder.inline import text_token
from deckbuilder.markdown import Token, block_end, folds_in, plain_text, top_blocks, visible_text
from deckbuilder.model import (
    REAL_HEADINGS,
    Directives,
    Document,
    Heading,
    HeadingKind,
    Section,
    Skipped,
    Structure,
)
from deckbuilder.numbering import counts_on, number_of, position_lengths
from deckbuilder.problems import Location, Problem, warning
from deckbuilder.titles import file_title
from deckbuilder.wording import (
    BARE_ANSWER,
    BARE_QUESTION,
    CONTENTS_NAME,
    QUESTION_LABEL,
    asks,
    frame_length,
    leads_to_top,
    loose,
)

_COMMENT = re.compile(r"<!--\s*(card|tags)\s*:(.*?)-->", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cut:
    """The sections of a document, and what is left over."""

    sections: tuple[Section, ...]
    skipped: tuple[Skipped, ...]
    problems: tuple[Problem, ...]


def cut(document: Document, structure: Structure) -> Cut:
    """Return the sections in document order; every block is in one of them or in *skipped*."""
    cutter = _Cutter(document, structure)
    cutter.run()
    return Cut(tuple(cutter.sections), tuple(cutter.skipped), tuple(cutter.problems))


def _positions(document: Document, structure: Structure) -> dict[int, int]:
    """Return how many characters of each question are its number and what stands before it.

    A chapter may count in one row with the questions, so each has two sets of siblings.
    """
    questions = sorted(structure.questions)
    marked = {i: frame_length(document.headings[i].text) for i in questions}
    chapters = [i for i in structure.dividers if document.headings[i].text]
    found: dict[int, int] = {}
    for row in (questions, sorted({*questions, *chapters})):
        texts = [document.headings[i].text[marked.get(i, 0) :] for i in row]
        for i, length in zip(row, position_lengths(texts), strict=True):
            if length and i in marked:
                found.setdefault(i, marked[i] + length)
    return {i: found.get(i, 0) or _label_length(document.headings[i]) for i in questions}


def _label_length(heading: Heading) -> int:
    """Return how long a label in running text is, which may be no number: ``Exercise 2.1:``."""
    label = QUESTION_LABEL.match(heading.text) if heading.kind is HeadingKind.LABEL else None
    return label.end() if label else 0


class _Chapter(NamedTuple):
    """A heading above the questions that are being cut."""

    level: float
    text: str
    bare: bool
    """Whether nothing but headings stands below it, so far."""
    at: int
    """Index of the heading."""
    tags: tuple[str, ...] = ()
    """Those of all questions below it."""


class _Cutter:
    """Walks through a document once, collecting sections."""

    def __init__(self, document: Document, structure: Structure) -> None:
        self.document = document
        self.path = document.file.path
        self.structure = structure
        self.tokens, self.footnotes = take_footnotes(document)
        for start, stop in structure.contents:
            self.tokens[start:stop] = [None] * (stop - start)
        self.unread = {note.position: note for notes in self.footnotes.values() for note in notes}
        """Footnotes that no card shows, so far."""
        self.positions = _positions(document, structure)
        self.title_index = _title_index(document, structure)
        self.title = document.front.title or (
            document.headings[self.title_index].text if self.title_index >= 0 else ""
        )
        self.subject = "" if self.title else _subject(document, structure)
        self.lines = document.file.text.split("\n")
        self.line_of = {heading.start: heading.line for heading in document.headings}
        """First token of a heading -> the line where it stands."""
        self.refers = may_refer(document.file.text)
        self.directs = "<!--" in document.file.text or any(
            token.type == "html_block" for token in document.tokens
        )
        """Whether there may be comments for us; some stand for what was written otherwise."""
        self.tags: tuple[str, ...] = ()
        """Those of the whole file."""
        self.sections: list[Section] = []
        self.skipped: list[Skipped] = []
        self.problems: list[Problem] = []
        self.chapters: list[_Chapter] = []
        """Those that are open, outermost first."""
        self.unseen: dict[int, Heading] = {}
        """Headings that no card shows as context and nothing lists, so far."""

    def run(self) -> None:
        """Cut at every boundary; what stands before the first one is nobody's answer."""
        bounds = sorted(self.structure.questions | self.structure.dividers)
        headings = self.document.headings
        starts = [headings[i].start for i in bounds] + [len(self.tokens)]
        if bounds:
            self.tags = self._tags(0, starts[0])
        if self.structure.rule == "file" and not bounds:
            self._whole_file(starts[0])
        else:
            self._leave_out(0, starts[0], "", 1, "before the first question")
        for position, index in enumerate(bounds):
            heading, stop = headings[index], starts[position + 1]
            if index in self.structure.questions:
                self._question(index, heading, stop)
            else:
                self._divider(index, heading, stop)
        for start, stop in self.structure.contents:
            self._note_contents(start, stop)
        for heading in self.unseen.values():
            self._skip(heading.line, heading.text, "no text below it", heading.text)
        for footnote in self.unread.values():
            text = visible_text(footnote.tokens)
            self._skip(footnote.line, "", "footnote that no card uses", text)

    def _skip(self, line: int, heading: str, why: str, text: str) -> None:
        self.skipped.append(Skipped(self.path, line, heading, why, text))

    def _whole_file(self, stop: int) -> None:
        title = file_title(self.document)
        inline = (text_token(title),)
        heading = Heading(0, 0, 1, HeadingKind.MARKDOWN, title, inline, 1)
        self.title = self.subject = ""
        self._add(heading, 0, stop, 0, ())

    def _question(self, index: int, heading: Heading, stop: int) -> None:
        headed = heading.kind in REAL_HEADINGS
        if headed:
            self._pop(heading.level, heading)
        context = tuple(chapter.text for chapter in self.chapters)
        if self.sections and self.sections[-1].context == context:
            context = self.sections[-1].context  # one for all of a chapter
        else:
            self._open(heading.level)
        for chapter in self.chapters:
            self.unseen.pop(chapter.at, None)
        self._add(heading, heading.stop, stop, self.positions[index], context)
        sections = self.structure.rule.startswith("sections")  # some may stand below others
        if headed and (sections or self._only_holds_pairs(index, stop)):
            self.chapters.append(_Chapter(heading.level, heading.text, False, index))

    def _only_holds_pairs(self, index: int, stop: int) -> bool:
        """Return whether a heading does more than count, and only labelled pairs stand below it."""
        heading, *following = self.document.headings[index : index + 2]
        if not any(one.kind is HeadingKind.LABEL for one in following):
            return False
        blocks = self._blocks(heading.stop, stop)
        return not (BARE_QUESTION.match(heading.text) or visible_text(blocks))

    def _add(
        self, heading: Heading, start: int, stop: int, position: int, context: tuple[str, ...]
    ) -> None:
        where = Location(self.path, heading.line)
        below = self._blocks(start, stop)
        commented = (*heading.inline, *below) if self.directs else ()
        directives, problems = _directives(commented, where)
        self.problems += problems
        if above := (*self.tags, *chain(*(chapter.tags for chapter in self.chapters))):
            directives = replace(directives, tags=(*above, *directives.tags))
        asked = _below_label(below) if BARE_QUESTION.match(heading.text) else None
        if asked:
            self._skip(heading.line, heading.text, "counts a question", heading.text)
        if directives.skip:
            self._leave_out(start, stop, heading.text, heading.line, "card: skip")
            return
        question, prompt, answer = asked or self._parted(heading, start, stop, below)
        if start in self.structure.answers and is_ticked(answer, 0):
            prompt += unticked(answer[: block_end(answer, 0)])
        section = Section(
            where=where,
            name=self.document.file.name,
            folder=self.document.file.folder,
            title=self.title,
            subject=self.subject,
            context=context,
            question=question,
            answer=answer,
            directives=directives,
            source=self._source(heading, stop),
            position=0 if asked else position,
            anchors=heading.anchors,
            prompt=prompt,
        )
        if self.refers:
            section, used = with_footnotes(section, self.footnotes, start, stop)
            for place in used:
                self.unread.pop(place, None)
        self.sections.append(section)
        self.unseen.pop(self.title_index, None)

    def _parted(self, heading: Heading, start: int, stop: int, below: _Tokens) -> _Parts:
        """Return question, prompt and answer of a heading and what stands *below* it."""
        if begins := self.structure.answers.get(start):
            return heading.inline, self._blocks(start, begins), self._blocks(begins, stop)
        return heading.inline, *_prompt(heading, below)

    def _source(self, heading: Heading, stop: int) -> str:
        """Return the lines of a section that ends before the token at *stop*, as written."""
        following = self.line_of.get(stop)
        last = following - 1 if following else None
        return "\n".join(self.lines[max(heading.line - 1, 0) : last])

    def _divider(self, index: int, heading: Heading, stop: int) -> None:
        following = self.document.headings[index + 1 : index + 2]
        leads = any(one.level > heading.level for one in following)
        tags = self._tags(heading.start, stop, leads=leads)
        if heading.kind is HeadingKind.END:
            self._leave_out(heading.stop, stop, "", heading.line, "between cards")
            if tags:
                self._skip(heading.line, "", "between cards", " ".join(f"#{tag}" for tag in tags))
            return
        if index == self.title_index:
            self.tags += tags
        why = "introduction of a chapter"
        text = self._leave_out(heading.stop, stop, heading.text, heading.line, why)
        if index != self.title_index and not _is_way_back(heading):
            level = float(heading.level)
            if heading.kind is HeadingKind.BOLD:
                above = (
                    one.level for one in reversed(self.chapters) if one.level == int(one.level)
                )
                level = next(above, 6.0) + 0.5
            self._pop(level)
            if not (CONTENTS_NAME.match(heading.text) or BARE_QUESTION.match(heading.text)):
                name = heading.text.lstrip("# ")
                self.chapters.append(_Chapter(level, name, not text, index, tags))
        if not text:
            self.unseen[index] = heading

    def _pop(self, level: float, question: Heading | None = None) -> None:
        """Leave chapters of this level and below; a bare one may stand on that of its questions.

        One that counts in a row with the *question* is no chapter of it: it waits for its text.
        """
        while self.chapters and (last := self.chapters[-1]).level >= level:
            beside = question if last.level == level and last.bare else None
            if beside and not counts_on(number_of(last.text), number_of(beside.text)):
                break
            self.chapters.pop()

    def _open(self, level: float) -> None:
        """Note that chapters above *level* have their questions there, not on their own level."""
        self.chapters = [
            one._replace(bare=False) if one.level < level else one for one in self.chapters
        ]

    def _blocks(self, start: int, stop: int) -> tuple[Token, ...]:
        """Return the tokens of an answer: no contents list, no footnote, details in pairs."""
        return _balanced_details(tuple(filter(None, self.tokens[start:stop])))

    def _tags(self, start: int, stop: int, *, leads: bool = True) -> tuple[str, ...]:
        """Return the tags that comments between two tokens give to what is asked below them.

        A wish there is no question's: it is named, as it does nothing. Where these tokens do not
        lead to other headings, to make no card of them is no more than happens.
        """
        blocks = self._blocks(start, stop) if self.directs else ()
        for line, name, value in _comments(blocks):
            if name.lower() != "tags" and (leads or value != "skip"):
                message = f"card: {value!r} stands below no question, and does nothing: {_BELOW}"
                self.problems.append(warning("card-comment", Location(self.path, line), message))
        return _tags(blocks)

    def _leave_out(self, start: int, stop: int, heading: str, line: int, why: str) -> str:
        """List what a reader sees between two tokens, and return it."""
        blocks = self._blocks(start, stop)
        text = visible_text(blocks)
        if text:
            self._skip(line if heading else _first_line(blocks, line), heading, why, text)
        return text

    def _note_contents(self, start: int, stop: int) -> None:
        blocks = self.document.tokens[start:stop]
        text = visible_text(blocks)
        heading = text.partition("\n")[0] if blocks[0].type == "heading_open" else ""
        self._skip(_first_line(blocks, 1), heading, "contents list", text)


def _first_line(blocks: Sequence[Token], otherwise: int) -> int:
    """Return the line where *blocks* begin, 1-based."""
    return next((token.map[0] + 1 for token in blocks if token.map), otherwise)


_Tokens = tuple[Token, ...]
_Parts = tuple[_Tokens, _Tokens, _Tokens]
"""Question, prompt and answer."""


def _prompt(heading: Heading, answer: _Tokens) -> tuple[_Tokens, _Tokens]:
    """Return what belongs to the question, and the answer without it."""
    if answer and answer[0].type == "prompt_open":
        stop = block_end(answer, 0)
        return answer[1 : stop - 1], answer[stop:]
    if heading.kind is HeadingKind.LABEL:
        for start, _ in top_blocks(answer):
            if begins_answer(answer, start):
                return answer[:start], answer[start:]
    return (), answer


def _below_label(answer: _Tokens) -> _Parts | None:
    """Return question, prompt and answer below a heading like ``Question 7``."""
    if len(answer) < 4 or answer[0].type != "paragraph_open":
        return None
    _, *below = top_blocks(answer)
    begins = next((start for start, stop in below if _begins_answer(answer[start:stop])), 3)
    return tuple(answer[1].children or ()), answer[3:begins], answer[begins:]


def _begins_answer(block: Sequence[Token]) -> bool:
    if block[0].type == "details_open" or begins_answer(block):
        return True
    announces = len(block) == 3 and BARE_ANSWER.match(plain_text(block[1].children))
    return bool(announces)


def _is_way_back(heading: Heading) -> bool:
    linked = any(child.type == "link_open" for child in heading.inline)
    return linked and leads_to_top(heading.text)


def _title_index(document: Document, structure: Structure) -> int:
    """Return the heading that is the document's title: its only H1, first of all; -1 for none."""
    top = [i for i, heading in enumerate(document.headings) if heading.level == 1]
    first = min(structure.questions | structure.dividers, default=-1)
    if top != [first] or first not in structure.dividers:
        return -1
    title = document.headings[first]
    return -1 if _is_way_back(title) or CONTENTS_NAME.match(title.text) else first


def _subject(document: Document, structure: Structure) -> str:
    """Return what the file is called, if its sections say no more than ``Causes`` and ``Dose``.

    A single heading of the first level, or one that says the same, names it better.
    """
    texts = [heading.text for heading in document.headings]
    top = sum(heading.level == 1 for heading in document.headings)
    if top == 1 or not structure.rule.startswith("sections") or any(map(asks, texts)):
        return ""
    name = file_title(document)
    return "" if loose(name) in map(loose, texts) else name


def _balanced_details(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return tokens without ``<details>`` tags whose partner is in another section."""
    tags = {i for i, token in enumerate(tokens) if token.type in {"details_open", "details_close"}}
    lonely = tags.difference(*folds_in(tokens)) if tags else tags
    return tuple(token for i, token in enumerate(tokens) if i not in lonely) if lonely else tokens


# Directives ----------------------------------------------------------------------------------


_WORDS = re.compile(r"[\s,，]+")


def _directives(tokens: Sequence[Token], where: Location) -> tuple[Directives, list[Problem]]:
    """Return what the comments among *tokens* ask for, and problems with them.

    Below a heading that is part of the answer none says which note this is, or that it is none:
    what was a section of its own would name the one that it became a part of, or take it away.
    """
    directives, problems = _with_tags(_tags(tokens)), []
    headings = (i for i, token in enumerate(tokens) if token.type == "heading_open")
    own = next(headings, len(tokens))
    for part, comments in enumerate(map(_comments, (tokens[:own], tokens[own:]))):
        for line, name, value in comments:
            for word in _WORDS.split(value) if name.lower() != "tags" else ():
                wished = _with_wish(directives, word)
                message = f"card: {word!r} is unknown; known: skip, id=NAME, new, reverse"
                if wished and part and word != "reverse":
                    message = (
                        f"card: {word!r} stands below a heading inside this answer, and says "
                        f"nothing of this note: {_BELOW}"
                    )
                elif wished:
                    directives = wished
                    continue
                at = where._replace(line=line or where.line)
                problems.append(warning("card-comment", at, message))
    return directives, problems


_BELOW = "put it right below the question, or remove it"


@lru_cache(maxsize=1024)
def _with_tags(tags: tuple[str, ...]) -> Directives:
    """Return nothing but *tags*, one for all that ask no more: kept notes are smaller so."""
    return Directives(tags=tags)


def _tags(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Return the tags that comments among *tokens* give."""
    given = (value for _, name, value in _comments(tokens) if name.lower() == "tags")
    return tuple(word for value in given for word in _WORDS.split(value) if word)


def _with_wish(directives: Directives, word: str) -> Directives | None:
    """Return *directives* with what a word of a comment asks for; None if it is unknown.

    The first name counts: another is that of a section whose heading went.
    """
    key, _, name = word.partition("=")
    if key == "skip":
        return replace(directives, skip=True)
    if key == "new":
        return replace(directives, new=True)
    if key == "reverse":
        return replace(directives, reverse=True)
    if key == "id" and name:
        return replace(directives, card_id=directives.card_id or name)
    return None


def _comments(tokens: Sequence[Token]) -> Iterator[tuple[int, str, str]]:
    """Yield line, name and value of each comment for us; line 0 where nothing tells."""
    for token in tokens:
        line = token.map[0] + 1 if token.map else 0
        if token.type in {"html_block", "html_inline"}:
            last = token.content.rfind("-->") + 3
            for found in _COMMENT.finditer(token.content, 0, max(last, 0)):
                below = token.content.count("\n", 0, found.start())
                yield line and line + below, found[1], found[2].strip()
        elif token.type == "inline" and token.children:
            yield from ((line, name, value) for _, name, value in _comments(token.children))
