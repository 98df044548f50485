"""Whether a file, read as the lock says, still gives the notes that it gave.

A structure is held so that no later edit turns a studied deck over. It would do just that where
the author writes the whole file in another way, in lists instead of headings or all headings a
level deeper, or mends what was broken for a while; a file with a new name would be turned over
for want of a structure; and it does not hold what each heading is among its neighbours.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from deckbuilder.identity.fingerprint import is_generic, normalise_question
from deckbuilder.identity.lock import Lock, LockedNote
from deckbuilder.model import Draft, FileNotes

_WAYS = (
    *(f"{kind} {level}" for kind in ("level", "sections") for level in (2, 3, 4, 5, 6, 1)),
    "bold", "contents", "numbers", "pairs", "summary", "title",
)  # fmt: skip
"""Structures as a lock names them, likely ones first; dialects show themselves."""


def true_to_notes(
    files: Sequence[FileNotes],
    elsewhere: Collection[str],
    lock: Lock,
    read: Callable[[int, str, Sequence[str]], FileNotes],
) -> list[FileNotes]:
    """Return *files*, each read in the way that gives most of the notes of *lock*.

    *read* returns what the file at an index gives by a structure, or by today's choice, if it
    is known to have asked some questions. Both are tried where the structure held for a file
    misses notes, or where what was asked in another file may have been put into it; and on files
    that are new to the lock, if there are notes that no file gives, the structures of the files
    are tried whose notes they have, or all; of a lock that was lost and knows notes alone, every
    structure is, on the files where some are missing. Notes that stand *elsewhere*, in files that
    are not part of the run, are not missing.
    """
    of_file: dict[str, list[LockedNote]] = defaultdict(list)
    for one in lock.notes:
        for place in one.places:
            of_file[place.name].append(one)
    held = [lock.structures.get(file.name, "") for file in files]
    missing_of = {file.name: _missing(of_file[file.name], [file]) for file in files}
    there = {*missing_of, *elsewhere}
    away = (notes for name, notes in of_file.items() if name not in there)
    astray = [one for one in chain(*missing_of.values(), *away) if not one.gone]
    missing = _missing(astray, files) if astray else []
    new = missing and not all(held)
    every = _Both.of(lock.notes if new else ())
    structures = _structures(lock) if new else {}
    asked = [one.question for one in missing]
    wanted = {*map(normalise_question, asked)}
    lost = {place.name for one in missing for place in one.places}
    truer = []
    for at, file in enumerate(files):
        if held[at]:
            notes, own = of_file[file.name], missing_of[file.name]
            sought = [*own, *missing] if _may_hold(file, wanted) else own
            truer.append(_kept_or_not(file, notes, sought, held[at], partial(read, at)))
        elif missing and (lock.structures or file.name in lost):
            known = _rules(file, every.known, structures) or {*lock.structures.values()}
            rules = [rule for rule in sorted(known) or _WAYS if rule != file.structure]
            truer.append(_new_or_known(file, every, asked, rules, partial(read, at)))
        else:
            truer.append(file)
    return truer


def _may_hold(file: FileNotes, wanted: Collection[str]) -> bool:
    """Return whether a heading of *file* that asks nothing is one of the questions *wanted*."""
    if not wanted:
        return False
    from deckbuilder.numbering import without_number  # seldom needed, and long to load

    return any(normalise_question(without_number(one)) in wanted for one in file.headings)


def _structures(lock: Lock) -> dict[str, set[str]]:
    """Return hash of question or answer -> the structures of the files in which it stood."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in lock.notes:
        held = (lock.structures.get(place.name) for place in one.places)
        rules = {rule for rule in held if rule}
        found[one.hash.question] |= rules
        found[one.hash.answer] |= rules
    return found


def _rules(file: FileNotes, known: _Known, structures: Mapping[str, set[str]]) -> set[str]:
    """Return the structures of the files that half of a file's sections come from; else none."""
    told = [hashed for draft in file.drafts for hashed in known.told(draft)]
    most = known.count(file) * 2 >= len(file.drafts)
    return set[str]().union(*(structures[hashed] for hashed in told)) if most else set()


