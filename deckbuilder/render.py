"""Stage 4b, render: Section -> Rendered: HTML, the media it uses, and plain text.

One function a token type, listed in `_RULES`; raw HTML passes through and is put in order
afterwards, and everything goes through `deckbuilder.sanitise`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, unquote_plus

from deckbuilder.cloze import MOST_GAPS, PROTECTED, cloze_fields, cloze_ords, has_gap, wild_gaps
from deckbuilder.disarm import disarm, disarm_cloze, forbidden_macro, text_as_html
from deckbuilder.highlight import highlight
from deckbuilder.macros import unknown_macro
from deckbuilder.markdown import (
    BREAKS,
    Token,
    href_of,
    joins_without_space,
    plain_text,
    visible_text,
)
from deckbuilder.markup import REMOTE, attribute, attributes_of, escape
from deckbuilder.media_types import diagram_name, kind_of
from deckbuilder.model import (
    Diagram,
    Media,
    MediaFile,
    NoteKind,
    Remark,
    RemotePicture,
    Rendered,
    RenderSettings,
    Section,
    Unresolved,
)
from deckbuilder.problems import Location, Problem, warning
from deckbuilder.sanitise import MAX_DEPTH, may_lead_to, sanitise, tame

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30fa]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")


class Finder(Protocol):
    """Where pictures are looked for: a `MediaLibrary`, or one that takes notes."""

    def find(self, reference: str, *, beside: Path) -> MediaFile | Unresolved:
        """Return the file that *reference* means in a note in folder *beside*."""
        ...

    def remark(self, reference: str, *, beside: Path) -> Remark | None:
        """Return what the author should know of how it was found."""
        ...


def render(
    section: Section, library: Finder, settings: RenderSettings
) -> tuple[Rendered, Counter[str]]:
    """Return *section* as HTML, and what was removed from its raw HTML."""
    text = visible_text(section.answer)
    language = settings.language or _language(plain_text(section.question) + text)
    page = _Page(section, library, settings, language, text)
    question = page.inline(section.question).strip()
    if section.prompt:
        question = f"<p>{question}</p>\n{page.blocks(section.prompt).strip()}"
    answer = page.blocks(section.answer).strip()
    removed: Counter[str] = Counter()
    question, answer = page.finished(question, removed), page.finished(answer, removed)
    page.complain_of_raw(removed.pop("nesting", 0))
    question_text = plain_text(section.question) or page.question_name
    if section.prompt:
        question_text = " ".join(f"{question_text} {visible_text(section.prompt)}".split())
    if shows_nothing(question):  # <script> was all of it, or an element that has no text
        question = text_as_html(question_text)
    rendered = _assemble(page, question, answer, question_text)
    return rendered, removed


_NOTHING = re.compile(
    r"(?:<(?!(?:img|video|audio)\b)[^>]*>|&nbsp;|"
    r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff])*+"
)


def shows_nothing(html: str) -> bool:
    """Return whether a reader sees neither text nor a picture in a field."""
    return _NOTHING.fullmatch(html) is not None


def _assemble(page: _Page, question: str, answer: str, question_text: str) -> Rendered:
    section, language = page.section, page.language
    kind = NoteKind.SECTION
    ords: tuple[int, ...] = (0, 1) if section.directives.reverse else (0,)
    if has_gap(question + answer):
        if wild := wild_gaps(question + answer):
            message = f"{wild[0][:40]} makes no card: Anki counts to {MOST_GAPS}; it stays as text"
            page.problems.append(warning("cloze-number", section.where, message))
        text, rest = cloze_fields(question, answer)
        text = disarm_cloze(text, page.media)
        if gaps := cloze_ords(text):
            kind, ords, question, answer = NoteKind.CLOZE, gaps, text, rest
    return Rendered(
        kind=kind,
        question=_in_language(question, language),
        answer=_in_language(answer, language),
        context=_context(section.title, *section.context),
        question_text=question_text,
        answer_text=page.text,
        ords=ords,
        media=tuple(page.media.values()),
        remote=tuple(RemotePicture(url, "", "", line) for url, line in page.remote.items()),
        problems=tuple(page.problems),
    )


@lru_cache(maxsize=1024)
def _context(*headings: str) -> str:
    """Return the headings above, once for all sections below them."""
    return _in_language(text_as_html(" › ".join(filter(None, headings))), "")


def _in_language(html: str, language: str) -> str:
    """Return *html* in an element that names its language, and its direction if it is not ours."""
    lang = f' lang="{attribute(language)}"' if language else ""
    direction = ' dir="rtl"' if _reads_leftwards(html) else ""
    return f"<div{lang}{direction}>{html}</div>" if html and (lang or direction) else html


_LEFTWARDS = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_RIGHTWARDS = re.compile(r"[A-Za-z\u00c0-\u058f\u0900-\u1fff\u2e80-\ud7af]")
_NO_TEXT = re.compile(rf"{PROTECTED.pattern}|<[^>]*>|&\w+;", PROTECTED.flags)


def _reads_leftwards(html: str) -> bool:
    """Return whether most letters of *html*, code and formulas aside, are Hebrew, Arabic or alike.

    Clients do not ask: a card is set from left to right, and full stops would begin its lines.
    """
    if html.isascii() or not _LEFTWARDS.search(html):
        return False
    text = _NO_TEXT.sub("", html)
    return len(_LEFTWARDS.findall(text)) > len(_RIGHTWARDS.findall(text))


def _language(text: str) -> str:
    """Return the language that decides fonts, or nothing for Latin and other scripts."""
    sample = text[:4000]
    if sample.isascii():
        return ""
    if _KANA.search(sample) and len(_KANA.findall(sample)) * 10 > len(_HAN.findall(sample)):
        return "ja"
    if _HANGUL.search(sample) and len(_HANGUL.findall(sample)) > len(_HAN.findall(sample)):
        return "ko"
    return "zh" if _HAN.search(sample) else ""


# Tokens --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Page:
    """Renders one section; collects what it meets on the way."""

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
    raw: list[str] = field(default_factory=list)
    """The raw HTML that was met."""
    raw_lines: dict[str, int] = field(default_factory=dict)
    """Where the pictures of raw HTML stand."""
    line: int = 0
    question_name: str = ""
    """Stands for a question that is only a picture."""
    clozes: int = 0
    heading_shift: int = 0

    @property
    def where(self) -> Location:
        return Location(self.section.where.path, self.line or self.section.where.line)

    def blocks(self, tokens: Sequence[Token]) -> str:
        """Return block tokens as HTML."""
        levels = [int(t.tag[1]) for t in tokens if t.type == "heading_open"]
        self.heading_shift = 3 - min(levels, default=3)
        parts: list[str] = []
        for index, token in enumerate(tokens):
            if token.map:
                self.line = token.map[0] + 1
            rule = _RULES.get(token.type)
            parts.append(rule(self, tokens, index) if rule else _unknown(token))
        return "".join(parts)

    def inline(self, children: Sequence[Token]) -> str:
        """Return inline tokens as HTML."""
        parts: list[str] = []
        line = self.line
        for index, token in enumerate(children):
            if token.type in BREAKS and self.line:
                self.line += 1
            rule = _INLINE.get(token.type)
            parts.append(rule(self, children, index) if rule else _unknown(token))
        self.line = line
        return "".join(parts)

    # pictures

    def picture(self, reference: str, alt: str, attributes: Mapping[str, str]) -> str:
        """Return a picture, sound or film as HTML; what cannot be shown leaves a word."""
        if formula := _formula_of(reference):
            return f"\\({_formula(self, formula)}\\)"
        if REMOTE.match(reference):
            url = reference if ":" in reference[:6] else f"https:{reference}"
            self.remote.setdefault(url, self.where.line)
            return _img(url, alt, attributes)
        if re.match(r"data:", reference, re.IGNORECASE):
            self._complain("image-data", f"picture {alt or 'without text'} is written as data: "
                           "into the notes; save it as a file beside them")  # fmt: skip
            return f'<span class="missing">{escape(alt or "data:")}</span>'
        found = self.library.find(reference, beside=self.section.folder)
        if isinstance(found, Unresolved):
            self._complain(found.code, found.message)
            name = unquote(reference)
            shown = f"{alt} ({name})" if alt else name
            return f'<span class="missing">{escape(shown)}</span>'
        self.media[found.name] = found
        self._remark(reference)
        return _embed(found, alt, attributes)

    def _remark(self, reference: str) -> None:
        remark = self.library.remark(reference, beside=self.section.folder)
        if remark:
            self.problems.append(Problem(remark.severity, remark.code, self.where, remark.message))

    def _complain(self, code: str, message: str) -> None:
        self.problems.append(warning(code, self.where, message))

    def diagram(self, code: str) -> str | None:
        """Return a drawn diagram as a picture, or None where it has to stay code."""
        from deckbuilder.diagrams import draw

        drawn = draw(code)
        if isinstance(drawn, Unresolved):
            self._complain(drawn.code, drawn.message)
            return None
        name = diagram_name(code)
        self.media[name] = Diagram(name, code)
        alt = " ".join(code.split())[:120]
        return f'<img src="{name}" alt="{attribute(alt)}" class="diagram">'

    # raw HTML

    def finished(self, html: str, removed: Counter[str]) -> str:
        """Return *html* with nothing in it that a card may not hold; count what went."""
        if self.raw:
            html = tame(html, removed)
            if _NEEDS_ORDER.search(html):
                html = self._tidy(html)
        return disarm(sanitise(html), self.media).strip()

    def complain_of_raw(self, too_deep: int) -> None:
        """Say what was wrong with the raw HTML of the section as a whole."""
        self.line = 0
        if too_deep:
            message = f"{too_deep} HTML elements stand deeper than {MAX_DEPTH} others and go"
            self._complain("nesting", f"{message}; their text stays. Close what is left open")
        if macro := forbidden_macro("".join(self.raw)):
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
        if reference in self.media or reference in self.remote:
            return found[0]
        kept = {k: attributes[k] for k in ("width", "height", "title") if attributes.get(k)}
        self.line = self.raw_lines.get(reference, 0)
        replacement = self.picture(reference, attributes.get("alt", ""), kept)
        if tag == "source":
            name = re.search(r'src="([^"]*)"|\[sound:([^\]]+)\]', replacement)
            return f'<source src="{name[1] or name[2]}">' if name else ""
        return replacement


_SHOWN = re.compile(
    r'<(img|source)\b(?:[^>"]|"[^"]*")*>|<(video|audio)\b((?:[^>"]|"[^"]*")*)>(.*?)</\2>', re.DOTALL
)


_FORMULA_PICTURE = re.compile(
    r"//[^?#\s]*(?:equation|latex|math)[^?#\s]*(?<!\.png|\.jpg|\.gif)[?#]"
    r"(?:\S*&)?(?:tex|formula|math|code|latex)=([^&#]+)"
    r"|//[^/\s]*codecogs\.com/[^?#\s]*\?(.+)"
)
"""An address at which a site draws the formula that stands in it."""
_DRAWN = re.compile(r"\\(?:dpi\{\d+\}|[bf]g_\w+|inline(?![a-z]))\s*")
"""What says how large and in which colour."""


def _formula_of(address: str) -> str:
    """Return the formula that is shown as a picture by Zhihu, Yuque, CodeCogs and others."""
    found = _FORMULA_PICTURE.search(address)
    if found is None:
        return ""
    if found[1]:
        return unquote_plus(found[1])
    return _DRAWN.sub("", unquote(found[2]).replace("&space;", " "))


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


_NEEDS_ORDER = re.compile(r"<(?:img|audio|video|source|a|h1|h2)\b", re.IGNORECASE)


def _img(source: str, alt: str, attributes: Mapping[str, str]) -> str:
    extra = "".join(f' {name}="{attribute(value)}"' for name, value in attributes.items())
    return f'<img src="{attribute(source)}" alt="{attribute(alt)}"{extra}>'


def _embed(found: MediaFile, alt: str, attributes: Mapping[str, str]) -> str:
    kind = kind_of(found.name)
    if kind == "audio":
        return f"[sound:{found.name}]"
    if kind == "video":
        return f'<video src="{found.name}" controls="" playsinline=""></video>'
    return _img(found.name, alt, attributes)


def _unknown(token: Token) -> str:
    """Tokens without a rule are plain elements, or text."""
    if token.nesting == 1:
        return f"<{token.tag}>" if token.tag else ""
    if token.nesting == -1:
        return f"</{token.tag}>" if token.tag else ""
    return escape(token.content)


def _text(page: _Page, tokens: Sequence[Token], index: int) -> str:
    text = tokens[index].content
    if index + 1 < len(tokens) and tokens[index + 1].type == "math_inline":
        text = text[: len(text) - len(_opening(tokens, index))]
    if index and tokens[index - 1].type == "math_inline":
        text = text[len(_closing(tokens, index)) :]
    return text_as_html(text)


def _softbreak(page: _Page, tokens: Sequence[Token], index: int) -> str:
    return "" if joins_without_space(tokens, index) else "\n"


def _code_inline(page: _Page, tokens: Sequence[Token], index: int) -> str:
    return f"<code>{escape(tokens[index].content)}</code>"


_CLOSING = re.compile(r"(?:(?!::)[，。、；：？！）】》」』”’,.;:?!)])*")
"""Punctuation after a formula; ``::`` after one in a gap parts it from its hint."""


def _closing(tokens: Sequence[Token], index: int) -> str:
    """Return the punctuation that the text at *index* begins with."""
    if index < len(tokens) and tokens[index].type == "text":
        found = _CLOSING.match(tokens[index].content)
        return found[0] if found else ""
    return ""


_OPENING = re.compile(r"(?<![（【《「『“‘(])[（【《「『“‘(]+\Z")
"""Punctuation before a formula."""


def _opening(tokens: Sequence[Token], index: int) -> str:
    """Return the punctuation that the text at *index* ends with."""
    if index >= 0 and tokens[index].type == "text":
        found = _OPENING.search(tokens[index].content)
        return found[0] if found else ""
    return ""


def _math_inline(page: _Page, tokens: Sequence[Token], index: int) -> str:
    formula = f"\\({_formula(page, tokens[index].content.strip())}\\)"
    # Browsers may break a line on either side of a formula: marks that belong to it stay with it.
    whole = f"{_opening(tokens, index - 1)}{formula}{_closing(tokens, index + 1)}"
    return f'<span class="kept">{whole}</span>' if whole != formula else formula


def _math_display(page: _Page, tokens: Sequence[Token], index: int) -> str:
    """A display formula inside a paragraph stays there: a block would end the paragraph."""
    return f"\\[{_formula(page, tokens[index].content.strip())}\\]"


def _math_block(page: _Page, tokens: Sequence[Token], index: int) -> str:
    formula = _formula(page, tokens[index].content.strip())
    return f'<div class="math">\\[{formula}\\]</div>\n'


_FORBIDDEN = (
    "{} could link, load or change the formulas of other cards, so the card shows the source of "
    "this one; write it out"
)
_UNKNOWN = (
    "{} is unknown to Anki's MathJax and will show as red text; write it out, or define it in "
    "this file with \\newcommand"
)


_GAP_INSIDE = (
    "a gap inside a formula makes no card and its mark is shown; put the formula into the gap: "
    "{{c1::$…$}}"
)


def _formula(page: _Page, text: str) -> str:
    """Return a formula as MathJax wants it, and say what it will not show (fact 64)."""
    text = re.sub(r"\\bm(?![A-Za-z])", r"\\boldsymbol", text)
    text = re.sub(r"\\label\{[^{}]*\}", "", text)
    if macro := forbidden_macro(text):
        page.problems.append(warning("math-macro", page.where, _FORBIDDEN.format(macro)))
    elif macro := unknown_macro(text):
        page.problems.append(warning("math-macro", page.where, _UNKNOWN.format(macro)))
    if has_gap(text):
        page.problems.append(warning("cloze-formula", page.where, _GAP_INSIDE))
    return escape(re.sub(r"\n\s*\n", "\n", text)).replace("\\)", "\\ )").replace("\\]", "\\ ]")


_SOURCE = re.compile(r"""\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


