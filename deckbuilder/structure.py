"""Stage 3, structure: which headings are questions. Evidence in, chosen units out, and why.

Decided before anything is cut or dropped (CONTRACT section 4). The rules stand in `_RULES`
in the order in which they are asked; the first that finds questions decides. The lock keeps
the name of that rule for each file, so that no later heading turns a studied deck over.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from deckbuilder.contents import TITLE, ContentsList, find_contents, loose
from deckbuilder.markdown import plain_text
from deckbuilder.model import Document, Heading, HeadingKind, Structure, Token
from deckbuilder.numbering import Number, follows, number_of, position_lengths
from deckbuilder.parse import BELOW_ALL, QUESTION_LABEL, starts_answer

SKIP_HEADINGS = (
    "参考文献", "参考资料", "参考链接", "参考", "致谢", "版权声明", "更新日志", "关于作者",
    "作者信息",    "贡献指南", "贡献者", "许可证", "联系方式", "赞助", "references", "reference", "bibliography",
    "license", "licence", "contributing", "contributors", "contribution", "acknowledgements",
    "acknowledgments", "credits", "changelog", "sponsors", "support", "about the author",
    "contact", "stargazers", "star history", "disclaimer", "code of conduct",
)  # fmt: skip
"""Headings that introduce no question, whatever their level."""

_ASKS = re.compile(
    r"[?？]\s*$|^(?:what|why|how|when|where|which|who|explain|describe|compare|define|list|name|"
    r"is|are|does|do|can|should)\b|什么|为什么|为何|如何|怎么|怎样|哪些|哪个|哪几|是否|区别|多少|吗\s*$"
    r"|^(?:简述|说明|解释|描述|比较|谈谈|介绍|请|说一下|列举|分析|阐述)",
    re.IGNORECASE,
)
_CHAPTER = re.compile(
    r"^(?:第\s*[\d零一二三四五六七八九十百]+\s*[章节篇讲课部]|附录|chapter\s+\w+|part\s+\w+|appendix\b)",
    re.IGNORECASE,
)
_APPENDIX = re.compile(r"^(?:附录|appendix)\s*[A-Za-z\d一二三四五六七八九十]", re.IGNORECASE)
_GENERIC_SUMMARY = re.compile(
    r"^\W*(?:(?:show|see|view|click|expand|reveal|查看|点击|展开|显示).{0,12}|(?:the\s+)?(?:answers?|"
    r"solutions?|spoiler|details|hint|code|output|explanation)|答案|参考答案|解答|解析|详情|提示)\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the rules look at."""

    document: Document
    contents: tuple[ContentsList, ...]
    body: tuple[int, ...]
    """Indices of the headings outside contents lists."""
    skipped: frozenset[int]
    """Headings that introduce no question: references, licence, contents titles."""
    pairs: frozenset[int]
    """Headings in the form ``Q: …`` with ``A: …`` after them."""

    def heading(self, index: int) -> Heading:
        """Return a heading by its index."""
        return self.document.headings[index]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a rule found."""

    rule: str
    questions: frozenset[int]
    dividers: frozenset[int]
    why: str
    extra: tuple[str, ...] = field(default=())


def decide(
    document: Document,
    *,
    card_level: int = 0,
    skip_headings: Collection[str] = (),
    kept: str = "",
) -> tuple[Structure, str]:
    """Return the structure of *document*, and the rule that the evidence alone would choose.

    *card_level* (1 to 6) settles it; else *kept*, the rule that the lock holds for this file,
    is followed as long as it finds questions.
    """
    evidence = _evidence(document, skip_headings)
    level = document.front.card_level or card_level
    if level:
        choice = _at_level(evidence, f"level {level}", {level})
        return _structure(evidence, choice), choice.rule
    fresh = next(filter(None, (rule(evidence) for rule in _RULES)), None) or _whole_file(evidence)
    if kept and kept != fresh.rule:
        old = _by_name(evidence, kept)
        if old is not None and old.questions:
            return _structure(evidence, old), fresh.rule
    return _structure(evidence, fresh), fresh.rule


def _structure(evidence: Evidence, choice: Choice) -> Structure:
    questions = choice.questions - evidence.skipped
    return Structure(
        rule=choice.rule,
        questions=questions,
        dividers=(choice.dividers | (evidence.skipped - _inside(evidence, questions))) - questions,
        contents=tuple((one.start, one.stop) for one in evidence.contents),
        why=choice.why,
    )


def _inside(evidence: Evidence, questions: Collection[int]) -> frozenset[int]:
    """Return the skip headings that are part of an answer: deeper than the question above."""
    inside = set()
    current: Heading | None = None
    for index in evidence.body:
        heading = evidence.heading(index)
        if index in questions:
            current = heading
        elif index in evidence.skipped and current and heading.level > current.level:
            inside.add(index)
    return frozenset(inside)


# Evidence ------------------------------------------------------------------------------------


def _evidence(document: Document, skip_headings: Collection[str]) -> Evidence:
    contents = tuple(find_contents(document))
    skip = {loose(text) for text in (*SKIP_HEADINGS, *skip_headings)}
    body, skipped, pairs = [], set(), set()
    for index, heading in enumerate(document.headings):
        if any(one.start <= heading.start < one.stop for one in contents):
            continue
        body.append(index)
        is_heading = heading.kind in {HeadingKind.MARKDOWN, HeadingKind.HTML}
        if is_heading and (loose(heading.text) in skip or TITLE.search(heading.text)):
            skipped.add(index)
        if _is_pair(document, heading):
            pairs.add(index)
    return Evidence(document, contents, tuple(body), frozenset(skipped), frozenset(pairs))


def _is_pair(document: Document, heading: Heading) -> bool:
    if heading.kind is HeadingKind.LABEL:
        return True
    if not QUESTION_LABEL.match(heading.text) or heading.stop + 1 >= len(document.tokens):
        return False
    return starts_answer(document.tokens[heading.stop + 1])


def has_text(tokens: Sequence[Token], start: int, stop: int) -> bool:
    """Return whether anything a reader sees stands between two token positions."""
    for token in tokens[start:stop]:
        if token.type == "inline":
            children = token.children or []
            if plain_text(children) or any(child.type == "image" for child in children):
                return True
        elif token.type in {"fence", "code_block", "math_block", "amsmath"} or _shows(token):
            return True
    return False


def _shows(token: Token) -> bool:
    if token.type != "html_block":
        return False
    return bool(_SHOWS.search(_COMMENT.sub("", token.content)))


_SHOWS = re.compile(r"<(?:img|audio|video|table)|>[^<>]*\w")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def _own_text(evidence: Evidence, index: int) -> bool:
    """Return whether text stands between a heading and the next one that is no bold line."""
    heading = evidence.heading(index)
    stop = len(evidence.document.tokens)
    for other in evidence.document.headings[index + 1 :]:
        if other.kind in {HeadingKind.MARKDOWN, HeadingKind.HTML, HeadingKind.SUMMARY}:
            stop = other.start
            break
    return has_text(evidence.document.tokens, heading.stop, stop)


# Rules ---------------------------------------------------------------------------------------


def _by_contents(evidence: Evidence) -> Choice | None:
    """The author's contents list names them; headings it leaves out belong to the answers."""
    listed = _listed(evidence)
    if len(listed.questions) < 2:
        return None
    questions, dividers = set(listed.questions), set(listed.dividers)
    profiles = Counter(_profile(evidence.heading(i)) for i in questions)
    numbers = {i: number_of(evidence.heading(i).text) for i in evidence.body}
    for index in evidence.body:
        if index in questions or index in dividers or index in evidence.skipped:
            continue
        heading = evidence.heading(index)
        if index in evidence.pairs or _forgotten(evidence, index, questions, profiles, numbers):
            questions.add(index)
        elif _is_chapter(heading, questions, dividers, evidence):
            dividers.add(index)
    why = f"{len(listed.questions)} headings, listed in contents"
    extra = len(questions) - len(listed.questions)
    return Choice(
        "contents",
        frozenset(questions),
        frozenset(dividers),
        why + (f", and {extra} like them" if extra else ""),
    )


