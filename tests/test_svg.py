"""Cleaning SVG (CONTRACT P9): what runs, loads or hides goes, the drawing stays."""
# ruff: noqa: E501  (attacks and drawings are read best on a line of their own)

from __future__ import annotations

import base64
import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from deckbuilder.pictures.svg import MAX_SVG_BYTES, SvgError, clean_svg
from tests.support.limits import within
from tests.support.pictures import a_png, an_svg

XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9"'
PNG_URL = "data:image/png;base64," + base64.b64encode(a_png(2, 2)).decode()


def cleaned(body: str, attributes: str = 'viewBox="0 0 9 9"') -> str:
    """Return what is left of *body* inside the root element."""
    text = clean_svg(an_svg(body, attributes)).data.decode()
    return re.sub(r"^<svg[^>]*>|</svg>\n$|^<svg[^>]*/>\n$", "", text)


VECTORS = {
    "script": "<script>alert(1)</script>",
    "script from outside": '<script href="https://evil.example/x.js"/>',
    "script by xlink": '<script xlink:href="data:text/javascript,alert(1)"/>',
    "html script": '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
    "prefixed script": '<s:script xmlns:s="http://www.w3.org/2000/svg">alert(1)</s:script>',
    "script in CDATA": "<script><![CDATA[alert(1)]]></script>",
    "script in defs": "<defs><g><script>alert(1)</script></g></defs>",
    "onload": '<g onload="alert(1)"/>',
    "onclick": '<rect onclick="alert(1)"/>',
    "upper case handler": '<rect ONCLICK="alert(1)"/>',
    "onbegin": '<set attributeName="x" onbegin="alert(1)" to="2"/>',
    "onerror of an image": '<image href="x" onerror="alert(1)"/>',
    "handler in another namespace": '<rect xmlns:x="u:x" x:onclick="alert(1)"/>',
    "foreignObject script": '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></body></foreignObject>',
    "foreignObject iframe": '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="https://evil.example/"/></foreignObject>',
    "foreignObject handler": '<foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="alert(1)"/></foreignObject>',
    "html iframe": '<iframe xmlns="http://www.w3.org/1999/xhtml" src="javascript:alert(1)"/>',
    "html embed": '<embed xmlns="http://www.w3.org/1999/xhtml" src="https://evil.example/"/>',
    "link by href": '<a href="javascript:alert(1)"><text>x</text></a>',
    "link by xlink": '<a xlink:href="javascript:alert(1)"><text>x</text></a>',
    "link with blanks": '<a href=" &#9;java&#10;script:alert(1)"><text>x</text></a>',
    "link to a page": '<a href="https://evil.example/"><text>x</text></a>',
    "link to data": '<a href="data:text/html,&lt;script>alert(1)&lt;/script>"><text>x</text></a>',
    "use from outside": '<use href="https://evil.example/x.svg#a"/>',
    "use from data": '<use xlink:href="data:image/svg+xml;base64,PHN2Zy8+#a"/>',
    "use of a file": '<use href="file:///etc/passwd#a"/>',
    "image from outside": '<image href="https://evil.example/x.png"/>',
    "image by xlink": '<image xlink:href="//evil.example/x.png"/>',
    "image of a file": '<image href="../../secret.png"/>',
    "image of a drawing": '<image href="data:image/svg+xml,&lt;svg onload=alert(1)>"/>',
    "image of html": '<image href="data:text/html;base64,PGI+"/>',
    "feImage": '<filter><feImage href="https://evil.example/x.png"/></filter>',
    "animated link": '<a><animate attributeName="href" values="javascript:alert(1)"/></a>',
    "animated xlink": '<a><set attributeName="xlink:href" to="javascript:alert(1)"/></a>',
    "animated handler": '<rect><set attributeName="onclick" to="alert(1)"/></rect>',
    "animated style": '<rect><set attributeName="style" to="fill:url(https://evil.example)"/></rect>',
    "animated fill": '<rect><animate attributeName="fill" values="url(https://evil.example/#a)"/></rect>',
    "animation of another": '<animate href="https://evil.example/#a" attributeName="x" to="2"/>',
    "fill from outside": '<rect fill="url(https://evil.example/x.svg#a)"/>',
    "fill with quotes": """<rect fill="url( 'https://evil.example/#a' )"/>""",
    "filter from outside": '<rect filter="url(//evil.example/#a)"/>',
    "cursor": '<rect cursor="url(https://evil.example/x.cur), auto"/>',
    "mask from data": '<rect mask="url(data:image/svg+xml;base64,PHN2Zy8+#a)"/>',
    "style attribute": '<rect style="fill:url(https://evil.example/x)"/>',
    "style with an escape": r'<rect style="fill:\75rl(https://evil.example/x)"/>',
    "style with a comment": '<rect style="fill:u/**/rl(https://evil.example/x)"/>',
    "image-set": """<rect style="background:image-set('https://evil.example/x' 1x)"/>""",
    "behavior": '<rect style="behavior:url(#default#time2)"/>',
    "binding": '<rect style="-moz-binding:url(#x)"/>',
    "expression": '<rect style="width:expression(alert(1))"/>',
    "variable": '<rect style="--x:url(https://evil.example/x);fill:var(--x)"/>',
    "import": "<style>@import 'https://evil.example/x.css';</style>",
    "import of an address": "<style>@import url(https://evil.example/x.css) screen;</style>",
    "escaped import": r"<style>@\69mport 'https://evil.example/x.css';</style>",
    "rule that loads": "<style>rect{fill:url(https://evil.example/x)}</style>",
    "rule in media": "<style>@media all{rect{fill:url('https://evil.example/x')}}</style>",
    "rule in supports": "<style>@supports (fill:url(x)){r{mask:url(https://evil.example/x)}}</style>",
    "nested rule": "<style>g{rect{fill:url(https://evil.example/x)}}</style>",
    "keyframes": "<style>@keyframes x{from{fill:url(https://evil.example/x)}}</style>",
    "font": "<style>@font-face{font-family:x;src:url(https://evil.example/x.woff)}</style>",
    "namespace": "<style>@namespace url(https://evil.example/);rect{fill:red}</style>",
    "unclosed address": "<style>rect{fill:url(https://evil.example/x</style>",
    "style in CDATA": "<style><![CDATA[@import 'https://evil.example/x.css';]]></style>",
    "style in pieces": "<style>@imp<!-- -->ort 'https://evil.example/x.css';</style>",
    "stylesheet instruction": '<?xml-stylesheet href="https://evil.example/x.css"?>',
    "base": '<g xml:base="https://evil.example/"><use href="#a"/></g>',
    "handler element": '<handler xmlns="http://www.w3.org/2001/xml-events">alert(1)</handler>',
    "listener": '<listener event="click" handler="#x"/>',
    "audio": '<audio href="https://evil.example/x.mp3"/>',
    "video": '<video xlink:href="https://evil.example/x.mp4"/>',
    "discard": '<discard href="#a"/>',
    "meta": '<meta xmlns="http://www.w3.org/1999/xhtml" http-equiv="refresh" content="0;url=https://evil.example"/>',
    "metadata": "<metadata><x onload='alert(1)'/></metadata>",
    "ping": '<a ping="https://evil.example/" target="_top"><text>x</text></a>',
    "view": '<view id="v" viewTarget="https://evil.example/"/>',
    "color profile": '<color-profile name="x" href="https://evil.example/x.icc"/>',
    "tref": '<text><tref xlink:href="https://evil.example/#a"/></text>',
    "font-face-uri": '<font-face><font-face-src><font-face-uri href="https://evil.example/x"/></font-face-src></font-face>',
    "cursor element": '<cursor xlink:href="https://evil.example/x.cur"/>',
    "gradient from outside": '<linearGradient href="https://evil.example/x.svg#a"/>',
    "textPath": '<text><textPath href="https://evil.example/x.svg#a">x</textPath></text>',
    "mpath": '<animateMotion><mpath href="https://evil.example/x.svg#a"/></animateMotion>',
}
DANGER = re.compile(
    r"evil|alert|javascript|script|\bon\w+=|foreignObject|iframe|file:|/etc|\.\./|data:|@import|"
    r"behavior|binding|expression|image-set|xml:base|xml-stylesheet|refresh|handler|listener",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", VECTORS)
def test_nothing_runs_or_loads(name: str) -> None:
    result = clean_svg(an_svg(VECTORS[name] + '<rect width="5" height="5"/>', XLINK))
    text = result.data.decode()
    assert not DANGER.search(text), text
    assert '<rect width="5" height="5"/>' in text, "the drawing itself stays"
    etree.fromstring(result.data)


@pytest.mark.parametrize("name", VECTORS)
def test_cleaning_twice_is_cleaning_once(name: str) -> None:
    once = clean_svg(an_svg(VECTORS[name], XLINK))
    twice = clean_svg(once.data)
    assert twice.data == once.data
    assert twice.removed == {}


def test_what_was_removed_is_counted() -> None:
    body = '<script/><script/><rect onclick="a()" onload="b()"/><use href="http://x/#y"/>'
    assert clean_svg(an_svg(body)).removed == {
        "event-handler": 2,
        "external-reference": 1,
        "script": 2,
    }


# Bombs and broken files -----------------------------------------------------------------------

LAUGHS = (
    '<!DOCTYPE svg [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS.encode() + an_svg("<text>&j;</text>"),
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + an_svg("<text>&x;</text>"),
        b'<!DOCTYPE svg [<!ENTITY % p SYSTEM "http://evil.example/x"> %p;]>' + an_svg("<text>&x;</text>"),
        b'<!DOCTYPE svg [<!ENTITY a "' + b"x" * 50_000 + b'">]>' + an_svg("<text>" + "&a;" * 500 + "</text>"),
        b"<!DOCTYPE svg [" + an_svg(),
        b"<svg",
        b"",
        b"\0" * 100,
        an_svg("<g>"),
        an_svg("<text>&nbsp;</text>"),
        b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
        b"<svg xmlns='u:other'/>",
        b"<?xml version='1.0' encoding='utf-7'?>" + an_svg(),
        b"<?xml version='1.0' encoding='cp037'?>" + an_svg(),
        b"<?xml version='1.0' encoding='unicode_escape'?>" + an_svg(),
        b"<?xml version='1.0' encoding='gbk'?>" + an_svg("<text>@</text>").replace(b"@", b"\xff\xff"),
        an_svg("<text>图</text>").replace("图".encode(), b"\xff\xfe"),
        an_svg("<g>" * 300 + "</g>" * 300),
        an_svg("<style>r{fill:" + "(" * 20_000 + "}</style>"),
        an_svg("<rect " + " ".join(f'data-{n}=""' for n in range(90_000)) + "/>"),
        b" " * (MAX_SVG_BYTES + 1),
        an_svg("".join(f'<g id="g{n}">' + f'<use href="#g{n + 1}"/>' * 10 + "</g>" for n in range(9))),
        an_svg("".join(f'<g id="g{n}">' + f'<use href="#%67{n + 1}"/>' * 10 + "</g>" for n in range(9))),
        an_svg(
            "".join(
                f'<pattern id="p{n}">' + f'<rect fill="url(#p{n + 1})"/>' * 10 + "</pattern>"
                for n in range(9)
            )
            + '<rect fill="url(#p0)"/>'
        ),
        an_svg(
            "".join(
                f'<mask id="m{n}">' + f'<rect mask="URL(#m{n + 1})"/>' * 10 + "</mask>"
                for n in range(9)
            )
            + '<rect mask="url(#m0)"/>'
        ),
    ],
    ids=lambda data: repr(data[:40]),
)  # fmt: skip
def test_bombs_and_broken_files_are_refused_quickly(data: bytes) -> None:
    with within(3), pytest.raises(SvgError):
        clean_svg(data)


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE " * 200_000 + an_svg(),
        b" " * 2_000_000 + an_svg(),
        an_svg('<path d="' + "M1 1 " * 200_000 + '"/>'),
        an_svg("<text>" + "&amp;" * 200_000 + "</text>"),
        an_svg("", f'width="{"1" * 200_000}x" viewBox="0 0 9 9"'),
        an_svg("", f'width="1{" " * 100_000}x" viewBox="0 0 9 9"'),
        an_svg("<rect/>" * 50_000),
        an_svg("<style>" + "a{b:c}" * 50_000 + "</style>"),
        an_svg("".join(f'<g id="g{n}"><use href="#g{n + 1}"/></g>' for n in range(150))),
        b"<!--" + b"-" * 1_000_000 + b">" + an_svg(),
        an_svg("<script/>text" * 200_000),
    ],
    ids=[
        "doctypes", "blanks", "path", "entities", "width", "blanks in width", "elements", "rules",
        "uses", "comment", "text beside scripts",
    ],
)  # fmt: skip
def test_large_input_takes_linear_time(data: bytes) -> None:
    with within(8), contextlib.suppress(SvgError):
        clean_svg(data)