_ASIDE = re.compile(r"<(/?)aside\b[^<>]*>", re.IGNORECASE)
_CALLOUT = '<div class="callout note">'
"""What Notion exports as ``<aside>``."""


def _raw(page: _Page, tokens: Sequence[Token], index: int) -> str:
    """Raw HTML is put in order when the section is whole; where its pictures stand is known now."""
    content = tokens[index].content
    page.raw.append(content)
    for found in _SOURCE.finditer(content):
        reference = unescape(next(filter(None, found.groups()), "")).strip()
        line = page.line + content.count("\n", 0, found.start())
        page.raw_lines.setdefault(reference, line)
        if re.match(r"(?!https?:)[a-z][a-z0-9+.-]+:", reference, re.IGNORECASE):
            page.picture(reference, "", {})  # named in a problem; the sanitiser takes it away
    return _ASIDE.sub(lambda tag: "</div>" if tag[1] else _CALLOUT, content)


def _link_open(page: _Page, tokens: Sequence[Token], index: int) -> str:
    token = tokens[index]
    title = f' title="{attribute(str(token.attrs["title"]))}"' if token.attrs.get("title") else ""
    return f'<a href="{attribute(href_of(token))}"{title}>'


def _image(page: _Page, tokens: Sequence[Token], index: int) -> str:
    token = tokens[index]
    attributes = {k: str(token.attrs[k]) for k in ("width", "title") if token.attrs.get(k)}
    alt = plain_text(token.children or [])
    reference = str(token.attrs.get("src", ""))
    page.question_name = page.question_name or alt or reference
    return page.picture(reference, alt, attributes)


