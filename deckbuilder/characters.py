"""Which characters are Chinese or Japanese, written without spaces, which Korean, which emoji.

And `regex`, for expressions that are long to make, as those with so many characters are.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import cast


class _Later:
    """A regular expression that is made when it is first asked for something."""

    def __init__(self, expression: str, flags: int) -> None:
        self.pattern, self._flags = expression, flags

    def __getattr__(self, name: str) -> object:
        made = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, made)  # from now on nobody comes here for it
        return made


def regex(expression: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression, which is made when it is first asked.

    That takes up to some milliseconds, and few notes have a use for all of ours.
    """
    return cast("re.Pattern[str]", _Later(expression, flags))


# Ideographs and their extensions, kana, bopomofo, CJK and full-width punctuation. Hangul is
# left out: Korean separates words with spaces.
CJK = (
    r"\u2e80-\u2fdf\u3000-\u30ff\u3100-\u312f\u31a0-\u31ff\u3200-\u33ff\u3400-\u4dbf"
    r"\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6\U00020000-\U0003ffff"
)
EMOJI = "\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
"""Emoji and stars, for a class of a pattern."""
EMOJI_JOINTS = "\ufe0f\u200d\u20e3"
"""What colours an emoji, joins two, or makes a key of a digit."""
_CJK = regex(f"[{CJK}]")
_HANGUL = regex(r"[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]")
_QUOTES = "“”‘’…—·"  # full-width in Chinese text, though not in Unicode's East Asian blocks


def composed(name: str) -> str:
    """Return *name* in one spelling, whatever the disk makes of its accents."""
    return unicodedata.normalize("NFC", name)


@lru_cache(maxsize=8192)
def is_cjk(character: str) -> bool:
    """Return whether *character* is written without spaces around it."""
    return bool(_CJK.match(character)) or (character != "" and character in _QUOTES)


def is_hangul(character: str) -> bool:
    """Return whether *character* is Korean: particles follow a word without a space."""
    return bool(_HANGUL.match(character))
