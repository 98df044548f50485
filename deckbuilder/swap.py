"""Pictures that turn out otherwise than a card has them: under another name, or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping

from deckbuilder.markup import REMOTE, attribute, attributes_of
from deckbuilder.merge import with_fields
from deckbuilder.model import Draft, MediaFile, NoteKind
from deckbuilder.rendering.cloze import without_gaps
from deckbuilder.rendering.disarm import disarm, disarm_cloze, text_as_html


def with_pictures(draft: Draft, names: Mapping[str, str]) -> Draft:
    """Return *draft* with pictures under their names in the package.

    An empty name means that there is no picture: for an address a link stands in its place,
    which works where there is a network, and the card loads nothing by itself (P8); for a
    file of the author's its text or name.
    """
    fields = draft.fields._replace(
        question=_swapped(draft.fields.question, names, draft),
        answer=_swapped(draft.fields.answer, names, draft),
    )
    return draft if fields == draft.fields else with_fields(draft, fields)


def _swapped(html: str, names: Mapping[str, str], draft: Draft) -> str:
    """Return a field of *draft* with what stands in place of pictures as harmless as the rest."""
    files = {one.name: one.path.name for one in draft.media if isinstance(one, MediaFile)}

    def swap(found: re.Match[str]) -> str:
        attributes = attributes_of(found[0])
        source = attributes.get("src", "")
        if source not in names:
            return found[0]
        if names[source]:
            return re.sub(r' src="[^"]*"', f' src="{names[source]}"', found[0])
        if found[1] == "source":
            return ""
        label = text_as_html(attributes.get("alt") or files.get(source, source))
        label = without_gaps(label) if draft.kind is NoteKind.CLOZE else label
        if REMOTE.match(source):
            return f'<a class="remote" href="{attribute(source)}">{label}</a>'
        return f'<span class="missing">{label}</span>'

    sounds = {one.name for one in draft.media}
    html = disarm(_SHOWS.sub(swap, html), sounds)
    return disarm_cloze(html, sounds) if draft.kind is NoteKind.CLOZE else html


_SHOWS = re.compile(r'<(img|video|audio|source)\b(?:[^>"]|"[^"]*")*>(?:</\1>)?')
