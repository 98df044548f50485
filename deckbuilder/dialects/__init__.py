"""Other ways of writing cards: recognised only where a file clearly uses them.

Each dialect is a function from block tokens to block tokens, or None where a file is not
written so. What it finds to be a question becomes a paragraph that `deckbuilder.parse` takes
for a heading of kind ``UNIT``; where such a card's answer ends without a heading after it, an
empty paragraph of kind ``END`` says so. `DIALECTS` is the order in which they are asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from deckbuilder.dialects.definitions import definition_list
from deckbuilder.dialects.hashcards import hashcards
from deckbuilder.dialects.inka import inka
from deckbuilder.dialects.lists import question_list
from deckbuilder.dialects.mdanki import mdanki
from deckbuilder.dialects.obsidian import obsidian
from deckbuilder.dialects.tables import question_tables
from deckbuilder.model import Token

__all__ = ["DIALECTS", "translate"]

DIALECTS: Mapping[str, Callable[[list[Token], bool], list[Token] | None]] = {
    "mdanki": mdanki,
    "inka": inka,
    "hashcards": hashcards,
    "obsidian": obsidian,
    "list": question_list,
    "definitions": definition_list,
}
"""Name of the rule that the lock keeps -> tokens, and whether the lock holds it -> new tokens."""

_MARKS: Mapping[str, re.Pattern[str]] = {
    "mdanki": re.compile(r"^[^\w\n%]*%[^\w\n]*$|\[[^\[\]\n]*#", re.MULTILINE),
    "hashcards": re.compile(r"C:"),
    "obsidian": re.compile(r"::|^[^\w\n?？]*[?？][^\w\n]*$", re.MULTILINE),
}
"""What a dialect cannot do without, in the text of blocks: most files hold none of it."""

_HEADING_RULES = re.compile(r"level|sections|contents|summary|bold|numbers|title|pairs")


def translate(tokens: list[Token], *, kept: str = "") -> tuple[list[Token], str]:
    """Return *tokens* with the cards of a dialect as units, and its name.

    *kept* is the rule that the lock holds: a dialect there needs no further evidence, and where
    it says that headings are the questions, no dialect is looked for. Tables of questions and
    answers are explicit wherever they stand.
    """
    text = "\n".join(token.content for token in tokens if token.type == "inline")
    for name, dialect in DIALECTS.items():
        if name in _MARKS and not _MARKS[name].search(text):
            continue
        if _HEADING_RULES.match(kept) or (kept in DIALECTS and kept != name):
            continue
        translated = dialect(tokens, kept == name)
        if translated is not None:
            return translated, name
    return question_tables(tokens), ""
