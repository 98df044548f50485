"""Emphasis next to full-width punctuation, and lines wrapped between Chinese characters.

CommonMark's flanking rules count ``：`` and ``）`` as punctuation, so ``**特点：**强`` stays
raw. Here a CJK character or full-width mark on either side never blocks emphasis; nor does
Hangul beside stars: ``**변수(variable)**는`` has a particle there. Between Chinese and Latin
letters, underscores belong to a name: ``重写__call__方法``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token

from deckbuilder.characters import is_cjk, is_hangul
from deckbuilder.syntax.shared import STOPS


@lru_cache(maxsize=8192)
def _sides(before: str, after: str, splits_word: bool) -> tuple[bool, bool]:
    """Return whether marks between two characters can open emphasis, and whether close it."""
    is_wide = before >= "\u1100" or after >= "\u1100"
    cjk_before, cjk_after = is_wide and is_cjk(before), is_wide and is_cjk(after)
    if is_wide and splits_word:
        cjk_before, cjk_after = cjk_before or is_hangul(before), cjk_after or is_hangul(after)
    elif is_wide:
        cjk_before, cjk_after = cjk_before and after >= "\u1100", cjk_after and before >= "\u1100"
    mark_before = not cjk_before and _is_punctuation(before)
    mark_after = not cjk_after and _is_punctuation(after)
    space_before, space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
    left = not space_after and (not mark_after or space_before or mark_before or cjk_before)
    right = not space_before and (not mark_before or space_after or mark_after or cjk_after)
    can_open = left and (splits_word or not right or mark_before or cjk_before)
    can_close = right and (splits_word or not left or mark_after or cjk_after)
    return can_open, can_close


def _is_punctuation(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)


class _CjkStateInline(StateInline):
    has_delimiters = False

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 (upstream)
        self.has_delimiters = True
        src, stop = self.src, start
        marker = src[start]
        while stop < self.posMax and src[stop] == marker:
            stop += 1
        before = src[start - 1] if start else " "
        after = src[stop] if stop < self.posMax else " "
        return Scanned(*_sides(before, after, canSplitWord), stop - start)


class CjkParserInline(ParserInline):
    """The parser of lines, with its own rules for what may open and close emphasis."""

    def parse(
        self,
        src: str,
        md: MarkdownIt,
        env: dict[str, object],  # type: ignore[override]  # upstream: MutableMapping
        tokens: list[Token],
    ) -> list[Token]:
        """Add the tokens of *src*; text that nothing can stop is one."""
        if src and not self.terminator_re.search(src):
            tokens.append(Token("text", "", 0, content=src))
            return tokens
        state = _CjkStateInline(src, md, env, tokens)
        self.tokenize(state)
        rules = self.ruler2.getRules("")
        for rule in rules if state.has_delimiters else rules[-1:]:  # the last one joins texts
            rule(state)
        if state.has_delimiters:  # they were texts, and leave empty ones
            state.tokens[:] = [one for one in state.tokens if one.content or one.type != "text"]
        return state.tokens

    def tokenize(self, state: StateInline) -> None:
        """Take text as it is, and ask the rules where something else may begin."""
        too_deep = state.level >= state.md.options.maxNesting
        rules = [] if too_deep else self.ruler.getRules("")[1:]  # the first one is for text
        src, end, search = state.src, state.posMax, self.terminator_re.search
        while state.pos < end:
            found = search(src, state.pos, end)
            stop = found.start() if found else end
            if stop > state.pos:
                state.append_pending(src[state.pos : stop])
                state.pos = stop
            if stop == end:
                break
            for rule in rules:
                if rule(state, False):
                    break
            else:
                state.append_pending(src[stop])
                state.pos += 1
        if state.pending:
            state.pushPending()


_STRONG = re.compile(rf"\*\*(?!\*)([^{STOPS}]+)\*\*(?!\*)")


def strong(state: StateInline, silent: bool) -> bool:
    """Read ``**text**`` at once, where no mark before it could pair with its own."""
    src, start = state.src, state.pos
    found = None if silent or state.delimiters else _STRONG.match(src, start, state.posMax)
    if found is None:
        return False
    text, stop = found[1], found.end()
    opens, _ = _sides(src[start - 1] if start else " ", text[0], True)
    _, closes = _sides(text[-1], src[stop] if stop < state.posMax else " ", True)
    if not (opens and closes):
        return False
    state.push("strong_open", "strong", 1).markup = "**"
    state.push("text", "", 0).content = text
    state.push("strong_close", "strong", -1).markup = "**"
    state.pos = stop
    return True
