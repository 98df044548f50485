"""Links of plain text to a plain address, read at once, and addresses encoded by runs."""

from __future__ import annotations

import re
from urllib.parse import quote

from markdown_it.common.normalize_url import normalizeLink
from markdown_it.rules_inline import StateInline

from deckbuilder.syntax.shared import STOPS

_LINK = re.compile(rf"\[([^{STOPS}]+)\]\(([^\s\x00-\x20\x7f()<\\&]+)\)")
_ABSOLUTE = re.compile(r"[a-z0-9.+-]+:|//", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9;/?:@&=+$,\-_.!~*'()#%]+|%(?![0-9A-Fa-f]{2})")


def with_address(pattern: re.Pattern[str], state: StateInline) -> tuple[re.Match[str] | None, str]:
    """Return what *pattern* finds here, and the address in its second group as a page has it."""
    found = pattern.match(state.src, state.pos, state.posMax)
    return found, state.md.normalizeLink(found[2]) if found else ""


def plain_link(state: StateInline, silent: bool) -> bool:
    """Read ``[text](address)`` where neither holds anything that has a meaning of its own."""
    found, address = with_address(_LINK, state)
    if found is None:
        return False
    if not silent:
        state.push("link_open", "a", 1).attrs = {"href": address}
        state.push("text", "", 0).content = found[1]
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True


def encoded(address: str) -> str:
    """Return the address as it stands in an attribute; hosts are left to markdown-it."""
    address = address.strip()
    if _ABSOLUTE.match(address) or not address.isprintable():
        return normalizeLink(address)
    return _UNSAFE.sub(lambda found: quote(found[0], safe=""), address)
