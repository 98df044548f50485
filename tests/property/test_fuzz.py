"""Any text builds or is refused, harmlessly, in time, and the real Anki takes what comes out."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deckbuilder.problems import BuildError
from deckbuilder.rendering.sanitise import sanitise, tame
from tests.support.collection import real_collection
from tests.support.fixtures import fixture_files, read_fixture
from tests.support.limits import within
from tests.support.safety import dangers
from tests.support.strangers import assert_harmless, built, import_clean, packed, try_text

HERE = Path(__file__).parent.parent
CORPUS = sorted((HERE / "fuzz" / "corpus").iterdir())
WORDS = [
    line.encode().decode("unicode_escape")
    for line in (HERE / "fuzz" / "words.txt").read_text("utf-8").splitlines()
]
QUICK = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

words = st.sampled_from(WORDS)
letters = st.text(max_size=12).map(lambda text: text.replace("\r", "").replace("\0", ""))
fragments = st.lists(
    st.one_of(words, words, letters, st.sampled_from(["\n", "\n\n", " ", "x"])), max_size=40
).map("".join)
notes = st.lists(fragments, min_size=1, max_size=4).map("\n\n# Question?\n\n".join)
tags = st.sampled_from(
    [
        *("<b>", "</b>", "<p>", "</p>", "<div>", "</div>", "<table>", "<tr>", "<td>", "</table>"),
        *("<a href=", "</a>", "<img src=", "<svg>", "</svg>", "<math>", "<script>", "</script>"),
        *("<style>", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<template>", "<select>"),
        *("<ruby><rt>", "<ul><li>", "</li>", "<details open>", "<summary>", "<unk>", "<br/>"),
        *("onclick=x", 'title="', "'", '"', "=", ">", "<", "/", "&lt;", "&#60;", "javascript:x"),
        *("//e.test", "style=", "[sound:x]", "\\(", "\\)", "\\href{x}{y}", "{{c1::", "}}", "::"),
    ]
)
html = st.lists(st.one_of(tags, letters), max_size=40).map("".join)


SHAPES = [
    case.input.split("\n")
    for kind in ("clean", "render", "structure", "xss")
    for path in fixture_files(kind)
    for case in read_fixture(path)
]
WRAPS = ["**{}**", "**`{}:`**", "`{}`", "![{}](a.png)", "<b>{}</b>", "<{}", "<![{}", "> {}", "- {}"]


@st.composite
def mixtures(draw: st.DrawFn) -> str:
    """Return the lines of one fixture with some of another's between them, and a word wrapped."""
    lines, others = [*draw(st.sampled_from(SHAPES))], draw(st.sampled_from(SHAPES))
    at, first = draw(st.integers(0, len(lines))), draw(st.integers(0, len(others)))
    lines[at : at + draw(st.integers(0, 3))] = others[first : first + draw(st.integers(1, 9))]
    text = "\n".join(lines)
    found = draw(st.sampled_from(re.findall(r"\w+", text) or [""]))
    return text.replace(found, draw(st.sampled_from(WRAPS)).format(found), 1) if found else text


def attempt(text: str) -> None:
    with contextlib.suppress(BuildError):
        try_text(text)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_what_broke_it_once_builds(path: Path) -> None:
    attempt(path.read_text("utf-8", "ignore").replace("\r", "").replace("\0", ""))


@QUICK
@given(notes)
@example("# \ufeff\n1. foo\n3.\n3. bar\n")
@example("{{c501::a}} {{c1::b}}")
@example("# {{c1::\n\n}}")
def test_any_text_builds_or_is_refused(text: str) -> None:
    attempt("# Question?\n\n" + text)


@QUICK
@given(mixtures())
@example("<details")
@example("<p><![href#")
@example("正面：舵\n反面：。\n![正面：帆]()\n反面：借")
def test_any_mixture_of_shapes_builds_or_is_refused(text: str) -> None:
    attempt(text)


@QUICK
@given(html)
def test_any_html_is_harmless_on_a_card(text: str) -> None:
    attempt(f"# Question?\n\n{text}\n\n## {text.splitlines()[0] if text.strip() else 'Why?'}\n\nx")


@QUICK
@given(html)
def test_sanitised_html_is_balanced_and_stays_as_it_is(text: str) -> None:
    once = sanitise(tame(text, Counter()))
    assert sanitise(once) == once
    allowed = [d for d in dangers(once) if "href" not in d and "src" not in d and "[" not in d]
    assert [one for one in allowed if "macro" not in one] == []


