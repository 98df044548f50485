"""Which encoding a note file is in that is not UTF-8; short texts too.

A library that knows many encodings needs some lines of text to be sure. Notes are often
shorter, and come in few encodings: those are weighed here first, by what the text would say.
Chinese is mostly made of a few hundred characters that every encoding keeps in its first
table, Japanese is full of kana, French has single accented letters inside words; a wrong
guess gives rare characters instead.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from itertools import pairwise

SAMPLE = 40_000
"""Bytes to weigh: more say nothing new."""

_SIMPLIFIED = frozenset(
    "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天"
    "去能对小多然于心学么之都好看起发当没成只如事把还用第样道想作种开美总从无情己面最女但现前些所同"
    "日手又行意动方期它头经长儿回位分爱老因很给名法间知世什两次使身者被高已其进此话常与活正感见明问"
    "力理点文几定本公特做外相果走将月十实向声全信重三机工物气每并别真打太新比才便再书部水像等体却加"
    "电主界门利受听表少代员许先口由安写性光白或难教结色型模数据算网络练训任务习输入层权题答式集图什"
    "如何哪些解释述区别原优缺点线程存储内接口类函变量参值应系统构型步骤思路"
)
_TRADITIONAL = frozenset(
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發"
    "後作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開"
    "但因只從想實日者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物"
    "手應向頭文體美相見被利什二等產或新己制身果加西月話合回特代內信表化老給世位次度門常先通教原聲提"
    "立及比員解水名真論處走義各入幾口認條平系氣題活更別打變總何電數安少結反受目太量再感建務做接必場"
    "件計管期市直資命指統區保形便空決科司基眼書非則聽界達光強即難權思象完設式色路記類求據程邊交規"
    "取格覺術確傳師觀識導運網絡訓練模型層輸哪述優缺線儲類函變參值應構步驟"
)
_KOREAN = frozenset(
    "이다는의에하고을가지은로사를기도어리인한자시대아나서해그수정일부들스있게만적과제전으장성보라면요상"
    "원것주여러드국연중오트았었무엇까란습니와할될된함등데모델입출력학"
)
_PUNCTUATION = frozenset("，。、；：？！“”‘’（）《》【】「」『』…—·～％　・")
_QUOTES = frozenset("“”‘’–—…€•°«»§©®™·×±²³½¼µ¡¿£")
_COMMON, _KNOWN, _RARE, _WRONG = 3.0, 1.0, 0.1, -1.0


def encoding_of(data: bytes) -> str | None:
    """Return Python's name of the encoding that *data* most probably is in, if any fits."""
    sample = _sample(data)
    weights = {name: _weight(sample, name, weigh) for name, weigh in _WEIGHTS.items()}
    best = max(weights, key=lambda name: weights[name])
    if weights[best] >= _SURE:
        return best
    return _second_opinion(data) or (best if weights[best] > 0 else None)


_SURE = 0.75