def test_references_in_a_circle_end() -> None:
    body = '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g><use href="#a"/>'
    assert cleaned(body) == body


@given(st.binary(max_size=400))
def test_any_bytes_are_cleaned_or_refused(data: bytes) -> None:
    with contextlib.suppress(SvgError):
        clean_svg(data)


@given(st.text(max_size=200))
def test_any_style_is_cleaned(css: str) -> None:
    escaped = css.encode("utf-8", "replace").decode().replace("&", "&amp;").replace("<", "&lt;")
    try:
        text = clean_svg(an_svg(f"<style>{escaped} @import 'http://evil.example/';</style>")).data
    except SvgError:
        return  # control characters are no XML
    assert not re.search(rb"@import\s", text)


# What stays -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        '<g font-family="\'Noto Sans CJK SC\',sans-serif" fill="#1f2937"><text x="1" y="2">图</text></g>',
        '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" markerWidth="8" orient="auto"><path d="M0 0 L10 5 z"/></marker></defs><path d="M1 1h5" marker-end="url(#arrow)"/>',
        '<linearGradient id="a"><stop offset="0" stop-color="rgb(1, 2, 3)"/></linearGradient><rect fill="url(#a)"/>',
        '<rect style="fill:url(#a);stroke:rgba(0,0,0,.5)"/>',
        '<rect style="fill:url(&quot;#a&quot;)"/>',
        f'<image width="2" height="2" href="{PNG_URL}"/>',
        '<text>a <tspan dx="1" font-weight="bold">b</tspan> c\n  d</text>',
        '<text xml:space="preserve">  a   b </text>',
        '<use href="#a" x="1"/>',
        '<g id="a(b)" class="x y" data-x="1" aria-label="(x)" role="img"/>',
        '<circle r="1"><animate attributeName="r" values="1;2" dur="1s" repeatCount="indefinite"/></circle>',
        '<g transform="translate(1,2) rotate(45)" clip-path="url(#c)"/>',
        '<filter id="f"><feGaussianBlur stdDeviation="2"/><feOffset in="a" dx="1" result="b"/></filter>',
        '<text text-anchor="middle" dominant-baseline="central">中</text>',
        "<title>a &lt; b &amp; c</title><desc>d</desc>",
        '<a><text>link text</text></a>',
    ],
)  # fmt: skip
def test_what_drawings_need_stays_byte_for_byte(body: str) -> None:
    result = clean_svg(an_svg(body, 'viewBox="0 0 9 9" width="9" height="9"'))
    assert result.removed == {}
    assert result.data == an_svg(body, 'viewBox="0 0 9 9" width="9" height="9"') + b"\n"