def _listed(evidence: Evidence) -> Choice:
    """Return what the contents lists name: leaves with text of their own, and chapters."""
    leaves = {i for one in evidence.contents for i in one.leaves if i in evidence.body}
    branches = {i for one in evidence.contents for i in one.branches if i in evidence.body}
    named = leaves | branches
    empty = {i for i in leaves if not _text_before_next(evidence, i, named)}
    return Choice("contents", frozenset(leaves - empty), frozenset(branches | empty), "")


def _text_before_next(evidence: Evidence, index: int, named: Collection[int]) -> bool:
    stops = [evidence.heading(i).start for i in named if i > index]
    stop = min(stops, default=len(evidence.document.tokens))
    return has_text(evidence.document.tokens, evidence.heading(index).stop, stop)


def _profile(heading: Heading) -> tuple[HeadingKind, int]:
    return heading.kind, heading.level


def _forgotten(
    evidence: Evidence,
    index: int,
    questions: Collection[int],
    profiles: Counter[tuple[HeadingKind, int]],
    numbers: dict[int, Number | None],
) -> bool:
    """Return whether the author merely forgot to list this heading.

    It is written like the listed ones, and its number, if they have numbers, fits between
    theirs: ``1. 原则`` inside the answer to question 5 does not.
    """
    heading, number = evidence.heading(index), numbers[index]
    if not profiles[_profile(heading)]:
        return False
    alike = [i for i in questions if _profile(evidence.heading(i)) == _profile(heading)]
    kinds = Counter(n.kind for i in alike if (n := numbers[i]))
    if not kinds or sum(kinds.values()) * 2 < len(alike):
        return heading.kind in {HeadingKind.MARKDOWN, HeadingKind.HTML} and len(alike) * 2 >= sum(
            _profile(evidence.heading(i)) == _profile(heading) for i in evidence.body
        )
    if number is None or not kinds[number.kind]:
        return False
    before = [n for i in sorted(questions) if i < index and (n := numbers[i])]
    after = [n for i in sorted(questions) if i > index and (n := numbers[i])]
    fits_before = not before or _same_or_next(before[-1], number)
    fits_after = not after or _same_or_next(number, after[0])
    return fits_before and fits_after


