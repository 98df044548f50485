"""What could be better about all notes together: remarks for the author, never a change.

`deckbuilder.proofread` looks at each section for itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import chain
from operator import or_
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from deckbuilder.characters import CJK, regex
from deckbuilder.identity.fingerprint import is_generic
from deckbuilder.model import Draft
from deckbuilder.problems import Location, Problem, Severity, note, shortened

MOST = 5
"""Notes of one code in a run; the last one says how many more there are."""


def check_links(
    links: Iterable[tuple[Location, Path, str]], exists: Callable[[Path, str], bool]
) -> list[Problem]:
    """Return what leads nowhere of *links*: where each stands, the note's folder, the target."""
    return [
        note("link-missing", where, f"this link leads to {shortened(target)!r}, which is not there")
        for where, folder, target in links
        if not exists(folder, target)
    ]


# All cards -----------------------------------------------------------------------------------


class Asked(NamedTuple):
    """What a note asks, and below which headings."""

    question: str
    """In plain text."""
    context: str


Twins = Callable[[Sequence[Asked]], Iterable[tuple[int, int]]]


def check_cards(
    drafts: Sequence[Draft], unused: Sequence[str] = (), twins_of: Twins | None = None
) -> list[Problem]:
    """Return what can be said of the notes together.

    *unused* are media that no card shows, *twins_of* what to ask instead of `similar_questions`.
    """
    problems: list[Problem] = []
    for draft in drafts:
        where = draft.places[0].where
        if not draft.fields.context and is_generic(draft.fingerprint.question):
            message = f"{draft.question!r} does not say what it is about: put a heading above it"
            problems.append(note("question-vague", where, message))
        if not draft.tags:
            message = "no tag: neither file name nor headings give one"
            problems.append(note("untagged", where, message))
    asked = [Asked(draft.question, draft.fields.context) for draft in drafts]
    for index, twin in (twins_of or similar_questions)(asked):
        there, here = drafts[twin], drafts[index]
        message = f"asks nearly the same as {there.question!r} at {there.places[0].where}"
        problems.append(note("question-similar", here.places[0].where, message))
    problems += [
        note("image-unused", Location(path), "no card shows this file; it is not packed")
        for path in unused
    ]
    return problems


# Questions that are nearly the same ------------------------------------------------------------

_ASKING = regex(
    r"\b(?:what|which|how|why|when|where|who|is|are|was|do|does|did|can|could|you|explain|describe|"
    r"define|tell|me|about|please|the|a|an|of|in|to|it|its|s|and|between)\b|什么|如何|怎么样?|为什么|"
    r"请问?|简述|介绍|解释|描述|说明|一下|谈谈|说说|讲讲|是|的|了|吗|呢|和|与|之间|一种|有"
)
_WORD = regex(rf"[{CJK}]+|[^\W{CJK}]+")
_CROWD = 30
"""Questions that share a rare word; where more do, it is not rare."""
_RAREST = 3
_POSSESSIVE = regex(r"(?<=[a-z])['’](?=s\b)")
_SYMBOLS = regex(r"[+#=<>!&|^%$@]+")


def similar_questions(asked: Sequence[Asked]) -> tuple[tuple[int, int], ...]:
    """Return the place of each question that asks the same as one above, with that one's place.

    They are found by the rare words that they share; a bit for each word tells of most of them
    that too many others are missing.
    """
    shared: dict[str, str] = {}
    bags = [tuple([shared.setdefault(w, w) for w in _words(one.question)]) for one in asked]
    bits = {word: 1 << (crc32(word.encode("utf-8", "surrogatepass")) & 127) for word in shared}
    signs = [reduce(or_, map(bits.__getitem__, bag), 0) for bag in bags]
    often = Counter(chain.from_iterable(bags))
    rank = {word: at for at, word in enumerate(sorted(often, key=lambda word: (often[word], word)))}
    alone = sum(count == 1 for count in often.values())  # so many come first, and share nothing
    by_word: dict[int, list[int]] = defaultdict(list)
    twins = []
    for index, bag in enumerate(bags):
        if len(bag) < 2:
            continue
        keys = sorted(map(rank.__getitem__, bag))[:_RAREST]
        crowds = [by_word[key] for key in keys if key >= alone]
        near = set().union(*crowds)
        sign, most = signs[index], len(bag) // 5
        close = [other for other in near if (sign & ~signs[other]).bit_count() <= most]
        alike = (other for other in sorted(close) if _alike(bags[other], bag))
        twin = next((other for other in alike if _twins(asked, bags, other, index)), None)
        for crowd in crowds:
            if len(crowd) < _CROWD:
                crowd.append(index)
        if twin is not None:
            twins.append((index, twin))
    return tuple(twins)


def _words(question: str) -> set[str]:
    """Return what a question is about: its words, pairs of Chinese characters, and symbols."""
    text = unicodedata.normalize("NFKC", question).casefold()
    text = _POSSESSIVE.sub(" ", text)
    words: set[str] = set(_SYMBOLS.findall(text))
    for word in _WORD.findall(_ASKING.sub(" ", text)):
        if word[0] > "\u2e80" and len(word) > 1:
            words.update(word[i : i + 2] for i in range(len(word) - 1))
        else:
            words.add(word)
    return words


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether four fifths of the words of both are the words of each."""
    sizes = len(one) + len(other)
    if 9 * min(len(one), len(other)) < 4 * sizes:
        return False
    return 9 * len({*one} & {*other}) >= 4 * sizes


def _twins(asked: Sequence[Asked], bags: Sequence[Sequence[str]], one: int, other: int) -> bool:
    """Return whether two questions with like words ask the same."""
    if any(not word.isalpha() for word in {*bags[one]} ^ {*bags[other]}):
        return False  # C and C++, L1 and L2
    same = _bare(asked[one].question) == _bare(asked[other].question)
    return not same or asked[one].context == asked[other].context


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


# Together --------------------------------------------------------------------------------------


def few_of_each(problems: Iterable[Problem]) -> list[Problem]:
    """Return *problems* with at most `MOST` notes of each code, the last counting the rest."""
    kept: list[Problem] = []
    counts: Counter[str] = Counter()
    last: dict[str, int] = {}
    for problem in problems:
        few = problem.severity is Severity.NOTE and problem.code in STYLE_CODES
        counts[problem.code] += few
        if not few or counts[problem.code] <= MOST:
            kept.append(problem)
            last[problem.code] = len(kept) - 1
    for code, count in counts.items():
        if count > MOST:
            final = kept[last[code]]
            message = f"{final.message}; and {count - MOST} more like this"
            kept[last[code]] = note(code, final.where, message)
    return kept


STYLE_CODES = frozenset(
    {"answer-short", "answer-long", "image-alt", "image-unused", "link-missing", "no-questions",
     "question-similar", "question-vague", "rule-below-text", "untagged"}
)  # fmt: skip
"""Codes of which a few are enough in one run."""
