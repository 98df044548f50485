"""Pictures that stand in the notes themselves, as ``data:`` (RFC 2397)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from urllib.parse import unquote_to_bytes

from deckbuilder.model import Embedded, Unresolved
from deckbuilder.pictures.media_types import HEAD_BYTES, MAX_FILE_BYTES, media_name, sniff

DATA = re.compile(r"\s*data:([^,]*),?", re.IGNORECASE)


def embedded(reference: str, *, max_width: int) -> Embedded | Unresolved:
    """Return the picture that *reference*, a ``data:`` address, holds, or why there is none.

    What it is is told by its content, as with files. Raises ``ValueError`` for another address.
    """
    found = DATA.match(reference)
    if found is None:
        raise ValueError(f"no data: {reference[:40]!r}")
    data = unquote_to_bytes(reference[found.end() :])
    if found[1].lower().endswith(";base64"):
        data = b"".join(data.split())
        try:
            data = base64.b64decode(data + b"=" * (-len(data) % 4), validate=True)
        except binascii.Error as problem:
            return _useless(f"cannot be read: {problem}")
    media = sniff(data[:HEAD_BYTES])
    if media is None or media.kind != "image":
        return _useless("is not a picture that Anki shows everywhere")
    if len(data) > MAX_FILE_BYTES:
        return _useless(f"is {len(data) / 2**20:.0f} MiB, which never syncs: make it smaller")
    name = media_name("embedded", hashlib.sha256(data).hexdigest(), media, max_width=max_width)
    return Embedded(name, data, media.source)


def _useless(why: str) -> Unresolved:
    return Unresolved("image-data", f"a data: picture in the notes {why}")
