"""The 652 examples of CommonMark 0.31.2, as properties of parse, clean, render and plan."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TypedDict

import pytest
from bs4 import BeautifulSoup
from markdown_it.token import Token

from deckbuilder.clean import clean
from deckbuilder.markdown import _parser, top_blocks
from deckbuilder.model import Directives, Section
from deckbuilder.pipeline import plan, write
from deckbuilder.problems import Location
from deckbuilder.setting import Request
from tests.support.shared import SPEC, needs_shared
from tests.support.stages import NOWHERE, rendered

pytestmark = needs_shared


class Example(TypedDict):
    """As the file has them."""

    example: int
    section: str
    markdown: str
    html: str


EXAMPLES: list[Example] = json.loads(SPEC.read_text("utf-8")) if SPEC.exists() else []
DEVIATIONS = {
    64: "a hashtag that stands alone is a tag",
    218: "the library writes no line break in an empty block quote",
    239: "the library writes no line break in an empty block quote",
    240: "the library writes no line break in an empty block quote",
    548: "two square brackets are a wiki link",
    559: "two square brackets are a wiki link",
    590: "two square brackets are a wiki link",
}


def parameters(*, strict: bool = False) -> list[object]:
    """Return the examples as test parameters; *strict*: those that deviate must go on doing so."""
    return [
        pytest.param(
            example,
            id=str(example["example"]),
            marks=[pytest.mark.xfail(reason=DEVIATIONS[example["example"]], strict=True)]
            if strict and example["example"] in DEVIATIONS
            else [],
        )
        for example in EXAMPLES
    ]


def section_of(tokens: tuple[Token, ...]) -> Section:
    return Section(
        where=Location("source/notes.md", 1),
        name="notes.md",
        folder=NOWHERE,
        title="",
        context=(),
        question=(Token("text", "", 0, content="Question"),),
        answer=tokens,
        directives=Directives(),
        source="",
    )


def tokens_of(example: Example) -> tuple[Token, ...]:
    return tuple(_parser().parse(example["markdown"], {}))


def has_html(example: Example) -> bool:
    return any(
        one.type.startswith("html_") for token in tokens_of(example)
        for one in (token, *(token.children or ()))
    )  # fmt: skip


def text_of(html: str) -> str:
    return "".join(BeautifulSoup(html, "html.parser").get_text().split())


def test_the_examples_are_all_there() -> None:
    assert len(EXAMPLES) == 652


@pytest.mark.parametrize("example", parameters(strict=True))
def test_the_parser_is_commonmark(example: Example) -> None:
    assert _parser().render(example["markdown"]) == example["html"]


@pytest.mark.parametrize("example", parameters())
def test_blocks_rendered_one_by_one_are_the_whole(example: Example) -> None:
    if has_html(example):  # a tag may be closed in a later block
        return
    tokens = tokens_of(example)
    parts = [rendered(section_of(tokens[a:b])).answer for a, b in top_blocks(tokens)]
    whole = rendered(section_of(tokens)).answer

    def squeezed(html: str) -> str:
        # The headings of an answer begin at one level, whatever they were.
        return re.sub(r"(</?h)[3-6]>|\s+", r"\1", html)

    assert squeezed("".join(parts)) == squeezed(whole)


MAY_FIRE = {
    "in-page-link": re.compile(r"\]|<a\s|<[\w+.-]+:"),
    "malformed-bold": re.compile(r"\*\*\s|\s\*\*"),
    "comment": re.compile(r"<!--|\A<a [^>]*>\s*\Z|^#hashtag$", re.MULTILINE),
    "anchor": re.compile(r"<a\b(?![^>]*href)"),
    "empty-heading": re.compile(r"#|^\s*[=-]+\s*$", re.MULTILINE),
    "wrapper": re.compile(r"</?(?:div|p|table|td|tr|a)\b", re.IGNORECASE),
    "footer": re.compile(r"&copy;"),
    "outer-rule": re.compile(r"[-*_]{3}|([-*_])[ \t]*\1"),
    "line": re.compile(r"^!\[.*\]\s*\n\S", re.MULTILINE),
}
"""Rules that have something to do in the examples, and what these then hold."""


@pytest.mark.parametrize("example", parameters())
def test_an_example_without_scaffolding_passes_clean_unchanged(example: Example) -> None:
    section = section_of(tokens_of(example))
    once, removed = clean(section)
    for rule in removed:
        assert rule in MAY_FIRE
        assert MAY_FIRE[rule].search(example["markdown"])
    if not removed:
        assert once == section
    twice, again = clean(once)
    assert not again
    assert twice == once


@pytest.mark.parametrize("example", parameters())
def test_rendering_keeps_all_visible_text(example: Example) -> None:
    if has_html(example) or "<img" in example["html"] or example["example"] in DEVIATIONS:
        return  # HTML is text to nobody, a missing picture leaves a word
    shown = BeautifulSoup(rendered(section_of(tokens_of(example))).answer, "html.parser")
    for label in shown.find_all("div", class_="lang"):
        label.decompose()
    assert "".join(shown.get_text().split()) == text_of(example["html"])


def test_every_example_is_a_note_file_that_builds(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "deck.toml").write_text('[deck]\nname = "Spec"\n', "utf-8")
    for example in EXAMPLES:
        number, text = example["example"], example["markdown"]
        (source / f"{number}-alone.md").write_bytes(text.encode())
        (source / f"{number}-asked.md").write_bytes(f"# Asked\n\n## Question {number}\n\n{text}\n"
                                                    "## After it\n\nx\n".encode())  # fmt: skip
    output = tmp_path / "deck.apkg"
    outcome = plan(Request(notes=(source,), now_ms=1_700_000_000_000, output=output, offline=True))
    assert not outcome.failed, [str(p) for p in outcome.problems if p.severity == "error"]
    write(outcome)
