"""The one place that says what HTML a card may hold; the sanitiser itself is a library's.

`tame` goes first, over raw HTML only: it writes what a stranger wrote in a form that every
parser reads alike, bounded in depth so that none takes quadratic time, and counts what goes.
`sanitise` is what safety rests on: nh3 with the allow-lists below, which is not asked about HTML
that is whole one of a few plain forms. Everything that `deckbuilder.render` writes itself passes
through both unchanged (CONTRACT P9).
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import nh3

ALLOWED: dict[str, set[str]] = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "audio": {"src", "controls"},
    "bdi": {"dir"},
    "bdo": {"dir"},
    "details": {"open"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start", "type", "reversed"},
    "li": {"value"},
    "source": {"src", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "video": {"src", "controls", "playsinline", "width", "height"},
}
"""Element -> its attributes, beside ``lang``, ``dir`` and ``class``."""

PLAIN = {
    "b", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd",
    "del", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h3", "h4", "h5", "h6",
    "hr", "i", "ins", "kbd", "mark", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp",
    "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody",
    "tfoot", "thead", "time", "tr", "u", "ul", "var", "wbr",
}  # fmt: skip
"""Elements without attributes of their own."""

GENERIC = {"lang", "dir"}
"""Attributes that every element may carry."""

CLASSES = {
    "a": {"remote"},
    "div": {
        "abstract", "bug", "callout", "callout-title", "caution", "code", "danger", "example",
        "footnotes", "further", "important", "info", "lang", "math", "note", "question", "quote",
        "success", "table", "tip", "todo", "warning",
    },
    "img": {"diagram"},
    "li": {"done", "todo"},
    "p": {"heading"},
    "span": {"box", "kept", "missing"},
    "sup": {"fn"},
    "td": {"left", "center", "right"},
    "th": {"left", "center", "right"},
    "ul": {"tasks"},
}  # fmt: skip
"""Element -> classes of ours that the note types style; tokens of code are added below."""

WITH_CONTENT = {
    "applet", "canvas", "datalist", "embed", "frameset", "iframe", "math", "noembed", "noframes",
    "noscript", "object", "script", "select", "style", "svg", "template", "textarea", "title",
}  # fmt: skip
"""Elements that go with everything inside them; of others the text stays."""

SCHEMES = {"http", "https", "mailto", "tel", "obsidian", "zotero"}
"""What a link on a card may lead to."""


def may_lead_to(address: str) -> bool:
    """Return whether a link on a card may lead to *address*."""
    scheme, colon, _ = address.partition(":")
    return bool(colon) and scheme.lower() in SCHEMES


MAX_DEPTH = 100
"""Elements of raw HTML inside each other: parsers take quadratic time on deep ones."""


@cache
def _classes() -> dict[str, set[str]]:
    from pygments.token import STANDARD_TYPES

    code = {name for name in STANDARD_TYPES.values() if name}
    return {**CLASSES, "span": CLASSES["span"] | code}


@cache
def _cleaner() -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(
        tags=PLAIN | set(ALLOWED),
        attributes={"*": GENERIC, **ALLOWED},
        allowed_classes=_classes(),
        clean_content_tags=WITH_CONTENT,
        url_schemes=SCHEMES,
        link_rel=None,
        strip_comments=True,
    )


def sanitise(html: str) -> str:
    """Return *html* with allowed elements, attributes, classes and links only, well-formed."""
    return html if _plain().fullmatch(html) else _cleaner().clean(html)


@cache
def _plain() -> re.Pattern[str]:
    """Return a pattern of what most fields are, which the library would return as it is.

    That is paragraphs, headings, flat lists, code and formulas, and in their lines text with flat
    elements and pictures of ours. What nests otherwise is not asked about.
    """
    text = r"[^<>&\0\r\xa0]++|&(?:amp|lt|gt|nbsp);"
    words = f"(?:{text})*+"
    flat = "|".join(f"<{name}>{words}</{name}>" for name in ("strong", "em", "code"))
    kept = f'<span class="kept">{words}</span>'
    picture = r'<img src="[A-Za-z0-9._-]+" alt="[^"<>&\0\r\xa0]*">'
    inline = f"{text}|{flat}|{kept}|{picture}|<br>"
    line = f"(?:{inline})*+"
    lines = "|".join(f"<{name}>{line}</{name}>" for name in ("p", "h3", "h4"))
    items = rf"\n(?:<li>{line}</li>\n)*+"
    span = f'<span class="(?:{"|".join(sorted(_classes()["span"]))})">{words}</span>'
    code = f'(?:<div class="lang">{words}</div>)?<pre><code>(?:{text}|{span})*+</code></pre>'
    return re.compile(
        f"(?:{inline}|{lines}|<ul>{items}</ul>|<ol>{items}</ol>"
        f'|<div class="math">{words}</div>|<div class="code">{code}</div>)*+'
    )


# Raw HTML ------------------------------------------------------------------------------------

_ATTRIBUTE = r"""([^\s/>][^\s/>=]*+)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'>][^\s>]*+))?+"""
_TOKEN = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|<[!?][^>]*+>?|</(?![a-zA-Z])[^>]*+>?"
    rf"|<(/?)([a-zA-Z][^\s/>]*+)((?:[\s/]++|{_ATTRIBUTE.replace('(', '(?:', 1)})*+)(?:>|\Z)",
    re.DOTALL,
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)