def _same_or_next(before: Number, after: Number) -> bool:
    if before.kind != after.kind:
        return True
    return before.parts == after.parts or follows(before.parts, after.parts)


def _is_chapter(
    heading: Heading,
    questions: Collection[int],
    dividers: Collection[int],
    evidence: Evidence,
) -> bool:
    """Return whether an unlisted heading ends the answer above it."""
    if heading.kind is HeadingKind.BOLD:
        return bool(_CHAPTER.match(heading.text)) and any(
            evidence.heading(i).kind is HeadingKind.BOLD for i in dividers
        )
    if heading.kind not in {HeadingKind.MARKDOWN, HeadingKind.HTML}:
        return False
    if any(_profile(evidence.heading(i)) == _profile(heading) for i in dividers):
        return True
    levels = [
        evidence.heading(i).level for i in questions if evidence.heading(i).kind is heading.kind
    ]
    return bool(levels) and heading.level < min(levels)


def _by_pairs(evidence: Evidence) -> Choice | None:
    """``Q: …`` with ``A: …`` after it."""
    if len(evidence.pairs) < 2:
        return None
    above = frozenset(
        i
        for i in evidence.body
        if i not in evidence.pairs
        and evidence.heading(i).kind in {HeadingKind.MARKDOWN, HeadingKind.HTML}
        and evidence.heading(i).level
        < min(min(evidence.heading(p).level for p in evidence.pairs), BELOW_ALL)
    )
    return Choice("pairs", evidence.pairs, above, f"{len(evidence.pairs)} questions with answers")


