"""Colours change nothing of a code but its colours."""

from __future__ import annotations

import re
from html import unescape

import pytest
from pygments.lexers import get_all_lexers

from deckbuilder.rendering.highlight import highlight

LANGUAGES = sorted(names[0] for _, names, _, _ in get_all_lexers() if names)
SAMPLES = (
    "$ pip install foo",
    ">>> print(1 < 2)  # why\nTrue",
    "+ added\n\n\tx = \"a\"; // b\n{%- c %}\n",
    "-- 中文 'x'\n<b>&amp;</b>\n\\end",
)  # fmt: skip
WHOLE_LINES = [
    "console", "shell-session", "doscon", "ps1con", "rconsole", "irb", "iex", "erl",
    "matlabsession", "psql", "postgresql-console", "sqlite3", "pycon",
]  # fmt: skip


def text_of(html: str) -> str:
    return unescape(re.sub(r"</?span[^<>]*>", "", html)).replace("\xa0", " ")


def check(languages: list[str]) -> None:
    for language in languages:
        for code in SAMPLES:
            assert text_of(highlight(code, language)) == code, language


def test_languages_lose_no_code() -> None:
    check(LANGUAGES[::10])


@pytest.mark.slow
def test_no_language_loses_code() -> None:
    check(LANGUAGES)


@pytest.mark.parametrize("language", WHOLE_LINES)
def test_the_last_line_of_a_session_stays(language: str) -> None:
    assert text_of(highlight("$ pip install foo", language)) == "$ pip install foo"


@pytest.mark.parametrize(
    ("language", "code", "html"),
    [
        ("console", "$ ls", '<span class="gp">$ </span>ls'),
        ("diff", "+ one", '<span class="gi">+ one</span>'),
        ("bash", "# why", '<span class="c1"># why</span>'),
        ("pycon", ">>> 1", '<span class="gp">&gt;&gt;&gt; </span><span class="mi">1</span>'),
    ],
)
def test_the_last_line_has_its_colours(language: str, code: str, html: str) -> None:
    assert highlight(code, language) == html


def test_what_a_lexer_changes_is_shown_plain() -> None:
    code = "\ufeffx = 1"  # lexers take the mark away
    assert highlight(code, "python") == code
