"""Other ways of writing cards: recognised only where a file clearly uses them.

Each dialect is a function from block tokens to block tokens, or None where a file is not
written so. What it finds to be a question becomes a paragraph that `deckbuilder.parse` takes
for a heading of kind ``UNIT``; where such a card's answer ends without a heading after it, an
empty paragraph of kind ``END`` says so. `DIALECTS` is the order in which they are asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from deckbuilder.dialects.callouts import question_callouts
from deckbuilder.dialects.definitions import definition_list
from deckbuilder.dialects.glossary import glossary
from deckbuilder.dialects.hashcards import hashcards
from deckbuilder.dialects.inka import inka
from deckbuilder.dialects.keyed import with_answers
from deckbuilder.dialects.leads import bold_leads
from deckbuilder.dialects.lists import question_list
from deckbuilder.dialects.mdanki import mdanki
from deckbuilder.dialects.obsidian import obsidian
from deckbuilder.dialects.pairs import listed_pairs, quoted_pairs, relabelled_pairs
from deckbuilder.dialects.ruled import ruled
from deckbuilder.dialects.start_end import start_end
from deckbuilder.dialects.tables import question_tables
from deckbuilder.dialects.tagged import tagged
from deckbuilder.markdown import LISTS, Token

__all__ = ["DIALECTS", "translate"]

DIALECTS: Mapping[str, Callable[[list[Token], bool], list[Token] | None]] = {
    "mdanki": mdanki,
    "inka": inka,
    "hashcards": hashcards,
    "start-end": start_end,
    "tagged": tagged,
    "ruled": ruled,
    "obsidian": obsidian,
    "list": question_list,
    "definitions": definition_list,
    "leads": bold_leads,
    "glossary": glossary,
}
"""Name of the rule that the lock keeps -> tokens, and whether the lock holds it -> new tokens."""

_BLOCKS: Mapping[str, set[str]] = {
    "mdanki": {"heading_open"},
    "inka": {"hr"},
    "ruled": {"hr"},
    "list": LISTS,
    "definitions": {"dl_open"},
}
"""Name of a rule -> the types of tokens one of which it cannot do without."""

_MARKS: Mapping[str, tuple[re.Pattern[str], ...]] = {
    "mdanki": (re.compile(r"\n[^\w\n%]*%[^\w\n]*$", re.MULTILINE), re.compile(r"\[[^\[\]\n]*#")),
    "hashcards": (re.compile(r"C:"),),
    "leads": (re.compile(r"\n\*\*[^*\n]+[?？]\W{0,3}\*\*[^\S\n]*\S"),),
    "start-end": (re.compile(r"\nSTART[ \t]*$", re.MULTILINE),),
    "tagged": (re.compile(r"#(?:[Ff]lash)?[Cc]ard"),),
    "ruled": (re.compile(r"\n(?:[?？❓❔]|:(?:grey_)?question:)$", re.MULTILINE),),
    "obsidian": (re.compile(r"::"), re.compile(r"\n[^\w\n?？]*[?？][^\w\n]*$", re.MULTILINE)),
}
"""Name of a rule -> what it needs one of in the text of blocks: most files hold none of it.

Each begins with a certain character, a line break where a line matters: that is found fast."""

_HEADING_RULES = re.compile(r"level|sections|contents|summary|bold|numbers|title|pairs")


def translate(tokens: list[Token], *, kept: str = "") -> tuple[list[Token], str]:
    """Return *tokens* with the cards of a dialect as units, and its name.

    *kept* is the rule that the lock holds: a dialect there needs no further evidence, and where
    it says that headings are the questions, no dialect is looked for. Tables of questions and
    answers, pairs with labels, and callouts that ask, are explicit wherever they stand.
    """
    tokens = relabelled_pairs(with_answers(tokens))
    for name in _candidates(tokens, kept):
        translated = DIALECTS[name](tokens, kept == name)
        if translated is not None:
            return translated, name
    undecided = kept.startswith("pairs") or not _HEADING_RULES.match(kept)
    tokens = question_callouts(question_tables(tokens, undecided=undecided))
    return listed_pairs(quoted_pairs(tokens)), ""


def _candidates(tokens: list[Token], kept: str) -> Iterator[str]:
    """Yield the names of the dialects that *tokens* may be written in."""
    if _HEADING_RULES.match(kept):
        return
    kinds = {token.type for token in tokens}
    text = "".join(["\n" + token.content for token in tokens if token.type == "inline"])
    for name in [kept] if kept in DIALECTS else DIALECTS:
        has_blocks = name not in _BLOCKS or not kinds.isdisjoint(_BLOCKS[name])
        if has_blocks and (name not in _MARKS or any(m.search(text) for m in _MARKS[name])):
            yield name
