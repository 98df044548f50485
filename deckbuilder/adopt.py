"""Notes out of older packages: a lost lock rebuilt, and another deck's notes taken over.

`deckbuilder.identity.old_packages` reads these, the rules of `deckbuilder.identity.matching`
find who is who.
"""

from __future__ import annotations

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from deckbuilder import __version__
from deckbuilder.identify import find_notes, locked_note
from deckbuilder.identity.fingerprint import (
    digest,
    normalise_answer,
    normalise_question,
    packaged_hash,
    sketch,
)
from deckbuilder.identity.lock import Hashes, Lock, LockedNote, LockedPlace, merge_lines
from deckbuilder.identity.old_packages import OldNote, read_notes, read_ours
from deckbuilder.model import Draft, Fields, NoteKind
from deckbuilder.problems import BuildError, Location, Problem, error, note, warning
from deckbuilder.rendering.cloze import cloze_sides

# A lost lock -------------------------------------------------------------------------------------


def lock_from_package(path: Path, drafts: Sequence[Draft], deck: str) -> Lock | None:
    """Return the lock that an earlier package of ours stands for (CONTRACT section 5).

    Keys, ids and mods come from the package; what is still as it was there is known again
    exactly, the rest by the likeness of its text. None where the file is no package of ours, or
    none at all, and where it is another deck's: none of its notes is in these, or it is not
    called *deck* and less than half are. Notes that were gone then are not in it. *drafts* are
    those of today.
    """
    namespace, ours = _ours(path)
    if not ours:
        return None
    packaged: dict[object, list[Draft]] = defaultdict(list)
    for draft in drafts:
        packaged[draft.kind, draft.fields].append(draft)
    lines = []
    for one in ours:
        fields = _fields(one)
        same = packaged.get((one.kind, fields), [])
        line = locked_note(same.pop(0), guid=one.guid, number=one.id, mod=one.mod) if same else None
        line = line or _line_of_text(one)
        hashed = packaged_hash(line.kind, fields, one.tags)
        hashes = line.hash.but(packaged=hashed)
        lines.append(line.but(hash=hashes, deck=one.deck, ords=one.ords))
    least = 1 if deck in {namespace, *(one.deck for one in ours)} else len(lines) / 2
    if len(find_notes(drafts, lines)) < least:
        return None
    return Lock(namespace, __version__, {}, merge_lines(lines))


def told_by_package(path: Path) -> Lock | None:
    """Return what an earlier package of ours tells of its notes before today's are read.

    None where the file is no package of ours, or none at all.
    """
    namespace, ours = _ours(path)
    return Lock(namespace, __version__, {}, merge_lines(map(_line_of_text, ours))) if ours else None


def _ours(path: Path) -> tuple[str, list[OldNote]]:
    """Return the namespace and the notes of an earlier package of ours; none of anything else."""
    try:
        namespace, old = read_ours(path)
    except BuildError:
        return "", []
    ours = [one for one in old if one.kind and one.guid]
    return (namespace, ours) if namespace is not None else ("", [])


def _fields(old: OldNote) -> Fields:
    question, answer, context, source, _, reverse = (text for _, text in old.fields[:6])
    return Fields(question, answer, context, source, reverse)


def _line_of_text(old: OldNote, asked: str | None = None) -> LockedNote:
    """Return a line made of what a note says, as far as its HTML tells."""
    question_html, answer_html = _sides(old)
    question = plain(question_html) if asked is None else asked
    answer = plain(answer_html, gaps=old.kind is NoteKind.CLOZE)
    names = _fields(old).source.split("<br>") if old.kind else []
    return LockedNote(
        guid=old.guid,
        id=old.id,
        mod=old.mod,
        kind=old.kind or NoteKind.SECTION,
        question=question,
        places=tuple(LockedPlace(html.unescape(name), ()) for name in sorted(names) if name),
        deck=old.deck,
        ords=old.ords,
        hash=Hashes(
            digest(normalise_question(question)), digest(normalise_answer(answer)), "", "", ""
        ),
        sketch=sketch(answer),
    )


_ANSWERS = re.compile(r"back|answer|extra|背面|答案|回答|解析", re.IGNORECASE)
_CLOZE = re.compile(r"\{\{c\d+::(.*?)(?:::[^}]*)?\}\}", re.DOTALL)
_TAG = re.compile(
    r"<(?:style|script)\b.*?(?:</(?:style|script)>|\Z)|<!--.*?(?:-->|\Z)|<[^>]*>", re.DOTALL | re.I
)
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?li|/?tr|/?td|/?th|/?h[1-6]|/?pre|hr)\b", re.IGNORECASE)
_MATHS = re.compile(r"\\[()\[\]]|\[sound:[^\]]*\]|\[/?\$\$?\]|\[/?latex\]")


def plain(text: str, *, gaps: bool = False) -> str:
    """Return a field's HTML as plain text, white space folded; *gaps* as the notes write them."""
    text = _MATHS.sub(" ", text)
    end = 0 if gaps else text.rfind("}}") + 2  # where no more end, none is looked for
    text = _CLOZE.sub(r"\1", text[:end]) + text[end:]
    return " ".join(html.unescape(_TAG.sub("", _BREAK.sub(" <", text))).split())


