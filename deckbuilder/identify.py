"""Stage 6: which note of the lock is each draft? The only place where identity is made.

Drafts find their notes by the rules in `RULES`, surest first; every rule sees only what the
rules before it left over, and none undoes another's work (CONTRACT section 5). What finds no
note is new; a note that no draft found is gone. A wrong match would hand one note's review
history to another, a missed one costs the history of one note and is reported: so each rule
prefers missing to guessing.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from deckbuilder import __version__
from deckbuilder.likeness import digest, framed, normalise_answer, normalise_question, sketch
from deckbuilder.lock import Lock, LockedNote, LockedPlace
from deckbuilder.model import CardStatus, Change, Draft, Note
from deckbuilder.problems import BuildError, Location, Problem, error, note

__all__ = ["Identified", "guid_for", "identify", "normalise_question"]

GUID_LENGTH = 15
"""Base 36 digits of a guid: 77 bits."""

TELLING_ANSWER = 24
"""Characters from which on an answer is long enough to know a note by (rule 4)."""

FOREIGN_LOCK = 10
"""Live notes from which on a lock of which nothing is found counts as another deck's."""

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
"""Questions that say nothing without the headings above them (rule 3)."""


@dataclass(frozen=True, slots=True)
class Identified:
    """What the stage gives."""

    notes: tuple[Note, ...]
    """One a draft, in the order of the drafts."""
    lock: Lock
    """To be written in place of the old one."""
    changes: tuple[Change, ...]
    """One a note, in the order of the drafts; then what went in this run, sorted by guid."""
    problems: tuple[Problem, ...]


def guid_for(namespace: str, normalised_question: str, series: int) -> str:
    """Return the guid of a new note: lower-case letters and digits.

    *series* counts up from 0 while the lock holds what comes out. This function never changes:
    another guid is another note, and costs the learner's history.
    """
    parts = (unicodedata.normalize("NFC", namespace), normalised_question, str(series))
    number = int.from_bytes(hashlib.sha256(framed(parts)).digest(), "big")
    digits = []
    for _ in range(GUID_LENGTH):
        number, digit = divmod(number, 36)
        digits.append("0123456789abcdefghijklmnopqrstuvwxyz"[digit])
    return "".join(digits)


def identify(
    drafts: Sequence[Draft],
    lock: Lock | None,
    *,
    namespace: str,
    now_ms: int,
    present: Collection[str],
    elsewhere: Collection[str],
    structures: Mapping[str, str],
) -> Identified:
    """Give every draft its note, and return what the lock has to remember.

    Args:
        drafts: in document order.
        lock: what the last run left, or None.
        namespace: the deck's name; counts only where there is no lock.
        now_ms: the time of the run in milliseconds since the epoch.
        present: names of the files that were read.
        elsewhere: names of files that exist and are not part of this run, or could not be read.
            Notes that stand in them alone are neither candidates nor gone.
        structures: file name -> `Structure.rule`, of the files that were read.

    Raises:
        BuildError: two sections claim one ``card: id=``; a note would change between section
            and cloze (fact 21); the lock belongs to other notes. Nothing may be written then.

    """
    old = lock or Lock(namespace, __version__)
    table = _Table.of(drafts, old, frozenset(elsewhere))
    for rule in RULES:
        rule(table)
    table.refuse(_foreign(table, old, namespace, present, elsewhere))
    table.refuse(_kind_changes(table))
    return _result(table, old, now_ms, present, elsewhere, structures)


# What the rules work on ------------------------------------------------------------------------

_DraftKey = Callable[["_Facts"], Hashable]
_NoteKey = Callable[[LockedNote], Hashable]


@dataclass(frozen=True, slots=True)
class _Facts:
    """A draft, and what the rules ask of it."""

    index: int
    draft: Draft
    question: str
    question_hash: str
    answer_hash: str
    answer_length: int
    source_hash: str
    places: frozenset[LockedPlace]

    @property
    def where(self) -> Location:
        return self.draft.places[0].where


def _facts(index: int, draft: Draft) -> _Facts:
    question = normalise_question(draft.question)
    answer = normalise_answer(draft.answer)
    places = frozenset(LockedPlace(place.name, place.context) for place in draft.places)
    return _Facts(
        index=index,
        draft=draft,
        question=question,
        question_hash=digest(question),
        answer_hash=digest(answer),
        answer_length=len(answer),
        source_hash=draft.source[:24],
        places=places,
    )


