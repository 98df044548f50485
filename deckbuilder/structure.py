"""Stage 3, structure: which headings are questions. Evidence in, chosen units out, and why.

Decided before anything is cut or dropped (CONTRACT section 4). The rules stand in `_RULES`
in the order in which they are asked; the first that finds questions decides. The lock keeps
the name of that rule for each file, so that no later heading turns a studied deck over.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from deckbuilder.detection.asked import with_asked
from deckbuilder.detection.choice import Choice, above
from deckbuilder.detection.evidence import Evidence, evidence_of
from deckbuilder.detection.levels import (
    LONG_INTRODUCTION,
    at_level,
    by_level,
    by_numbers,
    by_title,
    exactly,
    only_links,
)
from deckbuilder.detection.listed import by_contents
from deckbuilder.detection.prompts import PROMPTS, with_prompts
from deckbuilder.model import BELOW_ALL, Document, HeadingKind, Structure
from deckbuilder.numbering import position_lengths
from deckbuilder.titles import file_title
from deckbuilder.wording import (
    ANSWER_KEY,
    CHAPTER,
    FURTHER,
    GENERIC_SUMMARY,
    OPENERS,
    asks,
    ends_asking,
    loose,
)


def decide(
    document: Document,
    *,
    card_level: int = 0,
    skip_headings: Collection[str] = (),
    kept: str = "",
    asked: Collection[str] = (),
) -> Structure:
    """Return the structure of *document*.

    *card_level* (1 to 6) settles it; else *kept*, the rule that the lock holds for this file,
    is followed as long as it finds questions, and those of *asked* that still stand there are
    questions, too. Whether what stands before an answer is asked is part of that rule.
    """
    evidence = evidence_of(document, skip_headings, asked)
    level = document.front.card_level or card_level
    structure = _decided(evidence, level, kept.removesuffix(PROMPTS))
    return with_prompts(evidence, structure, kept)


def _decided(evidence: Evidence, level: int, kept: str) -> Structure:
    if level:
        return _structure(evidence, exactly(evidence, level))
    fresh = next(filter(None, (rule(evidence) for rule in _RULES)))
    structure = _structure(evidence, with_asked(evidence, fresh))
    if kept and kept != fresh.rule:
        old = _by_name(evidence, kept)
        if old is not None and old.questions:
            held = _structure(evidence, with_asked(evidence, old))
            same = held.questions == structure.questions
            return held if same else replace(held, today=fresh.why)
    return structure


def _structure(evidence: Evidence, choice: Choice) -> Structure:
    questions = frozenset(choice.questions - evidence.skipped)
    ends = evidence.of_kind(HeadingKind.END) if questions else ()
    skipped = evidence.skipped - _inside(evidence, questions)
    ordered = sorted(questions)
    dividers = {i for i in choice.dividers | skipped if not evidence.folded_into(i, ordered)}
    return Structure(
        rule=choice.rule,
        questions=questions,
        dividers=frozenset({*ends, *dividers} - questions),
        contents=tuple((one.start, one.stop) for one in evidence.contents),
        why=choice.why + _otherwise(evidence, choice),
    )


def _inside(evidence: Evidence, questions: Collection[int]) -> frozenset[int]:
    """Return the skip headings that are part of an answer: deeper than the question above."""
    inside = set()
    current = 0
    for index in evidence.body:
        level = evidence.level(index)
        if index in questions:
            current = level
        elif index in evidence.skipped and current:
            again = index in evidence.repeated and FURTHER.match(evidence.heading(index).text)
            if level > current or again:
                inside.add(index)
    return frozenset(inside)


def _otherwise(evidence: Evidence, choice: Choice) -> str:
    """Return which setting would choose otherwise, where there is a choice."""
    chosen = re.fullmatch(r"(?:level|sections) ([1-6])", choice.rule)
    levels: defaultdict[int, set[int]] = defaultdict(set)
    for index in {*evidence.real} - evidence.skipped:
        if evidence.token(index).markup:  # else a dialect made it
            levels[evidence.level(index)].add(index)
    others = [
        f"{level} ({len(at)} headings)"
        for level, at in sorted(levels.items())
        if len(at) >= 2 and at != choice.questions and not (chosen and chosen[1] == str(level))
    ]
    return f"; to choose another, set card_level: {' or '.join(others)}" if others else ""


# Rules ---------------------------------------------------------------------------------------


def _by_plugin(evidence: Evidence) -> Choice | None:
    """A board or a drawing asks nothing."""
    if not evidence.document.front.plugin:
        return None
    return Choice("none", set(), {*evidence.real}, "no questions: a board or a drawing of a plugin")


def _by_dialect(evidence: Evidence) -> Choice | None:
    """The file is written in a dialect that says what its cards are."""
    name = evidence.document.dialect
    units = {*evidence.of_kind(HeadingKind.UNIT)} if name else None
    if not units:
        return None
    top = min(evidence.level(i) for i in units)
    dividers = {i for i in evidence.real if evidence.level(i) < top} - units
    questions = units | evidence.pairs if top == BELOW_ALL else units
    return Choice(name, questions, dividers, f"{len(units)} cards, written as {name}")


def _by_pairs(evidence: Evidence) -> Choice | None:
    """``Q: …`` with ``A: …`` after it, in a file that is made of them more than of other text."""
    pairs = sorted(evidence.pairs | evidence.tasks)
    beside = {i: _said(evidence, i, pairs) for i in _rivals(evidence, pairs)}
    if beside.get(evidence.title, 0) < LONG_INTRODUCTION:
        beside.pop(evidence.title, None)
    said = sum(_said(evidence, i, pairs) for i in pairs)
    return _pairs(evidence) if sum(beside.values()) <= said else None


def _said(evidence: Evidence, index: int, pairs: Sequence[int]) -> int:
    """Return how many characters stand below a heading, up to the next one or the next pair."""
    return evidence.weight(index, min(evidence.parts[index], _next(evidence, index, pairs)))


def _next(evidence: Evidence, index: int, chosen: Sequence[int]) -> int:
    """Return the first of *chosen* below a heading, or the end; *chosen* is sorted."""
    at = bisect_right(chosen, index)
    return chosen[at] if at < len(chosen) else len(evidence.texts)


def _pairs(evidence: Evidence, *, known: bool = False) -> Choice | None:
    """Return the pairs, and what asks without being one; where *known*, one pair is enough."""
    pairs = evidence.pairs | evidence.tasks
    rivals = _rivals(evidence, pairs)
    if len(pairs) < (1 if known else 2) or len(rivals) >= len(pairs):
        return None
    asking = {i for i in rivals if evidence.asking[i] and not OPENERS.match(evidence.texts[i])}
    asking = {i for i in asking if pairs.isdisjoint(range(i, evidence.ends[i]))}
    asking |= {i for i in evidence.of_kind(HeadingKind.BOLD) if evidence.labelled[i]}
    why = f"{len(pairs) + len(asking)} questions with answers"
    return Choice("pairs", pairs | asking, above(evidence, pairs) - asking, why)


def _rivals(evidence: Evidence, chosen: Collection[int]) -> list[int]:
    """Return the other headings that have text of their own that could be an answer."""
    ordered = sorted(chosen)
    rivals = []
    for i in evidence.real:
        if i in evidence.skipped or i in evidence.answers or i in chosen:
            continue
        at = bisect_left(ordered, i)
        within = at > 0 and evidence.level(i) > evidence.level(ordered[at - 1])
        within = within or evidence.folded_into(i, ordered)
        stop = min(evidence.parts[i], _next(evidence, i, ordered))
        if not within and evidence.weights.shows(i, stop):
            rivals.append(i)
    return rivals


def _by_summary(evidence: Evidence, *, known: bool = False) -> Choice | None:
    """Each answer folded under its question; where that is *known*, one is enough."""
    summaries = evidence.of_kind(HeadingKind.SUMMARY)
    asking = [i for i in summaries if not GENERIC_SUMMARY.match(evidence.heading(i).text)]
    texts = {loose(evidence.heading(i).text) for i in asking}
    least = 1 if known else 2
    if len(asking) < least or len(texts) * 5 < len(asking) * 4 or len(asking) * 2 < len(summaries):
        return None
    if len(_rivals(evidence, frozenset(asking))) > len(asking):
        return None
    why = f"{len(asking)} folded answers, one under each summary"
    return Choice("summary", evidence.pairs.union(asking), above(evidence, asking), why)


def _by_bold(evidence: Evidence) -> Choice | None:
    """Bold lines that ask or are numbered through, else bold chapters, where no heading is a unit.

    Those whose answers stand together below them all are no cards by themselves.
    """
    choice = _bold(evidence)
    last = max(choice.questions) if choice else len(evidence.texts)
    keyed = any(i > last and ANSWER_KEY.match(evidence.texts[i]) for i in evidence.real)
    return None if keyed else choice


def _bold(evidence: Evidence, *, known: bool = False) -> Choice | None:
    """Return the bold lines that are questions, if nothing else is; where *known*, even one."""
    bold = evidence.of_kind(HeadingKind.BOLD)
    chapters = {i for i in bold if CHAPTER.match(evidence.heading(i).text)}
    titled = {i for i in chapters if re.search("[:：]", evidence.heading(i).text)}
    titled = titled if known or len(titled) >= 3 else set()
    chosen = _bold_questions(evidence, bold, known=known) or titled
    if not chosen or len(_rivals(evidence, chosen)) * 2 > len(chosen):
        return None
    dividers = chapters.union(evidence.real) - chosen
    return Choice("bold", evidence.pairs | chosen, dividers, f"{len(chosen)} bold questions")


def _bold_questions(evidence: Evidence, bold: Sequence[int], *, known: bool) -> set[int]:
    """Return the bold lines that are questions: where most are labelled, no others are."""
    marked = {i for i in bold if ends_asking(evidence.heading(i).text)}
    labelled = {i for i in bold if evidence.labelled[i]}
    if len(labelled) >= 2 and len(labelled) * 2 > len(labelled | marked):
        return labelled
    tasks = {i for i in bold if i not in marked and _is_task(evidence, i)}
    asking = marked | tasks if len(marked) > len(tasks) else marked
    lengths = position_lengths([evidence.heading(i).text for i in bold])
    counted = {i for i, length in zip(bold, lengths, strict=True) if length}
    counted |= {i for i in bold if evidence.counted(i)}
    if asking < counted and _ascend(evidence, counted):
        asking = counted
    if len(asking) >= 2:
        return asking
    # Those that begin at 1 again in each chapter may be steps, where headings have text beside.
    again = known or (len(counted) >= 3 and not _rivals(evidence, counted))
    return asking | counted if again else set()


def _ascend(evidence: Evidence, indices: Collection[int]) -> bool:
    """Return whether numbers rise from heading to heading: steps in an answer begin at 1 again."""
    parts = [number.parts for i in sorted(indices) if (number := evidence.numbers[i])]
    return parts == sorted(set(parts))


def _is_task(evidence: Evidence, index: int) -> bool:
    """Return whether a bold line gives a task in so many words: ``**Explain the stack.**``."""
    text = evidence.heading(index).text
    return asks(evidence.texts[index]) and len(text) >= 15 and text[-1] not in ":："


def _whole_file(evidence: Evidence) -> Choice:
    """One file, one card: its title, or its name, and its text; unless some of it is on none."""
    left_out = any("unused" in token.meta for token in evidence.document.tokens)
    if evidence.real or left_out or not file_title(evidence.document) or not evidence.is_text():
        return Choice("none", set(), {*evidence.real}, "no questions found")
    return Choice("file", set(), set(), "the whole file is one card")


_RULES: tuple[Callable[[Evidence], Choice | None], ...] = (
    _by_plugin,
    _by_dialect,
    only_links,
    by_contents,
    _by_pairs,
    _by_summary,
    _by_bold,
    by_numbers,
    by_title,
    by_level,
    _whole_file,
)


def _by_name(evidence: Evidence, name: str) -> Choice | None:
    """Return what the rule that the lock names finds today."""
    if found := re.fullmatch(r"(level|sections) ([1-6])", name):
        return at_level(evidence, int(found[2]), sections=found[1] == "sections")
    rule = _NAMED.get(name)
    return rule(evidence) if rule else None


_NAMED: Mapping[str, Callable[[Evidence], Choice | None]] = {
    "contents": by_contents,
    "pairs": partial(_pairs, known=True),
    "summary": partial(_by_summary, known=True),
    "bold": partial(_bold, known=True),
    "numbers": by_numbers,
    "title": by_title,
    "file": _whole_file,
}
"""Some take several questions to see, and one where the lock names them."""
