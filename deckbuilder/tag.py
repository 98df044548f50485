"""Stage 5, tag: what a note is about, from its own words and where it stands.

A note's tags depend on its own section, the headings above, its path, front matter and
deck.toml, on nothing else: one edit must not retag other notes (CONTRACT section 3).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from deckbuilder.characters import CJK
from deckbuilder.model import TagRules
from deckbuilder.numbering import without_number
from deckbuilder.wording import NUMERALS, bare

_HASH_LIKE = re.compile(
    r"(?=[0-9a-f]*\d)[0-9a-f]{7,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE
)
_DATE = re.compile(r"\d{4}(?:[-_.年]?\d{1,2}){1,2}[日号]?|\d{1,2}[-_.]\d{1,2}[-_.]\d{2,4}")
_ORDER = re.compile(r"^\d[.\d]*[\s_.、-]+")
_CHAPTER = re.compile(
    rf"^(?:第\s*[\d{NUMERALS}]+\s*[章节篇讲课部]分?|"
    r"(?:chapter|part|section|unit|module|lesson|lecture|week|day)\s+\d+)\s*[:：、.\s–—-]*",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z][A-Za-z0-9]*(?:[-+#./][A-Za-z0-9]+)*(?:\+\+|#)?")
_LONGEST = 60
_DEEPEST = 50
"""A tag of more than 100 levels is one that Anki's browser cannot read, nor any tag beside it."""


def tags_for(
    rules: TagRules,
    *,
    name: str,
    context: Sequence[str],
    question: str,
    answer: str,
    given: Iterable[str],
) -> tuple[str, ...]:
    """Return the tags of a note, sorted, each safe for Anki.

    *name* is the file's name relative to the notes folder, *given* what front matter and
    comments say.
    """
    found: list[str] = [safe_tag(tag) for tag in given]
    if rules.path:
        found.append(path_tag(name))
    if rules.headings:
        found.append("::".join(filter(None, map(heading_tag, context))))
    found += topic_tags(rules.topics, f"{question}\n{answer}")
    if rules.auto:
        found += term_tags(question)
    unique: dict[str, str] = {}
    for tag in found:
        if tag:
            unique.setdefault(tag.casefold(), safe_tag(rules.prefix + tag))
    return tuple(sorted(unique.values()))


@lru_cache(maxsize=4096)
def safe_tag(text: str) -> str:
    """Return *text* as one Anki tag: no spaces, no empty level, no control characters (fact 37).

    Levels beyond `_DEEPEST` are left out. Cards show tags as they are: what would be HTML, a
    formula or a sound there goes too.
    """
    text = unicodedata.normalize("NFC", text.strip().lstrip("#"))
    parts = []
    for part in text.split("::"):
        part = re.sub(r"[\s\u3000,，;；\"'“”‘’<>\\\[\]{}\x00-\x1f\x7f]+", "_", part.strip())
        parts.append(re.sub(r"_{2,}", "_", part).strip("_:"))
    return "::".join([*filter(None, parts)][:_DEEPEST])


@lru_cache(maxsize=4096)
def path_tag(name: str) -> str:
    """Return folders and file name as levels, without hashes, dates and numbers.

    Where a name is no more than "Lecture 1", it keeps its number.
    """
    stem = name.rsplit(".", 1)[0]
    return "::".join(filter(None, (_path_part(part) for part in stem.split("/"))))


def _path_part(part: str) -> str:
    if _DATE.fullmatch(part):
        return ""
    words = re.split(r"[\s_]+", _ORDER.sub("", part))
    name = " ".join([one for one in words if any(map(str.isalnum, one))])
    said = _CHAPTER.sub("", name).split()
    kept = [one for one in said if not one.isdigit() and not _HASH_LIKE.fullmatch(one)]
    text = "_".join(kept if said else name.split())
    return "" if _DATE.fullmatch(text) else safe_tag(text)


@lru_cache(maxsize=4096)
def heading_tag(heading: str) -> str:
    """Return a heading above as a tag, without its number and the emoji around it."""
    text = without_number(_CHAPTER.sub("", bare(heading)))
    text = re.sub(r"[?？!！。：:]+$", "", text.strip()) or heading
    return safe_tag(re.sub(r"::+", ":", text))[:_LONGEST].strip("_")


def topic_tags(topics: Sequence[tuple[str, tuple[str, ...]]], text: str) -> Iterator[str]:
    """Yield the topics of which a word stands in *text*; Latin words only as whole words."""
    if not topics:
        return
    folded = unicodedata.normalize("NFKC", text).casefold()
    for topic, words in topics:
        if any(_mentions(folded, word) for word in words):
            yield safe_tag(topic)


def _mentions(folded: str, word: str) -> bool:
    wanted = unicodedata.normalize("NFKC", word).casefold()
    if wanted not in folded:
        return False
    return bool(_whole_word(wanted).search(folded))


@lru_cache(maxsize=4096)
def _whole_word(wanted: str) -> re.Pattern[str]:
    left = r"(?<![a-z0-9])" if wanted[:1].isascii() and wanted[:1].isalnum() else ""
    right = r"(?![a-z0-9])" if wanted[-1:].isascii() and wanted[-1:].isalnum() else ""
    return re.compile(left + re.escape(wanted) + right)


def term_tags(question: str) -> Iterator[str]:
    """Yield names and acronyms in a question: CLIP, BLIP2, ChatGLM, Transformer.

    In Chinese text every capitalised Latin word is taken for a name; in English only words
    whose shape says so, because headings capitalise.
    """
    chinese = bool(re.search(f"[{CJK}]", question))
    for found in _WORD.finditer(question):
        word = found[0].strip("-./")
        for part in word.split("/"):
            if _is_term(part, chinese):
                yield safe_tag(re.sub(r"(?<=[A-Za-z])-(?=\d+$)", "", part))


_COMMON = frozenset({
    "I", "A", "Q", "AI", "OK", "FAQ", "VS", "V1", "V2", "ID", "API", "TODO", "PS", "Vs", "Etc",
    "What", "Why", "How", "When", "The", "Is", "In", "Of", "And", "Or",
})  # fmt: skip


@lru_cache(maxsize=4096)
def _is_term(word: str, chinese: bool) -> bool:
    if len(word) < 2 or word in _COMMON:
        return False
    capitals = sum(c.isupper() for c in word)
    if capitals >= 2 or (capitals and any(c.isdigit() for c in word)):
        return True
    return bool(re.search("[a-z][A-Z]", word)) or (chinese and word[0].isupper())
