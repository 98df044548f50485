"""Numbers in front of headings: positions like ``13.``, ``Q7:``, ``1.2 ``, ``(一)``.

A number is a position only if a delimiter follows it and its siblings are numbered alike
(CONTRACT section 4): ``3D``, ``4bit``, ``2.5D``, ``12-Factor`` and ``3.5 Turbo`` stay.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from deckbuilder.wording import NUMBER, NUMBER_SIGN, NUMERALS, QUESTION_WORDS

_KEYCAPS = "\u20e3\U0001f51f"
"""What makes a key of the digit before it, and the key of ten."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in front of a heading."""

    kind: str
    """Headings are numbered alike if their kinds are equal."""
    parts: tuple[int, ...]
    """``4.3`` is (4, 3); a label without a number has none."""
    length: int
    """Characters of the heading that belong to it, the delimiter and space included."""
    certain: bool
    """Whether the delimiter alone says that it is a position."""

    @property
    def names(self) -> bool:
        """Whether it says what it counts: ``Question 3``, ``第3题``."""
        return self.kind in {"question", "item"}


_CH = f"[{NUMERALS}]{{1,4}}"
_PATTERNS: tuple[tuple[str, re.Pattern[str], bool], ...] = (
    (
        "question",
        re.compile(
            rf"[\[【(（]?(?:{QUESTION_WORDS}|Problem)\s*+{NUMBER_SIGN}?\s*+({NUMBER}?)"
            r"(?:\s*+[\])）】])?(?:\s*+(?:[:：、．—–|·]|\.(?!\d)|-(?=\s))|"
            rf"(?<=[\d{NUMERALS}])[)）\]】]|(?<=[\d{NUMERALS}\])）])(?=\s)|(?<=】))\s*",
            re.IGNORECASE,
        ),
        True,
    ),
    ("item", re.compile(rf"第\s*({NUMBER})\s*[题问]\s*[:：、.．\s]\s*"), True),
    ("bracket", re.compile(rf"[(（【\[]\s*({NUMBER})\s*[)）】\]]\s*[.、．:：]?\s*"), True),
    (
        "multi",
        re.compile(r"§?\s*(\d{1,3}(?:[.．]\d{1,3}){1,4})\s*(?:[.．]?\s+|[:：、]\s*|[.．]\s*(?=\D))"),
        False,
    ),
    ("dot", re.compile(r"(\d{1,4})\s*(?:[、)）]|[.．:：](?!\d))\s*"), True),
    ("dash", re.compile(r"(\d{1,4})\s*[-–—|]\s+"), False),
    ("chinese", re.compile(rf"({_CH})\s*[、．.:：]\s*"), True),
    ("keycap", re.compile("((?:\\d\ufe0f?\u20e3)+|\U0001f51f)\\s*(?:[.、．:：]\\s*)?"), True),
    ("hash", re.compile(r"#\s?(\d{1,4})\s*[:：.\-–—]?\s+"), True),
    ("bare", re.compile(r"(\d{1,3})\s+(?=\S)"), False),
)  # fmt: skip
_CODE = re.compile(
    r"([\[【(（]?[A-Z][A-Za-z]{0,5}(?<!v)[-_]?)(\d{1,3})(?:\s*([\]】)）:：、·|—–]|[.-](?=\s))|(?=\s))"
    r"[\s.:：·|]*"
)
"""``VLM-001 · ``, ``[LLM-03] ``, ``T1. ``; versions, like ``YOLOv8``, are none."""
_COUNTS = re.compile(r"0\d|\d+\s*[.\]】)）]")
"""How the number in one goes on that can be no part of a name, as that of ``CS229`` is."""


@lru_cache(maxsize=1 << 12)
def number_of(text: str) -> Number | None:
    """Return the number in front of *text*, if anything that looks like one is there."""
    for kind, pattern, certain in _PATTERNS:
        found = pattern.match(text)
        if found and found.end() < len(text):
            parts = _parts(found[1])
            if kind == "multi":
                kind = f"multi{len(parts)}"
            return Number(kind, parts, found.end(), certain)
    return None


def certain_number(text: str) -> Number | None:
    """Return the number in front of *text* whose delimiter alone says that it is a position."""
    number = number_of(text)
    return number if number and number.certain else None


def without_number(text: str) -> str:
    """Return *text* without what looks like a number in front of it."""
    number = number_of(text)
    return text[number.length :] if number else text


def count_in(text: str) -> int:
    """Return the last number in *text*, 0 if there is none: ``Exercise 2.4`` is the fourth."""
    numbers = re.findall(NUMBER, text)
    return _parts(numbers[-1])[0] if numbers else 0


def _parts(text: str) -> tuple[int, ...]:
    if not text:
        return ()
    if text[0] in NUMERALS:
        return (_chinese(text),)
    if text[-1] in _KEYCAPS:
        return (int(re.sub(r"\D", "", text) or 10),)
    return tuple(int(part) for part in re.split(r"[.．]", text))


def _chinese(text: str) -> int:
    total = current = 0
    for character in text:
        if character in "十百":
            total += (current or 1) * (10 if character == "十" else 100)
            current = 0
        else:
            current = NUMERALS.index(character)
    return total + current


def follows(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """Return whether *after* comes next to *before* in some numbering, or is equal to it.

    4.3 -> 4.4, 5.1.
    """
    if len(before) != len(after):
        return False
    for position, (one, other) in enumerate(zip(before, after, strict=True), 1):
        if one != other:
            return other == one + 1 and after[position : position + 1] <= (1,)
    return True


def counts_on(one: Number | None, other: Number | None) -> bool:
    """Return whether two positions are written alike, and the second is the next."""
    if one is None or other is None or not one.certain or one.parts == other.parts:
        return False
    return one.kind == other.kind and follows(one.parts, other.parts)


def position_lengths(texts: Sequence[str]) -> list[int]:
    """Return how many characters of each text are a position, given its siblings."""
    both = enumerate(zip(texts, _codes(texts), strict=True))
    numbers = {i: number for i, (text, code) in both if (number := number_of(text) or code)}
    alike: dict[str, list[int]] = defaultdict(list)
    for index, number in numbers.items():
        alike[number.kind].append(index)
    lengths = [0] * len(texts)
    for row in alike.values():
        linked = {
            index
            for pair in pairwise(row)
            if _goes_on(*(numbers[i] for i in pair))
            for index in pair
        }
        for index in row:
            number = numbers[index]
            clear = number.certain and (number.names or len(row) * 2 >= len(texts))
            if clear or index in linked:
                lengths[index] = number.length
    return lengths


def _goes_on(before: Number, after: Number) -> bool:
    """Return whether one number comes next to another; where it may be an amount, not the same."""
    return follows(before.parts, after.parts) and (before.certain or before.parts != after.parts)


def _codes(texts: Sequence[str]) -> Iterator[Number | None]:
    """Yield the code in front of each text, where one of its kind is no name: ``GPT-2：``."""
    found = [_CODE.match(text) for text in texts]
    kinds = [f"{code[1]} {code[3]}" if code else "" for code in found]
    pairs = zip(found, kinds, strict=True)
    clear = {kind for code, kind in pairs if code and _COUNTS.match(code[0], code.start(2))}
    for text, code, kind in zip(texts, found, kinds, strict=True):
        is_code = code and kind in clear and code.end() < len(text)
        yield Number(kind, (int(code[2]),), code.end(), False) if code and is_code else None
