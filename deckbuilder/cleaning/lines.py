"""A rule for lines that mean to be lines: choices, and what is listed with bold labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deckbuilder.cleaning.edit import edit_inline
from deckbuilder.markdown import BREAKS, Token, plain_text
from deckbuilder.model import Section

_CHOICE = re.compile(r"\W{0,4}([A-Ha-h])\s*[.)）:：、]\s*\S")


def keep_lines(section: Section) -> tuple[Section, int]:
    """Keep each of several choices, ``A. red``, or labels, ``**Colour:** red``, on a line."""
    return edit_inline(section, {"softbreak"}, _broken)


def _broken(children: list[Token]) -> tuple[list[Token], int]:
    breaks = [i for i, child in enumerate(children) if child.type in BREAKS]
    starts = [0, *(i + 1 for i in breaks)]
    lines = [children[start:stop] for start, stop in zip(starts, [*breaks, None], strict=True)]
    for found in (list(_choices(lines)), [i for i, line in enumerate(lines) if _is_labelled(line)]):
        soft = [breaks[i - 1] for i in found if i and children[breaks[i - 1]].type == "softbreak"]
        if len(found) >= 2 and soft:
            new = [
                Token("hardbreak", "br", 0) if i in soft else child
                for i, child in enumerate(children)
            ]
            return new, len(soft)
    return children, 0


def _choices(lines: Sequence[Sequence[Token]]) -> Iterator[int]:
    """Yield which lines begin with ``A.``, ``B.`` and so on."""
    expected = "A"
    for index, line in enumerate(lines):
        found = _CHOICE.match(plain_text(line))
        if found and found[1].upper() == expected:
            yield index
            expected = chr(ord(expected) + 1)


def _is_labelled(line: Sequence[Token]) -> bool:
    """Return whether a line begins with bold words and a colon."""
    visible = [token for token in line if token.type != "text" or token.content.strip()]
    if not visible or visible[0].type != "strong_open":
        return False
    kinds = [token.type for token in visible]
    stop = kinds.index("strong_close") if "strong_close" in kinds else len(kinds)
    after = "".join(token.content for token in visible[stop + 1 : stop + 2])
    return plain_text(visible[:stop]).endswith((":", "：")) or after.startswith((":", "："))
