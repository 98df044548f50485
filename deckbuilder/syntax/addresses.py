"""Addresses of links, percent-encoded as markdown-it does, a run of characters at a time."""

from __future__ import annotations

import re
from urllib.parse import quote

from markdown_it.common.normalize_url import normalizeLink

_ABSOLUTE = re.compile(r"[a-z0-9.+-]+:|//", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9;/?:@&=+$,\-_.!~*'()#%]+|%(?![0-9A-Fa-f]{2})")


def encoded(address: str) -> str:
    """Return the address as it stands in an attribute; hosts are left to markdown-it."""
    address = address.strip()
    if _ABSOLUTE.match(address) or not address.isprintable():
        return normalizeLink(address)
    return _UNSAFE.sub(lambda found: quote(found[0], safe=""), address)
