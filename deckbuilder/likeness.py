"""How alike two questions or two answers are. Pure functions of text.

Layer 1: `identify` and `adopt` stand on it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
import zlib
from collections.abc import Iterable
from heapq import nsmallest
from struct import pack, unpack

__all__ = [
    "digest",
    "framed",
    "normalise_answer",
    "normalise_question",
    "sketch",
    "sketch_values",
]

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_CJK = "\u2e80-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SPACE_AT_CJK = re.compile(rf"(?<=[{_CJK}])\s+|\s+(?=[{_CJK}])")
_SPACE = re.compile(r"\s+")
_CLOSING = re.compile(r"[\s?!。:]+$")

SKETCH_SIZE = 64
"""Smallest hashes that a sketch keeps. The likeness told from 64 has a standard error of 0.06."""


def normalise_question(text: str) -> str:
    """Return what makes a question the same question (CONTRACT section 5). Never changes.

    NFKC (so full width becomes half width), white space folded and dropped beside Chinese and
    Japanese characters, closing ``? ! 。 :`` dropped. Symbols inside, case and digits stay.
    Nothing is done about numbers in front: `Draft.question` comes without its position, and
    ``3D``, ``4bit`` or ``12-Factor`` are not positions.
    """
    while True:
        once = _normalise_once(text)
        if once == text:
            return once
        text = once


def _normalise_once(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
    text = _SPACE.sub(" ", _SPACE_AT_CJK.sub("", text)).strip()
    return _CLOSING.sub("", text) or text


def normalise_answer(text: str) -> str:
    """Return the answer's plain text in NFKC with all white space folded."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def framed(parts: Iterable[str]) -> bytes:
    """Return *parts* as bytes in which no two lists of parts look alike."""
    encoded = (part.encode("utf-8", "surrogatepass") for part in parts)
    return b"".join(b"%d:%s" % (len(part), part) for part in encoded)


def digest(*parts: str) -> str:
    """Return 24 hexadecimal digits (96 bits) of the SHA-256 over the framed *parts*."""
    return hashlib.sha256(framed(parts)).hexdigest()[:24]


_TOKEN = re.compile(rf"[{_CJK}]|[^\W_]+|[^\w\s]")


def _shingles(text: str) -> set[str]:
    tokens = _TOKEN.findall(normalise_answer(text).casefold())
    return {f"{one} {two}" for one, two in zip(tokens, [*tokens[1:], ""], strict=True)}


def sketch(text: str) -> str:
    """Return a compact picture of *text*: the smallest hashes of its pairs of words."""
    hashes = {zlib.crc32(pair.encode()) * 2654435761 & 0xFFFFFFFF for pair in _shingles(text)}
    smallest = nsmallest(SKETCH_SIZE, hashes)
    return base64.b85encode(pack(f">{len(smallest)}I", *smallest)).decode()


def sketch_values(compact: str) -> tuple[int, ...]:
    """Return the hashes in a sketch, smallest first; nothing for a damaged one."""
    try:
        raw = base64.b85decode(compact)
    except ValueError:
        return ()
    return unpack(f">{len(raw) // 4}I", raw[: len(raw) // 4 * 4])
