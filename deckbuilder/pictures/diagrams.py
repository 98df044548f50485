"""Draw Mermaid diagrams when their section is rendered: cards need no JavaScript (P8).

The drawing engine measures text by tables of its own, not by the fonts of this machine, so the
same text gives the same picture everywhere (P5). A picture in ``<img>`` cannot see whether the
card is shown by night, so it brings its own light ground.
"""

from __future__ import annotations

import json
import re

from deckbuilder.model import Unresolved
from deckbuilder.pictures.svg import SvgError, clean_svg

MAX_CODE_CHARS = 20_000
"""Longer texts are not tried; the engine has limits of its own for what is in them."""
_MARGIN = 12
"""Light ground around the drawing, in pixels."""
_BACKEND = "merman"
_SVG = "{http://www.w3.org/2000/svg}"

# A change here changes pictures: raise media_types.DIAGRAM_RECIPE. No quotes inside of values, the
# engine would give up the whole directive; font names of several words need none in CSS.
_FONTS = "Arial, Helvetica, Roboto, Noto Sans, PingFang SC, Noto Sans CJK SC, Microsoft YaHei"
_INK, _PALE = "#1f2937", ("#bbdefb", "#c8e6c9", "#ffe0b2", "#e1bee7", "#b2ebf2", "#f8bbd0")
_THEME = {
    "theme": "base",
    "look": "classic",
    "flowchart": {"wrappingWidth": 240, "rankSpacing": 40, "nodeSpacing": 40, "padding": 15},
    "gantt": {"axisFormat": "%m-%d"},
    "themeVariables": {
        "fontFamily": f"{_FONTS}, sans-serif",
        "fontSize": "15px",
        "background": "#ffffff",
        "primaryColor": "#e3f2fd",
        "primaryBorderColor": "#1e63b0",
        "primaryTextColor": _INK,
        "secondaryColor": "#e8f5e9",
        "secondaryBorderColor": "#2e7d32",
        "secondaryTextColor": _INK,
        "tertiaryColor": "#fff8e1",
        "tertiaryBorderColor": "#b26a00",
        "tertiaryTextColor": _INK,
        "lineColor": "#4b5563",
        "edgeLabelBackground": "#ffffff",
        "noteBkgColor": "#fff8e1",
        "noteBorderColor": "#b26a00",
        "noteTextColor": _INK,
        "critBkgColor": "#ffcdd2",
        "critBorderColor": "#c62828",
        "taskTextDarkColor": _INK,
        "pieStrokeColor": "#4b5563",
        "pieOuterStrokeColor": "#4b5563",
        "xyChart": {"plotColorPalette": "#1e63b0,#81c784,#b26a00,#ad1457"},
        **{f"cScale{number}": _PALE[number % len(_PALE)] for number in range(12)},
        **{f"cScaleLabel{number}": _INK for number in range(12)},
        **{f"pie{number + 1}": _PALE[number % len(_PALE)] for number in range(12)},
    },
}
_OWN_CONFIG = re.compile(r"^\s*%%\{\s*init|^config\s*:", re.MULTILINE)
_DARK = re.compile(r"\btheme[\"']?\s*:\s*[\"']?dark\b")
_LIGHT_GROUND, _DARK_GROUND = "#ffffff", "#22272e"
_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(?:.*\n)*?---[ \t]*\n")


def draw(code: str) -> bytes | Unresolved:
    """Return the diagram *code* as an SVG file, or why it cannot be drawn (``diagram-failed``).

    Width and height are in pixels. The same text gives the same bytes with the same installed
    engine. An author's own configuration of a diagram goes before ours.
    """
    if len(code) > MAX_CODE_CHARS:
        return _failed(f"it is longer than {MAX_CODE_CHARS} characters")
    if not code.strip():
        return _failed("it is empty")
    try:
        drawn = clean_svg(_engine(_themed(code)).encode("utf-8", "replace"))
        return _grounded(drawn.data, _DARK_GROUND if _DARK.search(code) else _LIGHT_GROUND)
    except (ValueError, SvgError) as problem:
        return _failed(str(problem))


def _failed(why: str) -> Unresolved:
    first = why.strip().split("\n")[0]
    return Unresolved("diagram-failed", f"the diagram cannot be drawn, so its code stays: {first}")


def _themed(code: str) -> str:
    """Return *code* with our look, where its author asked for no other."""
    if _OWN_CONFIG.search(code):
        return code
    front = _FRONT_MATTER.match(code)
    start = front.end() if front else 0
    return f"{code[:start]}%%{{init: {json.dumps(_THEME)}}}%%\n{code[start:]}"


def _engine(code: str) -> str:
    """Return the SVG text of *code*; raises ValueError with the engine's message.

    Not every platform has the engine; notes without diagrams must build there all the same.
    """
    try:
        import mmdr
    except ImportError as missing:
        raise ValueError(f"the drawing engine is not installed here: {missing}") from missing
    try:
        return mmdr.render(code, backend=_BACKEND).svg()
    except (ValueError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as problem:  # a panic inside the engine is no Exception
        raise ValueError(str(problem) or type(problem).__name__) from problem


def _grounded(svg: bytes, colour: str) -> bytes:
    """Return *svg* on a ground of its own, with a margin, in its natural size."""
    from lxml import etree

    root = etree.fromstring(svg, etree.XMLParser(resolve_entities=False, no_network=True))
    box = [float(part) for part in re.split(r"[\s,]+", root.get("viewBox", "").strip()) if part]
    if len(box) != 4 or not (0 < box[2] < 1e5 and 0 < box[3] < 1e5):
        raise ValueError("the drawing has no size")
    x, y = box[0] - _MARGIN, box[1] - _MARGIN
    width, height = box[2] + 2 * _MARGIN, box[3] + 2 * _MARGIN
    root.attrib.pop("style", "")  # of the engine: a largest width, from before the margin
    root.set("viewBox", f"{x:.6g} {y:.6g} {width:.6g} {height:.6g}")
    root.set("width", f"{width:.6g}")
    root.set("height", f"{height:.6g}")
    ground = etree.Element(f"{_SVG}rect")
    for name, value in (("x", x), ("y", y), ("width", width), ("height", height), ("rx", 10.0)):
        ground.set(name, f"{value:.6g}")
    # In a style attribute: rules of the drawing for all rectangles do not reach it there.
    ground.set("style", f"fill:{colour};stroke:none;opacity:1")
    root.insert(0, ground)
    return etree.tostring(root, encoding="utf-8") + b"\n"
