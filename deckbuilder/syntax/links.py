"""Links of plain text to a plain address or place, read at once; addresses encoded by runs."""

from __future__ import annotations

import re
from urllib.parse import quote

from markdown_it.common.normalize_url import normalizeLink
from markdown_it.rules_core import StateCore
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


_MOST_TIMES, _ALWAYS = 10, 1_000_000
"""What the addresses of a text may come to: so many times its length, and characters besides."""


def few_times(state: StateCore) -> None:
    """Take away addresses that references repeat beyond measure: kilobytes could mean gigabytes.

    Pictures in the text itself are exempt: a card holds their names.
    """
    left = _MOST_TIMES * len(state.src) + _ALWAYS
    for token in state.tokens if state.env.get("references") else ():
        for child in token.children or ():
            if child.type == "link_open" or child.type == "image":
                said = (str(one) for one in child.attrs.values())
                left -= sum(len(one) for one in said if not one.startswith("data:"))
                if left < 0:
                    child.attrs = {"href" if child.type == "link_open" else "src": ""}


def encoded(address: str) -> str:
    """Return the address as it stands in an attribute; hosts are left to markdown-it."""
    address = address.strip()
    if _ABSOLUTE.match(address) or not address.isprintable():
        return normalizeLink(address)
    return _UNSAFE.sub(lambda found: quote(found[0], safe=""), address)
