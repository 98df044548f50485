"""Pygments' lexers, made to ask all rules of a state at once.

By itself a lexer tries the rules of a state one after the other at each token: in Python 56 of
them. Joined to one regular expression they are tried in C. This rests on where lexers keep their
rules, in every release since 1.0: ``_tokens`` has for each state a list of match, kind and next
state. Tests compare what all lexers find with and without.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_OFTEN = 50
"""Joining the rules of a state takes as long as reading about so many pieces of code by them."""


@lru_cache(maxsize=64)
def lexer_of(language: str) -> Lexer | None:
    """Return the lexer of a language, by any of its names; None where there is none."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None
    if states := getattr(lexer, "_tokens", None):
        vars(lexer)["_tokens"] = _States(states)
    return lexer


_Rule = Sequence[Any]
"""How it matches, the kind of token or what makes several of them, and the next state."""


class _States(dict[str, Sequence[_Rule]]):
    """State -> its rules, joined once the state has been entered often."""

    def __init__(self, apart: Mapping[str, Sequence[_Rule]]) -> None:
        super().__init__()
        self.apart = apart
        self.entered: Counter[str] = Counter()

    def __missing__(self, state: str) -> Sequence[_Rule]:
        self.entered[state] += 1
        if self.entered[state] < _OFTEN:
            return self.apart[state]
        self[state] = joined = _joined(self.apart[state])
        return joined


def _joined(rules: Sequence[_Rule]) -> list[_Rule]:
    """Return rules that find what *rules* do, each run of plain ones asked at once."""
    result: list[_Rule] = []
    for plain, run in groupby(rules, _is_plain):
        some = [*run]
        result += _at_once(some) if plain and len(some) > 2 else some
    return result


_REFERS = re.compile(r"\\[1-9]|\(\?(?:P[<=]|\()")
"""What numbers or names a group: in a longer expression that would be another."""


def _is_plain(rule: _Rule) -> bool:
    pattern = getattr(rule[0], "__self__", None)
    if not isinstance(pattern, re.Pattern) or pattern.flags & re.VERBOSE:
        return False
    return not _REFERS.search(pattern.pattern)


def _at_once(rules: Sequence[_Rule]) -> tuple[_Rule, _Rule]:
    """Return two rules: one that matches nothing, and by the way fills in the other."""
    match = re.compile("|".join(f"{_ungrouped(rule[0].__self__)}()" for rule in rules)).match
    nothing = (lambda *place: None, None, None)
    found: list[Any] = [*nothing]

    def ask(*place: Any) -> None:  # noqa: ANN401  # text and position, some give an end as well
        which = match(*place)
        found[:] = rules[which.lastindex - 1] if which and which.lastindex else nothing

    return (ask, None, None), found


_FLAGS = re.compile(r"\A\(\?[a-zA-Z]+\)")
_GROUP = re.compile(r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|\((?!\?)", re.DOTALL)
"""What is not looked into, an escaped character or a set of them; or where a group begins."""


def _ungrouped(pattern: re.Pattern[str]) -> str:
    """Return a regular expression as part of another, without groups that are counted."""
    flags = "".join(flag for flag in "aims" if pattern.flags & re.RegexFlag[flag.upper()])
    inner = _GROUP.sub(lambda found: found[1] or "(?:", _FLAGS.sub("", pattern.pattern))
    return f"(?{flags}:{inner})"