_KNOWN = {
    "acronym", "address", "applet", "area", "article", "aside", "base", "basefont", "bgsound",
    "big", "blink", "body", "button", "canvas", "content", "data", "datalist", "dialog", "dir",
    "embed", "fieldset", "font", "footer", "form", "frame", "frameset", "h1", "h2", "head",
    "header", "hgroup", "html", "iframe", "input", "isindex", "keygen", "label", "legend",
    "link", "listing", "main", "map", "marquee", "math", "menu", "menuitem", "meta", "meter",
    "multicol", "nav", "nextid", "nobr", "noembed", "noframes", "noscript", "object", "optgroup",
    "option", "output", "param", "picture", "plaintext", "portal", "progress", "rb", "rtc",
    "script", "search", "section", "select", "shadow", "slot", "spacer", "style", "svg",
    "template", "textarea", "title", "track", "tt", "xmp",
}  # fmt: skip
"""Elements of HTML that are not allowed; any other unknown name may be text: ``<unk>``."""
_PAGE = {"body", "h1", "h2", "head", "html"}
_FORMATTING = {"b", "code", "em", "i", "s", "small", "strike", "strong", "u"}
"""Elements that parsers open again in each paragraph: they nest once and carry nothing."""
_PLAYERS = {"audio", "video"}
"""Elements that hide what they hold; one that plays nothing and never ends is text: ``<video>``."""
_STRUCK = re.compile(r"(?! )(?:(?!</?(?:s|p|li|td|th|h[1-6])\b).)++(?<! )</s\s*>", re.I | re.S)
"""What ``<s>`` strikes: text of its block, without spaces inside of the tags."""
_VOID = {"br", "col", "hr", "img", "source", "wbr"}
_CLOSED_BY_NEXT = {"p", "li", "dt", "dd", "td", "th", "tr", "thead", "tbody", "tfoot", "colgroup",
                   "caption"}  # fmt: skip
"""Elements that authors leave open; they cannot nest without another one between them."""
_WORD = re.compile(r"[A-Za-z][\w-]*")
_OWN = re.compile(r"[A-Z]\w*|[a-z]+(?:-[a-z]+)+")
"""How programs name elements of their own: ``TabItem``, ``quote-container``."""
_TITLES = {"title", "label", "summary", "name", "text"}
"""Attributes that such an element shows."""


def tame(html: str, removed: Counter[str]) -> str:
    """Return raw *html* with plain tags, no deeper than `MAX_DEPTH`; add what went to *removed*.

    Elements that are allowed keep their allowed attributes, whatever else was written. Names
    that HTML does not know are text, as in ``the <unk> token``. Depth that was cut away is
    counted as ``nesting``.
    """
    tamer = _Tamer(html, removed)
    tamer.run()
    return "".join(tamer.out)


