"""Make SVG pictures safe: what is not on the list of what drawings need is left out (P9).

A picture in ``<img>`` runs no script and loads nothing anyway; but people open files by
themselves, and clients differ. The drawing is copied element by element, so that only what is
named here comes through, and it is written the same way each time (P5).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from lxml.etree import _Element
    from tinycss2.ast import Declaration, FunctionBlock, Node

MAX_SVG_BYTES = 10 * 1024 * 1024
MAX_PAINTED = 500_000
"""Elements painted once every ``<use>`` is followed: a bomb of uses doubles with each level."""
MAX_ATTRIBUTES = 1000
"""Of one element: each is looked for among all the others."""
SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
XHTML = "http://www.w3.org/1999/xhtml"


class SvgError(ValueError):
    """The file is no SVG that could be cleaned; the text says why."""


@dataclass(frozen=True, slots=True)
class CleanSvg:
    """A drawing without anything that runs, loads or hides."""

    data: bytes
    """UTF-8, with width and height where the author's had a viewBox."""
    removed: Mapping[str, int] = field(default_factory=dict)
    """What was taken out: ``script``, ``event-handler``, ``external-reference``, ``style``,
    ``foreign-object``, ``element``, ``attribute``, ``entity`` -> how often."""


def clean_svg(data: bytes) -> CleanSvg:
    """Return the drawing *data* without scripts, handlers, entities and outside references.

    Raises SvgError if it is not well-formed, too large, or a bomb.
    """
    if len(data) > MAX_SVG_BYTES:
        raise SvgError(f"is larger than {MAX_SVG_BYTES // 2**20} MiB")
    removed: Counter[str] = Counter()
    try:
        root = _Copier(removed).root(_parsed(_without_doctype(_decoded(data), removed)))
    except RecursionError as problem:
        raise SvgError("is nested too deep") from problem
    return CleanSvg(_written(root), dict(sorted(removed.items())))


# Reading -------------------------------------------------------------------------------------

_ENCODING = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_ENCODINGS = re.compile(
    r"utf-?8|us-ascii|ascii|iso-8859-\d\d?|latin-?1|windows-125\d|cp125\d|gb2312|gbk|gb18030|"
    r"big5|shift_jis|euc-(?:jp|kr)",
    re.IGNORECASE,
)
# Possessive repeats (*+): these run over megabytes that somebody else wrote.
_DECLARATION = re.compile(r"\s*+<\?xml\s[^>]*+>")
_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[>]*+(?:\[(?P<subset>[^\]]*+)\]\s*+)?>")
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]+)\s+(?:\"([^\"%&<]*)\"|'([^'%&<]*)')\s*>")
_MAX_ENTITIES_GIVE = 1024 * 1024


