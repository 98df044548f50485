"""What a section shows besides text: pictures, formulas, diagrams, raw HTML, and what is wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, unquote_plus

from deckbuilder.characters import regex
from deckbuilder.markup import REMOTE, attribute, attributes_of, escape
from deckbuilder.model import (
    Embedded,
    Finding,
    Media,
    MediaFile,
    Prepared,
    RenderSettings,
    Section,
    Unresolved,
)
from deckbuilder.pictures.embedded import DATA
from deckbuilder.pictures.media_types import diagram_name, kind_of
from deckbuilder.problems import Location, Problem, warning
from deckbuilder.rendering.cloze import has_gap
from deckbuilder.rendering.disarm import disarm, forbidden_macro
from deckbuilder.rendering.macros import POINTERS, unknown_macro
from deckbuilder.rendering.sanitise import MAX_DEPTH, may_lead_to, sanitise, tame
from deckbuilder.syntax.callout import KINDS

_FORBIDDEN = (
    "{} could link, load or change the formulas of other cards, so the card shows the source of "
    "this one; write it out"
)
_UNKNOWN = (
    "{} is unknown to Anki's MathJax and will show as red text; write it out, or define it in "
    "this file with \\newcommand"
)
_POINTING = "{} leads to another formula, and cards show ??? for it: write out what it stands for"
_GAP_INSIDE = (
    "a gap inside a formula makes no card and its mark is shown; put the formula into the gap: "
    "{{c1::$…$}}"
)
_SOURCE = regex(r"""\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_IMAGE = regex(r"<image\b(?=[^<>]*\ssrc\s*=)", re.IGNORECASE)
"""What every browser takes for a picture."""
_SOURCELESS = regex(
    r"(<img\b(?![^<>]*\ssrc\s*=)[^<>]*?\s)(?:data-(?:src|original|actualsrc)|(?:v-bind)?:src)"
    r"\s*=\s*([\"'])((?:(?!\2)[^<>])*)\2",
    re.IGNORECASE,
)
"""A picture that a script is to load: the beginning of its tag, and the address."""
_IN_CALL = regex(r"\(\s*[\"'`]([^\"'`]+)[\"'`]\s*\)")
"""``$withBase('/a.png')``"""
_ICON = regex(r"(?:https://www\.notion\.so)?/icons/[\w-]+\.svg")
"""What Notion puts before a callout; as text it has its own address."""
_ASIDE = regex(
    r"<(/?)(?:aside|callout|admonition)\b[^<>]*(?<!/)>"
    r"|<div\b[^<>]*\bclass=[\"'](?:[^\"'<>]*\s)?(?:alert|admonition)[\s\"'][^<>]*>",
    re.IGNORECASE,
)
"""What Notion, Feishu, notebooks and others set apart."""


class Finder(Protocol):
    """Where pictures are looked for: a `MediaLibrary`, or one that takes notes."""

    def find(self, reference: str, *, beside: Path) -> Finding:
        """Return which file *reference* means in a note in folder *beside*."""
        ...

    def embedded(self, reference: str) -> Embedded | Unresolved:
        """Return the picture that *reference* holds, which is a ``data:`` address."""
        ...