def _footnote_ref(page: _Page, tokens: Sequence[Token], index: int) -> str:
    return f'<sup class="fn">{tokens[index].meta.get("number", "")}</sup>'


def _mark_open(page: _Page, tokens: Sequence[Token], index: int) -> str:
    if page.settings.cloze_marks:
        page.clozes += 1
        return f"{{{{c{page.clozes}::"
    return "<mark>"


def _mark_close(page: _Page, tokens: Sequence[Token], index: int) -> str:
    return "}}" if page.settings.cloze_marks else "</mark>"


def _inline(page: _Page, tokens: Sequence[Token], index: int) -> str:
    return page.inline(tokens[index].children or [])


def _paragraph_open(page: _Page, tokens: Sequence[Token], index: int) -> str:
    return "" if tokens[index].hidden else "<p>"


def _paragraph_close(page: _Page, tokens: Sequence[Token], index: int) -> str:
    if not tokens[index].hidden:
        return "</p>\n"
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    return "" if following is None or following.type == "list_item_close" else "\n"


def _heading_open(page: _Page, tokens: Sequence[Token], index: int) -> str:
    return f"<{_heading_tag(page, tokens[index])}>"


def _heading_close(page: _Page, tokens: Sequence[Token], index: int) -> str:
    return f"</{_heading_tag(page, tokens[index])}>\n"


