"""Notes made of fragments in which every visible word is a mark that occurs once.

What a person wrote must be found again; with marks, "found" needs no second implementation
of anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import strategies as st

MARK = re.compile(r"mk\d+x|标记\d+号")
Mark = Callable[[], str]


class _Marks:
    """Gives marks not given yet, Latin and Chinese in turns that Hypothesis picks."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.given = 0

    def __call__(self) -> str:
        self.given += 1
        return f"标记{self.given}号" if self.draw(st.booleans()) else f"mk{self.given}x"


def _inline(draw: st.DrawFn, mark: Mark) -> str:
    """Return some words of running text, marked up."""
    pieces: list[Mark] = [
        lambda: mark(),
        lambda: f"**{mark()}**",
        lambda: f"*{mark()}* {mark()}",
        lambda: f"`{mark()}`",
        lambda: f"[{mark()}](https://example.org/a)",
        lambda: f"[{mark()}](#somewhere)",
        lambda: f"~~{mark()}~~",
        lambda: f"=={mark()}==",
        lambda: f"${mark()}$",
        lambda: f"\\({mark()}\\)",
        lambda: f"<b>{mark()}</b>",
        lambda: f"{mark()}<br>{mark()}",
        lambda: f"![{mark()}](gone.png)",
        lambda: f"**“{mark()}”**后 {mark()}：",
        lambda: f"[[{mark()}]]",
        lambda: f"&lt;{mark()}&gt; \\*{mark()}\\*",
        lambda: f"** {mark()}**",
        lambda: f"<!-- no one sees this -->{mark()}",
        lambda: f"**{mark()} <u>{mark()}**</u>",
    ]
    chosen = draw(st.lists(st.sampled_from(pieces), min_size=1, max_size=3))
    return draw(st.sampled_from([" ", "，", "\n"])).join(piece() for piece in chosen)


def _line(draw: st.DrawFn, mark: Mark) -> str:
    return _inline(draw, mark).replace("\n", " ")


def _heading(draw: st.DrawFn, mark: Mark) -> str:
    level = draw(st.integers(1, 5))
    number = draw(
        st.sampled_from(["", "", f"{level}. ", "1.2 ", "Q3: ", "问题2：", "（一）", "⭐ "])
    )
    text = number + _line(draw, mark) + draw(st.sampled_from(["", "?", "？", "："]))
    shape = draw(st.integers(0, 7))
    if shape == 0 and level <= 2:
        return f"{text}\n{'=-'[level - 1] * 5}"
    if shape == 1:
        return f'<h{level} id="x-{level}">{text}</h{level}>'
    if shape == 2:
        return f'{"#" * level} <a name="y"></a>{text}'
    if shape == 3:
        return f"{'#' * level} {text} {{#z}}"
    if shape == 4:
        return f"{'#' * level} **{text}** {'#' * level}"
    return f"{'#' * level} {text}"


def _list(draw: st.DrawFn, mark: Mark) -> str:
    sign = draw(st.sampled_from(["- ", "* ", "1. ", "- [ ] ", "● ", "(1). "]))
    gap = draw(st.sampled_from(["\n", "\n\n"]))
    items = [sign + _line(draw, mark) for _ in range(draw(st.integers(1, 3)))]
    if draw(st.booleans()):
        items.insert(1, " " * len(sign) + draw(st.sampled_from(["- ", "### ", "", "> "])) + mark())
    return gap.join(items)


def _table(draw: st.DrawFn, mark: Mark) -> str:
    columns = draw(st.integers(1, 3))
    rows = [[mark() for _ in range(columns)] for _ in range(draw(st.integers(1, 3)))]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    # A line below would be a row, and GFM drops the cells of a row beyond those of the head.
    return "\n".join([lines[0], "|" + "---|" * columns, *lines[1:], ""])


def _code(draw: st.DrawFn, mark: Mark) -> str:
    body = draw(st.sampled_from(["x = '{}'  # **b** $y$", "## {}", "<b>{}", "{{{{c1::{}}}}}"]))
    body = body.format(mark())
    shape = draw(st.integers(0, 3))
    if shape == 0:
        return f"    {body}"
    fence = draw(st.sampled_from(["```", "~~~", "````"]))
    language = draw(st.sampled_from(["", "python", "c++", "nosuchlanguage"]))
    return f"{fence}{language}\n{body}\n{fence}"


