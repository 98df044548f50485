"""The language of a field, which decides fonts, and the direction in which it is read."""

from __future__ import annotations

from deckbuilder.characters import regex
from deckbuilder.markup import attribute
from deckbuilder.rendering.cloze import PROTECTED

_HAN = regex(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = regex(r"[\u3041-\u30fa]")
_HANGUL = regex(r"[\uac00-\ud7af]")
_NOT_CHINESE = regex(r"[\u3041-\u30fa\uac00-\ud7af]")


def language_of(text: str) -> str:
    """Return the language that decides fonts, or nothing for Latin and other scripts."""
    sample = text[:4000]
    if sample.isascii():
        return ""
    if _NOT_CHINESE.search(sample):
        kana, hangul, han = (len(one.findall(sample)) for one in (_KANA, _HANGUL, _HAN))
        if kana * 10 > han:
            return "ja"
        if hangul > han:
            return "ko"
    return "zh" if _HAN.search(sample) else ""


def in_language(html: str, language: str) -> str:
    """Return *html* in an element that names its language, and its direction if it is not ours."""
    lang = f' lang="{attribute(language)}"' if language else ""
    direction = ' dir="rtl"' if _reads_leftwards(html) else ""
    return f"<div{lang}{direction}>{html}</div>" if html and (lang or direction) else html


_LEFTWARDS = regex(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_RIGHTWARDS = regex(r"[A-Za-z\u00c0-\u058f\u0900-\u1fff\u2e80-\ud7af]")
_NO_TEXT = regex(rf"{PROTECTED.pattern}|<[^>]*>|&\w+;", PROTECTED.flags)


def _reads_leftwards(html: str) -> bool:
    """Return whether most letters of *html*, code and formulas aside, are Hebrew, Arabic or alike.

    Clients do not ask: a card is set from left to right, and full stops would begin its lines.
    """
    if html.isascii() or not _LEFTWARDS.search(html):
        return False
    text = _NO_TEXT.sub("", html)
    return len(_LEFTWARDS.findall(text)) > len(_RIGHTWARDS.findall(text))
