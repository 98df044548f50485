"""How alike two questions or two answers are. Pure functions of text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from deckbuilder.identity.fingerprint import (
    IDEOGRAPHS,
    LETTER,
    SKETCH_SIZE,
    is_generic,
    normalise_question,
)

# Questions --------------------------------------------------------------------------------------

_WORD = re.compile(
    rf"(?P<cjk>[{IDEOGRAPHS}]+)"
    rf"|(?P<word>{LETTER}+(?:[+#]+|(?:[.'_-]{LETTER}+)+)?)"
    r"|(?P<symbol>[^\w\s,;()\[\]{}`\"'\u2010-\u201f\u2026]+)"
)
_PLAIN_SYMBOLS = frozenset({":", ".", "?", "-", "/", "·"})
_PUNCTUATION = re.compile(r"[\u3000-\u301f]+")
_WAY = re.compile(
    rf"(?P<one>[{IDEOGRAPHS}]{{1,2}}|{LETTER}+)\s*"
    r"(?P<how>→|->|=>|转换为|转换成|转为|变成|生成|到|至|转|生|\bto\b|\binto\b|\bfrom\b)"
    rf"\s*(?:(?:an?|the)\s)?\s*(?P<two>[{IDEOGRAPHS}]{{1,2}}|{LETTER}+)"
)
_SEPARATORS = re.compile(r"[\s,;.?!:()\[\]{}`\"'\u3000-\u301f\u2010-\u201f\u2026]+")
_NEGATIONS = frozenset([*"无非不没未半双多单子逆反", "no", "not", "non", "nor", "without"])
_SHORT_WORDS = frozenset({"no", "not", "non", "nor", "or", "off", "out", "down", "over"})
_TELLING_CHARACTERS = frozenset(
    "无非不没未有否半双多单少前中后上下左右反正逆顺主次大小高低长短新旧内外入出进退开关加减乘除"
    "一二三四五六七八九十百千万零全部异同先再可必子父母根元超亚准伪类副总净最均第强弱软硬动静公私"
    "冷热虚实快慢早晚男女阴阳奇偶老幼轻重深浅宽窄横纵东西南北"
)
_JOINT = re.compile(r"[-_.\s]")
_NEAR = 70
"""Hundredths of two texts that have to be the same."""

CHARACTER = 1.0
WORD = 2.0
MEANING = 1.5
"""Weights of what a question is made of: a Chinese character, a word or name, a function word."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a question asks, apart from the words it does so with."""

    text: str
    """The normalised question."""
    units: Counter[str]
    """Characters, stems and meanings, and how often each stands there."""
    names: tuple[str, ...]
    """Terms that never stand for one another: abbreviations, numbers, symbols, and in a
    Chinese question every Latin word."""
    ways: tuple[tuple[frozenset[str], frozenset[str]], ...]
    """What stands in front of a word of direction (A to B), and behind it."""
    weight: float
    plain: str
    """The question in lower case without white space and punctuation."""


@dataclass(frozen=True, slots=True)
class QuestionLikeness:
    """How alike two questions are."""

    likeness: float
    """0 to 1: the share of the units that both have."""
    same: bool
    """Nothing is left of either but function words: the same question in another form."""
    swapped: bool
    """Each has something in the place of something else: ``前序``/``后序``."""
    other_name: bool
    """Surely another question: a name for a name, ``AE``/``AR``, ``C``/``C++``; one thing for
    another in the same sentence; or the direction turned round."""


@cache
def _phrases() -> tuple[re.Pattern[str], re.Pattern[str], Mapping[str, str]]:
    text = resources.files("deckbuilder.identity").joinpath("question_words.txt").read_text("utf-8")
    meaning: dict[str, str] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, *phrases = line.split()
            for phrase in phrases:
                meaning.setdefault(phrase.replace("_", " "), word)
    longest_first = sorted(meaning, key=lambda phrase: (-len(phrase), phrase))
    chinese = "|".join(phrase for phrase in longest_first if not phrase.isascii())
    english = "|".join(re.escape(phrase) for phrase in longest_first if phrase.isascii())
    bounded = rf"(?<!{LETTER})(?:{english})(?![+#]|{LETTER})"
    return re.compile(chinese), re.compile(bounded), meaning


