"""Notes that someone else wrote, through every stage without a disk."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from deckbuilder.draft import notes_of_file
from deckbuilder.gather import PictureRules, gather
from deckbuilder.identify import Identified, identify
from deckbuilder.merge import merge_equal
from deckbuilder.model import Deck, FileSettings, RenderSettings
from deckbuilder.work import no_tick
from tests.support.collection import RealCollection
from tests.support.package import pack
from tests.support.safety import dangers_of
from tests.support.stages import NO_MEDIA, a_file

NOW_MS = 1_700_000_000_000
OFFLINE = PictureRules(max_width=1600, fetch=False, offline=True, known={})


def built(files: Mapping[str, str], *, cloze_marks: bool = False) -> Identified:
    """Return the notes of *files*, which may raise nothing but BuildError."""
    settings = FileSettings(deck="Deck", render=RenderSettings(cloze_marks=cloze_marks))
    results = [
        notes_of_file(a_file(text, name), settings, NO_MEDIA) for name, text in files.items()
    ]
    drafts, _ = merge_equal(draft for result in results for draft in result.drafts)
    gathered = gather(drafts, OFFLINE, None, no_tick)
    return identify(
        gathered.drafts,
        None,
        namespace="Deck",
        now_ms=NOW_MS,
        elsewhere=[],
        structures={result.name: result.structure for result in results},
    )


def assert_harmless(identified: Identified) -> None:
    """Fail where a field holds what it must not."""
    for note in identified.notes:
        found = dangers_of(note)
        assert not found, (found, note.draft.fields)


def packed(identified: Identified, folder: Path) -> Path | None:
    """Return a package of the notes, if there are any; it keeps the rules of the format."""
    if not identified.notes:
        return None
    path = folder / "deck.apkg"
    pack(Deck("Deck", "", identified.notes, {}), path, "Deck")
    return path


def import_clean(anki: RealCollection, packages: Sequence[Path]) -> None:
    """Import packages into the real Anki, and fail where its database is not in order then."""
    for package in packages:
        anki.load(package)
    checks = anki.checks()
    assert checks.database_ok, checks.database_report
    assert list(anki.col.get_empty_cards().notes) == []


def try_text(text: str) -> None:
    """Build *text* as a note file, with a package; fail where a promise is broken."""
    identified = built({"notes.md": text}, cloze_marks="==" in text)
    assert_harmless(identified)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as tmp:
        packed(identified, Path(tmp))