@pytest.mark.parametrize(
    ("css", "left"),
    [
        ("rect{fill:red}", "rect{fill:red;}"),
        ("a>b{fill:red;stroke:blue}", "a&gt;b{fill:red;stroke:blue;}"),
        ("@media (min-width:9px){a{fill:red}}", "@media (min-width:9px){a{fill:red;}\n}"),
        ("@keyframes k{from{x:1}to{x:2}}", "@keyframes k{from{x:1;}\nto{x:2;}\n}"),
        (".n:not(.m) rect{fill:url(#a)}", ".n:not(.m) rect{fill:url(#a);}"),
        ("a{x:url(http://x);y:1}", "a{y:1;}"),
        ("@import 'x'; a{y:1}", "a{y:1;}"),
    ],
)
def test_styles_stay_but_for_what_loads(css: str, left: str) -> None:
    body = cleaned(f"<style>{css.replace('>', '&gt;')}</style>")
    assert re.sub(r";?}", "}", body) == f"<style>{re.sub(';}', '}', left)}\n</style>"


def test_text_after_what_was_removed_stays() -> None:
    assert cleaned("<text>a<script/>b<set/>c<tspan>d</tspan><script/>e</text>") == (
        "<text>abc<tspan>d</tspan>e</text>"
    )


def test_entities_of_old_drawing_programs_are_filled_in() -> None:
    data = (
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd" ['
        b'<!ENTITY ns_svg "http://www.w3.org/2000/svg"><!ENTITY blue "#00f">]>'
        b'<svg xmlns="&ns_svg;" viewBox="0 0 9 9"><rect fill="&blue;"/></svg>'
    )
    result = clean_svg(data)
    assert b'<rect fill="#00f"/>' in result.data
    assert b"ENTITY" not in result.data
    assert result.removed == {"entity": 2}