def _second_opinion(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    found = from_bytes(data, enable_fallback=False).best()
    return found.encoding if found else None


def _sample(data: bytes) -> bytes:
    """Return the lines of *data* that are not plain ASCII, as far as they are needed."""
    if len(data) <= SAMPLE:
        return data
    lines = [line for line in data.splitlines(keepends=True) if not line.isascii()]
    sample = b"".join(lines)[:SAMPLE]
    return sample[: sample.rfind(b"\n") + 1] or sample


def _weight(data: bytes, encoding: str, weigh: Callable[[str], float]) -> float:
    """Return how much *data* reads like text in *encoding*; a negative number: it is not."""
    try:
        text = codecs.decode(data, encoding, "strict")
    except UnicodeDecodeError as broken:
        # The end of a sample may cut a character.
        if broken.start < len(data) - 4 or len(data) < SAMPLE:
            return -9.0
        text = codecs.decode(data[: broken.start], encoding, "strict")
    if re.search(r"[\x00-\x08\x0e-\x1a\x7f-\x9f\ue000-\uf8ff\ufffd]", text):
        return -9.0
    return weigh(text)


def _mean(points: list[float]) -> float:
    return sum(points) / len(points) if points else 0.0


def _chinese(first_table: Callable[[str], bool], common: frozenset[str]) -> Callable[[str], float]:
    def weigh(text: str) -> float:
        def points(char: str) -> float:
            if char in common:
                return _COMMON
            if char in _PUNCTUATION:
                return _KNOWN
            if "\u4e00" <= char <= "\u9fff":
                return _KNOWN if first_table(char) else _RARE
            return _RARE if char.isalpha() else 0.5

        return _mean([points(char) for char in text if char > "\x7f"])

    return weigh


def _in_table(encoding: str, first: int, last: int) -> Callable[[str], bool]:
    def holds(char: str) -> bool:
        encoded = char.encode(encoding, "ignore")
        return len(encoded) == 2 and first <= encoded[0] <= last

    return holds


def _japanese(text: str) -> float:
    first_table = _in_table("shift_jis", 0x88, 0x97)
    points, kana = [], 0
    for char in text:
        if "\u3041" <= char <= "\u30ff":
            points.append(2.0)
            kana += 1
        elif "\uff61" <= char <= "\uff9f":
            points.append(_WRONG)  # half-width kana: what other encodings look like
        elif char in _PUNCTUATION:
            points.append(_KNOWN)
        elif char > "\x7f":
            points.append(_KNOWN if first_table(char) else _RARE)
    return _mean(points) if kana * 8 >= len(points) else _mean(points) / 3


def _korean(text: str) -> float:
    def points(char: str) -> float:
        if char in _KOREAN:
            return _COMMON
        return _KNOWN if char in _PUNCTUATION or "\uac00" <= char <= "\ud7a3" else _RARE

    return _mean([points(char) for char in text if char > "\x7f"])


def _western(text: str) -> float:
    """Weigh single accented letters inside words; several in a row are another alphabet."""
    points = []
    for run in re.findall(r"[^\x00-\x7f]+", text):
        for char in run:
            if char in _QUOTES:
                points.append(1.2)
            elif char.isalpha() and "\u00df" <= char <= "\u00ff" and len(run) <= 2:
                points.append(1.5)
            elif char.isalpha() and len(run) == 1:
                points.append(0.9)
            else:
                points.append(_WRONG)
    return _mean(points)


def _cyrillic(text: str) -> float:
    points = []
    for before, char in pairwise(f" {text}"):
        if char <= "\x7f":
            continue
        if before.isascii() and before.isalpha():
            points.append(_WRONG)  # an accented letter in a Latin word
        elif "а" <= char <= "я" or char == "ё":
            points.append(2.0 if before != " " or char in "ивскноя" else 1.0)
        elif "А" <= char <= "Я":
            points.append(0.5 if before.isspace() else _WRONG)
        else:
            points.append(_KNOWN if char in _QUOTES or char == "№" else _WRONG)
    return _mean(points)


_WEIGHTS: Mapping[str, Callable[[str], float]] = {
    "gb18030": _chinese(_in_table("gb2312", 0xB0, 0xD7), _SIMPLIFIED),
    "big5": _chinese(_in_table("big5", 0xA4, 0xC6), _TRADITIONAL),
    "cp932": _japanese,
    "euc_jp": _japanese,
    "cp949": _korean,
    "cp1252": _western,
    "cp1251": _cyrillic,
}


def utf16_of(data: bytes) -> str | None:
    """Return the byte order of UTF-16 without its mark, or None where *data* is none.

    Text has line ends and spaces; in UTF-16 each of them has a zero byte, on one side only.
    """
    sample = data[:SAMPLE] if len(data) % 2 == 0 else b""
    for encoding, line_end, high in (("utf-16-le", b"\n\0", 1), ("utf-16-be", b"\0\n", 0)):
        zeros, others = sample[high::2], sample[1 - high :: 2]
        if b"\0" not in zeros or b"\0" in others:
            continue
        try:
            text = codecs.decode(data, encoding, "strict")
        except UnicodeDecodeError:
            continue
        letters = sum(c.isalnum() or c.isspace() or c in _PUNCTUATION for c in text[:SAMPLE])
        if letters * 10 >= min(len(text), SAMPLE) * 6 and (line_end in data or len(text) < 200):
            return encoding
    return None
