"""Links of plain text to a plain address or place, read at once; addresses encoded by runs."""

from __future__ import annotations

import re
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.rules_inline import StateInline

from deckbuilder.syntax.shared import STOPS

_LINK = re.compile(rf"\[([^{STOPS}]+)\]\(([^\s\x00-\x20\x7f()<\\&]+)\)")
_TO_PLACE = re.compile(rf"\[([^{STOPS}]+)\]\((#(?:[^\x00-\x1f\x7f()<\\&\"]|\([^()\n\"]*\))+)\)")
_ABSOLUTE = re.compile(r"[a-z0-9.+-]+:|//", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9;/?:@&=+$,\-_.!~*'()#%]+|%(?![0-9A-Fa-f]{2})")


def with_address(pattern: re.Pattern[str], state: StateInline) -> tuple[re.Match[str] | None, str]:
    """Return what *pattern* finds here, and the address in its second group as a page has it."""
    found = pattern.match(state.src, state.pos, state.posMax)
    return found, state.md.normalizeLink(found[2]) if found else ""


def plain_link(state: StateInline, silent: bool) -> bool:
    """Read ``[text](address)`` where neither holds anything that has a meaning of its own."""
    return _link(_LINK, state, silent)


def _place_link(state: StateInline, silent: bool) -> bool:
    """Read ``[text](#a b)``: places on the page may have spaces in their names."""
    return _link(_TO_PLACE, state, silent)


def _link(pattern: re.Pattern[str], state: StateInline, silent: bool) -> bool:
    found, address = with_address(pattern, state)
    if found is None:
        return False
    if not silent:
        state.push("link_open", "a", 1).attrs = {"href": address}
        state.push("text", "", 0).content = found[1]
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True


def links_plugin(md: MarkdownIt) -> None:
    """Add links that CommonMark does not know."""
    md.inline.ruler.after("link", "place_link", _place_link)


def encoded(address: str) -> str:
    """Return the address as it stands in an attribute; hosts are left to markdown-it."""
    address = address.strip()
    if _ABSOLUTE.match(address) or not address.isprintable():
        return normalizeLink(address)
    return _UNSAFE.sub(lambda found: quote(found[0], safe=""), address)