@lru_cache(maxsize=1 << 16)
def shape(question: str) -> Shape:
    """Return what *question* asks."""
    normalised = normalise_question(question)
    text = _PUNCTUATION.sub(" ", normalised)
    chinese, english, meaning = _phrases()
    units: Counter[str] = Counter()

    def take(found: re.Match[str]) -> str:
        word = meaning[found[0].casefold()]
        if word != "-":
            units[f"={word}"] = 1
        return " "

    rest = english.sub(take, chinese.sub(take, text.casefold()))
    in_chinese = re.search(f"[{IDEOGRAPHS}]", text) is not None
    loud = set() if in_chinese else _loud(text)
    names = []
    for found in _WORD.finditer(rest):
        word = found[0]
        if found.lastgroup == "cjk":
            units.update(word)
        elif word in _PLAIN_SYMBOLS:
            continue
        elif found.lastgroup == "symbol" or in_chinese or word in loud or not word.isalpha():
            names.append(word)
            units[word] += 1
        else:
            units[_stem(word)] += 1
    return Shape(
        text=normalised,
        units=units,
        names=tuple(names),
        ways=_ways(text.casefold()),
        weight=_weigh(units),
        plain=_SEPARATORS.sub("", text.casefold()),
    )


def _ways(text: str) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Return what is turned into what; ``B from A`` is ``A to B``."""
    ways = []
    for found in _WAY.finditer(text):
        one, two = (
            frozenset([word] if word.isascii() else word) for word in (found["one"], found["two"])
        )
        ways.append((two, one) if found["how"] == "from" else (one, two))
    return tuple(ways)


def features(question: str) -> frozenset[str]:
    """Return the words and pairs of Chinese characters that a like question shares with it."""
    text = normalise_question(question).casefold()
    found: set[str] = set()
    for match in _WORD.finditer(text):
        word = match[0]
        if match.lastgroup == "cjk":
            found.update(word[at : at + 2] for at in range(max(1, len(word) - 1)))
        else:
            found.add(_stem(word))
    return frozenset(found)


def near(text: str, others: Sequence[str]) -> str:
    """Return the one of *others* that is *text* but for a slip or a word, or nothing."""
    found = process.extractOne(text, others, scorer=fuzz.ratio, score_cutoff=_NEAR)
    return found[0] if found else ""


def _loud(text: str) -> set[str]:
    """Return the words of an English question that look like names, in lower case."""
    words = [found[0] for found in _WORD.finditer(text) if found.lastgroup == "word"]
    return {
        word.casefold()
        for word in words
        if sum(map(str.isupper, word)) > 1
        or (len(word) == 1 and word.isupper() and word not in "AI")
    }


def _stem(word: str) -> str:
    for ending, least, instead in (("ies", 5, "y"), ("ing", 6, ""), ("ed", 5, ""), ("s", 4, "")):
        if word.endswith(ending) and len(word) >= least and not word.endswith("ss"):
            word = word.removesuffix(ending) + instead
            break
    return word.removesuffix("e") if len(word) > 4 else word


@lru_cache(maxsize=1 << 16)
def _weight(unit: str) -> float:
    if unit.startswith("=") and len(unit) > 1 and unit[1].isalpha():
        return MEANING
    return CHARACTER if re.match(f"[{IDEOGRAPHS}]", unit) else WORD


def _weigh(units: Mapping[str, int]) -> float:
    return sum(_weight(unit) * count for unit, count in units.items())


def compare_questions(one: Shape, two: Shape, *, typos: bool = False) -> QuestionLikeness:
    """Return how alike two questions are; *typos* forgives one slip of the hand."""
    if one.plain == two.plain or (typos and _is_chinese_slip(one.plain, two.plain)):
        return QuestionLikeness(1.0, same=_is_form(one, two), swapped=False, other_name=False)
    left, right = _without(one.units, two.units), _without(two.units, one.units)
    _forgive_joints(left, right)
    if typos:
        _forgive_typos(left, right, {*one.names, *two.names})
    total = one.weight + two.weight
    apart = _weigh(left) + _weigh(right)
    renamed = (left.keys() & set(one.names)) and (right.keys() & set(two.names))
    swapped = bool(left and right)
    other_name = (
        bool(renamed)
        or (swapped and _differ_in_one_place(one.plain, two.plain))
        or _opposite(left, right)
        or _turned_round(one, two)
    )
    return QuestionLikeness(
        likeness=1 - apart / total if total else 0.0,
        same=not left and not right and not other_name and _is_form(one, two),
        swapped=swapped,
        other_name=other_name,
    )


def _is_form(one: Shape, two: Shape) -> bool:
    """Return whether two questions of the same units are two forms of a question that tells.

    Not ``advantages`` and ``benefits``, and not the very same text: whether that is the same
    note was decided before.
    """
    telling = _weigh({unit: n for unit, n in one.units.items() if unit[0] != "="})
    generic = is_generic(one.text) or is_generic(two.text)
    return one.text != two.text and telling >= WORD and not generic


def _without(units: Counter[str], others: Counter[str]) -> Counter[str]:
    left: Counter[str] = Counter()
    for unit, count in units.items():
        more = count - others[unit] if unit in others else count
        if more > 0:
            left[unit] = more
    return left


def _forgive_joints(left: Counter[str], right: Counter[str]) -> None:
    """Take ``gpt 2`` and ``gpt-2`` for the same."""
    words = [[unit for unit in side if unit[0].isalnum()] for side in (left, right)]
    joined = ["".join(sorted(_JOINT.sub("", "".join(side)))) for side in words]
    if joined[0] and joined[0] == joined[1] and joined[0].isascii():
        for side, units in zip((left, right), words, strict=True):
            for unit in units:
                del side[unit]


def _forgive_typos(left: Counter[str], right: Counter[str], names: Collection[str]) -> None:
    for unit in list(left):
        slip = next((other for other in right if _is_slip(unit, other)), None)
        if slip is not None:
            del left[unit], right[slip]
    for side in (left, right):
        for unit in list(side):
            if unit not in names and _is_slipped_function_word(unit):
                del side[unit]


def _is_slipped_function_word(unit: str) -> bool:
    """Return whether it is ``te`` or ``waht``: a word that says nothing, badly typed."""
    if not (unit.isascii() and unit.isalpha()) or unit in _SHORT_WORDS:
        return False
    _, _, meaning = _phrases()
    return any(
        word == "-" and phrase.isalpha() and OSA.distance(unit, phrase, score_cutoff=1) <= 1
        for phrase, word in meaning.items()
        if len(phrase) >= 3
    )


def _is_chinese_slip(one: str, two: str) -> bool:
    """Return whether one Chinese character is missing, or two neighbours changed places.

    Not where it makes another question (`_TELLING_CHARACTERS`), and not at the very front.
    """
    if len(one) > len(two):
        one, two = two, one
    at = next((at for at in range(len(one)) if one[at] != two[at]), len(one))
    if at == 0 or len(two) - len(one) > 1:
        return False
    if len(two) == len(one):
        pair = one[at : at + 2]
        swapped = one[:at] + pair[::-1] + one[at + 2 :] == two
        return swapped and re.fullmatch(f"[{IDEOGRAPHS}]{{2}}", pair) is not None
    missing = two[at]
    return (
        one[at:] == two[at + 1 :]
        and missing not in _TELLING_CHARACTERS
        and re.match(f"[{IDEOGRAPHS}]", missing) is not None
    )


def _is_slip(one: str, two: str) -> bool:
    """Return whether the words differ by one letter inside; never in their first or last.

    (a)synchronous, (pre)order and (im)mutable differ at the front; int8 and int4 in a digit.
    """
    return (
        min(len(one), len(two)) >= 6
        and one.isascii()
        and one.isalpha()
        and two.isalpha()
        and (one[0], one[-1]) == (two[0], two[-1])
        and OSA.distance(one, two, score_cutoff=1) == 1
    )


def _opposite(left: Counter[str], right: Counter[str]) -> bool:
    if any(left[word] != right[word] for word in _NEGATIONS):
        return True
    return not _TELLING_CHARACTERS.isdisjoint(left) and not _TELLING_CHARACTERS.isdisjoint(right)


def _differ_in_one_place(one: str, two: str) -> bool:
    shorter = min(len(one), len(two))
    front = next((at for at in range(shorter) if one[at] != two[at]), shorter)
    back = 0
    while back < shorter - front and one[-1 - back] == two[-1 - back]:
        back += 1
    return max(len(one), len(two)) - front - back <= shorter // 2


def _turned_round(one: Shape, two: Shape) -> bool:
    return any(
        here & other_there and there & other_here and not (here & other_here or there & other_there)
        for here, there in one.ways
        for other_here, other_there in two.ways
    )


# Answers ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerLikeness:
    """How alike two answers are, told from their sketches."""

    likeness: float
    """0 to 1: the mean of what they share of both together and of the shorter one."""
    size: float
    """About how many pairs of words the shorter one has."""


def compare_answers(one: Sequence[int], two: Sequence[int]) -> AnswerLikeness:
    """Return how alike two answers are, from their `sketch_values`."""
    full = [side[-1] for side in (one, two) if len(side) == SKETCH_SIZE]
    limit = min(full, default=0xFFFFFFFF)
    here, there = ({value for value in side if value <= limit} for side in (one, two))
    if not here or not there:
        return AnswerLikeness(0.0, 0.0)
    both, smaller = len(here & there), min(len(here), len(there))
    likeness = (both / len(here | there) + both / smaller) / 2
    return AnswerLikeness(likeness, smaller * 0xFFFFFFFF / limit)
