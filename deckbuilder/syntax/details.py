"""``<details>`` and ``<summary>`` on lines of their own, with Markdown between them.

The summary is a heading to the stages that follow: many collections fold each answer
under its question. Tags that only wrap the answer (``<br><b>`` after the summary, ``<p>`` on
a line of its own) are no part of it.
"""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from deckbuilder.markup import without_lonely
from deckbuilder.syntax.shared import line_at, push_blocks, push_lines, push_paragraph, text_block

_WRAPPER = r"</?(?:b|strong|i|em|p|br|hr|div|center|blockquote|span|font|article|section)\b[^<>]*>"
_TAGS = re.compile(r"</?(?:details|summary)\b[^<>]*>", re.IGNORECASE)
_START = re.compile(rf"(?:{_WRAPPER}\s*){{0,6}}</?(?:details|summary)\b", re.IGNORECASE)
_WRAPPERS_ONLY = re.compile(rf"(?:{_WRAPPER}\s*){{1,6}}$", re.IGNORECASE)
_TAIL = re.compile(r"</details\s*>\s*$", re.IGNORECASE)
_LONELY = ("b", "strong", "i", "em", "p", "div", "center", "span", "font", "blockquote")
"""What is left out where not each has its end."""
_WHOLE = re.compile(
    r"<(b|strong|h[1-6]|i|em|u|font|span|p|big|code)\b[^<>]*>(.*)</\1\s*>",
    re.IGNORECASE | re.DOTALL,
)
_BREAKS = re.compile(r"^(?:\s*<br\s*/?>)+|(?:<br\s*/?>\s*)+$", re.IGNORECASE)
_NEW_BLOCK = re.compile(r"\n(?=[ \t]*(?:\n|[-*+][ \t]|\d{1,3}[.)][ \t]|```|~~~|<pre\b|\|))")
_BEGINS_BLOCK = re.compile(r"[-*+][ \t]|\d{1,3}[.)][ \t]|```|~~~|\$\$|[<|#>]")
_MAX_LINES = 60
_DEPTH = "details_depth"


def details(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """One line of these tags; a summary may run over several lines, blank ones too."""
    text = line_at(state, start)
    if not text.startswith("<"):
        return False
    depth = state.env.get(_DEPTH, 0)
    if state.is_code_block(start) and not depth:
        return False
    if not _START.match(text):
        return bool(depth) and (
            _wrappers(state, text, start, silent) or _indented_html(state, start, end, silent)
        )
    text, last = _whole_summary(state, text, start, end)
    if not _TAGS.search(text):  # a tag that does not end is not one
        return False
    if silent:
        return True
    text, last = _whole_sentence(state, text, last, end)
    _push(state, text, start, last)
    state.line = last + 1
    return True


def _wrappers(state: StateBlock, text: str, start: int, silent: bool) -> bool:
    """Leave out a line of nothing but ``<p>`` or ``</b>`` inside a folded block."""
    if not _WRAPPERS_ONLY.match(text) or text.lower().startswith("<hr"):
        return False
    if not silent:
        state.line = start + 1
    return True


def _indented_html(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read lines of HTML that are indented like code, but go on with the fold above them."""
    indent = state.sCount[start]
    if silent or not state.is_code_block(start) or state.isEmpty(start - 1):
        return False
    stop = start + 1
    while stop < end and not (state.isEmpty(stop) or _START.match(line_at(state, stop))):
        stop += 1
    html = state.getLines(start, stop, indent, True)
    push_lines(state, "html_block", "", html, (start, stop))
    return True


def _whole_summary(state: StateBlock, text: str, start: int, end: int) -> tuple[str, int]:
    """Return the text from *start* on until its summary is closed, and the last line of it."""
    last, whole = start, text
    while whole.lower().count("<summary") > whole.lower().count("</summary"):
        last += 1
        line = line_at(state, last) if last < min(end, start + _MAX_LINES) else "<details"
        if "<details" in line.lower() or "</details" in line.lower():
            return text, start
        whole += "\n" + " " * max(state.sCount[last] - state.blkIndent, 0) + line
    return whole, last


def _whole_sentence(state: StateBlock, text: str, last: int, end: int) -> tuple[str, int]:
    """Return the text with the lines that go on with what stands behind its last tag."""
    *_, tag = _TAGS.finditer(text)
    behind = text[tag.end() :].strip()
    if not behind or _WRAPPERS_ONLY.match(behind):
        return text, last
    while last + 1 < end and not state.isEmpty(last + 1):
        line = line_at(state, last + 1)
        if _BEGINS_BLOCK.match(line):
            break
        text, last = f"{text}\n{line}", last + 1
    return text, last


def _push(state: StateBlock, text: str, start: int, last: int) -> None:
    position = 0
    for found in _TAGS.finditer(text):
        if found.start() < position:
            continue
        _push_text(state, text[position : found.start()], start)
        position = found.end()
        tag = found[0].lower()
        if tag.startswith("<summary"):
            closing = text.lower().find("</summary", position)
            closing = len(text) if closing < 0 else closing
            _push_summary(state, text[position:closing], start, last + 1)
            position = closing
        elif "details" in tag:
            _push_details(state, tag, start, last + 1)
    _push_text(state, text[position:], start)


def _push_details(state: StateBlock, tag: str, start: int, stop: int) -> None:
    opening = not tag.startswith("</")
    token = state.push("details_open" if opening else "details_close", "details", 0)
    token.map = [start, stop]
    token.meta = {"open": bool(re.search(r"\sopen\b", tag))}
    state.env[_DEPTH] = max(state.env.get(_DEPTH, 0) + (1 if opening else -1), 0)


def _push_text(state: StateBlock, text: str, start: int) -> None:
    """Add what stands beside the tags on their line, without what merely wraps the answer."""
    text = re.sub(r"</?(?:p|div|center|font|summary)\b[^<>]*>", "", text, flags=re.IGNORECASE)
    text = without_lonely(text, _LONELY)
    push_paragraph(state, _BREAKS.sub("", text.strip()).strip(), start)


def _push_summary(state: StateBlock, content: str, start: int, stop: int) -> None:
    content = _BREAKS.sub("", content.strip()).strip()
    while found := _WHOLE.fullmatch(content):
        if re.search(rf"</{found[1]}\s*>", found[2], re.IGNORECASE):
            break
        content = found[2].strip()
    title, _, rest = (_NEW_BLOCK.sub("\0", content, count=1)).partition("\0")
    text = " ".join(title.split())
    state.tokens += text_block("summary", "summary", text, (start, stop), state.level)
    if rest.strip():  # lists and code that belong to the question
        state.push("prompt_open", "div", 1).map = [start, stop]
        push_blocks(state, rest, start)
        state.push("prompt_close", "div", -1)


def details_tail(state: StateCore) -> None:
    """Let ``…the end.</b></details>`` close what it closes, wherever in a line it stands."""
    closed: dict[int, Token] = {}
    for at, token in enumerate(state.tokens):
        if token.type not in {"html_block", "inline"} or "</details" not in token.content.lower():
            continue
        if tail := _TAIL.search(token.content):
            last = at + (token.type == "inline")  # a paragraph ends first
            closed[last] = Token("details_close", "details", 0, block=True, map=token.map, meta={})
            text = token.content[: tail.start()].rstrip()
            token.content = without_lonely(text, _LONELY).rstrip()
    tokens: list[Token] = []
    for at, token in enumerate(state.tokens):
        tokens += [token, closed[at]] if at in closed else [token]
    state.tokens = tokens
