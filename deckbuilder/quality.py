"""What could be better about the cards: remarks for the author, never a change.

`check_section` looks at one section while its tokens are there, `check_cards` at all notes
together. A warning means that a card shows something other than what was written; what is
only worth a thought is a note, so that ``--strict`` stays usable. docs/problems.md explains
every code.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote
from zlib import crc32

from deckbuilder.likeness import is_generic
from deckbuilder.markdown import CJK, plain_text
from deckbuilder.model import Draft, NoteKind, Rendered, Section, Token
from deckbuilder.problems import Location, Problem, Severity, note, warning

__all__ = [
    "Asked",
    "check_cards",
    "check_links",
    "check_section",
    "few_of_each",
    "links_of",
    "similar_questions",
]

LONG_ANSWER = 6000
"""Latin letters, a Chinese character counting as two: about four pages of a phone."""
MOST = 5
"""Notes of one code in a run; the last one says how many more there are."""

# One section ---------------------------------------------------------------------------------


def check_section(section: Section, rendered: Rendered) -> Iterator[Problem]:
    """Yield what can be said of a cleaned section: formulas, tables, leftovers, length."""
    path, line = section.where.path, section.where.line
    for token in (Token("inline", "", 0, children=list(section.question)), *section.answer):
        if token.map:
            line = token.map[0] + 1
        for part in token.children or (token,):
            if part.type in _CHECKS:
                say, code, check = _CHECKS[part.type]
                if message := check(part, token.content):
                    yield say(code, Location(path, line), message)
    yield from _check_tables(section)
    yield from _check_length(section, rendered)
    if _says_little(rendered):
        message = f"the answer is only {_short(rendered.answer_text)!r}"
        yield note("answer-short", section.where, message)


_SUSPECT = re.compile(r"[*$\[<(]")
_LEFT = re.compile(
    r"(?<![*\\])\*\*(?=[^\s*])(?!\d)[^*]*|!\[[^\[\]]*\]\(|\]\((?:https?:|\.{0,2}/|#)[^)\s]*|"
    r"\$\$.{0,20}|(?<![!\w)\]])\[\[[^\[\]]+\]?|</?(?:h[1-6]|p|div|span|br|img|a|table|t[dr]|details|"
    r"summary|center|font|script|style)(?=[\s>/]|$)[^>]{0,20}",
    re.IGNORECASE,
)


def _left_over(text: Token, written: str) -> str:
    """Return what to say of markup that a reader would see; what was escaped is meant to be."""
    if not _SUSPECT.search(text.content):
        return ""
    found = _LEFT.search(text.content)
    if found is None or (written and not re.search(rf"(?<!\\){re.escape(found[0][:6])}", written)):
        return ""
    return f"the card shows {_short(found[0])!r}: Markdown or HTML that is not closed"


def _nameless(image: Token, written: str) -> str:
    if image.content or image.attrs.get("alt"):
        return ""
    return "this picture has no text: write one between [ and ] to search and hear it by"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 24 else f"{text[:23]}…"


def _unbalanced(token: Token, written: str) -> str:
    """Return what does not match in a formula, or nothing."""
    formula = token.content
    bare = re.sub(r"\\\\|\\[{}]|(?<!\\)%.*", "", formula) if "\\" in formula else formula
    opened, closed = bare.count("{"), bare.count("}")
    if opened != closed:
        return f"this formula has {opened} {{ and {closed} }}; it shows as an error"
    if "\\" not in bare:
        return ""
    left, right = (len(re.findall(rf"\\{word}(?![a-zA-Z])", bare)) for word in ("left", "right"))
    if left != right:
        return f"this formula has {left} \\left and {right} \\right; it shows as an error"
    begun, ended = (re.findall(rf"\\{word}\{{([^}}]*)", bare) for word in ("begin", "end"))
    if Counter(begun) != Counter(ended):
        odd = sorted((Counter(begun) - Counter(ended)) + (Counter(ended) - Counter(begun)))
        return f"environment {odd[0]!r} of this formula begins or ends only; it shows as an error"
    return ""


_Check = tuple[Callable[[str, Location, str], Problem], str, Callable[[Token, str], str]]

_CHECKS: Mapping[str, _Check] = {
    "text": (warning, "markup-left", _left_over),
    "image": (note, "image-alt", _nameless),
    **dict.fromkeys(
        ("math_inline", "math_inline_double", "math_block", "amsmath"),
        (warning, "math-unbalanced", _unbalanced),
    ),
}
"""Token type -> how and under which code to say what its check finds in it, as it was written."""


def _check_tables(section: Section) -> Iterator[Problem]:
    """Yield rows with more cells than the header: Markdown leaves these out."""
    if "|" not in section.source:
        return
    lines = section.source.split("\n")
    columns = 0
    for token in section.answer:
        if token.type == "table_open":
            columns = 0
        elif token.type == "th_open":
            columns += 1
        elif token.type == "tr_open" and token.map:
            at = token.map[0] + 1 - section.where.line
            if columns and 0 <= at < len(lines) and (cells := _cells(lines[at])) > columns:
                where = Location(section.where.path, token.map[0] + 1)
                message = f"this row has {cells} cells, the head {columns}; what is beyond is lost"
                yield warning("table-cells", where, f"{message}: write \\| for a bar in a cell")


def _cells(line: str) -> int:
    """Return how many cells of a table's row hold anything, up to the last that does."""
    row = re.sub(r"^[\s>]*", "", line.strip()).removeprefix("|")
    cells = re.split(r"(?<!\\)\|", row)
    while cells and not cells[-1].strip():
        cells.pop()
    return len(cells)