@dataclass(slots=True)
class _Table:
    """Who is still looking for whom."""

    facts: tuple[_Facts, ...]
    notes: tuple[LockedNote, ...]
    """Candidates: everything in the lock but what stands in files outside this run alone."""
    untouched: tuple[LockedNote, ...]
    elsewhere: frozenset[str]
    note_of: dict[int, LockedNote] = field(default_factory=dict)
    """Index of a draft -> its note."""
    taken: set[str] = field(default_factory=set)
    """Guids of the notes that were found."""
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, drafts: Sequence[Draft], lock: Lock, elsewhere: frozenset[str]) -> _Table:
        untouched = tuple(
            one
            for one in lock.notes
            if not one.gone and one.places and all(place.name in elsewhere for place in one.places)
        )
        away = {one.guid for one in untouched}
        facts = tuple(_facts(index, draft) for index, draft in enumerate(drafts))
        notes = tuple(one for one in lock.notes if one.guid not in away)
        return cls(facts, notes, untouched, elsewhere)

    def free_facts(self) -> list[_Facts]:
        return [one for one in self.facts if one.index not in self.note_of]

    def free_notes(self, *, gone: bool = False) -> list[LockedNote]:
        return [one for one in self.notes if one.gone is gone and one.guid not in self.taken]

    def match(self, facts: _Facts, locked: LockedNote) -> None:
        self.note_of[facts.index] = locked
        self.taken.add(locked.guid)

    def refuse(self, problems: Sequence[Problem]) -> None:
        if problems:
            raise BuildError([*problems, *self.problems])


def _may_match(facts: _Facts, locked: LockedNote) -> bool:
    """Return whether it may be: ``card: new`` goes on only with a note that it made."""
    return locked.fresh or not facts.draft.directives.new


# The rules -------------------------------------------------------------------------------------


def explicit_id(table: _Table) -> None:
    """1. ``card: id=``: a name that the lock knows, or the Key of a note."""
    claimed: dict[str, _Facts] = {}
    problems = []
    by_guid = {one.guid: one for one in table.notes}
    by_name: dict[str, LockedNote] = {}
    for one in sorted(table.notes, key=lambda one: (one.gone, one.id)):
        if one.card_id:
            by_name.setdefault(one.card_id, one)
    for facts in table.facts:
        name = facts.draft.directives.card_id
        if not name:
            continue
        locked = by_name.get(name) or by_guid.get(name)
        claim = locked.guid if locked else name
        if claim in claimed:
            problems.append(_claimed_twice(name, facts, claimed[claim]))
        claimed.setdefault(claim, facts)
        if locked and claim not in table.taken:
            table.match(facts, locked)
    table.refuse(problems)


def _claimed_twice(name: str, facts: _Facts, first: _Facts) -> Problem:
    message = (
        f"<!-- card: id={name} --> names the same note as the comment at {first.where}; "
        "a note has one section: remove one of the two comments"
    )
    return error("card-id-twice", facts.where, message)


def same_place(table: _Table) -> None:
    """2. The same question in the same place; equal ones are told apart by answer."""
    keyed: dict[Hashable, list[_Facts]] = defaultdict(list)
    for facts in table.free_facts():
        for place in facts.places:
            keyed[facts.question_hash, place].append(facts)
    notes: dict[Hashable, list[LockedNote]] = defaultdict(list)
    for locked in table.free_notes():
        for place in locked.places:
            notes[locked.question_hash, place].append(locked)
    for key in keyed:
        _pair_off(table, keyed[key], notes.get(key, []))


def _pair_off(table: _Table, facts: Iterable[_Facts], notes: Iterable[LockedNote]) -> None:
    for same in (
        lambda one, locked: one.source_hash == locked.source_hash,
        lambda one, locked: one.answer_hash == locked.answer_hash,
        lambda one, locked: True,
    ):
        for one in facts:
            if one.index in table.note_of:
                continue
            for locked in sorted(notes, key=lambda locked: locked.id):
                if locked.guid in table.taken or not _may_match(one, locked):
                    continue
                if same(one, locked):
                    table.match(one, locked)
                    break


def same_question(table: _Table) -> None:
    """3. The same question elsewhere, where one candidate is left on both sides."""
    _unique(
        table,
        lambda facts: facts.question_hash,
        lambda locked: locked.question_hash,
    )


