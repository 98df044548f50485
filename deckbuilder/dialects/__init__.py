"""Other ways of writing cards: recognised only where a file clearly uses them.

All are functions from block tokens to block tokens, in three rows that `translate` goes through:

1. `keyed`, with `answer_keys`, `filled` and `other_labels` bring answers and labels into the form
   of question, label and answer that all stages know.
2. The first of `DIALECTS` in which a file is written says what all its cards are.
3. Else `tables`, `callouts` and `pairs` are cards wherever they stand.

What is a question becomes a paragraph that `deckbuilder.parse` takes for a heading of kind
``UNIT``; where such a card's answer ends without a heading after it, an empty paragraph of kind
``END`` says so. `blocks` builds these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from deckbuilder.answers import FOLDS
from deckbuilder.characters import regex
from deckbuilder.dialects.callouts import question_callouts
from deckbuilder.dialects.chapters import with_chapters
from deckbuilder.dialects.definitions import definition_list
from deckbuilder.dialects.dialogue import DIALOGUE, dialogue
from deckbuilder.dialects.filled import FILLED, emptied
from deckbuilder.dialects.glossary import glossary
from deckbuilder.dialects.hashcards import hashcards
from deckbuilder.dialects.inka import inka
from deckbuilder.dialects.keyed import with_answers
from deckbuilder.dialects.leads import question_leads, stated
from deckbuilder.dialects.lists import question_list
from deckbuilder.dialects.mdanki import mdanki
from deckbuilder.dialects.obsidian import obsidian
from deckbuilder.dialects.other_labels import OTHER_ANSWER, labelled_headings, relabelled_pairs
from deckbuilder.dialects.pairs import listed_pairs, quoted_pairs
from deckbuilder.dialects.ruled import ruled
from deckbuilder.dialects.start_end import start_end
from deckbuilder.dialects.tabbed import tabbed
from deckbuilder.dialects.tables import question_tables
from deckbuilder.dialects.tagged import tagged
from deckbuilder.markdown import LISTS, Token
from deckbuilder.wording import ANSWER_KEY_LINE, ANSWER_LABEL, QUESTION_LABEL, STATEMENT

_Signs = Iterable[str | re.Pattern[str]]
"""Types of tokens, and marks in the text of blocks: most files hold none of those of a rule.

