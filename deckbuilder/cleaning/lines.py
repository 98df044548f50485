"""A rule for lines that mean to be lines: choices, and what is listed with bold labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deckbuilder.cleaning.edit import edit_inline
from deckbuilder.inline import every_line, without_blanks
from deckbuilder.markdown import BREAKS, Token, plain_text
from deckbuilder.model import Section
from deckbuilder.wording import ANSWER_LABEL, EXPLANATION_LABEL, LETTERED

_ANSWERS = re.compile(
    rf"\W{{0,2}}(?:{ANSWER_LABEL.pattern}|{EXPLANATION_LABEL.pattern})", re.IGNORECASE
)


def keep_lines(section: Section) -> tuple[Section, int]:
    """Keep each of several choices, ``A. red``, or labels, ``**Colour:** red``, on a line.

    What says the answer there, or explains it, begins a line by itself.
    """
    return edit_inline(section, {"softbreak"}, _broken)


def _broken(children: list[Token]) -> tuple[list[Token], int]:
    breaks = [i for i, child in enumerate(children) if child.type in BREAKS]
    lines = every_line(children)
    texts = [plain_text(line) for line in lines]
    several = list(_choices(texts)), [i for i, line in enumerate(lines) if _is_labelled(line)]
    starts_line = {i for found in several if len(found) >= 2 for i in found}
    starts_line |= {i for i, text in enumerate(texts) if _ANSWERS.match(text)}
    soft = {breaks[i - 1] for i in starts_line if i} & {
        i for i, child in enumerate(children) if child.type == "softbreak"
    }
    new = [Token("hardbreak", "br", 0) if i in soft else child for i, child in enumerate(children)]
    return (new, len(soft)) if soft else (children, 0)


def _choices(lines: Sequence[str]) -> Iterator[int]:
    """Yield which lines begin with ``A.``, ``B.`` and so on."""
    expected = "A"
    for index, line in enumerate(lines):
        found = LETTERED.match(line)
        if found and found[1].upper() == expected:
            yield index
            expected = chr(ord(expected) + 1)


def _is_labelled(line: Sequence[Token]) -> bool:
    """Return whether a line begins with bold words and a colon."""
    visible = without_blanks(line)
    if not visible or visible[0].type != "strong_open":
        return False
    kinds = [token.type for token in visible]
    stop = kinds.index("strong_close") if "strong_close" in kinds else len(kinds)
    after = "".join(token.content for token in visible[stop + 1 : stop + 2])
    return plain_text(visible[:stop]).endswith((":", "：")) or after.startswith((":", "："))
