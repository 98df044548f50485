"""What HTML a card may hold: what stays, what goes and is counted, and in which time."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deckbuilder.model import NoteKind
from deckbuilder.rendering.disarm import disarm, disarm_cloze, forbidden_macro, text_as_html
from deckbuilder.rendering.sanitise import MAX_DEPTH, _cleaner, sanitise, tame
from tests.support.fixtures import fixture_files, read_fixture
from tests.support.limits import within
from tests.support.shared import NOTES, needs_shared
from tests.support.stages import as_sections, file_notes, rendered


def tamed(html: str) -> tuple[str, dict[str, int]]:
    """Return *html* as it comes out of both, and what was counted."""
    removed: Counter[str] = Counter()
    return sanitise(tame(html, removed)), dict(removed)


def render_cases() -> list[str]:
    return [
        case.input for path in fixture_files("render") for case in read_fixture(path)
    ]  # fmt: skip


@pytest.mark.parametrize("text", render_cases())
def test_our_own_html_passes_unchanged(text: str) -> None:
    for section in as_sections(text):
        result = rendered(section)
        if result.kind is NoteKind.SECTION:
            unchanged(result.question, *(media.name for media in result.media))
            unchanged(result.answer, *(media.name for media in result.media))


@needs_shared
def test_the_html_of_real_notes_passes_unchanged() -> None:
    for path in sorted(NOTES.rglob("*.md")):
        text = path.read_text("utf-8", "replace").replace("\r\n", "\n")
        for draft in file_notes(text, path.name).drafts:
            if draft.kind is NoteKind.SECTION:
                unchanged(draft.fields.question, *(media.name for media in draft.media))
                unchanged(draft.fields.answer, *(media.name for media in draft.media))


def unchanged(html: str, *sounds: str) -> None:
    removed: Counter[str] = Counter()
    assert tame(html, removed) == html
    assert not removed
    assert disarm(sanitise(html), sounds) == html


@pytest.mark.parametrize(
    "html",
    [
        '<table><thead><tr><th class="left" scope="col">a</th></tr></thead>'
        '<tbody><tr><td colspan="2" rowspan="3">b</td></tr></tbody></table>',
        '<details open=""><summary>a</summary>b</details>',
        "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
        "<kbd>Ctrl</kbd> H<sub>2</sub>O x<sup>2</sup> <mark>m</mark> <small>s</small>",
        '<img src="a-1.png" alt="a" width="300" height="20">',
        '<ol start="3" type="a" reversed=""><li value="7">a</li></ol>',
        "<dl><dt>a</dt><dd>b</dd></dl><figure>c<figcaption>d</figcaption></figure>",
        '<a href="https://example.org/?a=1&amp;b=2" title="t">a</a> <a href="mailto:a@b.c">m</a>',
        '<div class="callout tip">a</div><div class="code"><pre><code>'
        '<span class="k">if</span></code></pre></div>',
        '<video src="a-1.mp4" controls="" playsinline=""></video>',
        '<p lang="en" dir="rtl">a<br>b</p><hr><abbr title="x">y</abbr><q>z</q>',
    ],
)
def test_what_cards_need_stays(html: str) -> None:
    assert tamed(html) == (html, {})


@pytest.mark.parametrize(
    ("html", "left", "counted"),
    [
        ("a<script>b</script>c", "ac", {"script": 1}),
        ("a<script>b", "ab", {"script": 1}),
        ('<p onclick="x" ONLOAD=y>a</p>', "<p>a</p>", {"event-handler": 2}),
        ('<p style="x">a</p><style>b</style>', "<p>a</p>", {"style": 2}),
        ("<iframe src=x>a</iframe>", "", {"iframe": 1}),
        ("<form action=x><input>a</form>", "a", {"form": 1, "input": 1}),
        ("<svg><svg></svg>a</svg>b", "b", {"svg": 1}),
        ('<a href="java&#115;cript:x">a</a>', "<a>a</a>", {"javascript-link": 1}),
        ('<a href="data:x">a</a>', "<a>a</a>", {"data-link": 1}),
        ('<a href="ftp://x">a</a>', "<a>a</a>", {"other-link": 1}),
        ("<base href=x><link rel=x>", "", {"base": 1, "link": 1}),
        ("<meta http-equiv=refresh>", "", {"meta": 1}),
        ("<object data=x>a</object><embed src=x>", "", {"object": 1, "embed": 1}),
        ('<p class="callout evil" id="answer">a</p>', '<p class="">a</p>', {}),
        ("<h1>a</h1><h2>b</h2>", "<h3>a</h3><h3>b</h3>", {}),
        ("<b>a", "<b>a</b>", {}),
        ("a</div></div>", "a", {}),
        ("a<!-- b -->c<!-- d", "ac", {}),
        ("<Tab>\na\n</Tab>", "\na\n", {}),
        ("<Tab>\na<table></table>", "&lt;Tab&gt;\na<table></table>", {}),
        ("<Tab>\na</tab>", "&lt;Tab&gt;\na&lt;/tab&gt;", {}),
    ],
)
def test_what_goes_is_counted_by_name(html: str, left: str, counted: dict[str, int]) -> None:
    assert tamed(html) == (left, counted)


@pytest.mark.parametrize(
    "text", ["the <unk> token", "vector<int> a", "<think>x</think>", "List<String>", "<your name>"]
)
def test_names_that_html_does_not_know_stay_as_text(text: str) -> None:
    assert tamed(text)[0] == text.replace("<", "&lt;").replace(">", "&gt;")


def test_an_attribute_cannot_hide_a_tag_from_one_parser_and_show_it_to_another() -> None:
    assert tamed("<x '><b id=1 onclick=x>'>")[0] == "&lt;x '&gt;<b>'&gt;</b>"
    assert tamed('<p title=">" title="a" b>x</p>')[0] == "<p>x</p>"


PIECES = [
    "a", "\u4e2d ", "\n", "&amp;", "&nbsp;", "&#91;", "&quot;", "&", '"', "<", ">", "\0", "\r",
    "\xa0", "<br>", "<p>", "</p>", "<h3>", "</h3>", "<h4>", "<ul>\n", "</ul>", "<ol>\n", "</ol>",
    "<li>", "</li>\n", "<strong>", "</strong>", "<em>", "</em>", "<code>", "</code>", "</span>",
    '<span class="kept">', '<span class="k">', '<span class="evil">', '<img src="a-1.png" alt="b">',
    '<img src="http://a" alt="">', '<img src="\u4e2d.png" alt="">',
    '<img src="a" alt="" onload="b">', "<a>", "<p onclick=a>", "</div>", '<div class="math">',
    '<div class="code">', "<pre><code>", '<div class="lang">', "<pre>", "</pre>",
]  # fmt: skip
WHOLE = [
    "<p>{}</p>", "<h3>{}</h3>", "<ul>\n<li>{}</li>\n</ul>", "<ol>\n<li>{}</li>\n<li>b</li>\n</ol>",
    '<div class="math">{}</div>', '<div class="code"><pre><code>{}</code></pre></div>',
    '<div class="code"><div class="lang">c</div><pre><code>{}</code></pre></div>',
    "<strong>{}</strong>", "<em>{}</em>", "<code>{}</code>", '<span class="k">{}</span>',
]  # fmt: skip
SOME = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
MOSTLY_WHOLE = st.recursive(
    SOME, lambda inner: st.tuples(st.sampled_from(WHOLE), inner).map(lambda p: p[0].format(p[1]))
)


@settings(max_examples=500)
@given(st.lists(MOSTLY_WHOLE, max_size=4).map("".join))
def test_what_is_passed_unasked_is_what_the_library_returns(html: str) -> None:
    assert sanitise(html) == _cleaner().clean(html)


# Depth and time ------------------------------------------------------------------------------


def test_depth_is_cut_with_a_problem_and_the_text_stays() -> None:
    result = file_notes(f"# Why?\n\n{'<div>' * 500}deep{'</div>' * 500}\n")
    assert "nesting" in {problem.code for problem in result.problems}
    assert "500" not in result.drafts[0].fields.answer
    assert result.drafts[0].fields.answer.count("<div>") == MAX_DEPTH
    assert "deep" in result.drafts[0].fields.answer


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<div>" * 50_000 + "</div>" * 50_000,
        "</div>" * 100_000,
        "".join(f"<b id={n}>" for n in range(30_000)),
        "".join(f"<p><b id={n}>" for n in range(30_000)),
        "<div>" * 20_000 + "<b></b>" * 50_000,
        "<table><tr><td>" * 30_000,
        "<svg>" * 50_000 + "</svg>" * 50_000,
        "<script>" * 50_000,
        "<style>" * 50_000 + "</style",
        "<!--" * 50_000,
        "<" * 200_000,
        "<a b='" * 50_000,
        "<div " + " ".join(f"a{n}=1" for n in range(50_000)) + ">",
        "<ruby><rt>" * 30_000,
        "<a href=x>" * 50_000,
        "<p>" * 100_000,
    ],
    ids=lambda html: html[:16],
)
def test_hostile_markup_takes_linear_time(html: str) -> None:
    with within(5):
        left, _ = tamed(html)
    assert len(left) < 60 * len(html)


# What Anki and MathJax would act upon ----------------------------------------------------------


def test_brackets_of_anki_are_text_also_in_attributes() -> None:
    html = '<abbr title="[sound:a] &lt;">[sound:b] [LaTeX] [$] [$$] [[type:x]] [anki:tts]</abbr>[x]'
    assert disarm(html) == (
        '<abbr title="&#91;sound:a] &lt;">&#91;sound:b] &#91;LaTeX] &#91;$] &#91;$$] &#91;[type:x]]'
        " &#91;anki:tts]</abbr>[x]"
    )


def test_sounds_of_the_package_play_but_not_in_code() -> None:
    html = "[sound:a-1.mp3] <code>[sound:a-1.mp3]</code> [sound:b.mp3]"
    assert disarm(html, {"a-1.mp3"}) == (
        "[sound:a-1.mp3] <code>&#91;sound:a-1.mp3]</code> &#91;sound:b.mp3]"
    )


def test_clozes_and_brackets_cannot_leave_an_attribute() -> None:
    html = '<a href="https://a.b/::" title="{{c1::x}}}">{{c1::y::z}}</a>'
    assert disarm(html) == (
        '<a href="https://a.b/&#58;&#58;" title="{&#123;c1&#58;&#58;x}&#125;}">{{c1::y::z}}</a>'
    )
    assert disarm('<img alt="a <b> x=">c "d"') == '<img alt="a &lt;b&gt; x=">c "d"'


@pytest.mark.parametrize(
    "formula",
    [
        r"\href{x}{y}", r"\require{html}", r"\class{a}{b}", r"\newcommand{\R} x", r"\def\x y",
        r"\DeclareMathOperator{\x}y", r"\unicode[f]{65}", r"\bbox[background:url(x)]{y}",
        r"\fcolorbox{red;x}{b}{c}", r"\mmlToken{mi}[href=x]{y}", r"\htmlStyle{a}{b}",
        r"\Newextarrow{\frac}{5,10}{0x2192}",
    ],
)  # fmt: skip
def test_macros_that_load_style_or_leak_show_as_source(formula: str) -> None:
    assert forbidden_macro(formula)
    result = file_notes(f"# Why?\n\nSee $a + {formula}$.\n")
    assert "math-macro" in {problem.code for problem in result.problems}
    assert "\u200c<span></span>" in result.drafts[0].fields.answer


@pytest.mark.parametrize(
    "formula",
    [
        r"\left( \frac{a}{b} \right)", r"\text{class}", r"\letter", r"\bbox[5px]{x}",
        r"\bbox[#eee, border:2px solid red]{x}", r"\unicode{x263a}", r"\color{red}{x}",
        r"\fcolorbox{red}{#fff}{x}", r"\operatorname{def}", r"\newline", r"\ce{H2O}", r"\tag{1}",
    ],
)  # fmt: skip
def test_ordinary_macros_stay(formula: str) -> None:
    assert not forbidden_macro(formula)


def test_text_is_neither_formula_nor_sound() -> None:
    assert text_as_html(r"\(x\) \[y\] [sound:z] [a] <b>") == (
        r"\<span>(</span>x\) \<span>[</span>y\] &#91;sound:z] [a] &lt;b&gt;"
    )


def test_what_anki_takes_out_of_a_formula_of_a_cloze_joins_nothing() -> None:
    html = r"{{c1::\(\hr<b></b>ef{x}\)}} \(\h{{c1::ref}}{x}\) \([so<i></i>und:a]\)"
    assert disarm_cloze(html) == (
        "{{c1::\\(\\\u200chr<b></b>ef{x}\\)}} \\(\\\u200ch{{c1::ref}}{x}\\) "
        r"\(&#91;so<i></i>und:a]\)"
    )
    assert disarm_cloze(r"a \hr<b></b>ef{x}") == r"a \hr<b></b>ef{x}"
