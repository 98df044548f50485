"""Other ways of writing cards: recognised only where a file clearly uses them.

Each dialect is a function from block tokens to block tokens, or None where a file is not
written so. What it finds to be a question becomes a paragraph that `deckbuilder.parse` takes
for a heading of kind ``UNIT``; where such a card's answer ends without a heading after it, an
empty paragraph of kind ``END`` says so. `DIALECTS` is the order in which they are asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from deckbuilder.answers import FOLDS
from deckbuilder.dialects.callouts import question_callouts
from deckbuilder.dialects.definitions import definition_list
from deckbuilder.dialects.filled import FILLED, emptied
from deckbuilder.dialects.glossary import glossary
from deckbuilder.dialects.hashcards import hashcards
from deckbuilder.dialects.inka import inka
from deckbuilder.dialects.keyed import with_answers
from deckbuilder.dialects.leads import bold_leads
from deckbuilder.dialects.lists import question_list
from deckbuilder.dialects.mdanki import mdanki
from deckbuilder.dialects.obsidian import obsidian
from deckbuilder.dialects.other_labels import OTHER_ANSWER, relabelled_pairs
from deckbuilder.dialects.pairs import listed_pairs, quoted_pairs
from deckbuilder.dialects.ruled import ruled
from deckbuilder.dialects.start_end import start_end
from deckbuilder.dialects.tables import question_tables
from deckbuilder.dialects.tagged import tagged
from deckbuilder.markdown import LISTS, Token
from deckbuilder.wording import ANSWER_KEY_LINE, ANSWER_LABEL

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

_TYPES: Mapping[str, Iterable[str]] = {
    "mdanki": {"heading_open"},
    "inka": {"hr"},
    "ruled": {"hr"},
    "list": LISTS,
    "definitions": {"dl_open"},
    "tables": {"table_open"},
    "callouts": {"callout_open"},
    "quotes": {"blockquote_open"},
}
"""Name of a rule -> the types of tokens one of which it cannot do without."""

_MARKS: Mapping[str, tuple[re.Pattern[str], ...]] = {
    "keys": (ANSWER_KEY_LINE,),
    "filled": FILLED,
    "labels": (OTHER_ANSWER,),
    "mdanki": (re.compile(r"\n[^\w\n%]*%[^\w\n]*$", re.MULTILINE), re.compile(r"\[[^\[\]\n]*#")),
    "hashcards": (re.compile(r"C:"),),
    "leads": (re.compile(r"\n\*\*[^*\n]+[?？]\W{0,3}\*\*[^\S\n]*\S"),),
    "start-end": (re.compile(r"\nSTART[ \t]*$", re.MULTILINE),),
    "tagged": (re.compile(r"#(?:[Ff]lash)?[Cc]ard"),),
    "ruled": (re.compile(r"\n(?:[?？❓❔]|:(?:grey_)?question:)$", re.MULTILINE),),
    "obsidian": (re.compile(r"::"), re.compile(r"\n[^\w\n?？]*[?？][^\w\n]*$", re.MULTILINE)),
    "pairs": (re.compile(rf"\n[^\w\n\[]*(?:{ANSWER_LABEL.pattern})", re.IGNORECASE),),
}
"""Name of a rule -> what it needs one of in the text of blocks: most files hold none of it.

Each begins with a certain character, a line break where a line matters: that is found fast."""

_INSTEAD: Mapping[str, Iterable[str]] = {"pairs": FOLDS}
"""Name of a rule -> types of tokens that are as good as such a mark."""

_Rewrite = Callable[[list[Token]], list[Token]]
_AT_FIRST: Mapping[str, _Rewrite] = {
    "keys": with_answers,
    "filled": emptied,
    "labels": relabelled_pairs,
}
_HEADING_RULES = re.compile(r"level|sections|contents|summary|bold|numbers|title|pairs")


class _Signs:
    """What a file holds, in short: it tells at once of most rules that they find nothing."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.types = {token.type for token in tokens}
        self.text = "".join(["\n" + token.content for token in tokens if token.type == "inline"])

    def allow(self, rule: str) -> bool:
        """Return whether *rule* may find something."""
        if rule in _TYPES and self.types.isdisjoint(_TYPES[rule]):
            return False
        marked = rule not in _MARKS or any(mark.search(self.text) for mark in _MARKS[rule])
        return marked or not self.types.isdisjoint(_INSTEAD.get(rule, ()))


def translate(tokens: list[Token], *, kept: str = "") -> tuple[list[Token], str]:
    """Return *tokens* with the cards of a dialect as units, and its name.

    *kept* is the rule that the lock holds: a dialect there needs no further evidence, and where
    it says that headings are the questions, no dialect is looked for. Tables of questions and
    answers, pairs with labels, and callouts that ask, are explicit wherever they stand.
    """
    tokens, signs = _rewritten(tokens, _AT_FIRST)
    headed = _HEADING_RULES.match(kept)
    for name in () if headed else [kept] if kept in DIALECTS else DIALECTS:
        if signs.allow(name) and (translated := DIALECTS[name](tokens, kept == name)) is not None:
            return translated, name
    undecided = kept.startswith("pairs") or not headed
    explicit: dict[str, _Rewrite] = {
        "tables": partial(question_tables, undecided=undecided),
        "callouts": question_callouts,
        "quotes": quoted_pairs,
        "pairs": listed_pairs,
    }
    return _rewritten(tokens, explicit, signs)[0], ""


def _rewritten(
    tokens: list[Token], rules: Mapping[str, _Rewrite], signs: _Signs | None = None
) -> tuple[list[Token], _Signs]:
    """Return *tokens* as the *rules* leave them, one after the other, and their signs."""
    signs = signs or _Signs(tokens)
    for name, rule in rules.items():
        if signs.allow(name) and (new := rule(tokens)) is not tokens:
            tokens, signs = new, _Signs(new)
    return tokens, signs
