"""Drafts for tests of identity: say what matters, the rest follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deckbuilder.identify import Identified, identify
from deckbuilder.identity.fingerprint import digest, fingerprint_of, packaged_hash
from deckbuilder.identity.lock import Lock, lock_lines, writing_lock
from deckbuilder.model import Directives, Draft, Fields, NoteKind, Place, RemotePicture
from deckbuilder.problems import Location

NOW = 1_700_000_000_000
"""A time of a run, in milliseconds."""


def lock_text(lock: Lock) -> str:
    """Return what a lock file says."""
    return b"".join(lock_lines(lock)).decode()


def write_lock(lock: Lock, path: Path) -> bool:
    """Write a lock as a build does; return whether the file had to change."""
    with writing_lock(lock, path) as anew:
        return anew


def a_draft(
    question: str = "What is CLIP?",
    answer: str = "A model that learns pictures and their captions in one space.",
    *,
    name: str = "notes.md",
    context: Sequence[str] = (),
    line: int = 1,
    also: Sequence[tuple[str, Sequence[str]]] = (),
    kind: NoteKind = NoteKind.SECTION,
    tags: Sequence[str] = (),
    deck: str = "Deck",
    ords: Sequence[int] = (0,),
    directives: Directives | None = None,
    remote: Sequence[RemotePicture] = (),
    html: str | None = None,
) -> Draft:
    """Return a draft; *also* names further places, *html* an answer that looks different."""
    places = [(name, tuple(context)), *((one, tuple(above)) for one, above in also)]
    shown = html if html is not None else f"<p>{answer}</p>"
    directives = directives or Directives()
    source = repr((question, answer, places, tags, directives.reverse))
    fields = Fields(
        question=question,
        answer=shown,
        context=" › ".join(context),
        source="<br>".join(sorted({one for one, _ in places})),
        reverse="1" if directives.reverse else "",
    )
    return Draft(
        kind=kind,
        places=tuple(
            Place(Location(f"source/{one}", line), one, above) for one, above in sorted(places)
        ),
        question=question,
        fingerprint=fingerprint_of(question, answer),
        fields=fields,
        tags=tuple(tags),
        deck=deck,
        ords=tuple(ords),
        directives=directives,
        source=digest(source),
        media=(),
        remote=tuple(remote),
        packaged=packaged_hash(kind, fields, tags),
    )


def run(
    drafts: Sequence[Draft],
    lock: Lock | None = None,
    *,
    namespace: str = "Deck",
    now_ms: int = NOW,
    elsewhere: Sequence[str] = (),
) -> Identified:
    """Identify *drafts* as a run would that read exactly the files they stand in."""
    present = sorted({place.name for draft in drafts for place in draft.places})
    return identify(
        drafts,
        lock,
        namespace=namespace,
        now_ms=now_ms,
        elsewhere=elsewhere,
        structures=dict.fromkeys(present, "level 2"),
    )


def guids(result: Identified) -> list[str]:
    """Return the guid of every draft, in order."""
    return [note.guid for note in result.notes]
