"""Stage 4b, render: Section -> Rendered: HTML, the media it uses, and plain text.

One function a token type, listed in `_RULES`; a `Page` knows pictures, formulas and raw HTML,
which it puts in order at the end, and everything goes through `deckbuilder.rendering.sanitise`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from deckbuilder.markdown import (
    BREAKS,
    Token,
    href_of,
    joins_without_space,
    plain_text,
    visible_text,
)
from deckbuilder.markup import attribute, escape
from deckbuilder.model import NoteKind, RemotePicture, Rendered, RenderSettings, Section
from deckbuilder.problems import warning
from deckbuilder.rendering.cloze import MOST_GAPS, cloze_fields, cloze_ords, has_gap, wild_gaps
from deckbuilder.rendering.disarm import disarm_cloze, text_as_html
from deckbuilder.rendering.highlight import highlight
from deckbuilder.rendering.language import in_language, language_of
from deckbuilder.rendering.page import Finder, Page


def render(
    section: Section, library: Finder, settings: RenderSettings
) -> tuple[Rendered, Counter[str]]:
    """Return *section* as HTML, and what was removed from its raw HTML."""
    text = visible_text(section.answer)
    language = settings.language or language_of(plain_text(section.question) + text)
    page = Page(section, library, settings, language, text)
    question = _inlines(page, section.question).strip()
    if section.prompt:
        question = f"<p>{question}</p>\n{_blocks(page, section.prompt).strip()}"
    answer = _blocks(page, section.answer).strip()
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


def _assemble(page: Page, question: str, answer: str, question_text: str) -> Rendered:
    section, language = page.section, page.language
    kind = NoteKind.SECTION
    ords: tuple[int, ...] = (0, 1) if section.directives.reverse else (0,)
    if has_gap(question + answer):
        if wild := wild_gaps(question + answer):
            message = f"{wild[0][:40]} makes no card: Anki counts to {MOST_GAPS}; it stays text"
            page.problems.append(warning("cloze-number", section.where, message))
        text, rest = cloze_fields(question, answer)
        text = disarm_cloze(text, page.media)
        if gaps := cloze_ords(text):
            kind, ords, question, answer = NoteKind.CLOZE, gaps, text, rest
    return Rendered(
        kind=kind,
        question=in_language(question, language),
        answer=in_language(answer, language),
        context=_context(section.title or section.subject, *section.context),
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
    return in_language(text_as_html(" › ".join(filter(None, headings))), "")


# Tokens --------------------------------------------------------------------------------------


def _blocks(page: Page, tokens: Sequence[Token]) -> str:
    """Return block tokens as HTML."""
    levels = [int(t.tag[1]) for t in tokens if t.type == "heading_open"]
    page.heading_shift = 3 - min(levels, default=3)
    parts: list[str] = []
    for index, token in enumerate(tokens):
        if token.map:
            page.line = token.map[0] + 1
        rule = _RULES.get(token.type)
        parts.append(rule(page, tokens, index) if rule else _unknown(token))
    return "".join(parts)


def _inlines(page: Page, children: Sequence[Token]) -> str:
    """Return inline tokens as HTML."""
    parts: list[str] = []
    line = page.line
    for index, token in enumerate(children):
        if token.type in BREAKS and page.line:
            page.line += 1
        rule = _INLINE.get(token.type)
        parts.append(rule(page, children, index) if rule else _unknown(token))
    page.line = line
    return "".join(parts)


def _unknown(token: Token) -> str:
    """Tokens without a rule are plain elements, or text."""
    if not token.nesting:
        return escape(token.content)
    return f"<{'/' if token.nesting < 0 else ''}{token.tag}>" if token.tag else ""


def _text(page: Page, tokens: Sequence[Token], index: int) -> str:
    text = tokens[index].content
    if index + 1 < len(tokens) and tokens[index + 1].type == "math_inline":
        text = text.removesuffix(_beside(_OPENING, tokens, index))
    if index and tokens[index - 1].type == "math_inline":
        text = text.removeprefix(_beside(_CLOSING, tokens, index))
    return text_as_html(text)


def _softbreak(page: Page, tokens: Sequence[Token], index: int) -> str:
    return "" if joins_without_space(tokens, index) else "\n"


def _code_inline(page: Page, tokens: Sequence[Token], index: int) -> str:
    return f"<code>{escape(tokens[index].content)}</code>"


_CLOSING = re.compile(r"\A(?:(?!::)[，。、；：？！）】》」』”’,.;:?!)])+")
"""Punctuation after a formula; ``::`` after one in a gap parts it from its hint."""
_OPENING = re.compile(r"(?<![（【《「『“‘(])[（【《「『“‘(]+\Z")
"""Punctuation before a formula."""


def _beside(marks: re.Pattern[str], tokens: Sequence[Token], index: int) -> str:
    """Return the punctuation by which the text at *index* begins or ends."""
    text = tokens[index].content if 0 <= index < len(tokens) else ""
    found = marks.search(text) if text and tokens[index].type == "text" else None
    return found[0] if found else ""


def _math_inline(page: Page, tokens: Sequence[Token], index: int) -> str:
    formula = f"\\({page.formula(tokens[index].content.strip())}\\)"
    # Browsers may break a line on either side of a formula: marks that belong to it stay with it.
    before = _beside(_OPENING, tokens, index - 1)
    whole = f"{before}{formula}{_beside(_CLOSING, tokens, index + 1)}"
    return f'<span class="kept">{whole}</span>' if whole != formula else formula


def _math_display(page: Page, tokens: Sequence[Token], index: int) -> str:
    """A display formula inside a paragraph stays there: a block would end the paragraph."""
    return f"\\[{page.formula(tokens[index].content.strip())}\\]"


def _math_block(page: Page, tokens: Sequence[Token], index: int) -> str:
    return f'<div class="math">{_math_display(page, tokens, index)}</div>\n'


def _raw(page: Page, tokens: Sequence[Token], index: int) -> str:
    return page.raw_html(tokens[index].content)


def _link_open(page: Page, tokens: Sequence[Token], index: int) -> str:
    token = tokens[index]
    title = f' title="{attribute(str(token.attrs["title"]))}"' if token.attrs.get("title") else ""
    return f'<a href="{attribute(href_of(token))}"{title}>'


def _image(page: Page, tokens: Sequence[Token], index: int) -> str:
    token = tokens[index]
    attributes = {k: str(token.attrs[k]) for k in ("width", "title") if token.attrs.get(k)}
    alt = plain_text(token.children)
    reference = str(token.attrs.get("src", ""))
    page.question_name = page.question_name or alt or reference
    return page.picture(reference, alt, attributes)


def _footnote_ref(page: Page, tokens: Sequence[Token], index: int) -> str:
    return f'<sup class="fn">{tokens[index].meta.get("number", "")}</sup>'


def _mark_open(page: Page, tokens: Sequence[Token], index: int) -> str:
    if page.settings.cloze_marks:
        page.clozes += 1
        return f"{{{{c{page.clozes}::"
    return "<mark>"


def _mark_close(page: Page, tokens: Sequence[Token], index: int) -> str:
    return "}}" if page.settings.cloze_marks else "</mark>"


def _inline(page: Page, tokens: Sequence[Token], index: int) -> str:
    return _inlines(page, tokens[index].children or [])


def _paragraph_open(page: Page, tokens: Sequence[Token], index: int) -> str:
    return "" if tokens[index].hidden else "<p>"


def _paragraph_close(page: Page, tokens: Sequence[Token], index: int) -> str:
    if not tokens[index].hidden:
        return "</p>\n"
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    return "" if following is None or following.type == "list_item_close" else "\n"


def _heading_open(page: Page, tokens: Sequence[Token], index: int) -> str:
    return f"<{_heading_tag(page, tokens[index])}>"


def _heading_close(page: Page, tokens: Sequence[Token], index: int) -> str:
    return f"</{_heading_tag(page, tokens[index])}>\n"


def _heading_tag(page: Page, token: Token) -> str:
    return f"h{min(int(token.tag[1]) + page.heading_shift, 6)}"


def _block_open(page: Page, tokens: Sequence[Token], index: int) -> str:
    token = tokens[index]
    attributes = "".join(
        f' {name}="{attribute(str(token.attrs[name]))}"'
        for name in ("class", "start")
        if token.attrs.get(name)
    )
    return f"<{token.tag}{attributes}>\n"


def _block_close(page: Page, tokens: Sequence[Token], index: int) -> str:
    return f"</{tokens[index].tag}>\n"


_BOXES = {"todo": "☐", "done": "☑"}
"""What stands before a task."""


def _item_open(page: Page, tokens: Sequence[Token], index: int) -> str:
    name = str(tokens[index].attrs.get("class", ""))
    return f'<li class="{name}"><span class="box">{_BOXES[name]}</span> ' if name else "<li>"


def _cell_open(page: Page, tokens: Sequence[Token], index: int) -> str:
    token = tokens[index]
    side = str(token.attrs.get("style", "")).removeprefix("text-align:")
    return f'<{token.tag} class="{side}">' if side else f"<{token.tag}>"


_LANGUAGE = re.compile(r"[\s{]*(?:#[^\s{}]+\s+)?[.=]?(?!\w+=[\"'])(\w[\w+#./-]*)")
"""The first word behind a fence: ``js{1,3}``, ``python=``, ``{r, echo=FALSE}``, ``{#id .c}``."""


def _fence(page: Page, tokens: Sequence[Token], index: int) -> str:
    token = tokens[index]
    found = _LANGUAGE.match(token.info)
    language = found[1].rstrip(".") if found else ""
    code = token.content.removesuffix("\n")
    if language.lower() == "mermaid" and (drawn := page.diagram(code)):
        return f"<p>{drawn}</p>\n"
    if language.lower() in {"math", "latex-math"}:
        return _math_block(page, tokens, index)
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


def _callout_open(page: Page, tokens: Sequence[Token], index: int) -> str:
    meta = tokens[index].meta
    opening = f'<div class="callout {meta["kind"]}">\n'
    if meta["title"]:
        return opening  # a block of its own follows
    title = _callout_title(page.language, meta["name"])
    return f'{opening}<div class="callout-title">{escape(title)}</div>\n'


def _details_open(page: Page, tokens: Sequence[Token], index: int) -> str:
    return '<details open="">' if tokens[index].meta.get("open") else "<details>"


_Rule = Callable[[Page, Sequence[Token], int], str]


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
}  # fmt: skip
