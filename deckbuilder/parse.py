"""Stage 2, parse: SourceFile -> Document: block tokens, and everything that may be a heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from deckbuilder.anchors import anchors_of_block, without_anchors
from deckbuilder.answers import begins_answer
from deckbuilder.dialects import translate
from deckbuilder.front_matter import front_matter
from deckbuilder.inline import without_link_at
from deckbuilder.markdown import (
    LISTS,
    Token,
    as_list,
    blocks_in,
    href_of,
    is_comment,
    items,
    lines_of,
    parse_tokens,
    plain_text,
    top_blocks,
)
from deckbuilder.model import BELOW_ALL, Document, Heading, HeadingKind, SourceFile
from deckbuilder.notion import is_exported, title_above, without_properties
from deckbuilder.numbering import number_of
from deckbuilder.paragraphs import line_kind, split_paragraphs, title_apart
from deckbuilder.problems import Location, Problem, error, note
from deckbuilder.setext import rules_below_text
from deckbuilder.wording import BARE_QUESTION, QUESTION_LABEL, asks, leads_to_top


def parse(file: SourceFile, *, kept: str = "") -> tuple[Document, list[Problem]]:
    """Return the document of *file*; problems name front matter that cannot be read.

    *kept* is the structure that the lock holds: a dialect that is named there is followed.
    """
    front, text, problems = front_matter(file)
    tokens = parse_tokens(text)
    if line := _conflict(text, tokens):
        message = "a git merge left its conflict marks in this file; settle them first"
        problems.append(error("note-conflict", Location(file.path, line), message))
    exported = is_exported(file.name, tokens)
    tokens, rules = rules_below_text(without_properties(tokens) if exported else tokens, text)
    problems += [_rule_below_text(file, line) for line in rules]
    tokens = _dissolve_heading_lists(title_apart(tokens))
    tokens, dialect = translate(tokens, kept="level" if front.card_level else kept)
    tokens = split_paragraphs(tokens)
    headings = tuple(_headings(tokens))
    headings = title_above(headings) if exported else headings
    return Document(file, tuple(tokens), headings, front, dialect), problems


def _rule_below_text(file: SourceFile, line: int) -> Problem:
    message = (
        "Markdown would take the text above this rule for a heading; here it is read as a rule: "
        "put an empty line above it"
    )
    return note("rule-below-text", Location(file.path, line + 1), message)


_AS_WRITTEN = re.compile(r"\s*<(?:pre|!--|script|style|textarea)", re.IGNORECASE)


def _conflict(text: str, tokens: Sequence[Token]) -> int:
    """Return the line of the first mark that a failed merge left outside code; 0 for none."""
    if "<<<<<<< " not in text:
        return 0
    code = {line for one in tokens if _is_code(one) for line in range(*lines_of(one))}
    begun, parted = 0, False
    for number, line in enumerate(text.split("\n")):
        if number in code:
            continue
        if line.startswith("<<<<<<< "):
            begun = begun or number + 1
        elif line == "=======":
            parted = begun > 0
        elif parted and line.startswith(">>>>>>> "):
            return begun
    return 0


def _is_code(token: Token) -> bool:
    if token.type == "html_block":
        return _AS_WRITTEN.match(token.content) is not None
    return token.type in {"fence", "code_block"}


# Headings inside list items ------------------------------------------------------------------


def _dissolve_heading_lists(tokens: list[Token]) -> list[Token]:
    """Lift ``1. ### Question`` and its indented answer out of the list."""
    if not _has_heading_item(tokens):
        return tokens
    result: list[Token] = []
    for block in blocks_in(tokens):
        is_mixed = block[0].type in LISTS and _has_heading_item(block)
        result += _dissolve(block) if is_mixed else block
    return result


_HEADS = {"heading_open", "details_open", "summary_open"}


def _has_heading_item(block: Sequence[Token]) -> bool:
    for item, first in pairwise(block):
        if item.type == "list_item_open" and first.type in _HEADS:
            return True
    return False


def _dissolve(block: list[Token]) -> list[Token]:
    result: list[Token] = []
    for item in items(block):
        if _has_heading_item(item):
            for token in item[1:-1]:
                if token.type.startswith("paragraph_") and token.level <= item[0].level + 1:
                    token.hidden = False
            result += _dissolve_heading_lists(item[1:-1])
        else:
            result += as_list(item, block)
    return result


# Headings ------------------------------------------------------------------------------------


