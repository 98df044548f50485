"""The run as JSON: CONTRACT section 6."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from deckbuilder.model import CardStatus, Change, Written
from deckbuilder.pipeline import Outcome
from deckbuilder.plan import key_search
from deckbuilder.problems import Problem


def report(outcome: Outcome, written: Written | None) -> dict[str, Any]:
    """Return the report of a run; *written* is None after ``--check``."""
    changes, lock = outcome.identified.changes, outcome.identified.lock
    counts = Counter(change.statuses[0] for change in changes)
    notes = outcome.deck.notes
    return {
        "deck": outcome.deck.name,
        "output": outcome.setting.output.as_posix(),
        "sha256": written.sha256 if written else "",
        "sections": sum(len(file.drafts) for file in outcome.files),
        "merged": outcome.merged,
        "notes": len(notes),
        "cards": sum(len(note.draft.ords) for note in notes),
        **{status.value: counts[status] for status in CardStatus},
        "untagged": sum(not note.draft.tags for note in notes),
        "media": _media(outcome),
        "removed": outcome.removed,
        "structure": {file.name: file.why for file in outcome.files},
        "skipped": [
            {"path": s.path, "line": s.line, "heading": s.heading, "why": s.why}
            for s in outcome.skipped
        ],
        "problems": [_problem(problem) for problem in outcome.problems],
        "details": [
            _change(change) for change in changes if change.statuses[0] is not CardStatus.UNCHANGED
        ],
        "gone_search": key_search(sorted(line.guid for line in lock.notes if line.gone)),
        "seconds": {stage: round(seconds, 4) for stage, seconds in outcome.seconds.items()},
    }


def _media(outcome: Outcome) -> dict[str, int]:
    before, after = outcome.media_bytes
    pictures = (one for note in outcome.deck.notes for one in note.draft.remote)
    return {
        "files": len(outcome.deck.media),
        "bytes": after,
        "bytes_before": before,
        "remote": sum(bool(picture.name) for picture in pictures),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "guid": change.guid,
        "status": change.statuses[0].value,
        "statuses": [status.value for status in change.statuses],
        "path": change.path,
        "line": change.line,
        "question": change.question,
        **({"was": change.was} if change.was else {}),
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity.value,
        "code": problem.code,
        "path": problem.where.path,
        "line": problem.where.line,
        "message": problem.message,
    }


def failure(problems: tuple[Problem, ...]) -> dict[str, Any]:
    """Return the report of a run that ended before there was a plan."""
    return {"problems": [_problem(problem) for problem in problems]}


def to_text(data: dict[str, Any]) -> str:
    """Return a report as indented JSON with a line end."""
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