Each mark begins with a certain character, a line break where a line matters: that is found fast."""

_Rewrite = Callable[[list[Token]], list[Token]]


class _Dialect(NamedTuple):
    """A way of writing cards."""

    read: Callable[[list[Token], bool], list[Token] | None]
    """Takes tokens, and whether the lock says that they are written so."""
    signs: _Signs
    """What it needs one of; none: it may be there without."""


_FIRST: Sequence[tuple[_Rewrite, _Signs]] = (
    (with_answers, (ANSWER_KEY_LINE,)),
    (emptied, FILLED),
    (labelled_headings, ("heading_open",)),
    (relabelled_pairs, (OTHER_ANSWER,)),
)

DIALECTS: Mapping[str, _Dialect] = {
    "dialogue": _Dialect(dialogue, (DIALOGUE,)),
    "mdanki": _Dialect(
        mdanki, (regex(r"\n[^\w\n%]*%[^\w\n]*$", re.MULTILINE), regex(r"\[[^\[\]\n]*#"))
    ),
    "inka": _Dialect(inka, ("hr",)),
    "hashcards": _Dialect(hashcards, (regex(r"C:"),)),
    "start-end": _Dialect(start_end, (regex(r"\nSTART[ \t]*$", re.MULTILINE),)),
    "tagged": _Dialect(tagged, (regex(r"#(?:[Ff]lash)?[Cc]ard"),)),
    "ruled": _Dialect(ruled, (regex(r"\n(?:[?？❓❔]|:(?:grey_)?question:)$", re.MULTILINE),)),
    "obsidian": _Dialect(
        obsidian,
        (regex(r"::"), regex(r"\n[^\w\n?？]*[?？][^\w\n]*$", re.MULTILINE)),
    ),
    "tabbed": _Dialect(tabbed, (regex(r"\t"),)),
    "list": _Dialect(question_list, LISTS),
    "definitions": _Dialect(definition_list, ("dl_open",)),
    "leads": _Dialect(
        question_leads,
        (
            regex(r"\n\*\*[^*\n]+[?？]\W{0,3}\*\*[^\S\n]*\S"),
            regex(r"[?？؟]\W{0,3}\n[^\S\n]*\S"),
            regex(rf"\n(?:{QUESTION_LABEL.pattern})", re.IGNORECASE),
        ),
    ),
    "statements": _Dialect(stated, (regex(rf"\n\*\*(?:{STATEMENT.pattern})", re.IGNORECASE),)),
    "glossary": _Dialect(glossary, ()),
}
"""Name of the rule that the lock keeps -> dialect, in the order in which they are asked."""

_MARKED = ("start-end", "tagged", "obsidian")
"""Those in which every card has a mark of its own: they are cards beside headings that ask."""
_HEADING_RULES = regex(r"level|sections|contents|summary|bold|numbers|title|pairs")
_ANSWER_LINE = regex(rf"\n[^\w\n\[]{{0,99}}(?:{ANSWER_LABEL.pattern})", re.IGNORECASE)


class _Text:
    """What a file holds, in short: it tells at once of most rules that they find nothing."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.types = {token.type for token in tokens}
        self.text = "".join(["\n" + token.content for token in tokens if token.type == "inline"])

    def has_one_of(self, signs: _Signs) -> bool:
        """Return whether one of *signs* is there."""
        return any(
            sign in self.types if isinstance(sign, str) else sign.search(self.text)
            for sign in signs
        )


def translate(tokens: list[Token], *, kept: str = "") -> tuple[list[Token], str]:
    """Return *tokens* with the cards of a dialect as units, and its name.

    *kept* is the rule that the lock holds: a dialect there needs no further evidence, and where
    it says that headings are the questions, the file is in no dialect. Tables of questions and
    answers, pairs with labels, and callouts that ask, are explicit wherever they stand.
    """
    tokens, text = _rewritten(tokens, _Text(tokens), _FIRST)
    headed = _HEADING_RULES.match(kept)
    for name in _looked_for(kept):
        read, signs = DIALECTS[name]
        if signs and not text.has_one_of(signs):
            continue
        if (translated := read(tokens, kept == name)) is None:
            continue
        if not headed:
            return with_chapters(translated), name
        tokens = translated
    undecided = kept.startswith("pairs") or not headed
    explicit: Sequence[tuple[_Rewrite, _Signs]] = (
        (partial(question_tables, undecided=undecided), ("table_open",)),
        (question_callouts, ("callout_open",)),
        (quoted_pairs, ("blockquote_open",)),
        (partial(listed_pairs, undecided=undecided), (_ANSWER_LINE, *FOLDS)),
    )
    return with_chapters(_rewritten(tokens, text, explicit)[0]), ""


def _looked_for(kept: str) -> Iterable[str]:
    """Return the dialects that a file may be written in, or some cards of it beside headings.

    None where its author says by ``card_level`` which headings are the questions.
    """
    if kept == "level":
        return ()
    if _HEADING_RULES.match(kept):
        return _MARKED
    return [kept] if kept in DIALECTS else DIALECTS


def _rewritten(
    tokens: list[Token], text: _Text, rules: Iterable[tuple[_Rewrite, _Signs]]
) -> tuple[list[Token], _Text]:
    """Return *tokens* as the *rules* leave them, one after the other, and their text."""
    for rule, signs in rules:
        if text.has_one_of(signs) and (new := rule(tokens)) is not tokens:
            tokens, text = new, _Text(new)
    return tokens, text
