"""Obsidian's ``[[page|text]]`` and ``![[picture.png|300]]``."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

# ``[[source]](address)`` is a link whose text has brackets.
_WIKI = re.compile(r"(!?)\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]*))?\]\](?!\()")
_INDEXED = re.compile(r"[A-Za-z0-9_)\]]")
"""What ``[[`` follows in ``x[[0, 1]]``: no link, but code without its backticks."""
_SIZE = re.compile(r"(\d{1,4})(?:x\d{1,4})?")
_MEDIA = re.compile(
    r"\.(?:png|jpe?g|gif|webp|avif|svg|bmp|tiff?|mp3|ogg|opus|wav|flac|m4a|aac|mp4|webm|mov|m4v)"
    r"(?:#[^|]*)?$",
    re.IGNORECASE,
)


def _wiki(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "![":
        return False
    found = _WIKI.match(state.src, state.pos, state.posMax)
    if found is None or (not found[1] and _INDEXED.match(state.src[state.pos - 1 : state.pos])):
        return False
    if not silent:
        target, label = found[2].strip(), (found[3] or "").strip()
        if found[1] and _MEDIA.search(target):
            _push_picture(state, target, label)
        else:
            page = target.rpartition("#")[2] if target.startswith("#") else target
            state.push("text", "", 0).content = label or page.replace("#", " › ").strip("^ ")
    state.pos = found.end()
    return True


def _push_picture(state: StateInline, target: str, label: str) -> None:
    token = state.push("image", "img", 0)
    size = _SIZE.fullmatch(label)
    token.attrs = {"src": target.split("#")[0]}
    if size:
        token.attrs["width"] = size[1]
    text = "" if size else label
    token.content = text
    token.children = []
    if text:
        state.md.inline.parse(text, state.md, state.env, token.children)


def wiki_plugin(md: MarkdownIt) -> None:
    """Add the rule before ordinary links and pictures."""
    md.inline.ruler.before("link", "wiki", _wiki)
