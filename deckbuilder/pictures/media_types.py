"""What pictures, sounds and films are by their content, and what they are called in the package."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

RECIPE = 1
"""Raise when the same source and settings shall give other bytes in the package: the name is
all that tells Anki of it (facts 41-43). Versions of Pillow and its encoders are not part."""
DIAGRAM_RECIPE = 1
"""The same for diagrams: raise when their look changes."""
MAX_FILE_BYTES = 100 * 1024 * 1024
"""Larger files never sync (fact 51)."""
HEAD_BYTES = 64 * 1024
"""How much of a file decides its type; an SVG may open with a long comment."""

Kind = Literal["image", "audio", "video"]


@dataclass(frozen=True, slots=True)
class MediaType:
    """What a file is by its content."""

    kind: Kind
    source: str
    """Format of the file: ``png``, ``tiff``, …"""
    extension: str
    """Without the dot: what it has in the package, where BMP and TIFF become PNG."""


# Names ---------------------------------------------------------------------------------------

_SLUG_CHARS = 40
_SEPARATORS = re.compile(r"[^a-z0-9]+")


def _framed(*parts: bytes) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 over *parts*, told apart."""
    framed = b"".join(b"%d:%s" % (len(part), part) for part in parts)
    return hashlib.sha256(framed).hexdigest()[:16]


def _slug(stem: str, kind: Kind) -> str:
    ascii_only = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    slug = _SEPARATORS.sub("-", ascii_only)[:_SLUG_CHARS].strip("-")
    # Anki packs names that begin with latex- or _ whether used or not (fact 40).
    return f"{kind}-{slug}" if slug.startswith("latex") else slug or kind


def media_name(stem: str, digest: str, media: MediaType, *, max_width: int) -> str:
    """Return the name in the package: ``<slug>-<hash>.<extension>`` (CONTRACT section 6).

    *stem* is the file's own name without its extension, *digest* the SHA-256 of its bytes, of a
    drawing with ``\\n`` for every line end.
    At most 64 bytes, all lower-case letters, digits and hyphens (facts 41-50). The hash covers
    the source, *max_width* where that can matter, and `RECIPE`; never what an encoder wrote.
    """
    return f"{_slug(stem, media.kind)}-{_key(digest, media, max_width)}.{media.extension}"


def remote_name(digest: str, media: MediaType, *, max_width: int) -> str:
    """Return the name of a fetched picture: the address has no part in it.

    Redirects go to signed addresses that differ every time; the content is what counts.
    """
    return f"remote-{_key(digest, media, max_width)}.{media.extension}"


def _key(digest: str, media: MediaType, max_width: int) -> str:
    shaped = media.kind == "image" and media.source != "svg"
    settings = f"max_width={max_width}" if shaped else ""
    return _framed(b"media", b"%d" % RECIPE, settings.encode(), digest.encode())


def diagram_name(code: str) -> str:
    """Return the name of the picture of a diagram: ``diagram-<hash of its text>.svg``."""
    return f"diagram-{_framed(b'diagram', b'%d' % DIAGRAM_RECIPE, code.encode())}.svg"


# Types ---------------------------------------------------------------------------------------


_SOURCES: Mapping[Kind, str] = {
    "image": "png jpg gif webp avif svg bmp tiff",
    "audio": "mp3 ogg opus wav flac m4a aac",
    "video": "mp4 mov webm mkv avi ogv",
}
_BY_SOURCE = {
    source: MediaType(kind, source, "png" if source in ("bmp", "tiff") else source)
    for kind, sources in _SOURCES.items()
    for source in sources.split()
}
SUFFIXES = {*_BY_SOURCE, "jpeg"}
"""How names of media end."""
_KINDS = {media.extension: media.kind for media in _BY_SOURCE.values()}

_MAGIC = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"\xff\xd8\xff"), "jpg"),
    (re.compile(rb"GIF8[79]a"), "gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "webp"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), "wav"),
    (re.compile(rb"RIFF....AVI ", re.DOTALL), "avi"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "avif"),
    (re.compile(rb"....ftypmi[fa]\w.{4,40}avi[fs]", re.DOTALL), "avif"),
    (re.compile(rb"....ftyp(?:hei|hev|mif1|msf1)", re.DOTALL), ""),
    (re.compile(rb"....ftypM4[AB]", re.DOTALL), "m4a"),
    (re.compile(rb"....ftypqt  ", re.DOTALL), "mov"),
    (re.compile(rb"....ftyp", re.DOTALL), "mp4"),
    (re.compile(rb"BM.{4}\0{4}", re.DOTALL), "bmp"),
    (re.compile(rb"II\*\0|MM\0\*"), "tiff"),
    (re.compile(rb"\x1a\x45\xdf\xa3.{0,60}webm", re.DOTALL), "webm"),
    (re.compile(rb"\x1a\x45\xdf\xa3.{0,60}matroska", re.DOTALL), "mkv"),
    (re.compile(rb"fLaC"), "flac"),
    (re.compile(rb"OggS.{24,60}OpusHead", re.DOTALL), "opus"),
    (re.compile(rb"OggS.{24,60}\x80theora", re.DOTALL), "ogv"),
    (re.compile(rb"OggS"), "ogg"),
    (re.compile(rb"ID3[\x02-\x04]"), "mp3"),
    (re.compile(rb"\xff[\xf0\xf1\xf8\xf9]"), "aac"),
    (re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef]"), "mp3"),
)
# Atomic groups: a picture of 64 KiB of blanks or comments must not take minutes.
_SVG = re.compile(
    r"(?>\s++|<!--(?>.*?-->)|<\?(?>.*?\?>)|<!DOCTYPE\s++svg\b[^\[>]*+(?>\[[^\]]*+\]\s*+)?>)*+"
    r"<(?:[\w.-]+:)?svg[\s/>]",
    re.DOTALL | re.IGNORECASE,
)
_HINTS = (
    (re.compile(rb"version https://git-lfs"), "is only a Git LFS pointer: run 'git lfs pull'"),
    (re.compile(rb"....ftyp(?:hei|hev|mi|ms)", re.DOTALL), "is HEIF: save it as JPEG or PNG"),
    (re.compile(rb"%PDF"), "is a PDF: save the page as PNG or SVG"),
    (re.compile(rb"\x1f\x8b"), "is compressed (SVGZ?): unpack it"),
    (re.compile(rb"\s*<(?:!doctype html|html|head|body)", re.IGNORECASE), "is a web page"),
    (re.compile(rb"$"), "is empty"),
)


def sniff(head: bytes) -> MediaType | None:
    """Return the type of a file that begins with *head* (64 KiB are enough), by content only."""
    for pattern, source in _MAGIC:
        if pattern.match(head):
            return _BY_SOURCE.get(source)
    return _BY_SOURCE["svg"] if _SVG.match(_as_text(head)) else None


def _as_text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    return head.decode("utf-8-sig", "replace")


def what_it_is(head: bytes) -> str:
    """Return what to say of a file that has no type here: what it is instead, and what to do."""
    for pattern, hint in _HINTS:
        if pattern.match(head):
            return hint
    return "is not a picture, sound or video that Anki shows: save it as PNG, JPEG, MP3 or MP4"


def kind_of(name: str) -> Kind:
    """Return how a card shows the packed file *name*: by the extension, which is true there."""
    return _KINDS.get(name.rpartition(".")[2].lower(), "image")
