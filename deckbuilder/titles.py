"""What a file without a title is called."""

from __future__ import annotations

import re

from deckbuilder.model import Document
from deckbuilder.notion import page_name

_ORDER = re.compile(r"^[\d\s._-]+(?=\D)|^\d+$")
_HASH = re.compile(r"[0-9a-f]{7,}|(?=\w*\d)[\w-]{20,}", re.IGNORECASE)
_GENERIC = re.compile(
    r"(?:readme|index|notes?|untitled.*|draft|todo|inbox|new.*|document|file|main|changelog|license|"
    r"contributing|summary|_?sidebar|_?navbar|_?coverpage|未命名.*|新建.*|笔记|无标题.*)",
    re.IGNORECASE,
)


def file_title(document: Document) -> str:
    """Return the title of a document: from its front matter, else its file name if that says one.

    Dates, numbers, hashes and names like ``README`` say none.
    """
    if document.front.title:
        return document.front.title
    path = document.file.name
    stem = page_name(path) or re.sub(r"\.[^.]+$", "", path.rpartition("/")[2])
    name = " ".join(_ORDER.sub("", stem).replace("_", " ").split())
    if "-" in name and " " not in name and name.isascii():
        name = name.replace("-", " ")
    letters = sum(c.isalpha() for c in name)
    if letters < 2 or _GENERIC.fullmatch(name) or _HASH.fullmatch(name.replace(" ", "")):
        return ""
    return name
