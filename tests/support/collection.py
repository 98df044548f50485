"""The real Anki: packages are judged by what the official library makes of them."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anki.cards import Card
    from anki.collection import Collection

COUNTS = ("new", "updated", "duplicate", "conflicting", "missing_notetype", "empty_first_field")


@dataclass(frozen=True, slots=True)
class RealCard:
    """A card in the collection."""

    id: int
    ord: int
    deck: str
    due: int
    interval: int
    reviews: int


@dataclass(frozen=True, slots=True)
class RealNote:
    """A note in the collection."""

    id: int
    guid: str
    type_id: int
    mod: int
    usn: int
    tags: tuple[str, ...]
    fields: tuple[str, ...]
    sort_text: str
    checksum: int
    cards: tuple[RealCard, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Checks:
    """What Check Database and Check Media say."""

    database_ok: bool
    database_report: str
    media_missing: tuple[str, ...]
    media_unused: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether neither has anything to complain of."""
        return self.database_ok and not self.media_missing and not self.media_unused


class RealCollection:
    """An Anki collection in a folder of its own, open until `close`."""

    def __init__(self, folder: Path) -> None:
        import anki.lang
        from anki.collection import Collection

        anki.lang.set_lang("en")
        self.col: Collection = Collection(str(folder / "collection.anki2"))

    def close(self) -> None:
        self.col.close()

    def load(self, package: Path) -> dict[str, int]:
        """Import *package* as the desktop does with its default options (fact 1).

        Returns how many notes each part of Anki's import log names; zeros are left out.
        """
        from anki.import_export_pb2 import ImportAnkiPackageOptions, ImportAnkiPackageRequest

        request = ImportAnkiPackageRequest(
            package_path=str(package), options=ImportAnkiPackageOptions()
        )
        log = self.col.import_anki_package(request).log
        self.col.models._clear_cache()
        counts = {name: len(getattr(log, name)) for name in COUNTS}
        return {name: count for name, count in counts.items() if count}

    def study_all(self) -> int:
        """Answer every card "easy" and return how many there are."""
        from anki.scheduler_pb2 import CardAnswer

        cards = self.col.find_cards("")
        if cards:
            self.col._backend.grade_now(card_ids=cards, rating=CardAnswer.EASY)
        # Many answers in one second get review times in the future; this settles them.
        self.col.fix_integrity()
        return len(cards)

    def notes(self) -> dict[str, RealNote]:
        """Return all notes by guid."""
        decks = {deck.id: deck.name for deck in self.col.decks.all_names_and_ids()}
        cards: dict[int, list[RealCard]] = defaultdict(list)
        for nid, cid, ord_, did, due, ivl, reps in self.rows(
            "SELECT nid, id, ord, did, due, ivl, reps FROM cards ORDER BY nid, ord"
        ):
            cards[nid].append(RealCard(cid, ord_, decks[did], due, ivl, reps))
        return {
            guid: RealNote(
                *(nid, guid, mid, mod, usn, tuple(tags.split()), tuple(flds.split("\x1f"))),
                *(str(sfld), csum, tuple(cards[nid])),
            )
            for nid, guid, mid, mod, usn, tags, flds, sfld, csum in self.rows(
                "SELECT id, guid, mid, mod, usn, tags, flds, sfld, csum FROM notes ORDER BY id"
            )
        }

    def dirty(self) -> int:
        """Return how many notes, cards and note types wait to be synchronised."""
        tables = ("notes", "cards", "notetypes")
        return sum(self.rows(f"SELECT count() FROM {t} WHERE usn = -1")[0][0] for t in tables)

    def mark_synced(self) -> None:
        """Make everything look as after a synchronisation."""
        for table in ("notes", "cards", "notetypes"):
            self.rows(f"UPDATE {table} SET usn = 7")

    def card(self, guid: str, ord_: int = 0) -> Card:
        """Return the card *ord_* of the note *guid*, to render it."""
        by_ord = {card.ord: card.id for card in self.notes()[guid].cards}
        return self.col.get_card(by_ord[ord_])  # type: ignore[arg-type]  # a NewType of int

    def cloze_numbers(self, guid: str) -> list[int]:
        """Return the numbers of the deletions that Anki itself sees in a note."""
        note = self.col.get_note(self.notes()[guid].id)  # type: ignore[arg-type]  # see above
        return sorted(note.cloze_numbers_in_fields())

    def media(self) -> dict[str, bytes]:
        """Return the media folder's files."""
        return {path.name: path.read_bytes() for path in Path(self.col.media.dir()).iterdir()}

    def checks(self) -> Checks:
        """Run Check Media and Check Database."""
        media = self.col.media.check()
        report, ok = self.col.fix_integrity()
        return Checks(ok, report, tuple(sorted(media.missing)), tuple(sorted(media.unused)))

    def rows(self, query: str) -> list[Any]:
        """Return the rows of an SQL query."""
        assert self.col.db is not None
        rows: list[Any] = self.col.db.all(query)
        return rows


@contextmanager
def real_collection() -> Iterator[RealCollection]:
    """Give a fresh collection that is closed and removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        collection = RealCollection(Path(folder))
        try:
            yield collection
        finally:
            collection.close()