def _by_summary(evidence: Evidence) -> Choice | None:
    """Each answer folded under its question."""
    summaries = [i for i in evidence.body if evidence.heading(i).kind is HeadingKind.SUMMARY]
    asking = [i for i in summaries if not _GENERIC_SUMMARY.match(evidence.heading(i).text)]
    texts = {loose(evidence.heading(i).text) for i in asking}
    if len(asking) < 2 or len(texts) * 5 < len(asking) * 4 or len(asking) * 2 < len(summaries):
        return None
    above = [i for i in evidence.body if evidence.heading(i).level < BELOW_ALL]
    if len([i for i in above if _own_text(evidence, i)]) > len(asking):
        return None
    why = f"{len(asking)} folded answers, one under each summary"
    return Choice("summary", frozenset(asking), frozenset(above), why)


def _by_level(evidence: Evidence) -> Choice | None:
    """The level that most looks like the author's unit."""
    real = [i for i in _real(evidence) if i not in evidence.skipped]
    levels = sorted({evidence.heading(i).level for i in real})
    if real and len(levels) > 1 and _is_title(evidence, real, levels[0]):
        levels = levels[1:]
    shapes = {level: _shape(evidence, level) for level in levels}
    level = max(shapes, key=lambda one: (shapes[one][0], one), default=0)
    if level and shapes[level][0]:
        why = shapes[level][1]
        return replace(_at_level(evidence, f"level {level}", {level}), why=f"level {level}: {why}")
    return _by_even_level(evidence, real, levels)


def _real(evidence: Evidence) -> list[int]:
    return [
        i
        for i in evidence.body
        if evidence.heading(i).kind in {HeadingKind.MARKDOWN, HeadingKind.HTML}
    ]


def _is_title(evidence: Evidence, real: Sequence[int], level: int) -> bool:
    at = [i for i in real if evidence.heading(i).level == level]
    return len(at) == 1 and at[0] == real[0]


def _shape(evidence: Evidence, level: int) -> tuple[float, str]:
    """Return how much the headings of *level* look like questions, and why; 0 if they do not."""
    at = [
        evidence.heading(i)
        for i in _real(evidence)
        if evidence.heading(i).level == level and i not in evidence.skipped
    ]
    if len(at) < 2:
        return 0, ""
    asking = sum(bool(_ASKS.search(heading.text)) for heading in at)
    numbered = sum(length > 0 for length in position_lengths([h.text for h in at]))
    if asking * 2 >= len(at):
        return 2 + asking / len(at), f"{asking} of {len(at)} are questions"
    if numbered * 5 >= len(at) * 3:
        return 1 + numbered / len(at) + level / 100, f"{numbered} of {len(at)} are numbered"
    return 0, ""


_LONG_ANSWER = 2500
"""Characters: sections longer than this on average are cut at the level below."""


def _by_even_level(evidence: Evidence, real: Sequence[int], levels: Sequence[int]) -> Choice | None:
    """No level asks or counts: the deepest one whose titles stand for themselves."""
    if not real:
        return None
    if not levels:
        levels = [evidence.heading(real[0]).level]
    chosen = levels[0]
    for level in levels[1:]:
        at = [evidence.heading(i) for i in real if evidence.heading(i).level == level]
        distinct = len({loose(heading.text) for heading in at})
        if len(at) >= 2 and distinct * 5 >= len(at) * 4 and _splits(evidence, real, chosen, level):
            chosen = level
    choice = _at_level(evidence, f"level {chosen}", {chosen})
    leaves = frozenset(
        i
        for i in real
        if evidence.heading(i).level < chosen
        and i not in evidence.skipped
        and _own_text(evidence, i)
        and not _has_child(evidence, real, i, chosen)
    )
    count = len(choice.questions | leaves)
    why = f"level {chosen}, {count} headings"
    return replace(
        choice, questions=choice.questions | leaves, dividers=choice.dividers - leaves, why=why
    )


