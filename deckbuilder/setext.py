"""A rule ``---`` right below text, where its author did not mean to make a heading of it.

CommonMark does. In notes whose headings begin with ``#``, or that are written as questions and
answers with labels, text of several lines, a sentence, the only text of a heading and a heading
without anything below it are text above a rule that lacks its empty line. Inside a list or quote
``-`` below text is an item in which nothing stands yet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from deckbuilder.markdown import Token, lines_of
from deckbuilder.wording import ANSWER_LABEL, QUESTION_LABEL, bare, ends_asking

_SENTENCE = re.compile(r"[.。;；,，、…][\s\"'”’)）\]】*_`]*$")
_UNSEEN = re.compile(r"\s*(?:<!--|<a\b)")
_BELOW = {"h1", "h2"}
"""The headings that leave nothing to an underlined one above them."""


def rules_below_text(tokens: list[Token], source: str) -> tuple[list[Token], list[int]]:
    """Return *tokens* with such headings as text and rule, and the lines of the rules, 0-based."""
    heads = [i for i, token in enumerate(tokens) if token.type == "heading_open"]
    underlined = [i for i in heads if tokens[i].markup == "-"]
    if not underlined:
        return tokens, []
    headed = any(_is_marked(tokens[i]) for i in heads)
    lines = source.split("\n")
    items = {i for i in underlined if tokens[i].level and _underline(tokens[i], lines) == "-"}
    rules = {i for i in underlined if i not in items and _is_text(tokens, i, headed, lines)}
    instead: dict[int, list[Token]] = {}
    for index in items | rules:
        opening, closing = tokens[index], tokens[index + 2]
        stop = lines_of(opening)[1]
        rule = Token("hr", "hr", 0, map=[stop - 1, stop], level=opening.level, block=True)
        hidden = index in items
        instead[index] = [_text(opening, "paragraph_open", hidden=hidden)]
        instead[index + 2] = [_text(closing, "paragraph_close", hidden=hidden)]
        instead[index + 2] += [rule] if index in rules else []
    result = [new for at, token in enumerate(tokens) for new in instead.get(at, [token])]
    return result, sorted(lines_of(tokens[i])[1] - 1 for i in rules)


def _underline(token: Token, lines: Sequence[str]) -> str:
    return lines[lines_of(token)[1] - 1].strip()


def _text(token: Token, kind: str, *, hidden: bool) -> Token:
    """Return a heading's token as that of a paragraph, without the line of the rule."""
    first, stop = lines_of(token)
    place = [first, stop - 1] if token.map else None
    return token.copy(type=kind, tag="p", markup="", map=place, hidden=hidden)


def _is_marked(token: Token) -> bool:
    return token.markup not in {"-", "="}


def _is_text(tokens: Sequence[Token], index: int, headed: bool, lines: Sequence[str]) -> bool:
    """Return whether what is underlined is clearly no heading."""
    text = tokens[index + 1].content
    begun = bare(text)
    if ANSWER_LABEL.match(begun) or ("\n" in text and (headed or QUESTION_LABEL.match(begun))):
        return True
    underline = _underline(tokens[index], lines)
    drawn = len(underline) > 3 and abs(len(underline) - len(text)) <= 1
    if not headed or drawn or ends_asking(text):
        return False
    return bool(_SENTENCE.search(text)) or _is_alone(tokens, index)


def _is_alone(tokens: Sequence[Token], index: int) -> bool:
    """Return whether a heading right above would be empty, or the one that this would be."""
    above, below = index - 1, index + 3
    while above > 0 and _UNSEEN.match(tokens[above].content):
        above -= 1
    while below < len(tokens) and _UNSEEN.match(tokens[below].content):
        below += 1
    if below == len(tokens):
        return True
    following = tokens[below]
    if following.type == "heading_open" and _is_marked(following) and following.tag in _BELOW:
        return True
    if above < 0 or tokens[above].type != "heading_close" or not _is_marked(tokens[above]):
        return False
    touches = lines_of(tokens[above - 2])[1] == lines_of(tokens[index])[0]
    return touches or tokens[above].tag != "h1"