def _headings(tokens: Sequence[Token]) -> Iterator[Heading]:
    blocks = list(top_blocks(tokens))
    answered = _answered(tokens, blocks)
    anchors: tuple[str, ...] = ()
    for index, stop in blocks:
        token = tokens[index]
        heading = None
        if token.type in {"heading_open", "summary_open"}:
            heading = _heading(tokens, index, stop, anchors)
        elif token.type == "paragraph_open" and "unit" in token.meta:
            heading = _unit(tokens, index, stop)
        elif token.type == "paragraph_open":
            heading = _line_heading(tokens, index, anchors, index in answered)
        if heading:
            yield heading
        anchors = anchors_of_block(tokens[index:stop])


def _answered(tokens: Sequence[Token], blocks: Sequence[tuple[int, int]]) -> frozenset[int]:
    """Return where the labelled questions stand that have a labelled answer below them."""
    found = set()
    waiting: int | None = None
    for index, _ in blocks:
        token = tokens[index]
        if token.type in {"heading_open", "summary_open"} or "unit" in token.meta:
            waiting = None
        elif token.type == "paragraph_open" and _has_label(tokens[index + 1]):
            waiting = index
        elif waiting is not None and begins_answer(tokens, index):
            found.add(waiting)
            waiting = None
    return frozenset(found)


def _has_label(inline: Token) -> bool:
    """Return whether a paragraph begins with the label of a question."""
    kind = line_kind(inline)
    if kind != "bold":
        return kind == "question"
    text = plain_text(inline.children)
    return bool(BARE_QUESTION.match(text) or QUESTION_LABEL.match(text))


def _unit(tokens: Sequence[Token], index: int, stop: int) -> Heading:
    """Return what a dialect marks as a question, or as the end of an answer."""
    is_end = tokens[index].meta["unit"] == "end"
    kind = HeadingKind.END if is_end else HeadingKind.UNIT
    return _at(tokens, index, stop, kind, tokens[index + 1].children or [])


def _at(
    tokens: Sequence[Token],
    start: int,
    stop: int,
    kind: HeadingKind,
    children: Sequence[Token],
    anchors: tuple[str, ...] = (),
) -> Heading:
    """Return the tokens from *start* to *stop* as a heading that shows *children*.

    Comments right below it are part of it: what follows them is what follows the heading.
    """
    opening, inline = tokens[start : start + 2]
    shown = plain_text(children)
    while stop < len(tokens) and is_comment(tokens[stop]):
        children = (*children, Token("html_inline", "", 0, content=tokens[stop].content.strip()))
        stop += 1
    return Heading(
        start=start,
        stop=stop,
        level=int(opening.tag[1]) if opening.type == "heading_open" else BELOW_ALL,
        kind=kind,
        text=shown,
        inline=tuple(children),
        line=lines_of(inline)[0] + 1,
        anchors=anchors,
    )


def _heading(
    tokens: Sequence[Token], index: int, stop: int, before: tuple[str, ...]
) -> Heading | None:
    opening = tokens[index]
    children, own = without_anchors(tokens[index + 1].children)
    children = _without_way_back(children)
    if not plain_text(children) and not any(child.type == "image" for child in children):
        return None
    kind = HeadingKind.HTML if opening.markup == "html" else HeadingKind.MARKDOWN
    if opening.type == "summary_open":
        kind = HeadingKind.SUMMARY
    elif opening.meta.get("unit"):
        kind = HeadingKind.UNIT
    anchors = (*before, *opening.meta.get("anchors", ()), *own)
    return _at(tokens, index, stop, kind, children, anchors)


def _without_way_back(children: list[Token]) -> list[Token]:
    """Return heading content without links at its ends that lead to itself or to the top."""
    kept = without_link_at(-1, without_link_at(0, children, _leads_back), _leads_back)
    return kept if plain_text(kept) else children


def _leads_back(link: Sequence[Token]) -> bool:
    text = plain_text(link)
    in_page = href_of(link[0]).startswith("#")
    return in_page and (leads_to_top(text) or not any(map(str.isalnum, text)))


def _line_heading(
    tokens: Sequence[Token], index: int, before: tuple[str, ...], answered: bool
) -> Heading | None:
    written = line_kind(tokens[index + 1])
    if written not in {"bold", "question"}:
        return None
    children, own = without_anchors(tokens[index + 1].children)
    if written == "bold":
        children = [t for t in children if t.type not in {"strong_open", "strong_close"}]
    elif not answered and not _is_counted(children):
        return None
    kind = HeadingKind.LABEL if answered else HeadingKind.BOLD
    return _at(tokens, index, index + 3, kind, children, (*before, *own))


def _is_counted(children: Sequence[Token]) -> bool:
    """Return whether a question begins with a bold label that counts: ``**Q3.** Why?``."""
    text = plain_text(children)
    number = number_of(text)
    begins = next((t.type for t in children if t.nesting or t.content), "")
    if number is None or not number.parts or begins != "strong_open":
        return False
    return asks(text[number.length :]) or text[-1] in ":："
