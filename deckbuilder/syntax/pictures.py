"""Pictures as editors write them: ``![alt|200](a.png)``, ``![](my red.png)``, ``![](a.png =60x)``.

CommonMark takes the number for text, and what has a space in its address for no picture.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import image as commonmark_image
from markdown_it.token import Token

from deckbuilder.syntax.links import with_address

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


def _image(state: StateInline, silent: bool) -> bool:
    """Read what CommonMark takes for a picture, and a width in its text."""
    if not commonmark_image(state, silent):
        return False
    token = state.tokens[-1] if not silent else None
    if token and _SIZED.fullmatch(token.content):
        _set_alt(state, token, token.content)
    return True


def _spaced(state: StateInline, silent: bool) -> bool:
    """Read a picture with spaces in its name or a size behind it."""
    found, address = with_address(_SPACED, state)
    if found is None:
        return False
    if not silent:
        push_picture(state, address, found[1], found[3] or "")
    state.pos = found.end()
    return True


def _component(state: StateInline, silent: bool) -> bool:
    """Read ``<img src={require('./a.png').default} />``, which is no HTML."""
    found = _COMPONENT.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        alt = _ALT.search(found[0])
        push_picture(state, found[1], alt[1] if alt else "")
    state.pos = found.end()
    return True


def pictures_plugin(md: MarkdownIt) -> None:
    """Add the rules."""
    md.inline.ruler.before("html_inline", "component", _component)
    md.inline.ruler.at("image", _image)
    md.inline.ruler.after("image", "spaced_image", _spaced)
