r"""What Anki and MathJax would act upon in a finished field, made plain text.

HTML is `deckbuilder.rendering.sanitise`'s business. But Anki also reads ``[sound:…]``,
``[latex]`` and the like anywhere in a field, even inside an attribute, where its answer breaks
out of the quotes; and a formula can carry a link or a style, or change the formulas of later
cards (fact 64). The text stays as its author wrote it, and no longer does anything.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from functools import cache

from deckbuilder.characters import regex
from deckbuilder.markup import escape
from deckbuilder.rendering.cloze import without_gaps

_WORDS = ("[type:", "sound:", "anki:", "latex]", "$]", "$$]")
"""What makes a bracket before it a command of Anki's."""
_BRACKET = rf"\[(?={'|'.join(map(re.escape, _WORDS))})"
_IN_TEXT = regex(_BRACKET, re.IGNORECASE)
_TEXT = regex(rf"\\(?=[(\[])|{_BRACKET}", re.IGNORECASE)

_MACROS = (
    # what links, names, styles or loads
    "href", "class", "cssId", "style", "data", "mmlToken", "require",
    # what later cards would feel
    "newcommand", "renewcommand", "providecommand", "newenvironment", "renewenvironment",
    "newcolumntype", "newtagform", "renewtagform", "usetagform", "def", "gdef", "edef", "xdef",
    "let", "futurelet", "definecolor", "mathtoolsset", "setOptions", "Newextarrow",
)  # fmt: skip
_FAMILIES = ("Declare", "html", "include")
"""Fronts of names, of which each does one or the other."""
_MACRO = regex(
    rf"\\(?=((?:{'|'.join(_MACROS)}|(?:{'|'.join(_FAMILIES)})[A-Za-z]+|unicode(?!\s*\{{)|"
    r"fcolorbox(?!\s*(?:\[\w*\]\s*)?\{[\w\s#.,!-]*\})|"
    r"bbox(?=\s*\[)(?!\s*\[[\w\s.,#%-]*(?:border\s*:[\w\s.#%-]*)?\]))(?![A-Za-z])))"
)
"""A macro that no formula may hold, at its backslash."""


def forbidden_macro(formula: str) -> str:
    """Return the first macro in *formula* that cards do not let MathJax see, or nothing."""
    found = _MACRO.search(formula)
    return f"\\{found[1]}" if found else ""


def text_as_html(text: str) -> str:
    r"""Return plain *text* as HTML in which neither Anki nor MathJax finds anything to do.

    A bracket as an entity is one to readers only; a backslash is parted from what follows by an
    element, because MathJax sees no entities (facts 62, 65).
    """
    if "\\" not in text and "[" not in text:
        return escape(text)
    parts: list[str] = []
    end = 0
    for mark in _TEXT.finditer(text):
        parts.append(escape(text[end : mark.start()]))
        if mark[0] == "[":
            parts.append("&#91;")
            end = mark.end()
        else:
            parts.append(f"\\<span>{text[mark.end()]}</span>")
            end = mark.end() + 1
    parts.append(escape(text[end:]))
    return "".join(parts)


# Finished fields -----------------------------------------------------------------------------

_IN_VALUE = regex(r'="[^"]*?(?:\{\{|\}\}|::|[<>])')
_PARTED = "\\\\\u200c<span></span>"
"""A backslash that is a macro's no more: the element ends the formula for MathJax, so that its
source is shown; the joiner is for clozes, where Anki takes elements out of formulas."""
_ELEMENT = regex(r"""<(/?)([a-zA-Z0-9]+)(?:[^<>"]*+(?:"[^"]*+")?+)*+>""")
_SOUND = regex(r"\[sound:([^\]\s]+)\]")


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
    if "\\" in html:
        html = html.replace("<wbr>", "")  # MathJax reads on over it: "\hr<wbr>ef" is a macro
    parts: list[str] = []
    end = code = 0
    for tag in _ELEMENT.finditer(html):
        parts.append(_text(html[end : tag.start()], sounds, in_code=code > 0))
        end = tag.end()
        if tag[2] in {"code", "pre"}:
            code += -1 if tag[1] else 1
        parts.append(_attributes(tag[0]))
    parts.append(_text(html[end:], sounds, in_code=code > 0))
    return "".join(parts)


def _text(text: str, sounds: Container[str], *, in_code: bool) -> str:
    if "[" in text:
        text = _brackets(_IN_TEXT, text, () if in_code else sounds)
    if "\\" in text and not in_code:
        text = _MACRO.sub(_PARTED, text)
    return text


def _brackets(commands: re.Pattern[str], text: str, sounds: Container[str]) -> str:
    """Return *text* with brackets that begin *commands* as entities, but for those of *sounds*."""

    def bracket(found: re.Match[str]) -> str:
        sound = _SOUND.match(text, found.start())
        return "[" if sound and sound[1] in sounds else "&#91;"

    return commands.sub(bracket, text)


_VALUE = regex(r'="([^"]*+)"')


def _attributes(tag: str) -> str:
    return _VALUE.sub(lambda found: f'="{_value(found[1])}"', tag) if '"' in tag else tag


def _value(value: str) -> str:
    """Return an attribute's value in which cloze marks and brackets are entities."""
    value = _IN_TEXT.sub("&#91;", value)
    return without_gaps(value.replace("<", "&lt;").replace(">", "&gt;"))


# Clozes --------------------------------------------------------------------------------------

_BETWEEN = r"(?:<[^>]*>|\{\{c[\d,]+::|\}\})*+"
"""What Anki takes out of a formula of a cloze before anyone reads it."""


def _spread(words: Iterable[str]) -> str:
    return "|".join(_BETWEEN.join(map(re.escape, word)) for word in words)


@cache
def _spread_out() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns of brackets and macros; large ones, made when the first cloze comes."""
    macros = _spread((*_MACROS, *_FAMILIES, "unicode", "bbox", "fcolorbox"))
    return (
        re.compile(rf"\[(?={_BETWEEN}(?:{_spread(_WORDS)}))", re.IGNORECASE),
        re.compile(rf"\\(?={_BETWEEN}(?:{macros}))"),
    )


def disarm_cloze(html: str, sounds: Container[str] = ()) -> str:
    r"""Return the text of a cloze in which no command comes together when Anki shows it.

    Anki removes elements and gaps from formulas of clozes, code among them: what stood as
    ``\hr<b></b>ef`` or ``\hr{{c1::ef}}`` reaches MathJax as one word.
    """
    if "\\(" not in html and "\\[" not in html:
        return html
    brackets, macros = _spread_out()
    return macros.sub("\\\\\u200c", _brackets(brackets, html, sounds))
