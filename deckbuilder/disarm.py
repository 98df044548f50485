r"""What Anki and MathJax would act upon in a finished field, made plain text.

HTML is `deckbuilder.sanitise`'s business. But Anki also reads ``[sound:…]``, ``[latex]`` and
the like anywhere in a field, even inside an attribute, where its answer breaks out of the
quotes; and a formula can carry a link or a style, or change the formulas of later cards
(fact 64). The text stays as its author wrote it, and no longer does anything.
"""

from __future__ import annotations

import re
from collections.abc import Container

from deckbuilder.highlight import escape

__all__ = ["disarm", "forbidden_macro", "text_as_html"]

_BRACKET = r"\[(?=\[type:|sound:|anki:|latex\]|\$\$?\])"
_TEXT = re.compile(rf"\\(?=[(\[])|{_BRACKET}", re.IGNORECASE)

_MACRO = re.compile(
    r"\\(?=("
    # what links, names, styles or loads
    r"href|class|cssId|style|data|html[A-Z][A-Za-z]*|mmlToken|require|include[a-z]*|"
    r"unicode(?!\s*\{)|bbox(?=\s*\[)(?!\s*\[[\w\s.,#%-]*(?:border\s*:[\w\s.#%-]*)?\])|"
    # what later cards would feel
    r"(?:re)?newcommand|providecommand|(?:re)?newenvironment|newcolumntype|(?:re)?newtagform|"
    r"usetagform|[gex]?def|let|futurelet|Declare[A-Za-z]+|definecolor|mathtoolsset|setOptions"
    r")(?![A-Za-z]))"
)
"""A macro that no formula may hold, at its backslash."""


def forbidden_macro(formula: str) -> str:
    """Return the first macro in *formula* that cards do not let MathJax see, or nothing."""
    found = _MACRO.search(formula)
    return f"\\{found[1]}" if found else ""


def text_as_html(text: str) -> str:
    r"""Return plain *text* as HTML in which neither Anki nor MathJax finds anything to do.

    A field has no other escapes (facts 62, 65): an element in the middle parts the characters.
    """
    if "\\" not in text and "[" not in text:
        return escape(text)
    parts: list[str] = []
    end = 0
    for mark in _TEXT.finditer(text):
        parts.append(escape(text[end : mark.start()]))
        if mark[0] == "[":
            parts.append("<span>[</span>")
            end = mark.end()
        else:
            parts.append(f"\\<span>{text[mark.end()]}</span>")
            end = mark.end() + 1
    parts.append(escape(text[end:]))
    return "".join(parts)


# Finished fields -----------------------------------------------------------------------------

_IN_TEXT = re.compile(_BRACKET, re.IGNORECASE)
_IN_VALUE = re.compile(r'="[^"]*?(?:\{\{|\}\}|::|[<>])')
_ELEMENT = re.compile(r"""<(/?)([a-zA-Z0-9]+)(?:[^<>"]*+(?:"[^"]*+")?+)*+>""")
_SOUND = re.compile(r"\[sound:([^\]\s]+)\]")


def disarm(html: str, sounds: Container[str] = ()) -> str:
    """Return sanitised *html* with nothing in it for Anki or MathJax but what we meant.

    *sounds* are the names that ``[sound:…]`` may play.
    """
    if not (
        _IN_TEXT.search(html)
        or _MACRO.search(html)
        or _IN_VALUE.search(html)
        or ("\\" in html and "<wbr>" in html)
    ):
        return html
    parts: list[str] = []
    end = code = 0
    for tag in _ELEMENT.finditer(html):
        parts.append(_text(html[end : tag.start()], sounds, in_code=code > 0))
        end = tag.end()
        if tag[2] in {"code", "pre"}:
            code += -1 if tag[1] else 1
        # MathJax reads on over <wbr>: "\hr<wbr>ef" would be a macro.
        if tag[2] != "wbr":
            parts.append(_attributes(tag[0]))
    parts.append(_text(html[end:], sounds, in_code=code > 0))
    return "".join(parts)


def _text(text: str, sounds: Container[str], *, in_code: bool) -> str:
    def bracket(found: re.Match[str]) -> str:
        sound = _SOUND.match(text, found.start())
        return "[" if sound and sound[1] in sounds and not in_code else "<span>[</span>"

    if "[" in text:
        text = _IN_TEXT.sub(bracket, text)
    if "\\" in text and not in_code:
        text = _MACRO.sub(r"\\<span></span>", text)
    return text


_VALUE = re.compile(r'(?<==")[^"]*+')


def _attributes(tag: str) -> str:
    return _VALUE.sub(lambda found: _value(found[0]), tag) if '"' in tag else tag


def _value(value: str) -> str:
    """Return an attribute's value in which cloze marks and brackets are entities."""
    value = _IN_TEXT.sub("&#91;", value)
    value = value.replace("<", "&lt;").replace(">", "&gt;").replace("::", "&#58;&#58;")
    while "{{" in value or "}}" in value:
        value = value.replace("{{", "{&#123;").replace("}}", "}&#125;")
    return value