def _splits(evidence: Evidence, real: Sequence[int], upper: int, lower: int) -> bool:
    """Return whether the author's unit is *lower*: sections of *upper* hold little themselves."""
    tops = [i for i in real if evidence.heading(i).level == upper]
    divided = [i for i in tops if _has_child(evidence, real, i, lower)]
    if not divided:
        return False
    bare = [i for i in divided if not _own_text(evidence, i)]
    lengths = [_length(evidence, real, i) for i in divided]
    return len(bare) * 2 >= len(divided) or sum(lengths) / len(lengths) > _LONG_ANSWER


def _length(evidence: Evidence, real: Sequence[int], index: int) -> int:
    heading = evidence.heading(index)
    stops = [
        evidence.heading(i).start
        for i in real
        if i > index and evidence.heading(i).level <= heading.level
    ]
    stop = min(stops, default=len(evidence.document.tokens))
    return sum(len(token.content) for token in evidence.document.tokens[heading.stop : stop])


def _has_child(evidence: Evidence, real: Sequence[int], index: int, level: int) -> bool:
    for other in real:
        if other > index:
            if evidence.heading(other).level <= evidence.heading(index).level:
                return False
            if evidence.heading(other).level == level:
                return True
    return False


def _at_level(evidence: Evidence, rule: str, levels: Collection[int]) -> Choice:
    real = _real(evidence)
    questions = frozenset(i for i in real if evidence.heading(i).level in levels)
    dividers = frozenset(i for i in real if evidence.heading(i).level < min(levels))
    return Choice(rule, questions | evidence.pairs, dividers, f"{rule}, {len(questions)} headings")


def _by_bold(evidence: Evidence) -> Choice | None:
    """Bold lines that ask, or that are numbered through, where no heading is a unit."""
    bold = [i for i in evidence.body if evidence.heading(i).kind is HeadingKind.BOLD]
    texts = [evidence.heading(i).text for i in bold]
    lengths = position_lengths(texts)
    asking = [
        i
        for i, text, length in zip(bold, texts, lengths, strict=True)
        if re.search(r"[?？]\s*$", text) or (length and _ASKS.search(text))
    ]
    counted = [i for i, length in zip(bold, lengths, strict=True) if length]
    chosen = asking if len(asking) >= 2 else counted if len(counted) >= 3 else []
    real = _real(evidence)
    if not chosen or sum(_own_text(evidence, i) for i in real) > len(chosen):
        return None
    return Choice("bold", frozenset(chosen), frozenset(real), f"{len(chosen)} bold questions")


def _whole_file(evidence: Evidence) -> Choice:
    """One file, one card: a title and a text."""
    real = _real(evidence)
    questions = frozenset(real[:1]) if not evidence.document.front.title else frozenset[int]()
    return Choice("file", questions, frozenset(), "the whole file is one card")


_RULES: tuple[Callable[[Evidence], Choice | None], ...] = (
    _by_contents,
    _by_pairs,
    _by_summary,
    _by_bold,
    _by_level,
)


def _by_name(evidence: Evidence, rule: str) -> Choice | None:
    """Return what the rule that the lock names finds today."""
    if found := re.fullmatch(r"level ([1-6])", rule):
        level = int(found[1])
        return _at_level(evidence, rule, {level})
    named = {
        "contents": _by_contents,
        "pairs": _by_pairs,
        "summary": _by_summary,
        "bold": _by_bold,
    }.get(rule)
    return named(evidence) if named else _whole_file(evidence) if rule == "file" else None
