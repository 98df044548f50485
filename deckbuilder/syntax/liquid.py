"""Tags of Liquid that stand alone on a line, as Jekyll and GitBook write them.

{% highlight python %}     {% hint style="info" %}     {% tab title="Linux" %}
x = 1                      Mind it.                     What only lays a page out.
{% endhighlight %}         {% endhint %}               {% endtab %}
"""

from __future__ import annotations

import re
from bisect import bisect_right

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from deckbuilder.syntax.callout import close_callout, open_callout
from deckbuilder.syntax.lines import ANYWHERE, line_at, push_paragraph

_TAG = re.compile(r"\{%-?\s*([a-z][\w-]*)\b([^%\n]*?)-?%\}\s*$")
_LAYOUT = {"tabs", "tab", "code", "stepper", "step", "columns", "column", "content-ref", "raw"}
_VALUE = re.compile(r"\b(?:style|title)=\"([^\"]*)\"")


def _liquid(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    tag = _TAG.match(line_at(state, start))
    if tag is None or state.is_code_block(start):
        return False
    name, value = tag[1], _VALUE.search(tag[2])
    if name in {"highlight", "hint"}:
        stop = _end_of(state, name, start, end)
        if stop is None:
            return False
        if not silent:
            push = _push_code if name == "highlight" else _push_hint
            push(state, value[1] if value else tag[2].partition(" linenos")[0].strip(), start, stop)
        return True
    if name.removeprefix("end") not in _LAYOUT:
        return False
    if not silent:
        state.line = start + 1
        push_paragraph(state, f"**{value[1]}**" if value and name == "tab" else "", start)
    return True


def _end_of(state: StateBlock, name: str, start: int, end: int) -> int | None:
    """Return the line of the tag that ends what another one begins, in the same list or quote."""
    at = state.src.find(f"end{name}", state.eMarks[start], state.eMarks[end - 1])
    line = bisect_right(state.bMarks, at, start, end) - 1
    if at < 0 or not (tag := _TAG.match(line_at(state, line))) or tag[1] != f"end{name}":
        return None
    inside = (
        state.isEmpty(one) or state.sCount[one] >= state.blkIndent for one in range(start, line)
    )
    return line if all(inside) else None


def _push_code(state: StateBlock, language: str, start: int, stop: int) -> None:
    token = state.push("fence", "code", 0)
    token.info, token.markup = language, "```"
    token.content = state.getLines(start + 1, stop, state.blkIndent, True)
    token.map = [start, stop + 1]
    state.line = stop + 1


def _push_hint(state: StateBlock, style: str, start: int, stop: int) -> None:
    opening = state.push("hint_open", "div", 1)
    opening.map = [start, stop + 1]
    open_callout(opening, style or "info", "")
    last, parent = state.lineMax, state.parentType
    state.lineMax, state.parentType = stop, "root"
    state.md.block.tokenize(state, start + 1, stop)
    state.lineMax, state.parentType = last, parent
    close_callout(state.push("hint_close", "div", -1))
    state.line = stop + 1


def liquid_plugin(md: MarkdownIt) -> None:
    """Add the rule; a tag may stand right below a line of text."""
    md.block.ruler.before("attributes", "liquid", _liquid, ANYWHERE)
