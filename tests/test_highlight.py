"""Colours change nothing of a code but its colours."""

from __future__ import annotations

import re
from html import unescape

import pytest
from pygments.lexers import get_all_lexers, get_lexer_by_name

from deckbuilder.rendering import lexers
from deckbuilder.rendering.highlight import highlight

LANGUAGES = sorted(names[0] for _, names, _, _ in get_all_lexers() if names)
SAMPLES = (
    "$ pip install foo",
    ">>> print(1 < 2)  # why\nTrue",
    "+ added\n\n\tx = \"a\"; // b\n{%- c %}\n",
    "-- 中文 'x'\n<b>&amp;</b>\n\\end",
)  # fmt: skip
MIXED = r"""#!/bin/sh
def f(a: int = 3, *b): return f"{a!r:>{b}} x" + rb'\x00' if not a else lambda: 0x1F  # 中文
int main(void) { for (int i = 0; i < 1e3; ++i) { printf("%d\n", i); } /* c */ return 'c'; }
<?php echo "a $b"; function g($x) { return <<<EOT
x
EOT;
}
cat <<EOF | grep -E '^a(b)\1' ; for i in $(seq 1 10); do echo "${i%%x} `ls`"; done
EOF
SELECT a, count(*) FROM t WHERE x = 'y''z' GROUP BY a; -- c
const h = async (x) => `a${x + 1}b`; /re[g](ex)/.test(x); class A extends B { #p = 1n }
fn main() { let s = r#"raw"#; println!("{}", s); } /// doc
{"json": [1, 2.5e3, null, true, "s\u1234"], key: [a, b]}
<html><body class="a">&amp;<script>var x = 1 < 2;</script><style>a{b:c}</style></body></html>
\begin{x} $a_1 + \frac{1}{2}$ \end{x}
"""
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


def check_joined(languages: list[str], patched: pytest.MonkeyPatch) -> None:
    patched.setattr(lexers, "_OFTEN", 1)
    lexers.lexer_of.cache_clear()
    for language in languages:
        joined, apart = lexers.lexer_of(language), get_lexer_by_name(language, stripnl=False)
        assert joined
        for code in (*SAMPLES, MIXED):
            assert [*joined.get_tokens(code)] == [*apart.get_tokens(code)], language
    lexers.lexer_of.cache_clear()


def test_joined_rules_find_what_each_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    common = "bash c cpp csharp css go html java js json kotlin php python ruby rust sql ts yaml"
    check_joined([*common.split(), *LANGUAGES[::20]], monkeypatch)


@pytest.mark.slow
def test_joined_rules_of_any_language_find_what_each_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    check_joined(LANGUAGES, monkeypatch)


def test_rules_of_pygments_can_be_joined() -> None:
    states = get_lexer_by_name("python")._tokens  # type: ignore[attr-defined]
    assert len(states["root"]) > 50
    assert len(lexers._joined(states["root"])) == 2


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