@dataclass(slots=True)
class Page:
    """A section while it is rendered; collects what is met on the way."""

    section: Section
    library: Finder
    settings: RenderSettings
    language: str
    text: str
    """The answer as plain text."""
    media: dict[str, Media] = field(default_factory=dict)
    remote: dict[str, int] = field(default_factory=dict)
    """Address -> line."""
    problems: list[Problem] = field(default_factory=list)
    _raw: list[str] = field(default_factory=list)
    """The raw HTML that was met."""
    _raw_lines: dict[str, int] = field(default_factory=dict)
    """Where the pictures of raw HTML stand."""
    line: int = 0
    question_name: str = ""
    """Stands for a question that is only a picture."""
    clozes: int = 0
    heading_shift: int = 0

    @property
    def where(self) -> Location:
        """Where that is which is being rendered."""
        return Location(self.section.where.path, self.line or self.section.where.line)

    # Pictures and formulas

    def picture(self, reference: str, alt: str, attributes: Mapping[str, str]) -> str:
        """Return a picture, sound or film as HTML; what cannot be shown leaves a word."""
        if formula := _formula_of(reference):
            alone = formula.removesuffix("\\\\")  # so Zhihu marks what has a line of its own
            opening, closing = "()" if alone == formula else "[]"
            return f"\\{opening}{self.formula(alone)}\\{closing}"
        if REMOTE.match(reference):
            url = reference if ":" in reference[:6] else f"https:{reference}"
            self.remote.setdefault(url, self.where.line)
            return _img(url, alt, attributes)
        if DATA.match(reference):
            return self._placed(self.library.embedded(reference), "data:", alt, attributes)
        found, remark = self.library.find(reference, beside=self.section.folder)
        if remark:
            self.problems.append(Problem(remark.severity, remark.code, self.where, remark.message))
        return self._placed(found, unquote(reference), alt, attributes)

    def _placed(
        self,
        found: MediaFile | Embedded | Unresolved,
        name: str,
        alt: str,
        attributes: Mapping[str, str],
    ) -> str:
        if isinstance(found, Unresolved):
            self._complain(found.code, found.message)
            shown = f"{alt} ({name})" if alt else name
            return f'<span class="missing">{escape(shown)}</span>'
        self.media[found.name] = found
        return _embed(found, alt, attributes)

    def _complain(self, code: str, message: str) -> None:
        self.problems.append(warning(code, self.where, message))

    def diagram(self, code: str) -> str | None:
        """Return a drawn diagram as a picture, or None where it has to stay code."""
        from deckbuilder.pictures.diagrams import draw

        drawn = draw(code)
        if isinstance(drawn, Unresolved):
            self._complain(drawn.code, drawn.message)
            return None
        name = diagram_name(code)
        self.media[name] = Prepared(name, drawn, len(code.encode()), len(drawn))
        alt = " ".join(code.split())[:120]
        return f'<img src="{name}" alt="{attribute(alt)}" class="diagram">'

    def formula(self, text: str) -> str:
        """Return a formula as MathJax wants it, and say what it will not show (fact 64)."""
        text = re.sub(r"\\bm(?![A-Za-z])", r"\\boldsymbol", text)
        text = re.sub(r"\\label\{[^{}]*\}", "", text)
        if macro := forbidden_macro(text):
            self._complain("math-macro", _FORBIDDEN.format(macro))
        elif macro := unknown_macro(text):
            said = _POINTING if macro in POINTERS else _UNKNOWN
            self._complain("math-macro", said.format(macro))
        if has_gap(text):
            self._complain("cloze-formula", _GAP_INSIDE)
        return escape(re.sub(r"\n\s*\n", "\n", text)).replace("\\)", "\\ )").replace("\\]", "\\ ]")

    # Raw HTML

    def raw_html(self, content: str) -> str:
        """Return raw HTML, to be put in order when the section is whole.

        Where its pictures stand is known now.
        """

        def source(found: re.Match[str]) -> str:
            reference = unescape(next(filter(None, found.groups()), "")).strip()
            line = self.line + content.count("\n", 0, found.start())
            self._raw_lines.setdefault(reference, line)
            if not re.match(r"(?!https?:)[a-z][a-z0-9+.-]*:", reference, re.IGNORECASE):
                return found[0]
            # Named in a problem, and the sanitiser takes it away; but not what is the picture.
            name = attributes_of(self.picture(reference, "", {})).get("src")
            return f' src="{name}"' if name else found[0]

        content = _SOURCE.sub(source, _SOURCELESS.sub(_loaded, _IMAGE.sub("<img", content)))
        self._raw.append(content)
        return _ASIDE.sub(_callout, content)

    def finished(self, html: str, removed: Counter[str]) -> str:
        """Return *html* with nothing in it that a card may not hold; count what went."""
        if self._raw:
            html = tame(html, removed)
            if _NEEDS_ORDER.search(html):
                html = self._tidy(html)
        return disarm(sanitise(html), self.media).strip()

    def complain_of_raw(self, too_deep: int) -> None:
        """Say what was wrong with the raw HTML of the section as a whole."""
        self.line = 0
        if too_deep:
            message = f"{too_deep} HTML elements are nested more than {MAX_DEPTH} deep and go"
            self._complain("nesting", f"{message}; their text stays. Close what is left open")
        if macro := forbidden_macro("".join(self._raw)):
            self._complain("math-macro", _FORBIDDEN.format(macro))

    def _tidy(self, html: str) -> str:
        """Return *html* with the headings, pictures and links of its raw parts put in order."""
        html = re.sub(r"(</?)h[12]\b", r"\1h3", html, flags=re.IGNORECASE)
        return _linked(_SHOWN.sub(self._shown, sanitise(html)))

    def _shown(self, found: re.Match[str]) -> str:
        """Return a picture, sound or film of raw HTML as one of ours."""
        tag, content = found[1] or found[2], found[4] or ""
        attributes = attributes_of(found[0])
        reference = attributes.get("src", "").strip()
        if not reference and tag == "img":
            return f'<span class="missing">{escape(attributes.get("alt") or "img")}</span>'
        if not reference:
            own = re.sub(r' src="[^"]*"', "", found[3] or "")
            return f"<{tag}{own}>{_SHOWN.sub(self._shown, content)}</{tag}>" if found[2] else ""
        if _ICON.fullmatch(reference) and attributes.get("alt") == reference:
            return ""
        if reference in self.media or (tag == "img" and reference in self.remote):
            return found[0]
        kept = {k: attributes[k] for k in ("width", "height", "title") if attributes.get(k)}
        self.line = self._raw_lines.get(reference, 0)
        replacement = self.picture(reference, attributes.get("alt", ""), kept)
        if tag == "source":
            name = re.search(r'src="([^"]*)"|\[sound:([^\]]+)\]', replacement)
            return f'<source src="{name[1] or name[2]}">' if name else ""
        return replacement