def test_an_entity_that_brings_markup_brings_nothing() -> None:
    data = b"<!DOCTYPE svg [<!ENTITY x '\" onload=\"alert(1)'>]>" + an_svg('<rect id="&x;"/>')
    assert b"alert" not in clean_svg(data).data


@pytest.mark.parametrize(
    "data",
    [
        an_svg("<text>图</text>").decode().encode("utf-16"),
        b"\xef\xbb\xbf" + an_svg("<text>图</text>"),
        b"<?xml version='1.0' encoding='GB2312'?>"
        + an_svg("<text>图</text>").decode().encode("gbk"),
        b"<?xml version='1.0' encoding='UTF-8' standalone='no'?>\n" + an_svg("<text>图</text>"),
        b"<!-- a comment -->\n<!DOCTYPE svg>\n" + an_svg("<text>图</text>"),
        b'<s:svg xmlns:s="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><s:text>'
        + "图".encode()
        + b"</s:text></s:svg>",
        '<svg viewBox="0 0 9 9"><text>图</text></svg>'.encode(),
    ],
    ids=["utf-16", "bom", "gbk", "declaration", "doctype", "prefix", "no namespace"],
)
def test_however_it_is_written_it_reads_the_same(data: bytes) -> None:
    assert (
        clean_svg(data).data
        == (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9" height="9">'
            "<text>图</text></svg>\n"
        ).encode()
    )


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('viewBox="0 0 30 20"', ("30", "20")),
        ('viewBox="0,0,30,20" width="100%"', ("30", "20")),
        ('viewBox="0 0 30 20" width="15"', ("15", "10")),
        ('viewBox="0 0 30 20" height="40px"', ("60", "40")),
        ('viewBox="0 0 30 20" width="3cm" height="2cm"', ("3cm", "2cm")),
        ('viewBox="0 0 0 20"', (None, None)),
        ('viewBox="x"', (None, None)),
        ('viewBox="0 0 1e9 20"', (None, None)),
        ("", (None, None)),
    ],
)
def test_drawings_get_a_size_from_their_view_box(
    attributes: str, size: tuple[str | None, str | None]
) -> None:
    root = etree.fromstring(clean_svg(an_svg("", attributes)).data)
    assert (root.get("width"), root.get("height")) == size


def test_labels_in_html_become_text() -> None:
    body = (
        '<foreignObject x="10" y="20" width="100" height="40">'
        '<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="alert(1)">first<br/>second</p></div>'
        "</foreignObject>"
    )
    assert cleaned(body) == (
        '<text text-anchor="middle" dominant-baseline="central">'
        '<tspan x="60" y="30">first</tspan><tspan x="60" y="50">second</tspan></text>'
    )


def test_the_replacement_in_a_switch_is_used() -> None:
    body = (
        '<switch><foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>'
        "<text>x</text></switch>"
    )
    assert cleaned(body) == "<switch><text>x</text></switch>"
