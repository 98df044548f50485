"""Asks fewer rules, and finds the same: each only where a line begins as it wants one to.

A line of plain text is no heading, list, quote or fence, whatever comes after its first
character, and most characters that stop a text begin one or two things. What works on a whole
document looks for a mark that most documents do not hold. The rules know that themselves;
asking all of them all the same is a third of a parser's time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from markdown_it import MarkdownIt
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore, normalize, text_join
from markdown_it.rules_inline import StateInline

from deckbuilder.syntax.links import encoded
from deckbuilder.syntax.rules import BLOCK, CORE, INLINE, BlockRule, CoreRule, Rule
from deckbuilder.syntax.shared import PLAIN, STOPS, InlineRule

_PLAIN = re.compile(PLAIN)
_Read = TypeVar("_Read")


class _BlockRuler(Ruler[BlockRule]):
    """Gives one rule for each chain, which asks those that may apply."""

    def __init__(self, of: Ruler[BlockRule]) -> None:
        super().__init__()
        self.__rules__ = of.__rules__
        self._chains: dict[str, list[BlockRule]] = {}

    def getRules(self, chainName: str = "") -> list[BlockRule]:  # noqa: N802, N803 (upstream)
        if chainName not in self._chains:
            self._chains[chainName] = [self._chosen(super().getRules(chainName))]
        return self._chains[chainName]

    def _chosen(self, rules: list[BlockRule]) -> BlockRule:
        by_first, others = _sorted_out(self, rules, BLOCK)

        def ask(state: StateBlock, start: int, end: int, silent: bool) -> bool:
            at = state.bMarks[start] + state.tShift[start]
            first = state.src[at] if at < state.eMarks[start] else ""
            if first in by_first and _PLAIN.match(state.src, at):
                first = ""
            for rule in by_first.get(first, others):  # noqa: SIM110  # a generator takes longer
                if rule(state, start, end, silent):
                    return True
            return False

        return ask


class _InlineRuler(Ruler[InlineRule]):
    """Gives the rule for text, and one that asks those that may apply where text ends."""

    def __init__(self, of: Ruler[InlineRule]) -> None:
        super().__init__()
        self.__rules__ = of.__rules__
        text, *rules = super().getRules()
        by_first, others = _sorted_out(self, rules, INLINE)

        def ask(state: StateInline, silent: bool) -> bool:
            for rule in by_first.get(state.src[state.pos], others):  # noqa: SIM110  # as above
                if rule(state, silent):
                    return True
            return False

        self._rules = [text, ask]

    def getRules(self, chainName: str = "") -> list[InlineRule]:  # noqa: N802, N803 (upstream)
        return self._rules


def _sorted_out(
    ruler: Ruler[_Read], rules: list[_Read], table: Sequence[Rule[_Read]]
) -> tuple[dict[str, list[_Read]], list[_Read]]:
    """Return the rules for each first character, and those for every other one; in order."""
    firsts = {rule.name: rule.where for rule in table}
    wanted = {rule.fn: firsts[rule.name] for rule in ruler.__rules__}
    others = [rule for rule in rules if not wanted[rule]]
    characters = {character for first in firsts.values() for character in first or ""}
    by_first = {
        character: [rule for rule in rules if (first := wanted[rule]) is None or character in first]
        for character in characters
    }
    return by_first, others


def _where(patterns: Sequence[str], rule: CoreRule) -> CoreRule:
    finds = [re.compile(pattern).search for pattern in patterns]

    def ask(state: StateCore) -> None:
        if any(find(state.src) for find in finds):
            rule(state)

    return ask


def _normalize(state: StateCore) -> None:
    if "\r" in state.src or "\0" in state.src:
        normalize(state)


def _text_join(state: StateCore) -> None:
    """Join what escapes and entities have parted, in the blocks that hold one."""
    tokens = state.tokens
    state.tokens = [token for token in tokens if "\\" in token.content or "&" in token.content]
    text_join(state)
    state.tokens = tokens


def quick_plugin(md: MarkdownIt) -> None:
    """Ask as few of the rules as may be."""
    core = {rule.name: rule.fn for rule in md.core.ruler.__rules__}
    for rule in CORE:
        if rule.where:
            md.core.ruler.at(rule.name, _where(rule.where, core[rule.name]))
    md.core.ruler.at("normalize", _normalize)
    md.core.ruler.at("text_join", _text_join)
    md.normalizeLink = encoded  # type: ignore[assignment, method-assign]
    md.block.ruler = _BlockRuler(md.block.ruler)
    md.inline.ruler = _InlineRuler(md.inline.ruler)
    md.inline.terminator_re = re.compile(f"[{STOPS}]")