def _heading_tag(page: _Page, token: Token) -> str:
    return f"h{min(int(token.tag[1]) + page.heading_shift, 6)}"


def _block_open(page: _Page, tokens: Sequence[Token], index: int) -> str:
    token = tokens[index]
    attributes = "".join(
        f' {name}="{attribute(str(token.attrs[name]))}"'
        for name in ("class", "start")
        if token.attrs.get(name)
    )
    return f"<{token.tag}{attributes}>\n"


def _block_close(page: _Page, tokens: Sequence[Token], index: int) -> str:
    return f"</{tokens[index].tag}>\n"


_BOXES = {"todo": "☐", "done": "☑"}
"""What stands before a task."""


def _item_open(page: _Page, tokens: Sequence[Token], index: int) -> str:
    name = str(tokens[index].attrs.get("class", ""))
    return f'<li class="{name}"><span class="box">{_BOXES[name]}</span> ' if name else "<li>"


def _cell_open(page: _Page, tokens: Sequence[Token], index: int) -> str:
    token = tokens[index]
    side = str(token.attrs.get("style", "")).removeprefix("text-align:")
    return f'<{token.tag} class="{side}">' if side else f"<{token.tag}>"


def _fence(page: _Page, tokens: Sequence[Token], index: int) -> str:
    token = tokens[index]
    words = token.info.strip().split()
    language = words[0].strip("{}.,").split(",")[0] if words else ""
    code = token.content.removesuffix("\n")
    if language.lower() == "mermaid" and (drawn := page.diagram(code)):
        return f"<p>{drawn}</p>\n"
    if language.lower() in {"math", "latex-math"}:
        return f'<div class="math">\\[{_formula(page, code.strip())}\\]</div>\n'
    label = f'<div class="lang">{escape(language)}</div>' if language else ""
    coloured = highlight(code, language)
    return f'<div class="code">{label}<pre><code>{coloured}</code></pre></div>\n'


