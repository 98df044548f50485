"""Take metadata out of picture files without touching a pixel.

Where a photo was taken, by whom and with what is nobody's business who gets the deck. The
containers are walked by hand, so the picture data stay as they are, byte for byte, whatever
version of an imaging library is installed (P5). What shapes the look stays: colour profiles,
transparency, animation.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator


def strip_metadata(data: bytes, source: str) -> bytes | None:
    """Return *data* (of format *source*) without metadata; None if it cannot be walked.

    PNG, JPEG and WebP are known; other formats come back as they are.
    """
    strip = _STRIPPERS.get(source)
    try:
        return strip(data) if strip else data
    except (struct.error, IndexError, ValueError):
        return None


# PNG -----------------------------------------------------------------------------------------

_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD pHYs".split()
    + b"acTL fcTL fdAT".split()  # animation
)


def _png(data: bytes) -> bytes:
    kept = [_PNG_HEAD]
    for kind, chunk in _png_chunks(data):
        if kind in _PNG_KEPT:
            kept.append(chunk)
    return b"".join(kept)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG_HEAD)
    while True:
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 12 + length
        if end > len(data):
            raise ValueError("a chunk is cut off")
        kind = data[at + 4 : at + 8]
        yield kind, data[at:end]
        if kind == b"IEND":
            return
        at = end


# JPEG ----------------------------------------------------------------------------------------

_EOI, _SOS = 0xD9, 0xDA
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length."""
_APPLICATION = frozenset({*range(0xE0, 0xF0), 0xFE})
"""Segments of programs, and comments."""
_APPLICATION_KEPT = ((0xE0, b"JFIF\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe"))


def _jpeg(data: bytes) -> bytes:
    """Keep the segments that decode the picture; drop what follows it (previews, films)."""
    kept, at = [data[:2]], 2
    while True:
        if data[at] != 0xFF:
            raise ValueError("no marker where one must be")
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
        elif marker == _EOI:
            return b"".join((*kept, data[at : at + 2]))
        elif marker in _BARE:
            kept.append(data[at : at + 2])
            at += 2
        else:
            end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
            if end > len(data):
                raise ValueError("a segment is cut off")
            if marker == _SOS:
                end = _end_of_scan(data, end)
            if marker not in _APPLICATION or _is_kept(marker, data[at + 4 : at + 20]):
                kept.append(data[at:end])
            at = end


def _is_kept(marker: int, head: bytes) -> bool:
    return any(marker == kept and head.startswith(tag) for kept, tag in _APPLICATION_KEPT)


def _end_of_scan(data: bytes, at: int) -> int:
    """Return where the next marker stands; stuffed zeros and restarts belong to the scan."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            raise ValueError("the picture is cut off")
        if data[at + 1] != 0 and data[at + 1] not in _BARE:
            return at
        at += 2


# WebP ----------------------------------------------------------------------------------------

_WEBP_DROPPED = frozenset({b"EXIF", b"XMP "})
_WEBP_FLAGS = 0x08 | 0x04
"""Bits of the extended header that announce EXIF and XMP."""


def _webp(data: bytes) -> bytes:
    (length,) = struct.unpack_from("<I", data, 4)
    stop, at, kept = min(8 + length, len(data)), 12, list[bytes]()
    while at + 8 <= stop:
        kind, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        end = at + 8 + size + size % 2
        if at + 8 + size > len(data):
            raise ValueError("a chunk is cut off")
        chunk = data[at:end]
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_FLAGS]) + chunk[9:]
        if kind not in _WEBP_DROPPED:
            kept.append(chunk)
        at = end
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


_STRIPPERS: dict[str, Callable[[bytes], bytes]] = {"png": _png, "jpg": _jpeg, "webp": _webp}
