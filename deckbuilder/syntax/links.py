"""Links of plain text to a plain address or place, read at once; addresses encoded by runs."""

from __future__ import annotations

import re
from urllib.parse import quote

from markdown_it.common.normalize_url import normalizeLink
from markdown_it.rules_inline import StateInline

from deckbuilder.syntax.shared import STOPS, reads

_LINK = re.compile(rf"\[([^{STOPS}]+)\]\(([^\s\x00-\x20\x7f()<\\&]+)\)")
_TO_PLACE = re.compile(rf"\[([^{STOPS}]+)\]\((#(?:[^\x00-\x1f\x7f()<\\&\"]|\([^()\n\"]*\))+)\)")
_ABSOLUTE = re.compile(r"[a-z0-9.+-]+:|//", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9;/?:@&=+$,\-_.!~*'()#%]+|%(?![0-9A-Fa-f]{2})")


def _push(state: StateInline, found: re.Match[str]) -> None:
    state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(found[2])}
    state.push("text", "", 0).content = found[1]
    state.push("link_close", "a", -1)


plain_link = reads(_LINK, _push)
place_link = reads(_TO_PLACE, _push)


def encoded(address: str) -> str:
    """Return the address as it stands in an attribute; hosts are left to markdown-it."""
    address = address.strip()
    if _ABSOLUTE.match(address) or not address.isprintable():
        return normalizeLink(address)
    return _UNSAFE.sub(lambda found: quote(found[0], safe=""), address)