def same_answer(table: _Table) -> None:
    """4. The same answer under a changed question, if long enough and unique on both sides."""
    _unique(
        table,
        lambda facts: facts.answer_hash if facts.answer_length >= TELLING_ANSWER else None,
        lambda locked: locked.answer_hash,
    )


def _unique(table: _Table, of_draft: _DraftKey, of_note: _NoteKey, *, gone: bool = False) -> None:
    facts: dict[Hashable, list[_Facts]] = defaultdict(list)
    for one in table.free_facts():
        facts[of_draft(one)].append(one)
    notes: dict[Hashable, list[LockedNote]] = defaultdict(list)
    for locked in table.free_notes(gone=gone):
        notes[of_note(locked)].append(locked)
    for key, ones in facts.items():
        found = notes.get(key, [])
        if key is not None and len(ones) == len(found) == 1 and _may_match(ones[0], found[0]):
            table.match(ones[0], found[0])


def came_back(table: _Table) -> None:
    """Bring gone notes back by their exact question or answer, never by likeness."""
    _unique(table, lambda one: one.question_hash, lambda one: one.question_hash, gone=True)
    _unique(
        table,
        lambda one: one.answer_hash if one.answer_length >= TELLING_ANSWER else None,
        lambda one: one.answer_hash,
        gone=True,
    )


RULES: tuple[Callable[[_Table], None], ...] = (
    explicit_id,
    same_place,
    same_question,
    same_answer,
    came_back,
)


# What comes out --------------------------------------------------------------------------------


def _foreign(
    table: _Table,
    lock: Lock,
    namespace: str,
    present: Collection[str],
    elsewhere: Collection[str],
) -> list[Problem]:
    live = [one for one in table.notes if not one.gone]
    if table.note_of or table.untouched or not table.facts or len(live) < FOREIGN_LOCK:
        return []
    names = {place.name for one in live for place in one.places}
    known = names & {*present, *elsewhere}
    if known and lock.namespace == namespace:
        return []
    message = (
        f"the lock holds {len(live)} notes of the deck {lock.namespace!r} "
        f"({', '.join(sorted(names)[:3])}), and none of them is in these notes; if the lock is "
        "another deck's, name the right one with --lock; if it is of no use, move it away"
    )
    return [error("lock-foreign", table.facts[0].where, message)]


def _kind_changes(table: _Table) -> list[Problem]:
    problems = []
    for facts in table.facts:
        locked = table.note_of.get(facts.index)
        if locked and locked.packaged_hash and locked.kind is not facts.draft.kind:
            message = (
                f"this note was a {locked.kind} and would become a {facts.draft.kind}, which Anki "
                "refuses for a note that it has; undo that, or write <!-- card: new --> under the "
                "heading: a new note, while the old one counts as gone"
            )
            problems.append(error("kind-changed", facts.where, message))
    return problems


