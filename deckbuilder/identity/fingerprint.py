"""What identity goes by of a question and an answer. Pure functions of text, which never change."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
import zlib
from collections.abc import Iterable
from struct import pack, unpack

from deckbuilder.characters import regex
from deckbuilder.model import Fields, Fingerprint, NoteKind

_INVISIBLE = "\u00ad\u200b\u2060\ufeff"
_WIDE = tuple((wide, unicodedata.normalize("NFKC", wide)) for wide in "，：；？！（）…")
"""What keeps most Chinese text from being in NFKC, and what it is there."""
IDEOGRAPHS = (
    "\u2e80-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_SPACE_AT_CJK = regex(rf"(?<=[{IDEOGRAPHS}]) | (?=[{IDEOGRAPHS}])")
_CJK_RUN = regex(f"[{IDEOGRAPHS}]+")
_CLOSING = " ?!。:"

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
    for character in _INVISIBLE:
        text = text.replace(character, "")
    text = _SPACE_AT_CJK.sub("", normalise_answer(text))
    return text.rstrip(_CLOSING) or text


def normalise_answer(text: str) -> str:
    """Return the answer's plain text in NFKC with all white space folded."""
    for wide, narrow in _WIDE:  # far faster one by one, and nothing is left to do for most texts
        text = text.replace(wide, narrow)
    return " ".join(unicodedata.normalize("NFKC", text).split())


def information(normalised: str) -> int:
    """Return the length of a text, a Chinese or Japanese character counting twice."""
    return len(normalised) + sum(map(len, _CJK_RUN.findall(normalised)))


def framed(parts: Iterable[str]) -> bytes:
    """Return *parts* as bytes in which no two lists of parts look alike."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join([b"%d:%s" % (len(part), part) for part in encoded])


def digest(*parts: str) -> str:
    """Return 24 hexadecimal digits (96 bits) of the SHA-256 over the framed *parts*."""
    return hashlib.sha256(framed(parts)).hexdigest()[:24]


LETTER = rf"[^\W_{IDEOGRAPHS}]"
_TOKEN = regex(rf"[{IDEOGRAPHS}]|{LETTER}+|[^\w\s]")


class _Hashes(dict[tuple[str, str], int]):
    """Pairs of words -> their hash. Notes of one subject share most of them."""

    def __missing__(self, pair: tuple[str, str]) -> int:
        if len(self) >= 1 << 16:
            self.clear()
        self[pair] = value = zlib.crc32(" ".join(pair).encode()) * 2654435761 & 0xFFFFFFFF
        return value


_hash_of = _Hashes().__getitem__


def sketch(text: str) -> str:
    """Return a compact picture of *text*: the smallest hashes of its pairs of words."""
    return _sketch(normalise_answer(text))


def _sketch(normalised: str) -> str:
    tokens = _TOKEN.findall(normalised.casefold())
    hashes = {*map(_hash_of, zip(tokens, [*tokens[1:], ""], strict=False))}
    if len(hashes) > 2 * SKETCH_SIZE:  # sort those that are likely among the smallest
        limit = (3 * SKETCH_SIZE << 31) // len(hashes)
        small = [value for value in hashes if value < limit]
        if len(small) >= SKETCH_SIZE:
            return _packed(small)
    return _packed(hashes)


def _packed(hashes: Iterable[int]) -> str:
    smallest = sorted(hashes)[:SKETCH_SIZE]
    return base64.b64encode(pack(f">{len(smallest)}I", *smallest)).decode()


def fingerprint_of(question: str, answer: str) -> Fingerprint:
    """Return what identity goes by of a question and an answer in plain text."""
    asked, said = normalise_question(question), normalise_answer(answer)
    return Fingerprint(asked, digest(asked), digest(said), information(said), _sketch(said))


def packaged_hash(kind: NoteKind, fields: Fields, tags: Iterable[str]) -> str:
    """Return the hash of what Anki takes over when a note updates; the deck is not of it."""
    return digest(kind, *fields, *sorted(set(tags)))


def sketch_values(compact: str) -> tuple[int, ...]:
    """Return the hashes in a sketch, smallest first; nothing for a damaged one."""
    try:
        raw = base64.b64decode(compact)
    except ValueError:
        return ()
    return unpack(f">{len(raw) // 4}I", raw[: len(raw) // 4 * 4])


_GENERIC = """
总结 小结 概述 概览 简介 介绍 引言 前言 背景 定义 概念 原理 示例 例子 例题 举例 实例 练习 习题
答案 解答 注意 注意事项 说明 备注 补充 优点 缺点 优缺点 特点 特征 应用 应用场景 用途 方法 步骤
流程 实现 代码 复杂度 参考 结论 问题 思考题 要点 重点 解析 分析 对比 比较 区别 分类 作用 意义
summary overview introduction intro background definition definitions conclusion conclusions
example examples note notes exercise exercises solution solutions answer question discussion
remark remarks usage syntax pros cons pros-and-cons advantages disadvantages complexity
implementation code proof theorem basics details motivation results applications properties
features how-it-works key-points takeaways faq tl;dr example-1 example-2 example-3
"""

GENERIC_QUESTIONS = frozenset(text.replace("-", " ") for text in _GENERIC.split())
"""Questions that say nothing without the headings above them."""


def is_generic(normalised: str) -> bool:
    """Return whether a question says nothing without the headings above it."""
    return normalised.casefold() in GENERIC_QUESTIONS
