"""Asking fewer rules changes no token: against the same parser that asks all of them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink

from deckbuilder import markdown
from deckbuilder.syntax.links import encoded
from deckbuilder.syntax.rules import BLOCK, INLINE
from deckbuilder.syntax.shared import PLAIN, STOPS
from tests.support.fixtures import fixture_files

HERE = Path(__file__).parent
PIECES = [
    *"*_-+#>`~=<>[](){}!|:;,.^$&\\\"' \t\n\n\n0123456789aZ", "    ", "。", "，", "中", "文", "(一)",
    "1. ", "- ",  "* ", "> ", "# ", "## ", "##", "```\n", "~~~\n", "$$\n", "$x$", "\\[", "\\]",
    "\\(", "\\begin{align}\n", "\\end{align}\n", "| a | b |\n", "|---|---|\n", "[^1]", "[^1]: ",
    "x^[abc ",
    "[a]: /b\n", ": ", "::: note\n", ":::\n", "<details>\n", "</details>\n", "<summary>", "<h2>",
    "</summary>", "</h2>\n", "<div>\n", "<!-- x -->", "<b>", "&amp;", "{: .x}\n", "===\n", "---\n",
    "***\n", "**", "==", "~~", "[[a]]", "![[a.png]]", "![a](b.png)", "[a](#b)", "<http://a.b>",
    "- a\n", "- b\n", "* a\n", "1. a\n", "2. b\n", "2) b\n", "  - c\n", "   - d\n",
    "[中](#中)", "[x](javascript:a)", "[a]()", "(b c)", "**中**", "**a b**", "**（a）**", "a**b**c",
    "*", "*", "> [!NOTE]\n", "- [ ] ", "\r\n", "\0", "<b>x</b></details>\n", "中## b\n",
    "!!! note\n    a\n", "```{note}\n", "{ref}`a <b>`", "(a)=\n", "::: {.b}\n",
    "{% hint %}\n", "{% endhint %}\n", "{% tabs %}\n", "{{< note >}}", "{{< /note >}}\n",
    "#+BEGIN_TIP\n", "+--+--+\n| a |\n", "--  --\n", "++ctrl++", "#+END_TIP\n",
    "[a]({{ 'b' }})", "[a]{.b #c}",
    "term\n: what\n", "%%", "%%\n", "%%中%%", "id:: x\n", "![a|20](b c.png =2x)",
    "| 1 | `2|3` |\n", "| 1 | 2 | 3 |\n",
]  # fmt: skip

INDENTS = ["", "", "", " ", "  ", "   ", "    ", "\t", "> ", "> > "]
LINES = [
    "- a", "- b", "* c", "1. d", "2. e", "1) f", "10. g", "-   h", "-     i", "- - j", "- 1. k", "",
    "text", "**b** c", "[x]: y", "- [ ] x", ": z", "-", "1. ", "---", "===", "|-|", "```", "# h",
]  # fmt: skip


@cache
def slow() -> MarkdownIt:
    """Return the parser as it is without the plugin."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "quick_plugin", lambda md: None)
        md = markdown._parser.__wrapped__()
    return md.disable(["plain_list", "strong", "plain_link"])


def same(text: str) -> bool:
    wanted = [token.as_dict() for token in slow().parse(text, {})]
    return wanted == [token.as_dict() for token in markdown.parse_tokens(text)]


def test_text_ends_where_a_rule_may_begin_and_plain_text_begins_nothing() -> None:
    assert all(re.match(f"[{STOPS}]", mark) for rule in INLINE for mark in rule.where or "")
    marks = [mark for rule in BLOCK for mark in rule.where or ""]
    assert not any(re.match(PLAIN, f"{mark}. " if mark.isdigit() else f"{mark} ") for mark in marks)


@pytest.mark.parametrize("path", sorted(HERE.rglob("*.md")), ids=lambda path: path.stem)
def test_real_notes(path: Path) -> None:
    assert same(path.read_text("utf-8", "replace"))


@pytest.mark.parametrize("kind", ["clean", "render", "structure"])
def test_every_case_of_the_fixtures(kind: str) -> None:
    for path in fixture_files(kind):
        for case in path.read_text("utf-8").split("\n.\n"):
            assert same(case), case


@settings(max_examples=300)
@given(st.lists(st.sampled_from(["a", "Z", "0", *':/?#@%.- \t\u3000[]()<>"\\é中😀\ud800', "%2f"])))
def test_any_address(parts: list[str]) -> None:
    address = "".join(parts)
    assert encoded(address) == normalizeLink(address)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_anything(text: str) -> None:
    assert same(text)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(INDENTS), st.sampled_from(LINES)).map("".join)))
def test_any_list(lines: list[str]) -> None:
    assert same("\n".join(lines))