_CHINESE_TITLES = {
    "note": "说明", "tip": "提示", "hint": "提示", "important": "重点", "warning": "注意",
    "caution": "警告", "info": "信息", "success": "成功", "question": "问题", "danger": "危险",
    "bug": "缺陷", "example": "示例", "quote": "引用", "abstract": "摘要", "summary": "小结",
    "todo": "待办",
}  # fmt: skip


def _callout_title(language: str, name: str) -> str:
    """Return the title of a callout whose author gave none, in the language of the note."""
    chinese = _CHINESE_TITLES.get(name) if language.startswith("zh") else None
    return chinese or name.capitalize()


def _callout_open(page: _Page, tokens: Sequence[Token], index: int) -> str:
    meta = tokens[index].meta
    opening = f'<div class="callout {meta["kind"]}">\n'
    if meta["title"]:
        return opening  # a block of its own follows
    title = _callout_title(page.language, meta["name"])
    return f'{opening}<div class="callout-title">{escape(title)}</div>\n'


def _details_open(page: _Page, tokens: Sequence[Token], index: int) -> str:
    return '<details open="">' if tokens[index].meta.get("open") else "<details>"


_Rule = Callable[[_Page, Sequence[Token], int], str]


def _always(html: str) -> _Rule:
    """Return the rule for a token that is the same HTML wherever it stands."""
    return lambda page, tokens, index: html