def test_a_sample_of_any_text_is_taken_by_the_real_anki(tmp_path: Path) -> None:
    packages: list[Path] = []

    @settings(max_examples=25, deadline=None, database=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(notes)
    def sample(text: str) -> None:
        try:
            identified = built({f"{len(packages)}.md": "# Question?\n\n" + text})
        except BuildError:
            return
        assert_harmless(identified)
        folder = tmp_path / str(len(packages))
        folder.mkdir(exist_ok=True)
        if package := packed(identified, folder):
            packages.append(package)

    sample()
    assert len(packages) > 5
    with real_collection() as anki:
        import_clean(anki, packages)


# Inputs made to be slow ----------------------------------------------------------------------

N = 5_000
SLOW = {
    "block quotes": ">" * N + " a",
    "lists": "- " * N + "a",
    "ordered lists": "1. " * N + "a",
    "quotes and lists": "> - " * N + "a",
    "nested lists": "".join(f"{' ' * (2 * n)}- a\n" for n in range(300)),
    "headings in lists": "1. ### a\n\n   b\n\n" * 500,
    "divs": "<div>" * N,
    "divs apart": "<div>\n\n" * N,
    "inline b": "x " + "".join(f"<b id={n}>" for n in range(N)),
    "paragraphs in b": "<div>" + "".join(f"<p><b id={n}>" for n in range(N)),
    "brackets": "[" * N,
    "links": "[a](" * N,
    "a callout below a text": "> a\n{: .prompt-" + "a" * 20 * N + " a",
    "an admonition": "!!! a" + "_" * 20 * N + '"',
    "an embedded note": "![[" + "*" * 60 * N,
    "slashes of a picture": f"![](https://a.example{'/' * 60 * N})",
    "pictures in links": "[![" * N,
    "wiki": "[[" * N,
    "nested pictures": "![" * N + "a" + "](x)" * N,
    "stars": "*a " * N,
    "emphasis": "*a **a " * N + "b" + " a** a*" * N,
    "marks": "==a ~~b " * N,
    "backticks": " ".join("`" * n for n in range(1, 300)),
    "open tags": "<a " * N,
    "open attributes": "<a b='" * N,
    "comments": "x\n<!--\n" * N,
    "cdata": "x <![CDATA[" * N,
    "entities": "&#x" * N,
    "dollars": "$a " * N,
    "formulas": "\\(a " * N,
    "environments": "\\begin{align}\n" * N,
    "clozes": "{{c1::a" * N + "}}" * N,
    "details": "<details><summary>a</summary>\n\n" * N,
    "tags": "{% hint %}\n" * N + "{% a\n" * N + "{{< katex >}}x " * N,
    "addresses of tags": "[a]({{ x\n" * N,
    "containers": "::: tab a\n" * N + ":::{figure} x\n" * N,
    "spans": "[[a]{.b " * N,
    "callouts": "> [!NOTE]\n\n" * N,
    "lines": "a\n" * N,
    "chinese lines": "中\n" * N,
    "bullets": "● a\n" * N,
    "table cells": "|a" * N + "\n" + "|-" * N + "\n" + "|b" * N,
    "table rows": "a|b\n-|-\n" + "c|d\n" * N,
    "footnotes": "".join(f"[^{n}] " for n in range(1000))
    + "".join(f"\n\n[^{n}]: x" for n in range(1000)),
    "definitions": "a\n: b\n" * N,
    "references": "".join(f"[a{n}]: /x\n" for n in range(N)),
    "code": "`" + "a" * 20 * N + "`",
    "spaces": "a" + " " * N + "b",
    "setext": "a\n===\n" * 1000,
    "bold lines": "**a**\n" * 1000,
    "rows without a head": "|a\n" * N,
    "emoji": "🀀" * 4 * N + "x",
    "emoji of a question": "## " + "🀀" * 4 * N + "x\n\na",
    "emoji after a label": "Q: " + "🀀" * 20 * N + "x\nA: b\n\nQ: c\nA: d",
    "ids left open": "## a {#" + "a" * 20 * N + "\n\nb",
    "spaces in a gap": "{{c1::a" + " " * 20 * N + "b}}",
    "spaces after a citation": "a [citation:1]" + " " * 20 * N + "b",
    "spaces after two colons": "#flashcards\n\na::b" + " " * 20 * N + "c",
    "lines below a choice": "Q: a\nA: " + "<br> " * 5 * N + "a\n\nQ: c\nA: d",
    "styles left open": "<style>a " * 6 * N,
    "a tag of many signs": "#a" * 40 + " b",
    "breaks before a text": "<br>\n" * 40 + "a",
    "spaces in a tight heading": "##a" + " " * 4 * N + "b",
    "spaces in a folded label": "<details><summary>a</summary>\n\n【Q"
    + " " * N
    + "b\n\n</details>",
    "spaces in a label": "【Q" + " " * 20 * N + "a",
    "spaces in a wish": "<!-- tags: a" + " " * 40 * N + "b -->",
    "spaces after a tag": "- a #card" + " " * 20 * N + "b\n  - c",
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW.keys())
def test_hostile_text_is_built_in_time(text: str) -> None:
    with within(20):
        attempt(f"# What is it?\n\n{text}\n")