# Pictures, sounds and links as HTML -----------------------------------------------------------

_SHOWN = regex(
    r'<(img|source)\b(?:[^>"]|"[^"]*")*>|<(video|audio)\b((?:[^>"]|"[^"]*")*)>(.*?)</\2>', re.DOTALL
)


def _loaded(found: re.Match[str]) -> str:
    """Return the beginning of a picture's tag with its address where pages have it."""
    called = _IN_CALL.search(found[3])
    return f'{found[1]}src="{called[1] if called else found[3]}"'


def _callout(tag: re.Match[str]) -> str:
    """Return a tag that sets something apart as one of a callout."""
    if tag[1]:
        return "</div>"
    values = attributes_of(tag[0])
    words = f"{values.get('type', '')} {values.get('class', '')}".lower().replace("alert-", "")
    kind = next((KINDS[word] for word in words.split() if word in KINDS), "note")
    title = escape(values.get("title", ""))
    shown = f'<div class="callout-title">{title}</div>' if title else ""
    return f'<div class="callout {kind}">{shown}'


_ADDRESS = regex(r"([^?#\s]*+)([?#])(.*)")
"""Site and page, what parts them from the rest, and the rest."""
_DRAWS = regex(r"equation|latex|math")
_FORMULA = regex(r"(?:\S*&)?(?:tex|formula|math|code|latex)=([^&#]+)")
_DRAWN = regex(r"\\(?:dpi\{\d+\}|[bf]g_\w+|inline(?![a-z]))\s*")
"""What says how large and in which colour."""


def _formula_of(address: str) -> str:
    """Return the formula that is shown as a picture by Zhihu, Yuque, CodeCogs and others."""
    parts = _ADDRESS.match(address.partition("//")[2])
    if parts is None:
        return ""
    page, mark, said = parts.groups()
    draws = _DRAWS.search(page) and not page.endswith((".png", ".jpg", ".gif"))
    if draws and (found := _FORMULA.match(said)):
        return unquote_plus(found[1]).rstrip()
    if mark == "?" and page.partition("/")[0].endswith("codecogs.com"):
        return _DRAWN.sub("", unquote(said).replace("&space;", " "))
    return ""


def _linked(html: str) -> str:
    """Return *html* without links that lead nowhere; their text stays."""
    dropped = False

    def check(found: re.Match[str]) -> str:
        nonlocal dropped
        if found[0].startswith("</"):
            return "" if dropped else found[0]
        dropped = not may_lead_to(attributes_of(found[0]).get("href", ""))
        return "" if dropped else found[0]

    return re.sub(r'<a\b(?:[^>"]|"[^"]*")*>|</a>', check, html)


_NEEDS_ORDER = regex(r"<(?:img|audio|video|source|a|h1|h2)\b", re.IGNORECASE)


def _img(source: str, alt: str, attributes: Mapping[str, str]) -> str:
    extra = "".join(f' {name}="{attribute(value)}"' for name, value in attributes.items())
    return f'<img src="{attribute(source)}" alt="{attribute(alt)}"{extra}>'


def _embed(found: MediaFile | Embedded, alt: str, attributes: Mapping[str, str]) -> str:
    kind = kind_of(found.name)
    if kind == "audio":
        return f"[sound:{found.name}]"
    if kind == "video":
        return f'<video src="{found.name}" controls="" playsinline=""></video>'
    return _img(found.name, alt, attributes)