def _html(draw: st.DrawFn, mark: Mark) -> str:
    return draw(
        st.sampled_from([
            f'<div align="center">{mark()}</div>',
            f"<div>\n\n{mark()}\n\n</div>",
            f"<details><summary>{mark()}</summary>\n\n{mark()}\n\n</details>",
            f"<details>\n<summary>Answer</summary>\n{mark()}\n</details>",
            f"<p>{mark()}\n<b>{mark()}</b></p>",
            f"<ul><li>{mark()}<li>{mark()}</ul>",
            f"<table><tr><td>{mark()}</td></tr></table>",
            "<!-- a comment -->",
            '<a name="here"></a>',
            f'<span class="x">{mark()}</span> {mark()}',
            f"<br/><br/>\n{mark()}",
            f"<center>{mark()}</center>",
            f'<Tabs>\n<TabItem value="a" label="{mark()}">\n\n{mark()}\n\n</TabItem>\n</Tabs>',
            f'<callout type="tip">\n{mark()}\n</callout>',
        ])
    )  # fmt: skip


def _other(draw: st.DrawFn, mark: Mark) -> str:
    return draw(
        st.sampled_from([
            "---",
            f'{{{{% notice tip "{mark()}" %}}}}\n{mark()}\n{{{{% /notice %}}}}',
            f"#+BEGIN_QUOTE\n{mark()}\n#+END_QUOTE",
            f'{{% tabs %}}\n{{% tab title="{mark()}" %}}\n{mark()}\n{{% endtab %}}',
            f'=== "{mark()}"\n\n    {mark()}',
            f"::: tab {mark()}\n{mark()}\n:::",
            f"```{{tab-item}} {mark()}\n{mark()}\n```",
            f"[{mark()}]{{.underline}} [{mark()}]({{{{< ref \"a.md\" >}}}})",
            "$$\n" + mark() + "\n$$",
            f"$${mark()}$$",
            f"> {mark()}\n> {mark()}",
            f"> [!NOTE] {mark()}\n> {mark()}",
            f"**{mark()}**",
            f"**{mark()}：**\n{mark()}",
            f"**第3章：{mark()}**",
            f"**Q:** {mark()}?\n**A:** {mark()}",
            f"Q: {mark()}\nA: {mark()}",
            f"**Q: {mark()}?**\n**A:** {mark()}",
            f"Q. {mark()}\nA. {mark()}",
            f"Question: {mark()}\n{mark()}",
            f"- Q: {mark()}\n  A: {mark()}",
            f"- Q: {mark()}\n- A: {mark()}",
            f"1. **{mark()}？**\n   答：{mark()}",
            f"#### 问题1：{mark()}\n**回答**：{mark()}",
            f"#### Answer\n\n{mark()}",
            "**[⬆ Back to Top](#top)**",
            f"Term {mark()}\n: {mark()}",
            f"{mark()}[^1]\n\n[^1]: {mark()}",
            f"[^2]: {mark()}",
            f"{mark()}。**### {mark()}**",
            f"- [{mark()}](#a)\n- [{mark()}](#b)",
            f"{mark()} | {mark()}",
            f"1. ### {mark()}\n\n   {mark()}",
            f"---\n**{mark()}至此，我们接下来看 {mark()}。**",
        ])
    )  # fmt: skip


_KINDS = (_heading, _heading, _inline, _inline, _list, _table, _code, _html, _other)


@st.composite
def notes(draw: st.DrawFn, max_blocks: int = 14) -> str:
    """Return the text of a note file."""
    mark = _Marks(draw)
    kinds = draw(st.lists(st.sampled_from(_KINDS), min_size=1, max_size=max_blocks))
    parts = []
    for kind in kinds:
        parts.append(kind(draw, mark))
        parts.append(draw(st.sampled_from(["\n\n", "\n\n", "\n\n", "\n"])))
    return "".join(parts)
