"""What no field of a card may hold, looked for by other means than the sanitiser's."""

from __future__ import annotations

import re
from collections.abc import Collection
from html.parser import HTMLParser

from deckbuilder.model import Note, NoteKind
from deckbuilder.rendering.cloze import cloze_ords
from deckbuilder.templates import note_fields

VOID = {"br", "col", "hr", "img", "source", "wbr"}
FORBIDDEN = {
    "applet", "base", "body", "button", "embed", "form", "frame", "frameset", "head", "html",
    "iframe", "image", "input", "link", "math", "meta", "noscript", "object", "plaintext",
    "script", "select", "style", "svg", "template", "textarea", "title", "xmp",
}  # fmt: skip
LINK = re.compile(r"(?:https?|mailto|tel|obsidian|zotero):", re.IGNORECASE)
MEDIA = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
ANKI = re.compile(r"\[sound:|\[anki:|\[latex\]|\[\$\$?\]|\[\[type:", re.IGNORECASE)
MACRO = re.compile(r"\\(?:href|require|class|cssId|style|mmlToken|newcommand|def|let|data)\b")


class _Reader(HTMLParser):
    def __init__(self, media: Collection[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.media = media
        self.found: list[str] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORBIDDEN or not tag.isalnum():
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        if tag not in VOID:
            self.open.append(tag)
        if tag not in {"br", "wbr"}:
            self._end_text()

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on") or name in {"style", "id", "srcset", "srcdoc", "action", "ping"}:
            self.found.append(f"<{tag} {name}>")
        if name == "href" and not LINK.match(value):
            self.found.append(f"<{tag} href={value!r}>")
        if name == "src" and (not MEDIA.fullmatch(value) or value not in self.media):
            self.found.append(f"<{tag} src={value!r}>")

    def handle_endtag(self, tag: str) -> None:
        self._end_text()
        if not self.open or self.open.pop() != tag:
            self.found.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")

    def _end_text(self) -> None:
        maths = re.search(r"\\[(\[].*", self.text, re.DOTALL)
        code = {"pre", "code"} & set(self.open)
        if maths and not code and (macro := MACRO.search(maths[0])):
            self.found.append(f"macro {macro[0]}")
        self.text = ""


def dangers(html: str, media: Collection[str] = (), *, balanced: bool = True) -> list[str]:
    """Return what a field holds that it must not; *media* are the names in the package."""
    reader = _Reader(media)
    reader.feed(html)
    reader.close()
    reader._end_text()
    found = list(reader.found)
    if balanced and reader.open:
        found.append(f"open: {reader.open}")
    for mark in ANKI.finditer(html):
        sound = re.compile(r"\[sound:([^\]]+)\]").match(html, mark.start())
        if not sound or sound[1] not in media:
            found.append(html[mark.start() : mark.start() + 30])
    return found


def dangers_of(note: Note) -> list[str]:
    """Return what is wrong with a note that is ready to be packaged."""
    draft = note.draft
    media = {one.name for one in draft.media}
    found: list[str] = []
    cloze = draft.kind is NoteKind.CLOZE
    for name, html in note_fields(note).items():
        found += [f"{name}: {danger}" for danger in dangers(html, media, balanced=not cloze)]
    for tag in draft.tags:
        if re.search(r"[<>\"'\\\[\]\s]", tag):
            found.append(f"tag {tag!r}")
    if cloze and cloze_ords(draft.fields.question) != draft.ords:
        found.append("cards that the text does not make")
    return found