def _decoded(data: bytes) -> str:
    """Return the text; the parser never sees the author's encoding, nor a trick with it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        name = "utf-16"
    else:
        declared = _ENCODING.match(data[:1024].lstrip(b"\xef\xbb\xbf"))
        name = declared.group(1).decode() if declared else "utf-8"
        name = "utf-8-sig" if name.lower() in ("utf-8", "utf8", "utf-16") else name
        if name != "utf-8-sig" and not _ENCODINGS.fullmatch(name):
            raise SvgError(f"is written in {name}: save it as UTF-8")
    try:
        text = data.decode(name)
    except (UnicodeError, LookupError) as problem:
        raise SvgError(f"is not the {name} it claims to be") from problem
    declaration = _DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text


def _without_doctype(text: str, removed: Counter[str]) -> str:
    """Return *text* without its document type; plain internal entities are filled in.

    Old drawing programs write their namespaces as entities. Only values without markup and
    without other entities are taken, so nothing can grow by nesting.
    """
    start = text.find("<!DOCTYPE")
    root = re.search(r"<[A-Za-z_]", text)
    doctype = _DOCTYPE.match(text, start) if start >= 0 else None
    if doctype is None or root is None or root.start() < doctype.end():
        return text
    subset = doctype.group("subset") or ""
    entities = {name: double or single for name, double, single in _ENTITY.findall(subset)}
    text = text[: doctype.start()] + text[doctype.end() :]
    if "<!ENTITY" in subset:
        removed["entity"] += subset.count("<!ENTITY")
    if entities:
        text = _filled(text, entities)
    return text


def _filled(text: str, entities: Mapping[str, str]) -> str:
    given = 0

    def value(match: re.Match[str]) -> str:
        nonlocal given
        found = entities.get(match.group(1), match.group())
        given += len(found)
        if given > _MAX_ENTITIES_GIVE:
            raise SvgError("grows too much by its entities")
        return found

    return re.sub(r"&([\w.-]+);", value, text)


def _parsed(text: str) -> _Element:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise SvgError(f"is damaged: {getattr(problem, 'msg', problem)}") from problem
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.doctype:
        raise SvgError("declares a document type that could not be read")
    if _name(root) != (SVG, "svg"):
        raise SvgError("does not begin with an <svg> element")
    return root


def _name(element: _Element) -> tuple[str, str]:
    """Return namespace and local name; a file without namespaces is taken for plain SVG."""
    # Of an entity reference without a declaration the tag is a function: no name of ours.
    space, _, local = str(element.tag).rpartition("}")
    space = space.lstrip("{")
    return space or SVG, local


def _written(root: _Element) -> bytes:
    from lxml import etree

    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="utf-8") + b"\n"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What drawings need --------------------------------------------------------------------------

_ELEMENTS = _words("""
    svg g defs symbol use switch a title desc style
    path rect circle ellipse line polyline polygon image
    text tspan textPath
    marker pattern mask clipPath linearGradient radialGradient stop
    filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix
    feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB
    feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight
    feSpecularLighting feSpotLight feTile feTurbulence
    animate animateMotion animateTransform set mpath
    """)
_ANIMATIONS = frozenset({"animate", "animateMotion", "animateTransform", "set"})
_ATTRIBUTES = _words("""
    id class style lang tabindex role transform version viewBox preserveAspectRatio
    width height x y x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy d points pathLength rotate
    textLength lengthAdjust startOffset method spacing side
    refX refY markerWidth markerHeight markerUnits orient
    gradientUnits gradientTransform spreadMethod offset
    patternUnits patternContentUnits patternTransform
    maskUnits maskContentUnits clipPathUnits filterUnits primitiveUnits
    in in2 result type values tableValues slope intercept amplitude exponent mode operator
    k1 k2 k3 k4 order kernelMatrix divisor bias targetX targetY edgeMode preserveAlpha
    surfaceScale diffuseConstant specularConstant specularExponent kernelUnitLength
    azimuth elevation z pointsAtX pointsAtY pointsAtZ limitingConeAngle
    scale xChannelSelector yChannelSelector stdDeviation radius baseFrequency numOctaves seed
    stitchTiles
    attributeName attributeType begin dur end min max restart repeatCount repeatDur
    calcMode keyTimes keySplines keyPoints from to by additive accumulate path origin
    systemLanguage requiredFeatures requiredExtensions
    alignment-baseline baseline-shift clip-path clip-rule color color-interpolation
    color-interpolation-filters color-rendering cursor direction display dominant-baseline
    enable-background fill fill-opacity fill-rule filter flood-color flood-opacity font
    font-family font-feature-settings font-kerning font-size font-size-adjust font-stretch
    font-style font-variant font-weight glyph-orientation-horizontal
    glyph-orientation-vertical image-rendering isolation kerning letter-spacing
    lighting-color marker marker-end marker-mid marker-start mask mask-type mix-blend-mode
    opacity overflow paint-order pointer-events shape-rendering stop-color stop-opacity
    stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin
    stroke-miterlimit stroke-opacity stroke-width text-anchor text-decoration
    text-orientation text-overflow text-rendering transform-box transform-origin
    unicode-bidi vector-effect visibility white-space word-spacing writing-mode
    """)
_FREE = _words("d points transform gradientTransform patternTransform id class lang role in result")
"""Numbers, transforms and names: nothing in them can load."""
_HREF = frozenset({"href", f"{{{XLINK}}}href"})
_SPACED = frozenset({f"{{{XML}}}space", f"{{{XML}}}lang"})
_REFERRING = _words("use textPath linearGradient radialGradient pattern filter mpath mask clipPath")
_RASTER = re.compile(r"data:image/(?:png|jpeg|jpg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_FONT = re.compile(
    r"data:(?:font/|application/(?:x-)?font-)[\w.+-]+(?:;[\w=-]+)*;base64,[\w+/=\s]+"
)
_FRAGMENT = re.compile(r"#[^\s\"'<>()]+")
_SUSPICIOUS = re.compile(r"[(\\@]|/\*")
_FUNCTIONS = _words("""
    rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark var calc min max clamp
    abs round translate translatex translatey translatez translate3d scale scalex scaley scalez
    scale3d rotate rotatex rotatey rotatez rotate3d skew skewx skewy matrix matrix3d perspective
    cubic-bezier steps linear circle ellipse inset polygon rect path
    blur brightness contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia
    linear-gradient radial-gradient conic-gradient repeating-linear-gradient
    repeating-radial-gradient local format
    """)
_AT_RULES = frozenset({"media", "supports", "keyframes", "-webkit-keyframes", "layer"})
_PROPERTIES_REFUSED = frozenset({"behavior", "-moz-binding"})


# Copying -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Copier:
    """Copies what may stay, and counts what may not."""

    removed: Counter[str]

    def root(self, source: _Element) -> _Element:
        """Return a clean copy of the whole drawing."""
        from lxml import etree

        spaces = {None: SVG, "xlink": XLINK}
        target = etree.Element(f"{{{SVG}}}svg", nsmap=spaces)  # type: ignore[arg-type]  # None is right
        self._fill(source, target)
        _size(target)
        if _painted(target) > MAX_PAINTED:
            raise SvgError("paints too much: its parts repeat each other")
        return target

    def _fill(self, source: _Element, target: _Element) -> None:
        self._attributes(source, target)
        if _name(source)[1] == "style":
            target.text = self._sheet("".join(map(str, source.itertext())))
            return
        texts, last = [source.text or ""], None
        for child in source:
            copy = self._child(child, target)
            if copy is not None:
                _write(texts, target, last)
                texts, last = [], copy
            texts.append(child.tail or "")
        _write(texts, target, last)

    def _child(self, child: _Element, target: _Element) -> _Element | None:
        """Append a copy of *child* to *target* if it may stay; return the copy."""
        from lxml import etree

        space, local = _name(child)
        if (space, local) == (SVG, "foreignObject"):
            self.removed["foreign-object"] += 1
            return _label(child, target)
        if space != SVG or local not in _ELEMENTS or self._sets_too_much(child, local):
            if space == SVG:
                self.removed["script" if local == "script" else "element"] += 1
            elif space == XHTML or not space:
                self.removed["element"] += 1
            return None
        copy = etree.SubElement(target, f"{{{SVG}}}{local}")
        self._fill(child, copy)
        if local == "image" and not _HREF.intersection(copy.attrib):
            target.remove(copy)
            return None
        return copy

    def _sets_too_much(self, child: _Element, local: str) -> bool:
        """Tell whether an animation would change what must not change."""
        if local not in _ANIMATIONS:
            return False
        name = child.get("attributeName", "").strip()
        allowed = name in _ATTRIBUTES or (not name and local == "animateMotion")
        return not allowed or name in ("id", "style", "class")

    def _attributes(self, source: _Element, target: _Element) -> None:
        if len(source.attrib) > MAX_ATTRIBUTES:
            raise SvgError(f"has an element of more than {MAX_ATTRIBUTES} attributes")
        for key, value in source.attrib.items():
            name, text = str(key), str(value)
            if name in _HREF:
                self._reference(_name(source)[1], name, text, target)
            elif name == "style":
                clean = self._declarations(text)
                if clean:
                    target.set("style", clean)
            elif name in _ATTRIBUTES or name in _SPACED or _is_data(name):
                if name in _FREE or _is_data(name) or self._harmless_value(text):
                    target.set(name, text)
            elif name.lower().startswith("on"):
                self.removed["event-handler"] += 1
            elif not name.startswith("{"):
                self.removed["attribute"] += 1

    def _reference(self, local: str, name: str, text: str, target: _Element) -> None:
        value = text.strip()
        inside = local in _REFERRING and _FRAGMENT.fullmatch(value)
        if inside or (local == "image" and _RASTER.fullmatch(value)):
            target.set(name, value)
        elif not (local == "a" and value.startswith("#")):
            self.removed["external-reference"] += 1

    def _harmless_value(self, text: str) -> bool:
        if not _SUSPICIOUS.search(text):
            return True
        from tinycss2 import parse_component_value_list

        if _harmless(parse_component_value_list(text)):
            return True
        self.removed["external-reference"] += 1
        return False

    # Style -----------------------------------------------------------------------------------

    def _sheet(self, css: str) -> str:
        from tinycss2 import parse_stylesheet

        return self._rules(parse_stylesheet(css, skip_comments=True, skip_whitespace=True))

    def _rules(self, rules: Iterable[Node]) -> str:
        return "".join(filter(None, map(self._rule, rules)))

    def _rule(self, rule: Node) -> str:
        from tinycss2 import ast, parse_rule_list, serialize

        if isinstance(rule, ast.QualifiedRule):
            prelude = serialize(rule.prelude).strip()
            return f"{prelude}{{{self._declared(rule.content)}}}\n"
        if isinstance(rule, ast.AtRule) and rule.content is not None:
            name, prelude = rule.lower_at_keyword, serialize(rule.prelude).strip()
            if name in _AT_RULES and _harmless(rule.prelude, selectors=True):
                inner = parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
                return f"@{name} {prelude}{{{self._rules(inner)}}}\n"
            if name == "font-face" and _harmless(rule.content, fonts=True):
                return f"@font-face{{{serialize(rule.content).strip()}}}\n"
        self.removed["style"] += 1
        return ""

    def _declarations(self, css: str) -> str:
        from tinycss2 import parse_component_value_list

        return self._declared(parse_component_value_list(css))

    def _declared(self, tokens: Iterable[Node]) -> str:
        """Return the declarations among *tokens* that load nothing; nested rules stay."""
        from tinycss2 import ast, parse_blocks_contents

        kept: list[str] = []
        for item in parse_blocks_contents(tokens, skip_comments=True, skip_whitespace=True):
            if isinstance(item, ast.QualifiedRule):
                kept.append(self._rule(item).strip())
            elif isinstance(item, ast.Declaration) and _loads_nothing(item):
                kept.append(item.serialize() + ";")
            else:
                self.removed["style"] += 1
        return "".join(kept).removesuffix(";")


def _loads_nothing(item: Declaration) -> bool:
    return item.lower_name not in _PROPERTIES_REFUSED and _harmless(item.value)


def _harmless(tokens: Iterable[Node], *, selectors: bool = False, fonts: bool = False) -> bool:
    """Tell whether a value loads nothing: only addresses inside the drawing, known functions."""
    from tinycss2 import ast

    for token in tokens:
        if isinstance(token, ast.ParseError):
            return False
        if isinstance(token, ast.URLToken) and not _inside(token.value, fonts=fonts):
            return False
        if isinstance(token, ast.FunctionBlock):
            inner: Iterable[Node] = token.arguments
            if not (selectors or _known(token, fonts=fonts)):
                return False
        elif isinstance(
            token, (ast.ParenthesesBlock, ast.SquareBracketsBlock, ast.CurlyBracketsBlock)
        ):
            inner = token.content
        else:
            continue
        if not _harmless(inner, selectors=selectors, fonts=fonts):
            return False
    return True


def _known(function: FunctionBlock, *, fonts: bool) -> bool:
    from tinycss2 import ast

    if function.lower_name != "url":
        return function.lower_name in _FUNCTIONS
    parts = [part for part in function.arguments if not isinstance(part, ast.WhitespaceToken)]
    return all(isinstance(p, ast.StringToken) and _inside(p.value, fonts=fonts) for p in parts)


def _inside(address: str, *, fonts: bool) -> bool:
    address = address.strip()
    return bool(_FRAGMENT.fullmatch(address) or (fonts and _FONT.fullmatch(address)))


def _is_data(name: str) -> bool:
    return name.startswith(("data-", "aria-"))


def _write(texts: Iterable[str], target: _Element, last: _Element | None) -> None:
    """Put *texts* into *target*, behind its *last* child if it has one."""
    text = "".join(texts) or None
    if last is None:
        target.text = text
    else:
        last.tail = text


# Size, labels, bombs -------------------------------------------------------------------------

_PIXELS = re.compile(r"\s*(\d++(?:\.\d*+)?|\.\d++)\s*+(?:px)?\s*", re.IGNORECASE)
_LENGTH = re.compile(
    r"\s*(?:\d++(?:\.\d*+)?|\.\d++)\s*+(?:px|pt|pc|mm|cm|in|q|em|ex|rem)?\s*", re.I
)


def _size(root: _Element) -> None:
    """Give *root* a width and height where only its viewBox tells: phones guess 300 by 150."""
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    width, height = root.get("width", ""), root.get("height", "")
    if len(box) != 4 or (_LENGTH.fullmatch(width) and _LENGTH.fullmatch(height)):
        return
    try:
        across, down = float(box[2]), float(box[3])
    except ValueError:
        return
    if not (0 < across < 1e6 and 0 < down < 1e6):
        return
    given_width, given_height = _PIXELS.fullmatch(width), _PIXELS.fullmatch(height)
    scale = 1.0
    if given_width:
        scale = float(given_width.group(1)) / across
    elif given_height:
        scale = float(given_height.group(1)) / down
    if 0 < max(across, down) * scale < 1e6:
        root.set("width", f"{across * scale:.6g}")
        root.set("height", f"{down * scale:.6g}")


def _label(foreign: _Element, target: _Element) -> _Element | None:
    """Append the text of a foreignObject as SVG text, centred in its box.

    Diagram programs write labels as HTML in a foreignObject; without it the boxes are empty.
    In a switch, the next child is the program's own replacement.
    """
    from lxml import etree

    lines = _lines(foreign)
    if not lines or _name(target)[1] == "switch":
        return None
    x, y, width, height = (_number(foreign.get(key)) for key in ("x", "y", "width", "height"))
    text = etree.SubElement(target, f"{{{SVG}}}text")
    text.set("text-anchor", "middle")
    text.set("dominant-baseline", "central")
    for number, line in enumerate(lines):
        span = etree.SubElement(text, f"{{{SVG}}}tspan")
        span.set("x", f"{x + width / 2:g}")
        span.set("y", f"{y + height * (number + 0.5) / len(lines):g}")
        span.text = line
    return text


_BLOCKS = _words("p div br li tr h1 h2 h3 h4 h5 h6")


def _lines(foreign: _Element) -> list[str]:
    from lxml import etree

    parts: list[str] = []
    for event, element in etree.iterwalk(foreign, events=("start", "end")):
        local = _name(element)[1]
        if local in ("script", "style", "head", "title"):
            continue
        if local in _BLOCKS:
            parts.append("\n")
        text = element.text if event == "start" else element.tail
        if element is foreign and event == "end":
            text = ""
        parts.append(re.sub(r"\s+", " ", text or ""))
    return [line.strip() for line in "".join(parts).split("\n") if line.strip()]


def _number(text: str | None) -> float:
    match = _PIXELS.match(text or "")
    return float(match.group(1)) if match else 0.0


_URL_FRAGMENT = re.compile(r"url\(\s*[\"']?#([^\"')\s]+)", re.IGNORECASE)


def _painted(root: _Element) -> int:
    """Return how many elements are painted when all references are followed."""
    weights: dict[str, int] = {}
    by_id = {str(element.get("id")): element for element in root.iter() if element.get("id")}
    open_ids: set[str] = set()

    def weight(element: _Element) -> int:
        total = 1
        for value in element.attrib.values():
            text = str(value)
            for target in [text[1:]] if text.startswith("#") else _URL_FRAGMENT.findall(text):
                total += referred(unquote(target))
        for child in element:
            total += weight(child)
        return min(total, MAX_PAINTED + 1)

    def referred(target: str) -> int:
        if target in open_ids or target not in by_id:
            return 0  # browsers do not follow a circle
        if target not in weights:
            open_ids.add(target)
            weights[target] = weight(by_id[target])
            open_ids.discard(target)
        return weights[target]

    return weight(root)
