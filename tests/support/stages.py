"""The stages of one note file, for tests that look at what comes out of them."""

from __future__ import annotations

import re
from pathlib import Path

from deckbuilder.cut import Cut, cut
from deckbuilder.draft import notes_of_file
from deckbuilder.model import FileNotes, FileSettings, Rendered, RenderSettings, Section, SourceFile
from deckbuilder.parse import parse
from deckbuilder.pictures.media import MediaLibrary
from deckbuilder.render import render
from deckbuilder.structure import decide

NOWHERE = Path(__file__).parent
"""A folder that exists, with no picture in it."""
NO_MEDIA = MediaLibrary.scan([NOWHERE], [], max_width=1600)


def a_file(text: str, name: str = "notes.md") -> SourceFile:
    """Return a note file that lies nowhere."""
    return SourceFile(path=f"source/{name}", name=name, folder=NOWHERE, text=text)


def file_notes(
    text: str, name: str = "notes.md", *, settings: FileSettings | None = None, kept: str = ""
) -> FileNotes:
    """Return everything that a note file of this text gives."""
    settings = settings or FileSettings(deck="Deck")
    return notes_of_file(a_file(text, name), settings, NO_MEDIA, kept=kept)


def pieces(text: str, *, card_level: int = 0) -> Cut:
    """Return the sections of a note file of this text, and what is on no card."""
    document, _ = parse(a_file(text))
    return cut(document, decide(document, card_level=card_level))


def as_sections(text: str) -> tuple[Section, ...]:
    """Return *text* as sections: its ``#`` headings ask, or all of it answers one question."""
    if not re.match(r"(?:<!--.*-->\s*)*# ", text):
        text = f"# What is it?\n\n{text}"
    return pieces(text, card_level=1).sections


def rendered(section: Section, settings: RenderSettings | None = None) -> Rendered:
    """Return *section* as HTML."""
    return render(section, NO_MEDIA, settings or RenderSettings())[0]


def without_language(html: str) -> str:
    """Return a field without the element that names its language."""
    found = re.fullmatch(r'<div lang="[\w-]+">(.*)</div>', html, re.DOTALL)
    return found[1] if found else html
