"""Asks fewer rules, and finds the same: each only where a line begins as it wants one to.

A line of plain text is no heading, list, quote or fence, whatever comes after its first
character, and most characters that stop a text begin one or two things. What works on a whole
document looks for a mark that most documents do not hold. The rules know that themselves;
asking all of them all the same is a third of a parser's time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from markdown_it import MarkdownIt
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore, normalize, text_join
from markdown_it.rules_inline import StateInline

from deckbuilder.syntax.cjk import strong
from deckbuilder.syntax.links import encoded, plain_link
from deckbuilder.syntax.plain_list import plain_list
from deckbuilder.syntax.prose import PLAIN, prose
from deckbuilder.syntax.shared import STOPS

_CoreRule = Callable[[StateCore], None]
_BlockRule = Callable[[StateBlock, int, int, bool], bool]
_InlineRule = Callable[[StateInline, bool], bool]
_Rule = TypeVar("_Rule")

BLOCK: Mapping[str, str] = {
    "prose": "",
    "plain_list": "*-+0123456789",
    "details": "<",
    "math_block": "$\\",
    "container_callout": ":",
    "indented": "!?=",
    "fence": "`~",
    "amsmath": "\\",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*-+0123456789",
    "footnote_def": "[",
    "reference": "[",
    "html_heading": "<",
    "html_block": "<",
    "tags": "{#",
    "attributes": "{",
    "braced_comment": "{",
    "hidden_comment_block": "%",
    "heading": "#",
    "tight_heading": "#",
}
"""Rule -> the first characters of its lines, indentation aside; others are always asked.

Prose begins with none of these, or with more of them that is plain.
"""

_PLAIN = re.compile(PLAIN)

INLINE: Mapping[str, str] = {
    "newline": "\n",
    "dollar_math": "$",
    "bracket_math": "\\",
    "escape": "\\",
    "backticks": "`",
    "mark": "=^",
    "script": "~^",
    "strikethrough": "~",
    "strong": "*",
    "emphasis": "*_",
    "span": "[",
    "wiki": "![",
    "plain_link": "[",
    "link": "[",
    "place_link": "[",
    "image": "!",
    "spaced_image": "!",
    "inline_footnote": "^",
    "footnote_ref": "[",
    "autolink": "<",
    "component": "<",
    "html_inline": "<",
    "hidden_comment": "%",
    "entity": "&",
}
"""Rule -> the characters at which it begins; others are always asked."""


CORE: Mapping[str, re.Pattern[str]] = {
    "details_tail": re.compile("</(?i:details)"),
    "alerts": re.compile(r"\[!|\.prompt-"),
    "doubled_math": re.compile(r"\$\$"),
    "own_macros": re.compile(r"\\(?:new|renew|provide|def|Declare)"),
    "roles": re.compile(r"\}`"),
    "tasks": re.compile(r"\[(?:[ xX]|TODO|DONE)\]"),
    "glued_heading": re.compile(r"##(?<=[^\s#]##)"),
    "table_rows": re.compile(r"\|"),
    "html_text": re.compile("<[a-zA-Z/]"),
    "tags_in_lines": re.compile(r"\{(?:\{[<%]|(?<=[(\s]\{)[{%])"),
    "keys": re.compile(r"[:+](?i:(?<=:)(?:material|octicons|fontawesome|simple)-|\+[a-z])"),
    "properties": re.compile(
        r":(?::(?:[ \t]|$)|LOGBOOK:| <(?:(?<=SCHEDULED: <)|(?<=DEADLINE: <)))", re.MULTILINE
    ),
}
"""Rule -> what a document holds on which it has an effect.

What begins with one certain character is found fast."""


class _BlockRuler(Ruler[_BlockRule]):
    """Gives one rule for each chain, which asks those that may apply."""

    def __init__(self, of: Ruler[_BlockRule]) -> None:
        super().__init__()
        self.__rules__ = of.__rules__
        self._chains: dict[str, list[_BlockRule]] = {}

    def getRules(self, chainName: str = "") -> list[_BlockRule]:  # noqa: N802, N803 (upstream)
        if chainName not in self._chains:
            self._chains[chainName] = [self._chosen(super().getRules(chainName))]
        return self._chains[chainName]

    def _chosen(self, rules: list[_BlockRule]) -> _BlockRule:
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


class _InlineRuler(Ruler[_InlineRule]):
    """Gives the rule for text, and one that asks those that may apply where text ends."""

    def __init__(self, of: Ruler[_InlineRule]) -> None:
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

    def getRules(self, chainName: str = "") -> list[_InlineRule]:  # noqa: N802, N803 (upstream)
        return self._rules


def _sorted_out(
    ruler: Ruler[_Rule], rules: list[_Rule], firsts: Mapping[str, str]
) -> tuple[dict[str, list[_Rule]], list[_Rule]]:
    """Return the rules for each first character, and those for every other one; in order."""
    wanted = {rule.fn: firsts.get(rule.name) for rule in ruler.__rules__}
    others = [rule for rule in rules if not wanted[rule]]
    characters = {character for first in firsts.values() for character in first}
    by_first = {
        character: [rule for rule in rules if (first := wanted[rule]) is None or character in first]
        for character in characters
    }
    return by_first, others


def _where(needed: re.Pattern[str], rule: _CoreRule) -> _CoreRule:
    def ask(state: StateCore) -> None:
        if needed.search(state.src):
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
    """Replace the rulers and rules; to be used after every plugin that adds rules."""
    core = {rule.name: rule.fn for rule in md.core.ruler.__rules__}
    for name, needed in CORE.items():
        md.core.ruler.at(name, _where(needed, core[name]))
    md.core.ruler.at("normalize", _normalize)
    md.core.ruler.at("text_join", _text_join)
    md.normalizeLink = encoded  # type: ignore[assignment, method-assign]
    md.inline.ruler.before("emphasis", "strong", strong)
    md.inline.ruler.before("link", "plain_link", plain_link)
    md.block.ruler.before("table", "prose", prose)
    md.block.ruler.before("table", "plain_list", plain_list)
    md.block.ruler = _BlockRuler(md.block.ruler)
    md.inline.ruler = _InlineRuler(md.inline.ruler)
    md.inline.terminator_re = re.compile(f"[{STOPS}]")
