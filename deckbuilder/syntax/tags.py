"""Tags of Liquid (Jekyll, GitBook), Hugo and Org that begin a line.

{% highlight python %}     {{% notice tip "Hot" %}}     #+BEGIN_QUOTE
x = 1                      Do not touch.                Said so.
{% endhighlight %}         {{% /notice %}}              #+END_QUOTE

{{< figure src="a.png" caption="A" >}}     {% embed url="https://x.org" %}

Code, callouts and quotes are what they say; what names a picture or an address shows it; what
only lays a page out goes. Any other tag stays as it is written.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore

from deckbuilder.characters import regex
from deckbuilder.syntax.callout import KINDS, push_callout
from deckbuilder.syntax.pictures import MEDIA
from deckbuilder.syntax.shared import (
    CODE_SPAN,
    NOTHING,
    may_hold_blocks,
    push_blocks,
    push_lines,
    rewrite,
)

_VALUES = r"((?:[^{0}\n]++|[{0}](?!{1})|\n(?![ \t]*\n)){{0,99}}+)".format
_FORMS = {
    "{%": (
        regex(rf"\{{%-?\s*(end)?([a-z][\w-]*)\b{_VALUES('%', '}')}%\}}", re.IGNORECASE),
        r"\{{%-?\s*end{}\s*-?%\}}",
    ),
    "{{": (
        regex(
            rf"\{{\{{[<%]\s*(/?)\s*([a-z][\w-]*)\b{_VALUES('>%', '}}')}[>%]\}}\}}"
            r"|\{\{(?:\[\[)?(video|youtube|vimeo|bilibili)(?:\]\])?:?\s+([^\s{}]+)\s*\}\}",
            re.IGNORECASE,
        ),
        r"\{{\{{[<%]\s*/\s*{}\s*[>%]\}}\}}",
    ),
    "#+": (
        regex(r"#\+(?:BEGIN_|(END_))([a-z]+)\b([^\n]*)", re.IGNORECASE),
        r"#\+END_{}\b",
    ),
}
"""How tags begin -> whether one ends another, name and values; and what ends one of a name.

