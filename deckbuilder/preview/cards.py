"""What the preview page knows: every card of a deck, what changed, and what is wrong with it."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from deckbuilder.model import CardStatus, Change, Deck, Note, NoteKind
from deckbuilder.preview.engine import render_card
from deckbuilder.problems import Problem
from deckbuilder.templates import note_fields, note_type


def deck_data(
    deck: Deck, changes: Iterable[Change], problems: Iterable[Problem], frame: str
) -> dict[str, Any]:
    """Return the deck as the page reads it.

    Cards are arrays and the style is there once, because a page of thousands of cards should
    open at once. *frame* is the empty document that a card is shown in.
    """
    by_guid = {change.guid: change for change in changes}
    at_note, elsewhere = _placed(deck.notes, dict.fromkeys(problems))
    notes = [_note(note, by_guid.get(note.guid), at_note[i]) for i, note in enumerate(deck.notes)]
    return {
        "name": deck.name,
        "frame": frame,
        "css": note_type(NoteKind.SECTION).css,
        "notes": notes,
        "cards": [card for index, note in enumerate(deck.notes) for card in _cards(index, note)],
        "problems": [_problem(problem) for problem in elsewhere],
        "gone": [
            {"question": change.question, "path": change.path}
            for change in by_guid.values()
            if CardStatus.GONE in change.statuses
        ],
    }


def _note(note: Note, change: Change | None, problems: Sequence[Problem]) -> dict[str, Any]:
    """Return what the cards of a note share."""
    draft = note.draft
    return {
        "key": note.guid,
        "question": draft.question,
        "places": [[place.name, place.where.line] for place in draft.places],
        "deck": draft.deck,
        "tags": list(draft.tags),
        "status": [status.value for status in change.statuses] if change else [],
        "was": change.was if change else "",
        "problems": [_problem(problem) for problem in problems],
    }


def _cards(index: int, note: Note) -> Iterator[list[Any]]:
    """Yield the cards of a note: its index, what kind of card it is, front and back."""
    kind, fields = note_type(note.draft.kind), note_fields(note)
    for ord_ in note.draft.ords:
        front, back = render_card(kind, ord_, fields, note.draft.tags)
        if note.draft.kind is NoteKind.CLOZE:
            label = f"cloze {ord_ + 1}"
        else:
            label = "reverse" if ord_ else ""
        yield [index, ord_, label, front, back]


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity.value,
        "code": problem.code,
        "where": str(problem.where),
        "message": problem.message,
    }


def _placed(
    notes: Sequence[Note], problems: Iterable[Problem]
) -> tuple[Mapping[int, list[Problem]], list[Problem]]:
    """Return the problems by the note that stands at their line, and those that no note has."""
    lines: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for index, note in enumerate(notes):
        for place in note.draft.places:
            lines[place.where.path].append((place.where.line, index))
    for starts in lines.values():
        starts.sort()
    at_note: defaultdict[int, list[Problem]] = defaultdict(list)
    elsewhere: list[Problem] = []
    for problem in problems:
        starts = lines.get(problem.where.path, [])
        found = bisect_right(starts, (problem.where.line, len(notes)))
        if found:
            at_note[starts[found - 1][1]].append(problem)
        else:
            elsewhere.append(problem)
    return at_note, elsewhere


def holds_maths(data: Mapping[str, Any]) -> bool:
    """Return whether a card has a formula to typeset."""
    return any("\\(" in card[4] or "\\[" in card[4] for card in data["cards"])


def as_script(name: str, value: object) -> str:
    """Return a script that sets ``window.<name>``.

    What could end a script element or open a comment in one is escaped, wherever it stands.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Not every "</": there are a million in a large deck, and few begin like this one.
    text = text.replace("</s", "<\\/s").replace("</S", "<\\/S").replace("<!--", "<\\u0021--")
    return f"window.{name} = {text};\n"
