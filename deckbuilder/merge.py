"""Between draft and gather: equal sections of any files become one note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from deckbuilder.identity.fingerprint import digest, packaged_hash
from deckbuilder.model import Draft, Fields
from deckbuilder.templates import as_stored


def merge_equal(drafts: Iterable[Draft]) -> tuple[list[Draft], int]:
    """Return the drafts with equal ones as one, and how many that saved.

    Equal are question, headings above (title and file name aside), answer and pictures; the
    note then has the tags of all and names all files (CONTRACT section 4).
    """
    drafts = [*drafts]
    if len({*map(_likeness, drafts)}) == len(drafts):
        return drafts, 0
    groups: dict[object, list[Draft]] = defaultdict(list)
    for draft in drafts:
        groups[_equality(draft)].append(draft)
    merged = [_merged(group) if len(group) > 1 else group[0] for group in groups.values()]
    return merged, len(drafts) - len(merged)


def _likeness(draft: Draft) -> tuple[str, int]:
    """Return what equal sections share, and others seldom; whole answers are slow to look for."""
    return draft.fields.question, len(draft.fields.answer)


def _equality(draft: Draft) -> tuple[object, ...]:
    return (
        draft.kind,
        draft.fields.question,
        draft.places[0].context,
        draft.fields.answer,
        tuple([media.name for media in draft.media]),
        draft.ords,
    )


def _merged(group: Sequence[Draft]) -> Draft:
    places = sorted(
        {place for draft in group for place in draft.places},
        key=lambda place: (place.name, place.where.line),
    )
    first = next(d for d in group if d.places[0] == places[0])
    named = [d.directives.card_id for d in group if d.directives.card_id]
    tags = {tag.casefold(): tag for draft in reversed(group) for tag in draft.tags}
    fields = first.fields._replace(source=source_field(*(place.name for place in places)))
    merged = first._replace(
        places=tuple(places),
        tags=tuple(sorted(tags.values())),
        directives=replace(first.directives, card_id=named[0] if named else ""),
        source=digest(*sorted(draft.source for draft in group)),
    )
    return with_fields(merged, fields)


@lru_cache(maxsize=1024)
def source_field(*names: str) -> str:
    """Return what a note says of the files that hold it."""
    from deckbuilder.rendering.disarm import text_as_html  # long to load, and seldom needed here

    return as_stored("<br>".join(sorted({text_as_html(name) for name in names})))


def with_fields(draft: Draft, fields: Fields) -> Draft:
    """Return *draft* with other fields."""
    packaged = packaged_hash(draft.kind, fields, draft.tags)
    return draft._replace(fields=fields, packaged=packaged)
