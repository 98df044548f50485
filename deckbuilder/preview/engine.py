"""Cards as Anki's own template engine renders them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from deckbuilder.model import NoteKind
from deckbuilder.rendering.cloze import Deletion, cloze_ords, read_cloze
from deckbuilder.templates import NoteType, in_tag_order


def render_card(
    note_type: NoteType, ord: int, fields: Mapping[str, str], tags: Iterable[str]
) -> tuple[str, str]:
    """Return front and back of card *ord* as Anki's own template engine renders them.

    The style is not part of it. Raises ``IndexError`` for a card that the note type does not
    have, ``KeyError`` for a field that it does not have.
    """
    cloze = note_type.kind is NoteKind.CLOZE
    template = note_type.templates[0 if cloze else ord]
    values = dict(fields) | {"Tags": " ".join(in_tag_order(tags))}
    front = _fill(template.front, values, ord, asks=True)
    back = _fill(template.back, values | {"FrontSide": front}, ord, asks=False)
    return front, back


_TAG: Final = re.compile(r"\{\{([#^/]?)\s*(.*?)\s*\}\}", re.DOTALL)


@cache
def _pieces(template: str) -> tuple[tuple[str, str, str], ...]:
    """Return *template* as texts, each with the sign and the name in the braces after it."""
    pieces, end = [], 0
    for tag in _TAG.finditer(template):
        pieces.append((template[end : tag.start()], tag[1], tag[2]))
        end = tag.end()
    return (*pieces, (template[end:], "/", ""))


def _fill(template: str, values: Mapping[str, str], ord: int, *, asks: bool) -> str:
    """Return *template* with the parts in braces replaced; conditions may nest."""
    out: list[str] = []
    shown = [True]
    for text, sign, name in _pieces(template):
        if shown[-1]:
            out.append(text)
        if sign == "/":
            shown.pop()
        elif sign:
            shown.append(shown[-1] and _is_blank(values[name]) is (sign == "^"))
        elif shown[-1]:
            field = name.removeprefix("cloze:")
            value = values[field]
            out.append(value if field == name else _show_cloze(value, ord + 1, asks=asks))
    return "".join(out)


_BLANK: Final = re.compile(r"(?:\s|</?(?:br|div) ?/?>)*", re.IGNORECASE)


def _is_blank(value: str) -> bool:
    """Say whether a condition takes *value* for empty: line breaks alone do not fill a field."""
    return _BLANK.fullmatch(value) is not None


# Cloze ---------------------------------------------------------------------------------------

_MATHS: Final = re.compile(r"(\\[(\[])(.*?)(\\[)\]])", re.DOTALL)
_HTML: Final = re.compile(r"<[^>]*>")


def _show_cloze(text: str, number: int, *, asks: bool) -> str:
    """Return the cloze *text* on the card *number*; empty where it has no such deletion."""
    if number - 1 not in cloze_ords(text):
        return ""
    shown = "".join(_show_part(part, number, asks=asks) for part in read_cloze(text))
    # MathJax would choke on the spans inside a formula.
    return _MATHS.sub(lambda maths: maths[1] + _HTML.sub("", maths[2]) + maths[3], shown)


def _show_part(part: str | Deletion, number: int, *, asks: bool) -> str:
    if isinstance(part, str):
        return part
    inside = "".join(_show_part(inner, number, asks=asks) for inner in part.parts)
    numbers = ",".join(map(str, part.numbers))
    if number not in part.numbers:
        return f'<span class="cloze-inactive" data-ordinal="{numbers}">{inside}</span>'
    if asks:
        kept = _attribute(inside)
        return (
            f'<span class="cloze" data-cloze="{kept}" data-ordinal="{numbers}">[{part.hint}]</span>'
        )
    return f'<span class="cloze" data-ordinal="{numbers}">{inside}</span>'


def _attribute(text: str) -> str:
    """Return *text* with every character up to U+00FF but letters and digits as an entity."""
    named = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
    return "".join(
        char
        if ord(char) > 0xFF or (char.isascii() and char.isalnum())
        else named.get(char, f"&#x{ord(char):02X};")
        for char in text
    )
