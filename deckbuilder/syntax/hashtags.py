"""Tags as Obsidian, Logseq and Bear have them: ``#memory``, ``#os/paging``, ``#[[two words]]``.

# Notes on memory        ## What is a page? #paging
#os #memory
                         A fixed piece.

                         #exam

They are tags where they stand alone: several on a line, one below a heading or as its section's
last line; and at the end of a heading that asks. Anywhere else they are text, and so is one that
is all its section says. A mark that makes cards is left to what reads these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from deckbuilder.syntax.shared import comment
from deckbuilder.syntax.tight_heading import DIRECTIVE

_COLOUR = r"(?=[0-9a-f]*\d)(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})(?![\w/-])"
_MARK = r"#(?:flash)?cards?\b"
_TAG = (
    rf"(?!{DIRECTIVE.pattern}|{_MARK}|#{_COLOUR})"
    r"#(?:\[\[[^\[\]|\n]+\]\]|(?=[\w/-]*[^\W\d_])[\w-]+(?:/[\w-]+)*+)"
)
_TAGS = rf"{_TAG}(?:(?:\s++|[,，、]\s*+){_TAG})*+"
_LABEL = r"[*_]{0,3}(?:tags?|标签|標籤)[*_]{0,3}\s?(?:::?|：)[*_]{0,3}\s*"
_LINE = re.compile(rf"(?P<label>{_LABEL})?{_TAGS}\s*", re.IGNORECASE)
_ONE = re.compile(_TAG, re.IGNORECASE)
_APART = re.compile(r"[\s,，<>]+")
"""What would part a tag in a comment, or end the comment."""
_BEHIND = re.compile(rf"(?<=[?？])(?P<close>[*_]{{0,3}})\s*{_TAGS}\s*$", re.IGNORECASE)


def hashtags(state: StateCore) -> None:
    """Make comments of such tags, which all stages know to be tags."""
    result: list[Token] = []
    tokens = state.tokens
    for at, token in enumerate(tokens):
        result.append(token)
        if token.nesting >= 0 or token.level or token.type not in _KINDS:
            continue
        before = tokens[at - 3] if at > 2 else None
        after = tokens[at + 1] if at + 1 < len(tokens) else None
        result[-3:] = _KINDS[token.type](result[-3:], before, after)
    state.tokens = result


def _heading(block: list[Token], before: Token | None, after: Token | None) -> list[Token]:
    inline = block[1]
    inline.content, tags = _parted(inline.content)
    return [*block, *_comments(tags, inline.map or [])]


def _paragraph(block: list[Token], before: Token | None, after: Token | None) -> list[Token]:
    inline = block[1]
    lines = inline.content.split("\n")
    begins = before is None or before.type == "heading_close"
    ends = after is None or after.type in {"heading_open", "hr"}
    if len(lines) == 1 and before and begins and ends and not _is_deeper(after, before):
        begins = ends = False  # it is all that answers: what is a tag elsewhere may be text
    front = next((at for at, one in enumerate(lines) if not _are_tags(one, begins)), len(lines))
    rest = lines[front:][::-1]
    back = next((at for at, one in enumerate(rest) if not _are_tags(one, ends)), len(rest))
    above, said, below = lines[:front], lines[front : len(lines) - back], rest[:back]
    if said:
        said[0], tags = _parted(said[0])
        below += tags
    if said and not begins:  # what follows them may be a question
        above, below = [], [*above, *below]
    if not above and not below:
        return block
    start, stop = inline.map or (0, 0)
    inline.content = "\n".join(said)
    inline.map = [start + front, start + front + len(said)]
    kept = block if said else ()
    return [*_comments(above, [start, stop]), *kept, *_comments(below, [inline.map[1], stop])]


def _is_deeper(token: Token | None, heading: Token) -> bool:
    return token is not None and token.type == "heading_open" and token.tag > heading.tag


_KINDS = {"heading_close": _heading, "paragraph_close": _paragraph}


def _parted(line: str) -> tuple[str, list[str]]:
    """Return a line without the tags behind its question mark, and these."""
    found = _BEHIND.search(line)
    return (line[: found.start()] + found["close"], [found[0]]) if found else (line, [])


def _are_tags(line: str, alone: bool) -> bool:
    """Return whether a line is nothing but tags; one by itself, where it is *alone*."""
    found = _LINE.fullmatch(line.strip())
    return found is not None and bool(alone or found["label"] or len(_ONE.findall(line)) > 1)


def _comments(written: Sequence[str], place: list[int]) -> list[Token]:
    """Return the comment that gives a section the tags that are *written*; nothing for none."""
    tags = [tag.strip("#[]") for line in written for tag in _ONE.findall(line)]
    names = " ".join(_APART.sub("_", tag).replace("/", "::") for tag in tags)
    return [comment(f"tags: {names}", place)] if tags else []