def _check_length(section: Section, rendered: Rendered) -> Iterator[Problem]:
    if len(rendered.answer_text) * 2 < LONG_ANSWER:
        return
    size = _size(rendered.answer_text)
    if size < LONG_ANSWER:
        return
    places = [f"line {line} ({_short(text)})" for line, text in _parts(section.answer)]
    hint = f"; it could be cut at {', '.join(places[:4])}" if len(places) > 1 else ""
    more = " and so on" if hint and len(places) > 4 else ""
    message = f"this answer has about {size // 6} words: much for one card{hint}{more}"
    yield note("answer-long", section.where, message)


def _size(text: str) -> int:
    return len(text) + sum("\u3400" <= char <= "\u9fff" for char in text)


def _parts(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """Yield line and text of the headings and bold lines of an answer."""
    depth = 0
    for index, token in enumerate(tokens):
        if depth == 0 and token.type in {"heading_open", "paragraph_open"}:
            inline = tokens[index + 1]
            children = [c for c in inline.children or [] if c.type != "text" or c.content.strip()]
            bold = bool(children) and children[0].type == "strong_open"
            if token.type == "heading_open" or (bold and len(children) <= 4):
                text = plain_text(inline.children or [])
                yield (inline.map or [0])[0] + 1, text
        depth += token.nesting


_ONE_WORD = re.compile(rf"[^\W{CJK}]+|[{CJK}]{{1,2}}")
_MORE_TO_SEE = re.compile(r"<(?:img|video|audio|pre|table|li|code)\b|\[sound:|\\[(\[]")


def _says_little(rendered: Rendered) -> bool:
    """Return whether an answer is one word, and nothing else to look at."""
    if not 0 < len(rendered.answer_text) <= 30 or rendered.kind is NoteKind.CLOZE:
        return False
    answer = re.sub(r"[\W_]+$", "", rendered.answer_text.strip())
    if not _ONE_WORD.fullmatch(answer):
        return False
    return not _MORE_TO_SEE.search(rendered.answer)


_LEADS_AWAY = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


def links_of(section: Section) -> Iterator[tuple[int, str]]:
    """Yield line and target of the links of an uncleaned section that lead to files."""
    for token in section.answer:
        for child in token.children or ():
            if child.type == "link_open":
                target = str(child.attrs.get("href", "")).partition("#")[0].partition("?")[0]
                if target and not _LEADS_AWAY.match(target):
                    yield (token.map or [0])[0] + 1, unquote(target)


def check_links(
    links: Iterable[tuple[Location, Path, str]], exists: Callable[[Path, str], bool]
) -> list[Problem]:
    """Return what leads nowhere of *links*: where each stands, the note's folder, the target."""
    return [
        note("link-missing", where, f"this link leads to {_short(target)!r}, which is not there")
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

    *unused* are media that no note shows, *twins_of* what to ask instead of `similar_questions`.
    """
    problems: list[Problem] = []
    for draft in drafts:
        where = draft.places[0].where
        if not draft.fields.context and is_generic(draft.fingerprint.question):
            message = f"{draft.question!r} asks nothing by itself: put a heading above it"
            problems.append(note("question-vague", where, message))
        if not draft.tags:
            problems.append(note("untagged", where, "no tag: nothing in file name or headings"))
    asked = [Asked(draft.question, draft.fields.context) for draft in drafts]
    for index, twin in (twins_of or similar_questions)(asked):
        there, here = drafts[twin], drafts[index]
        message = f"asks nearly the same as {there.question!r} at {there.places[0].where}"
        problems.append(note("question-similar", here.places[0].where, message))
    problems += [
        note("image-unused", Location(path), "no note shows this file; it is not packed")
        for path in unused
    ]
    return problems


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


# Questions that are nearly the same ------------------------------------------------------------

_ASKING = re.compile(
    r"\b(?:what|which|how|why|when|where|who|is|are|was|do|does|did|can|could|you|explain|describe|"
    r"define|tell|me|about|please|the|a|an|of|in|to|it|its|s|and|between)\b|什么|如何|怎么样?|为什么|"
    r"请问?|简述|介绍|解释|描述|说明|一下|谈谈|说说|讲讲|是|的|了|吗|呢|和|与|之间|一种|有"
)
_WORDS = re.compile(rf"[{CJK}]+|[^\W{CJK}]+")
_CROWD = 30
"""Questions that share a rare word; where more do, it is not rare."""
_RAREST = 3
_POSSESSIVE = re.compile(r"(?<=[a-z])['’](?=s\b)")
_SYMBOLS = re.compile(r"[+#=<>!&|^%$@]+")


def similar_questions(asked: Sequence[Asked]) -> tuple[tuple[int, int], ...]:
    """Return the place of each question that asks the same as one above, with that one's place.

    They are found by the rare words that they share.
    """
    bags = [_bag(one.question) for one in asked]
    signs = [_sign(bag) for bag in bags]
    lacks = [~sign for sign in signs]
    often = Counter(chain.from_iterable(bags))
    rank = {word: at for at, word in enumerate(sorted(often, key=lambda word: (often[word], word)))}
    by_word: dict[int, list[int]] = defaultdict(list)
    twins = []
    for index, bag in enumerate(bags):
        if len(bag) < 2:
            continue
        keys = sorted(map(rank.__getitem__, bag))[:_RAREST]
        near = {other for key in keys for other in by_word[key][:_CROWD]}
        sign, most = signs[index], len(bag) // 5
        close = [other for other in near if (sign & lacks[other]).bit_count() <= most]
        alike = (other for other in sorted(close) if _alike(bags[other], bag))
        twin = next((other for other in alike if _twins(asked, bags, other, index)), None)
        for key in keys:
            by_word[key].append(index)
        if twin is not None:
            twins.append((index, twin))
    return tuple(twins)


def _bag(question: str) -> frozenset[str]:
    """Return what a question is about: its words, pairs of Chinese characters, and symbols."""
    text = unicodedata.normalize("NFKC", question).casefold()
    text = _POSSESSIVE.sub(" ", text)
    words: set[str] = set(_SYMBOLS.findall(text))
    for word in _WORDS.findall(_ASKING.sub(" ", text)):
        if word[0] > "\u2e80" and len(word) > 1:
            words.update(word[i : i + 2] for i in range(len(word) - 1))
        else:
            words.add(word)
    return frozenset(words)


def _sign(bag: frozenset[str]) -> int:
    """Return a bit for each word, so that most of what is not alike is told without the words."""
    sign = 0
    for word in bag:
        sign |= 1 << (crc32(word.encode("utf-8", "surrogatepass")) & 127)
    return sign


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether four fifths of the words of both are the words of each."""
    sizes = len(one) + len(other)
    if 9 * min(len(one), len(other)) < 4 * sizes:
        return False
    return 9 * len(one & other) >= 4 * sizes


def _twins(asked: Sequence[Asked], bags: Sequence[frozenset[str]], one: int, other: int) -> bool:
    """Return whether two questions with like words ask the same."""
    if any(not word.isalpha() for word in bags[one] ^ bags[other]):
        return False  # C and C++, L1 and L2
    same = _bare(asked[one].question) == _bare(asked[other].question)
    return not same or asked[one].context == asked[other].context


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
    {"answer-short", "answer-long", "image-alt", "image-unused", "link-missing",
     "question-similar", "question-vague", "untagged"}
)  # fmt: skip
"""Codes of which a few are enough in one run."""
