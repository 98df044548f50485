"""The macros of MathJax: our list of them against MathJax itself, with the packages of Anki."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deckbuilder import preview
from deckbuilder.rendering.macros import KNOWN, unknown_macro
from tests.support.browser import Browser
from tests.support.stages import file_notes

MATHJAX = Path(preview.__file__).parent / "vendor" / "mathjax" / "tex-chtml-full.js"
PAGE = """
<script>window.MathJax = {tex: {packages: {'[+]': ['noerrors', 'mathtools', 'mhchem'],
'[-]': ['textmacros']}}, loader: {load: ['[tex]/noerrors', '[tex]/mathtools', '[tex]/mhchem']},
startup: {typeset: false, pageReady: () => document.documentElement.dataset.ready = "1"}}</script>
"""
NAMES = """
const handlers = MathJax.startup.document.inputJax[0].parseOptions.handlers;
return ["macro", "delimiter"].flatMap(kind =>
  handlers.get(kind)._configuration.items.flatMap(({item}) => item.map ? [...item.map.keys()] : [])
);
"""


def test_the_list_is_what_mathjax_knows(tmp_path: Path, browser: Browser) -> None:
    page = tmp_path / "page.html"
    page.write_text(f'{PAGE}<script src="{MATHJAX.as_uri()}"></script>', "utf-8")
    browser.open(page)
    names = {name.removeprefix("\\") for name in browser.run(NAMES)}
    assert {name for name in names if re.fullmatch("[A-Za-z]+", name)} == KNOWN


@pytest.mark.parametrize("name", ["R", "argmax", "norm", "abs", "foo", "mathbbm", "SI", "eqref"])
def test_what_mathjax_does_not_show_is_named(name: str) -> None:
    assert unknown_macro(f"\\frac{{1}}{{2}} \\\\ \\{name}{{x}}") == f"\\{name}"


@pytest.mark.parametrize(
    ("macro", "said"),
    [("argmax", "is unknown"), ("eqref", "leads to another formula"), ("ref", "leads to another")],
)
def test_what_is_wrong_with_it_is_said(macro: str, said: str) -> None:
    notes = file_notes(f"# What is it?\n\nIt is $\\{macro}{{x}}$.\n")
    [problem] = (one for one in notes.problems if one.code == "math-macro")
    assert problem.message.startswith(f"\\{macro} {said}")


@pytest.mark.parametrize(
    "formula",
    [
        r"\left\lVert x \right\rVert_2 \leq \operatorname*{arg\,max}_\theta \text{中文}",
        r"\begin{aligned} a &\coloneqq b \\next &= \{c\} \end{aligned} \tag{1}",
        r"\ce{H2O} \cancel{x} \color{red}{y} \boldsymbol{z} \mathscr{L} \bra{x}",
    ],
)
def test_what_it_shows_is_not(formula: str) -> None:
    assert unknown_macro(formula) == ""