Players of Logseq and Roam, ``{{video https://…}}``, have name and value in the next two groups.
"""
_VALUE = regex(r"(?:([\w-]+)=)?(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|`([^`]*)`|([^\s\"'`]+))")
_CODE = {"highlight", "codeblock", "src", "code"}
_LANGUAGES = {"mermaid": "mermaid", "katex": "math", "math": "math", "latex": "math"}
"""What is written between two tags as code is, and its language."""
_BOXES = {"hint", "notice", "admonition", "callout", "alert"}
"""Callouts whose values say of what kind they are."""
_QUOTES = {"quote", "blockquote", "verse"}
_SHOWN = {"embed", "file", "video", "audio", "pdf", "button", "bookmark"}
_PLAYERS = {
    "youtube": "https://www.youtube.com/watch?v=",
    "vimeo": "https://vimeo.com/",
    "bilibili": "https://www.bilibili.com/video/",
}
_LAYOUT = {
    "tabs", "tab", "code", "stepper", "step", "columns", "column", "content-ref", "raw", "toc",
    "center", "row", "col", "steps", "cards", "pagebreak", *_SHOWN,
}  # fmt: skip
_LOGIC = {"link", "assign", "capture", "set", "if", "elsif", "unless", "for", "case", "when"}
"""What names a picture here does not show it."""
_MEDIA = regex(rf"[^\s<>]*{MEDIA}", re.IGNORECASE)


class _Tag(NamedTuple):
    ends: bool
    name: str
    values: dict[str, str]
    """By name; those without one are called ``0``, ``1`` and so on."""
    stop: int
    """Where it ends in the source."""
    end: re.Pattern[str]
    """What ends what it begins."""

    def value(self, *names: str) -> str:
        """Return the first value that one of *names* has."""
        return next((self.values[name] for name in names if self.values.get(name)), "")

    @property
    def words(self) -> list[str]:
        """The values without a name, but for switches."""
        return [v for k, v in self.values.items() if k.isdigit() and v not in {"true", "false"}]


def _tag_at(state: StateBlock, start: int, end: int) -> _Tag | None:
    """Return the tag that the line *start* begins with; it may go on in the next."""
    at = state.bMarks[start] + state.tShift[start]
    pattern, ending = _FORMS.get(state.src[at : at + 2], (None, ""))
    found = pattern.match(state.src, at, state.eMarks[end - 1]) if pattern else None
    if found is None:
        return None
    ends, name, said, *player = found.groups()
    name, said = (name, said) if name else player
    values: dict[str, str] = {}
    for key, *written in _VALUE.findall(said.rstrip("-/ ")):
        values[key or str(len(values))] = "".join(written).replace('\\"', '"')
    closing = re.compile(ending.format(re.escape(name)), re.IGNORECASE)
    return _Tag(bool(ends), name.lower(), values, found.end(), closing)


def tags(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a tag, or two with what stands between them; it may stand right below text."""
    if state.is_code_block(start) or not (tag := _tag_at(state, start, end)):
        return False
    if not tag.ends and (body := _body(state, tag, start, end)):
        return silent or _push_pair(state, tag, *body, start)
    last = bisect_right(state.bMarks, tag.stop, start, end) - 1
    shown = "" if tag.ends else _shown(tag)
    if state.src[tag.stop : state.eMarks[last]].strip() or not (shown or tag.name in _LAYOUT):
        return False
    if not silent:
        state.line = last + 1
        push_blocks(state, shown, start)
    return True


def _body(state: StateBlock, tag: _Tag, start: int, end: int) -> tuple[str, int] | None:
    """Return what stands between a tag and its end, and the line after it.

    None where it is no tag with an end, or where that is not in the same list item or quote.
    """
    paired = tag.name in {*_CODE, *_LANGUAGES, *_BOXES, *KINDS, *_QUOTES, "comment", "button"}
    if not paired or not may_hold_blocks(state):
        return None
    if tag.stop > _last(tag.end, state.src):
        return None
    closing = tag.end.search(state.src, tag.stop, state.eMarks[end - 1])
    if closing is None or tag.stop > state.eMarks[start]:
        return None
    last = bisect_right(state.bMarks, closing.start(), start, end) - 1
    inside = (state.isEmpty(i) or state.sCount[i] >= state.blkIndent for i in range(start, last))
    if state.src[closing.end() : state.eMarks[last]].strip() or not all(inside):
        return None
    begin = state.bMarks[start] + state.tShift[start]
    text = state.getLines(start, last + 1, state.blkIndent, False).lstrip()
    return text[tag.stop - begin : text.rindex(closing[0])], last + 1


@lru_cache(maxsize=32)
def _last(end: re.Pattern[str], text: str) -> int:
    """Return where *end* is found last, or -1; what never ends would look through all of it."""
    return max((found.start() for found in end.finditer(text)), default=-1)


def _push_pair(state: StateBlock, tag: _Tag, body: str, stop: int, start: int) -> bool:
    """Add what a tag and its end hold between them."""
    lines = start, stop
    if tag.name == "comment":
        push_lines(state, "html_block", "", NOTHING, lines)
    elif tag.name in _LANGUAGES or (tag.name in _CODE and "```" not in body):
        _push_code(state, tag, body, lines)
    elif tag.name in _QUOTES:
        said_by = " ".join(tag.words)
        state.push("blockquote_open", "blockquote", 1).map = [*lines]
        push_blocks(state, f"{body}\n\n— {said_by}" if said_by else body, start)
        state.push("blockquote_close", "blockquote", -1)
    elif tag.name == "button":
        push_blocks(state, f"[{body.strip()}]({tag.value('href', 'url', 'link', '0')})", start)
    elif tag.name == "code":
        push_blocks(state, f"{_title(tag)}\n\n{body}", start - 2)
    else:
        _push_callout(state, tag, body, lines)
    state.line = stop
    return True


def _push_code(state: StateBlock, tag: _Tag, body: str, lines: tuple[int, int]) -> None:
    named = next((word[5:] for word in tag.words if word.startswith("lang:")), "")
    language = _LANGUAGES.get(tag.name) or named or tag.value("lang", "language", "0")
    code = body.partition("\n")[2] if body.lstrip(" \t").startswith("\n") else body
    code = code.strip("$ \n") if language == "math" else code
    token = push_lines(state, "fence", "code", code, lines)
    token.info, token.markup = language, "```"


def _push_callout(state: StateBlock, tag: _Tag, body: str, lines: tuple[int, int]) -> None:
    kind = tag.value("style", "type", "color", "0").lower()
    words = tag.words
    if words and (words[0].lower() in KINDS or tag.name in _BOXES):
        words = words[1:]
    name = kind if kind in KINDS else "info" if tag.name in _BOXES else tag.name
    title = tag.value("title", "summary") or " ".join(words)
    push_callout(state, name, title, body, lines, lines[0])


def _shown(tag: _Tag) -> str:
    """Return as Markdown what a tag without an end shows: a picture, an address, a title."""
    media = next((v for v in tag.values.values() if _MEDIA.fullmatch(v)), "")
    if media and tag.name not in _LOGIC:
        caption = tag.value("caption", "title")
        alt = re.sub(r"<[^<>]*>|[\[\]*`]", "", tag.value("alt") or caption)
        return f"![{alt}](<{media}>)\n\n{caption}"
    if tag.name in _PLAYERS and (video := tag.value("id", "0")):
        return f"<{video if '//' in video else _PLAYERS[tag.name] + video}>"
    if tag.name in _SHOWN and (address := tag.value("url", "src", "href", "0")):
        return f"<{address}>" if "//" in address else address
    return _title(tag) if tag.name in {"tab", "code", "step"} else ""


def _title(tag: _Tag) -> str:
    """Return the title of what a tag lays out as a bold line."""
    title = tag.value("title", "name", "header", "label") or " ".join(tag.words)
    return f"**{title}**" if title else ""


# Tags in a line ------------------------------------------------------------------------------

_TAG = regex(r"\{\{[^{}\n]{0,300}\}\}|\{%[^{}%\n]{0,300}%\}")
_IN_LINE = regex(
    rf"{CODE_SPAN}"
    rf"|(?<=\]\()\s*((?:{_TAG.pattern})(?:{_TAG.pattern}|[^()\s])*)\s*(?=\))"
    r"|\{\{[<%]\s*(katex|math)\b[^{}\n]{0,99}\}\}\$?([^\n]{1,500}?)\$?\{\{[<%]\s*/\3\s*[>%]\}\}",
    re.DOTALL,
)
"""Code; an address that is made of tags; a formula between two of them."""
_PATH = regex(r"[\"']([^\"']+)[\"']|\b(?:link|post_url|ref|relref)\s+([^\s%>\"']+)")


def tags_in_lines(state: StateCore) -> None:
    """Put paths for tags that make an address, ``[a]({{< ref "a.md" >}})``."""
    rewrite(state, _IN_LINE, _without_tags)


def _without_tags(found: re.Match[str]) -> str:
    if found[2]:
        return _TAG.sub(_path, found[2]) or "#"
    return f"\\({found[4]}\\)" if found[4] else found[0]


def _path(tag: re.Match[str]) -> str:
    found = _PATH.search(tag[0])
    return found[found.lastindex or 0] if found else ""