def _sides(old: OldNote) -> tuple[str, str]:
    """Return the HTML of question and answer, of whatever note type."""
    sides = old.fields[0][1], dict(old.fields).get(_answer_field(old), "")
    return cloze_sides(*sides) if old.kind is NoteKind.CLOZE else sides


def _answer_field(old: OldNote) -> str:
    names = [name for name, _ in old.fields[1:]]
    if old.kind:
        return names[0]
    told = [name for name, text in old.fields[1:] if _ANSWERS.search(name) and text.strip()]
    filled = [name for name, text in old.fields[1:] if text.strip()]
    return next(iter([*told, *filled, *names]), "")


# Another deck's notes ----------------------------------------------------------------------------


def adopt(
    path: Path, drafts: Sequence[Draft], lock: Lock | None, *, namespace: str
) -> tuple[Lock, list[Problem]]:
    """Let today's sections take over the notes of the package *path*.

    In the lock that is returned every draft that fits an old note has that note's guid; the note
    that its section had before is gone then. Anki updates a note only under its own note type
    (fact 21), so notes of other types are not taken; a warning tells how to change their type.

    Raises:
        BuildError: the package cannot be read, nothing in it fits, or what fits has another
            note type; the message then says what to do in Anki first.

    """
    old_notes, place = read_notes(path), Location(path.as_posix())
    matched = _match(old_notes, drafts)
    ours = {at: one for at, one in matched.items() if one.kind is drafts[at].kind}
    foreign = [one for one in matched.values() if one.kind is None]
    others = len(matched) - len(ours) - len(foreign)
    if not matched:
        message = f"none of its {len(old_notes)} notes has the question or answer of a section"
        raise BuildError([error("adopt-nothing", place, message)])
    problems: list[Problem] = []
    if foreign:
        advice = _advice(foreign, drafts)
        if not ours:
            raise BuildError([error("adopt-note-type", place, advice)])
        problems.append(warning("adopt-note-type", place, advice))
    if others:
        message = f"{others} notes stay as they are: cloze cannot become a section, nor back"
        problems.append(warning("adopt-kind", place, message))
    problems.append(note("adopted", place, f"took over {len(ours)} of {len(old_notes)} notes"))
    lock = lock or Lock(namespace, __version__)
    return _with(lock, ours, drafts), problems


_POSITION = re.compile(r"^\s*(?:[Qq]|问题|问)?\s*\d{1,4}\s*[.、:：)）]\s*(?=\D)")


def _match(old_notes: Sequence[OldNote], drafts: Sequence[Draft]) -> dict[int, OldNote]:
    """Return index of a draft -> the old note with its question or answer."""
    asked = {normalise_question(draft.question) for draft in drafts}
    by_guid: dict[str, OldNote] = {}
    lines: dict[str, LockedNote] = {}
    for one in old_notes:
        if not one.guid:
            continue
        question = plain(_sides(one)[0])
        unnumbered = _POSITION.sub("", question)
        if normalise_question(question) not in asked and normalise_question(unnumbered) in asked:
            question = unnumbered
        by_guid[one.guid] = one
        lines[one.guid] = _line_of_text(one, question).but(places=())
    plainly = [draft._replace(directives=type(draft.directives)()) for draft in drafts]
    found = find_notes(plainly, list(lines.values()))
    return {at: by_guid[line.guid] for at, line in found.items()}


def _with(lock: Lock, ours: Mapping[int, OldNote], drafts: Sequence[Draft]) -> Lock:
    """Return *lock* with the old notes' lines in place of those that their sections had."""
    lines = {one.guid: one for one in lock.notes}
    had = find_notes(drafts, lock.notes)
    keeps = {line.guid for at, line in had.items() if at not in ours}
    for at, old in ours.items():
        if old.guid in keeps or (at in had and had[at].guid == old.guid):
            continue
        if at in had and not any(had[at].guid == other.guid for other in ours.values()):
            lines[had[at].guid] = had[at].but(gone=True)
        line = locked_note(drafts[at], guid=old.guid, number=old.id, mod=old.mod)
        lines[old.guid] = line.but(hash=line.hash.but(packaged="", source=""))
    return replace(lock, notes=merge_lines(lines.values()))


def _advice(foreign: Iterable[OldNote], drafts: Sequence[Draft]) -> str:
    """Return what to do in Anki before notes of other types can be taken over.

    Only with the notes of that deck: nearly all decks have notes of the type ``Basic``.
    """
    types = Counter(
        (one.deck.partition("::")[0], one.type_name, one.fields[0][0], _answer_field(one))
        for one in foreign
    )
    steps = "; ".join(
        f'search "deck:{deck or "*"}" "note:{name}", select the notes, Notes > Change Note Type, '
        f"choose Deckbuilder Section, map {question} to Question and {answer or '(nothing)'} to "
        f"Answer, the rest to nothing or to Extra 1 and 2 ({times} notes)"
        for (deck, name, question, answer), times in sorted(types.items())
    )
    return (
        f"{sum(types.values())} notes fit {len(drafts)} sections but have another note type, and "
        "Anki never updates a note across types. In Anki: (1) import any package of this "
        "program, one with a single note will do, which brings the note type; (2) in the "
        f"Browser {steps}; (3) export the deck as .apkg and run again with --adopt and that file; "
        "(4) import the new package. Schedules are kept. Leave 'Merge note types' off: it would "
        "change the note type of every deck of this program"
    )