class _Tamer:
    """One pass over raw HTML."""

    def __init__(self, html: str, removed: Counter[str]) -> None:
        self.html = html
        self.removed = removed
        self.out: list[str] = []
        self.open: list[tuple[str, bool]] = []
        """Names of open elements, and whether their tags were written."""
        self.formatting: set[str] = set()
        """Those of `_FORMATTING` that are open."""
        self.last_close: dict[str, int] = {}
        self.own: set[str] = set()
        """Elements of a program's own that were met."""

    def run(self) -> None:
        position = 0
        while found := _TOKEN.search(self.html, position):
            self.text(self.html[position : found.start()])
            position = found.end()
            name = found[2]
            if not name:
                continue
            name = name.lower()
            if found[1]:
                self.close(name, found)
            elif name in WITH_CONTENT:
                self.removed[name] += 1
                position = self.after(name, position)
            else:
                self.start(name, found)
        self.text(self.html[position:])

    def text(self, text: str) -> None:
        self.out.append(text.replace("<", "&lt;"))

    def after(self, name: str, position: int) -> int:
        """Return where the element *name* that begins before *position* ends, inner ones too."""
        if not self.is_closed(name, position):
            return position  # only the tag goes
        depth = 1
        for found in re.compile(rf"<(/?){name}(?=[\s/>])[^>]*+>?", re.I).finditer(
            self.html, position
        ):
            depth += -1 if found[1] else int(name in {"svg", "math", "object", "template"})
            if depth == 0:
                return found.end()
        return self.last_close[name]

    def is_closed(self, name: str, position: int) -> bool:
        """Return whether the element *name* that begins before *position* ever ends."""
        if name not in self.last_close:
            self.last_close[name] = self.html.lower().rfind(f"</{name}")
        return self.last_close[name] >= position

    def start(self, name: str, found: re.Match[str]) -> None:
        attributes = list(self.attributes(found[3]))
        self.count(name, attributes)
        name = "h3" if name in {"h1", "h2"} else name
        if name not in PLAIN and name not in ALLOWED:
            self.unknown(name, found)
            return
        if self.is_word(name, attributes, found.end()):
            self.text(found[0])
            return
        if name in _VOID or name in _CLOSED_BY_NEXT:
            self.write(name, attributes)
            return
        written = len(self.open) < MAX_DEPTH
        if not written:
            self.removed["nesting"] += 1
        if name in _FORMATTING and name in self.formatting:
            written = False
        if written:
            self.write(name, attributes)
            self.formatting |= {name} & _FORMATTING
        if len(self.open) < 100 * MAX_DEPTH:
            self.open.append((name, written))

    def is_word(self, name: str, attributes: list[tuple[str, str]], position: int) -> bool:
        """Return whether the tag that ends at *position* names something in a sentence.

        ``<video>`` does that never ends, and ``<s>``, where models begin, that strikes nothing.
        """
        if name in _PLAYERS:
            return not attributes and not self.is_closed(name, position)
        return name == "s" and "s" not in self.formatting and not _STRUCK.match(self.html, position)

    def close(self, name: str, found: re.Match[str]) -> None:
        name = "h3" if name in {"h1", "h2"} else name
        if name not in PLAIN and name not in ALLOWED:
            if name not in WITH_CONTENT:
                self.unknown(name, found)
            return
        if self.open and self.open[-1][0] == name:
            _, written = self.open.pop()
            if not written:
                return
            self.formatting.discard(name)
        elif name == "s" and name not in self.formatting:
            self.text(found[0])
            return
        self.out.append(f"</{name}>")

    def write(self, name: str, attributes: list[tuple[str, str]]) -> None:
        allowed = ALLOWED.get(name, set()) | GENERIC | {"class"}
        kept: dict[str, str] = {}
        for key, value in attributes:
            if key in allowed and name not in _FORMATTING:
                kept.setdefault(key, value)  # of two, parsers believe the first
        shown = "".join(f' {key}="{value}"' for key, value in kept.items())
        self.out.append(f"<{name}{shown}>")

    def unknown(self, name: str, found: re.Match[str]) -> None:
        """Write a name that HTML does not know as text, unless it is one of a program's own.

        Of such an element its title stays.
        """
        if name in _KNOWN or not _WORD.fullmatch(name):
            return
        if "=" in found[3] or self.is_block(found):
            self.own.add(name)
        if name not in self.own:
            self.text(found[0])
        elif title := next((v for k, v in self.attributes(found[3]) if k in _TITLES), ""):
            self.out.append(f"<strong>{title}</strong> ")

    def is_block(self, found: re.Match[str]) -> bool:
        """Return whether a tag begins lines that are an element of a program's own."""
        name = found[2]
        if found[1] or not (_OWN.fullmatch(name) and self.html.startswith("\n", found.end())):
            return False
        if name not in self.last_close:  # as it is written: <Tab> is not closed by </table>
            self.last_close[name] = self.html.rfind(f"</{name}>")
        return self.last_close[name] > found.end()

    @staticmethod
    def attributes(text: str) -> list[tuple[str, str]]:
        """Return names and values, these fit to stand between double quotes."""
        result = []
        for name, value in _ATTRIBUTES.findall(text):
            if value[:1] in {'"', "'"}:
                value = value[1:-1]
            escaped = value.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
            result.append((name.lower(), escaped))
        return result

    def count(self, name: str, attributes: list[tuple[str, str]]) -> None:
        if name in _KNOWN and name not in _PAGE:
            self.removed[name] += 1
        for key, value in attributes:
            if key.startswith("on"):
                self.removed["event-handler"] += 1
            elif key == "style":
                self.removed["style"] += 1
            elif key == "href" and name == "a" and (kind := _bad_link(value)):
                self.removed[kind] += 1


def _bad_link(value: str) -> str:
    """Return the name in the report of a link that may not stay, or nothing."""
    address = re.sub(r"[\x00-\x20\x7f-\xa0]+", "", unescape(value)).lower()
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", address)
    if scheme is None or scheme[1] in SCHEMES:
        return ""
    named = scheme[1] in {"javascript", "vbscript", "data", "file"}
    return f"{scheme[1]}-link" if named else "other-link"
