"""What a mathematical text states, counted in bold at the beginning of a paragraph.

**Theorem 1.5** (Rolle). If …        **Definition 1.2.** A *group* is …        **Lemma 1.3.** Each …
                                                                               *Proof.* …
The number is a position: it is on no card, so that one more of them changes no other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from deckbuilder.characters import regex
from deckbuilder.dialects.blocks import Card, paragraph, text_of
from deckbuilder.inline import drop_empty_spans, text_token, with_text
from deckbuilder.markdown import Token, block_end, is_paragraph, lines_of, plain_text
from deckbuilder.wording import PROOF, STATEMENT

_NAME = regex(r"(\s*[(（][^()（）]{2,80}[)）])?[\s.。:：]*")
"""What a statement may be called, behind its number."""


def statements(blocks: Sequence[Sequence[Token]]) -> dict[int, list[Card]]:
    """Return the paragraphs that state something, by their index, each as a card.

    Asked is what it is called or which term it defines, else what is proved below it. All else
    goes on with the answer above.
    """
    leads = {}
    for at, block in enumerate(blocks):
        line = (is_paragraph(block) and block[1].children) or []
        stop = block_end(line, 0) if line and line[0].type == "strong_open" else 0
        if not stop or not STATEMENT.match(line[1].content):
            continue
        label = STATEMENT.sub(r"\1", line[1].content, count=1).rstrip(".。:：")
        bold = [line[0], with_text(line[1], label), *line[2:stop]]
        text = line[stop].content if line[stop:] and line[stop].type == "text" else ""
        found = _NAME.match(text)
        name, length = (found[1] or "", found.end()) if found else ("", 0)
        said = drop_empty_spans([text_token(text[length:]), *line[stop + bool(text) :]])
        proved = any(PROOF.match(text_of(below)) for below in blocks[at + 1 : at + 2])
        named = bool(name) or re.search("[(（]", label) is not None
        if not named and not proved and (term := _term(said)):
            named, name = True, f" ({term})"
        place = lines_of(block[0])
        if named:
            leads[at] = [Card([*bold, text_token(name)], paragraph(said, place), place)]
        elif proved:
            leads[at] = [Card([*bold, text_token(" "), *said], (), place)]
    return leads


def _term(said: Sequence[Token]) -> str:
    """Return what is emphasised first: the term that is defined."""
    at = next((i for i, token in enumerate(said) if token.type in {"em_open", "strong_open"}), None)
    return "" if at is None else plain_text(said[at : block_end(said, at)])
