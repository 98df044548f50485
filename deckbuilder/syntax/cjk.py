"""Emphasis next to full-width punctuation, and lines wrapped between Chinese characters.

CommonMark's flanking rules count ``：`` and ``）`` as punctuation, so ``**特点：**强`` stays
raw. Here a CJK character or full-width mark on either side never blocks emphasis.
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

# Ideographs and their extensions, kana, bopomofo, CJK and full-width punctuation. Hangul is
# left out: Korean separates words with spaces.
CJK = (
    r"\u2e80-\u2fdf\u3000-\u30ff\u3100-\u312f\u31a0-\u31ff\u3200-\u33ff\u3400-\u4dbf"
    r"\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6\U00020000-\U0003ffff"
)
_CJK = re.compile(f"[{CJK}]")
_QUOTES = "“”‘’…—·"  # full-width in Chinese text, though not in Unicode's East Asian blocks


@lru_cache(maxsize=8192)
def is_cjk(character: str) -> bool:
    """Return whether *character* is written without spaces around it."""
    return bool(_CJK.match(character)) or (character != "" and character in _QUOTES)


@lru_cache(maxsize=8192)
def _is_western_punctuation(character: str) -> bool:
    return not is_cjk(character) and (isMdAsciiPunct(ord(character)) or isPunctChar(character))


class _CjkStateInline(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 (upstream)
        marker = self.src[start]
        stop = start
        while stop < self.posMax and self.src[stop] == marker:
            stop += 1
        before = self.src[start - 1] if start else " "
        after = self.src[stop] if stop < self.posMax else " "
        if before < "\u2000" and after < "\u2000":
            return super().scanDelims(start, canSplitWord)
        space_before, space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
        mark_before, mark_after = map(_is_western_punctuation, (before, after))
        cjk_before, cjk_after = is_cjk(before), is_cjk(after)
        left = not space_after and (not mark_after or space_before or mark_before or cjk_before)
        right = not space_before and (not mark_before or space_after or mark_after or cjk_after)
        can_open = left and (canSplitWord or not right or mark_before or cjk_before)
        can_close = right and (canSplitWord or not left or mark_after or cjk_after)
        return Scanned(can_open, can_close, stop - start)


class _CjkParserInline(ParserInline):
    def parse(
        self,
        src: str,
        md: MarkdownIt,
        env: dict[str, object],  # type: ignore[override]  # upstream: MutableMapping
        tokens: list[Token],
    ) -> list[Token]:
        if src.isascii():
            return super().parse(src, md, env, tokens)
        state = _CjkStateInline(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def cjk_plugin(md: MarkdownIt) -> None:
    """Replace the inline parser; to be used before plugins that add inline rules."""
    md.inline = _CjkParserInline()
