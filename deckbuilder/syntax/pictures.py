"""Pictures as editors write them: ``![alt|200](a.png)``, ``![](my red.png)``, ``![](a.png =60x)``.

CommonMark takes the number for text, and what has a space in its address for no picture.
"""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import image as commonmark_image
from markdown_it.token import Token

from deckbuilder.syntax.shared import reads

MEDIA = (
    r"\.(?:png|jpe?g|gif|webp|avif|svg|bmp|tiff?|mp3|ogg|opus|wav|flac|m4a|aac|mp4|webm|mov|m4v)"
)
"""How the names of pictures, sounds and films end, for a pattern without case."""

_SIZED = re.compile(r"(.*)\|([1-9]\d{0,3})(?:x\d{1,4})?", re.DOTALL)
_IN_NAME = r"""[^<>()"\n]"""
_SPACED = re.compile(
    rf"!\[([^\[\]]*)\]\(\s*((?:{_IN_NAME}|\({_IN_NAME}{{0,40}}\)){{1,200}}?{MEDIA}"
    r"""(?:[?#][^\s()<>"]{0,600})?)(?:\s+=(?:([1-9]\d{0,3})|\d*%)?x[\d%*]{0,4})?"""
    r"""(?:\s+"[^"\n]*")?\s*\)""",
    re.IGNORECASE,
)

_COMPONENT = re.compile(
    rf"<(?:img|[A-Z]\w*)\b[^<>{{}}]{{0,200}}=\{{[^<>]{{0,200}}?[\"']([^\"'<>\s]+{MEDIA})[\"'][^<>]{{0,400}}>",
)
_ALT = re.compile(r"\balt=[\"']([^\"']*)")


def push_picture(state: StateInline, address: str, alt: str, width: str = "") -> None:
    """Add a picture; *alt* may end in the width."""
    token = state.push("image", "img", 0)
    token.attrs = {"src": address}
    _set_alt(state, token, alt, width)


def _set_alt(state: StateInline, token: Token, alt: str, width: str = "") -> None:
    if sized := _SIZED.fullmatch(alt):
        alt, width = sized[1], width or sized[2]
    if width:
        token.attrs["width"] = width
    token.content, token.children = alt, []
    state.md.inline.parse(alt, state.md, state.env, token.children)


def image(state: StateInline, silent: bool) -> bool:
    """Read what CommonMark takes for a picture, and a width in its text."""
    if not commonmark_image(state, silent):
        return False
    token = state.tokens[-1] if not silent else None
    if token and _SIZED.fullmatch(token.content):
        _set_alt(state, token, token.content)
    return True


def _push_spaced(state: StateInline, found: re.Match[str]) -> None:
    push_picture(state, state.md.normalizeLink(found[2]), found[1], found[3] or "")


def _push_component(state: StateInline, found: re.Match[str]) -> None:
    alt = _ALT.search(found[0])
    push_picture(state, found[1], alt[1] if alt else "")


spaced_image = reads(_SPACED, _push_spaced)
component = reads(_COMPONENT, _push_component)