def _result(
    table: _Table,
    old: Lock,
    now_ms: int,
    present: Collection[str],
    elsewhere: Collection[str],
    structures: Mapping[str, str],
) -> Identified:
    guids = _guids(table, old)
    ids = _ids(table, old, now_ms)
    notes, lines, changes = [], [], []
    for facts in table.facts:
        locked = table.note_of.get(facts.index)
        line = _line(facts, locked, guids[facts.index], ids[facts.index], now_ms // 1000)
        line = _with_places_elsewhere(line, locked, table.elsewhere)
        lines.append(line)
        notes.append(Note(line.guid, line.id, line.mod, facts.draft))
        changes.append(_change(facts, locked, line))
    left = [one for one in table.notes if one.guid not in table.taken]
    lines += [_left_over(one, table.elsewhere) for one in left]
    lines += table.untouched
    went = [one for one in left if _left_over(one, table.elsewhere).gone and not one.gone]
    changes += [_gone(one) for one in sorted(went, key=lambda one: one.guid)]
    kept = {name: rule for name, rule in old.structures.items() if name in {*present, *elsewhere}}
    lock = Lock(
        namespace=old.namespace,
        program=__version__,
        structures=dict(sorted({**kept, **structures}.items())),
        notes=tuple(sorted(lines, key=lambda line: line.guid)),
    )
    problems = (*table.problems, *_same_questions(table.facts))
    return Identified(tuple(notes), lock, tuple(changes), problems)


def _guids(table: _Table, old: Lock) -> dict[int, str]:
    held = {one.guid for one in old.notes}
    guids = {}
    for facts in table.facts:
        if facts.index in table.note_of:
            guids[facts.index] = table.note_of[facts.index].guid
            continue
        series = 0
        while (guid := guid_for(old.namespace, facts.question, series)) in held:
            series += 1
        held.add(guid)
        guids[facts.index] = guid
    return guids


def _ids(table: _Table, old: Lock, now_ms: int) -> dict[int, int]:
    used = {one.id for one in old.notes}
    ids = {}
    fresh = now_ms
    for facts in table.facts:
        if facts.index in table.note_of:
            ids[facts.index] = table.note_of[facts.index].id
            continue
        while fresh in used:
            fresh += 1
        used.add(fresh)
        ids[facts.index] = fresh
    return ids


def _line(facts: _Facts, locked: LockedNote | None, guid: str, number: int, now: int) -> LockedNote:
    draft = facts.draft
    same_answer_text = locked is not None and locked.answer_hash == facts.answer_hash
    line = LockedNote(
        guid=guid,
        id=number,
        mod=now,
        kind=draft.kind,
        question=draft.question,
        places=tuple(sorted(facts.places)),
        deck=draft.deck,
        ords=draft.ords,
        question_hash=facts.question_hash,
        answer_hash=facts.answer_hash,
        body_hash=digest(draft.fields.answer, draft.fields.reverse),
        source_hash=facts.source_hash,
        packaged_hash=_packaged(draft),
        sketch=locked.sketch if locked and same_answer_text else sketch(draft.answer),
        card_id=draft.directives.card_id,
        fresh=draft.directives.new,
        remote=draft.remote,
    )
    if locked is None:
        return line
    changed = locked.packaged_hash != line.packaged_hash
    return replace(line, mod=max(now, locked.mod + 1) if changed else locked.mod)


def _packaged(draft: Draft) -> str:
    fields = draft.fields
    tags = sorted(set(draft.tags))
    texts = (fields.question, fields.answer, fields.context, fields.source, fields.reverse)
    return digest(draft.kind, *texts, *tags)


def _with_places_elsewhere(
    line: LockedNote, locked: LockedNote | None, elsewhere: frozenset[str]
) -> LockedNote:
    kept = [place for place in locked.places if place.name in elsewhere] if locked else []
    return replace(line, places=tuple(sorted({*line.places, *kept})))


def _left_over(locked: LockedNote, elsewhere: frozenset[str]) -> LockedNote:
    if any(place.name in elsewhere for place in locked.places):
        return locked
    return replace(locked, gone=True)


def _change(facts: _Facts, locked: LockedNote | None, line: LockedNote) -> Change:
    statuses = _statuses(locked, line)
    was = locked.question if locked and CardStatus.RENAMED in statuses else ""
    return Change(
        guid=line.guid,
        statuses=statuses,
        path=facts.where.path,
        line=facts.where.line,
        question=facts.draft.question,
        was=was,
    )


def _statuses(locked: LockedNote | None, line: LockedNote) -> tuple[CardStatus, ...]:
    if locked is None:
        return (CardStatus.NEW,)
    statuses = []
    if locked.question_hash != line.question_hash:
        statuses.append(CardStatus.RENAMED)
    if locked.places != line.places:
        statuses.append(CardStatus.MOVED)
    if locked.packaged_hash != line.packaged_hash and (
        locked.body_hash != line.body_hash or not statuses
    ):
        by_author = locked.source_hash != line.source_hash
        statuses.append(CardStatus.CHANGED if by_author else CardStatus.RERENDERED)
    return tuple(statuses) or (CardStatus.UNCHANGED,)


def _gone(locked: LockedNote) -> Change:
    path = locked.places[0].name if locked.places else ""
    return Change(locked.guid, (CardStatus.GONE,), path, 0, locked.question)


def _same_questions(facts: Iterable[_Facts]) -> list[Problem]:
    by_question: dict[str, list[_Facts]] = defaultdict(list)
    for one in facts:
        by_question[one.question].append(one)
    problems = []
    for ones in by_question.values():
        first, *others = ones
        for one in others:
            message = (
                f"the question {one.draft.question!r} is also asked at {first.where}, with another "
                "answer; both are notes, told apart by the headings above them"
            )
            problems.append(note("same-question", one.where, message))
    return problems