_INLINE: Mapping[str, _Rule] = {
    "text": _text,
    "softbreak": _softbreak,
    "hardbreak": _always("<br>\n"),
    "code_inline": _code_inline,
    "math_inline": _math_inline,
    "math_inline_double": _math_display,
    "html_inline": _raw,
    "link_open": _link_open,
    "image": _image,
    "footnote_ref": _footnote_ref,
    "mark_open": _mark_open,
    "mark_close": _mark_close,
}

_RULES: Mapping[str, _Rule] = {
    "inline": _inline,
    "paragraph_open": _paragraph_open,
    "paragraph_close": _paragraph_close,
    "heading_open": _heading_open,
    "heading_close": _heading_close,
    **dict.fromkeys(
        (
            "bullet_list_open", "ordered_list_open", "blockquote_open", "thead_open", "tbody_open",
            "tr_open", "dl_open", "further_open",
        ),
        _block_open,
    ),
    **dict.fromkeys(
        (
            "bullet_list_close", "ordered_list_close", "blockquote_close", "thead_close",
            "tbody_close", "tr_close", "dl_close", "list_item_close", "th_close", "td_close",
            "dt_close", "dd_close", "callout_close", "callout_title_close", "footnote_close",
            "summary_close", "further_close",
        ),
        _block_close,
    ),
    "list_item_open": _item_open,
    "table_open": _always('<div class="table"><table>\n'),
    "table_close": _always("</table></div>\n"),
    "th_open": _cell_open,
    "td_open": _cell_open,
    "fence": _fence,
    "code_block": _fence,
    "html_block": _raw,
    "hr": _always("<hr>\n"),
    "math_block": _math_block,
    "amsmath": _math_block,
    "callout_open": _callout_open,
    "callout_title_open": _always('<div class="callout-title">'),
    "details_open": _details_open,
    "details_close": _always("</details>\n"),
    "footnotes_open": _always('<div class="footnotes"><ol>\n'),
    "footnotes_close": _always("</ol></div>\n"),
    "footnote_reference_open": _always(""),
    "footnote_reference_close": _always(""),
}  # fmt: skip