def _new_or_known(
    file: FileNotes,
    every: _Both,
    asked: Sequence[str],
    rules: Iterable[str],
    read: Callable[[str, Sequence[str]], FileNotes],
) -> FileNotes:
    """Return a file under a new name as it is, or read as another was whose notes it has."""
    others = (read(rule, ()) for rule in rules)
    mostly = (one for one in others if every.known.count(one) * 2 >= len(one.drafts))
    truer = [one for one in mostly if every.gives_back(one, file)]
    best = max([file, *truer], key=every.known.count)
    again = read(best.structure, asked)
    return again if every.gives_back(again, best) else best


def _kept_or_not(
    kept: FileNotes,
    notes: Sequence[LockedNote],
    missing: Sequence[LockedNote],
    rule: str,
    read: Callable[[str, Sequence[str]], FileNotes],
) -> FileNotes:
    """Return a file as it is *kept* by *rule*, or in another way that gives more notes.

    *missing* are those of its own *notes* that it does not give, and those of other files that
    may have been put into it. Where half of its own are there, another choice has to give back
    more than it makes new: no edit turns a deck over. Where nothing of them is left, nothing
    says how to read it but the file.
    """
    if not missing and not any(one.gone for one in notes):
        return kept
    known = _Known.of(notes)
    left = known.count(kept)
    most = left * 2 >= len(known.questions)
    if most and not missing:
        return kept
    both = _Both.of([*notes, *missing])
    again = read(rule, [*dict.fromkeys(one.question for one in missing)])
    overruled = any(problem.code == "structure-kept" for problem in kept.problems)
    anew = read("", ()) if overruled or not most else kept
    if most:
        # What *again* asks is called as a question was, or nearly so: it makes none that is new.
        ways = [again] if both.live.count(again) > both.live.count(kept) else []
        ways += [anew] if both.gives_back(anew, kept) else []
        return max([kept, *ways], key=both.known.count)
    best = max([kept, again, anew], key=both.known.count)
    return anew if anew.drafts and not both.known.count(best) else best


@dataclass(frozen=True, slots=True)
class _Known:
    """What some notes ask and answer, as hashes."""

    questions: frozenset[str]
    answers: frozenset[str]
    """Those of one question alone: a heading to be written below says nothing with its ``TODO``."""

    @classmethod
    def of(cls, notes: Iterable[LockedNote]) -> _Known:
        pairs = {(one.hash.question, one.hash.answer) for one in notes}
        given = Counter(answer for _, answer in pairs)
        alone = (answer for answer, times in given.items() if times == 1)
        return cls(frozenset(question for question, _ in pairs), frozenset(alone))

    def told(self, draft: Draft) -> list[str]:
        """Return the hashes of question and answer of *draft* that one of the notes has."""
        one = draft.fingerprint
        asked = one.question_hash in self.questions and not is_generic(one.question)
        found = [one.question_hash] if asked else []
        return [*found, one.answer_hash] if one.answer_hash in self.answers else found

    def count(self, file: FileNotes) -> int:
        """Return how many sections of *file* ask or answer what one of the notes does."""
        return sum(map(bool, map(self.told, file.drafts)))


@dataclass(frozen=True, slots=True)
class _Both:
    """What notes ask and answer, with those that are gone, and without."""

    known: _Known
    live: _Known

    @classmethod
    def of(cls, notes: Sequence[LockedNote]) -> _Both:
        return cls(_Known.of(notes), _Known.of(one for one in notes if not one.gone))

    def gives_back(self, other: FileNotes, than: FileNotes) -> bool:
        """Return whether *other* gives more live notes *than* the other reading of a file.

        By more than it makes new ones.
        """
        new, was_new = (len(file.drafts) - self.known.count(file) for file in (other, than))
        return self.live.count(other) - self.live.count(than) > max(0, new - was_new)


def _missing(notes: Iterable[LockedNote], files: Iterable[FileNotes]) -> list[LockedNote]:
    """Return the live ones of *notes* that no section asks for, nor gives the answer of."""
    prints = [draft.fingerprint for file in files for draft in file.drafts]
    said = {one.question_hash for one in prints} | {one.answer_hash for one in prints}
    return [
        one
        for one in notes
        if not one.gone and one.hash.question not in said and one.hash.answer not in said
    ]
