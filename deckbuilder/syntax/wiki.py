"""Obsidian's ``[[page|text]]`` and ``![[picture.png|300]]``, GitHub's ``[[picture.png|alt=a]]``."""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline

from deckbuilder.syntax.pictures import MEDIA, push_picture
from deckbuilder.syntax.shared import reads

# ``[[source]](address)`` is a link whose text has brackets.
# ``x[[0, 1]]`` is code without its backticks.
_WIKI = re.compile(r"(!|(?<![A-Za-z0-9_)\]]))\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]*))?\]\](?!\()")
_SIZE = re.compile(r"\d{1,4}(?:x\d{1,4})?")
_OPTIONS = re.compile(r"(?:\s*[a-z]+=[^|]*(?:\||$)|\s*(?:frame|float)\s*(?:\||$))*")
"""What wikis of GitHub write behind a picture."""
_OPTION = re.compile(r"\b(alt|width)=\s*([^|]*?)(?:px)?\s*(?:\||$)")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg)$", re.IGNORECASE)
_MEDIA = re.compile(rf"{MEDIA}(?:#[^|]*)?$", re.IGNORECASE)


def _push(state: StateInline, found: re.Match[str]) -> None:
    target, label = found[2].strip(), (found[3] or "").strip()
    size = bool(found[1] and _SIZE.fullmatch(label))
    if not found[1] and _PICTURE.search(target) and _OPTIONS.fullmatch(label):
        options = dict(_OPTION.findall(label))
        push_picture(state, target, options.get("alt", ""), options.get("width", ""))
    elif found[1] and _MEDIA.search(target):
        push_picture(state, target.split("#")[0], f"|{label}" if size else label)
    else:
        state.push("text", "", 0).content = (not size and label) or _shown(target)


def _shown(target: str) -> str:
    """Return what a link shows that has no text of its own; ``^id`` of a block is for programs."""
    if target.startswith("#"):
        return target.rpartition("#")[2].strip("^ ")
    return target.partition("#^")[0].replace("#", " › ").strip("^ ")


wiki = reads(_WIKI, _push)
