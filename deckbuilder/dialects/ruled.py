"""Cards between rules, their front and back parted by a line that is only ``?``.

---
Front.

?

Back.
---
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from deckbuilder.dialects.blocks import end_after, prompt, unit
from deckbuilder.markdown import Token, blocks_in, is_paragraph, lines_of

_LEAST = 2
_PARTS = {"?", "？", ":question:", ":grey_question:", "❓", "❔"}
_RULES = {"hr", "heading_open"}


def ruled(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with such cards as units, or None where one mark may be anything."""
    result: list[Token] = []
    between: list[list[Token]] = []
    count = 0
    for block in [*blocks_in(tokens), []]:
        if block and block[0].type not in _RULES:
            between.append(block)
            continue
        card = _card(between)
        count += bool(card)
        result += [*(card or chain(*between)), *block]
        between = []
    return result if count >= (1 if known else _LEAST) else None


def _card(blocks: Sequence[list[Token]]) -> list[Token]:
    """Return the card that stands between two rules, or nothing."""
    marks = [at for at, one in enumerate(blocks) if is_paragraph(one) and one[1].content in _PARTS]
    if len(marks) != 1 or not 0 < marks[0] < len(blocks) - 1 or not is_paragraph(blocks[0]):
        return []
    front, *more = blocks[: marks[0]]
    return [
        *unit(front[1].children, lines_of(front[0])),
        *prompt([*chain(*more)]),
        *chain(*blocks[marks[0] + 1 :]),
        *end_after(lines_of(blocks[-1][0])),
    ]
