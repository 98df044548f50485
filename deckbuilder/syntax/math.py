r"""Formulas: ``$…$``, ``$$…$$``, ``\(…\)`` and ``\[…\]``; display formulas as blocks of our own.

Brackets must be seen before Markdown takes ``\(`` for an escaped one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_block

from deckbuilder.characters import regex
from deckbuilder.syntax.shared import line_at, push_lines, push_paragraph

FORMULAS = {"math_inline", "math_inline_double", "math_block", "amsmath"}
"""Types of tokens, those in a line first."""
_INLINE = regex(r"\\\(((?:[^\\\n]|\\(?!\))[^\n]|\n(?!\s*\n))+?)\\\)")
_DISPLAY = regex(r"\\\[((?:[^\\]|\\(?!\]).)+?)\\\]", re.DOTALL)
_MAX_LINES = 200
_BREAKS = {"softbreak", "hardbreak"}
_OFTEN = 2
"""Sentences that go on after ``$$x$$``, until this says how an author writes."""


def bracket_math(state: StateInline, silent: bool) -> bool:
    r"""Read ``\(…\)`` and ``\[…\]``."""
    opening = state.src[state.pos : state.pos + 2]
    if opening not in _BRACKETS:
        return False
    ending, pattern, kind, is_math = _BRACKETS[opening]
    if state.src.rfind(ending, state.pos + 2, state.posMax) < 0:
        return False  # nothing ends it: no need to look further for each that begins
    found = pattern.match(state.src, state.pos, state.posMax)
    if found is None or not is_math(found[1]):
        return False
    if not silent:
        token = state.push(kind, "math", 0)
        token.content = found[1]
        token.markup = opening
    state.pos = found.end()
    return True


_TEXT = r"\\(?:text[a-z]*|mbox)\{[^{}$\n]*(?:\$[^{}$\n]*\$[^{}$\n]*)*\}"
"""Text in a formula, which may hold formulas."""
_DOLLAR = regex(
    rf"\$(?!\$)((?>{_TEXT}|\\.|[^$\\\n]|\n(?!\s*\n))+?)\$(?!\$)",
    re.DOTALL,
)
_DOLLARS = regex(r"\$\$((?:[^$\\]|\\.|\$(?!\$))+?)\$\$", re.DOTALL)


def dollar_math(state: StateInline, silent: bool) -> bool:
    """Read ``$…$`` and ``$$…$$``; prices such as ``$5`` are none."""
    if not state.src.startswith("$", state.pos):
        return False
    double = state.src.startswith("$$", state.pos)
    found = (_DOLLARS if double else _DOLLAR).match(state.src, state.pos, state.posMax)
    if found is None or not (found[1].strip() if double else _is_formula(state.src, found)):
        state.pos += 2 if double else 1
        if not silent:
            state.pending += "$$" if double else "$"
        return True
    if not silent:
        token = state.push("math_inline_double" if double else "math_inline", "math", 0)
        content = found[1]
        token.content = content[1:-1] if _backticked(content) else content
        token.markup = "$$" if double else "$"
    state.pos = found.end()
    return True


def _is_formula(text: str, found: re.Match[str]) -> bool:
    """Return whether what stands between two dollar signs is maths.

    ``$5 and $6`` has a space before its second sign, or a digit after it; ``$5M。其中$N$`` goes
    on with another clause, up to a formula; ``$A`` and code with ``$B`` have a backtick in
    between; but ``3$\\times$3`` says what it is.
    """
    content = found[1]
    before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
    if not _is_spaced_alike(content):
        return _is_slip(content.strip(), before + after)
    if "`" in content:
        return _backticked(content)
    is_price = _PRICE.match(content) and _BEGINS_FORMULA.match(after)
    amount = before.isdigit() or after.isdigit() or is_price
    return bool(_TEX.search(content)) or not amount


def _is_slip(content: str, around: str) -> bool:
    """Return whether a space stands inside one of two dollar signs by mistake: ``$f(x) $``.

    Then they hold one word, or TeX without words, and no word or number touches them.
    """
    if not content or content[0].isdigit() or _WORD.search(content) or _TOUCHES.search(around):
        return False
    return bool(_TEX.search(content)) or len(content.split()) == 1


_TEX = regex(r"[\\^_{]")
_PRICE = regex(r"\d[^，。；：！？]*[，。；：！？][\u4e00-\u9fff]")
_BEGINS_FORMULA = regex(r"[A-Za-z\\({]")
_WORD = regex(r"`|(?<![\\A-Za-z{])[A-Za-z]{3,}(?=\s|$)|[\u4e00-\u9fff]")
_TOUCHES = regex(r"[A-Za-z0-9$]")


def _is_spaced_alike(content: str) -> bool:
    """Return whether there is something, with white space at both ends or at neither."""
    return bool(content.strip()) and content[0].isspace() == content[-1].isspace()


def _backticked(content: str) -> bool:
    """Return whether this is GitHub's other form: a code span between dollar signs."""
    return len(content) > 2 and content[0] == content[-1] == "`" and content.count("`") == 2


def _looks_like_math(text: str) -> bool:
    r"""Return whether ``\[…\]`` is not just escaped square brackets, as in ``\[1\]``."""
    return bool(re.search(r"[\\^_=+<>{}]|\n", text)) and any(c.isalnum() for c in text)


_BRACKETS = {
    "\\(": ("\\)", _INLINE, "math_inline", _is_spaced_alike),
    "\\[": ("\\]", _DISPLAY, "math_inline_double", _looks_like_math),
}
"""How a formula begins -> how it ends, what it may hold, its token, and what it has to be."""


def math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a display formula that begins a line; its number becomes a tag."""
    first = line_at(state, start)
    closing = {"$$": "$$", "\\[": "\\]"}.get(first[:2])
    if closing is None or state.is_code_block(start):
        return False
    lines = [first[2:]]
    last = start
    while closing not in lines[-1]:
        last += 1
        if last >= min(end, start + _MAX_LINES) or _ends_formula(state, last):
            return False
        lines.append(line_at(state, last))
    content, _, rest = lines[-1].partition(closing)
    label = _LABEL.fullmatch(rest.strip())
    if last == start and (closing in rest or not _stands_alone(content, rest, closing)):
        return False
    if not silent:
        formula = "\n".join([*lines[:-1], content]).strip("\n")
        formula += f" \\tag{{{label[1]}}}" if label else ""
        push_lines(state, "math_block", "math", formula, (start, last + 1))
        if not label:
            push_paragraph(state, rest.strip(), last)
    return True


def _stands_alone(content: str, rest: str, closing: str) -> bool:
    """Return whether a formula on one line is all of that line, but for its number."""
    if rest.strip() and not _LABEL.fullmatch(rest.strip()):
        return False
    return bool(content.strip()) and (closing == "$$" or _looks_like_math(content))


def _ends_formula(state: StateBlock, line: int) -> bool:
    """Return whether a formula cannot go on here: its closing sign was forgotten."""
    if state.isEmpty(line):
        return False
    return state.sCount[line] < state.blkIndent or bool(_NO_MATH.match(line_at(state, line)))


_LABEL = regex(r"\(\s*([^()$\\]{1,20}?)\s*\)")
_NO_MATH = regex(r"#{1,6}\s|```|~~~|<h[1-6]\b")


def doubled_math(state: StateCore) -> None:
    """Set ``$$x$$`` in the line, as kramdown does, where a file writes all its formulas so."""
    lines = [t.children for t in state.tokens if t.children and "$" in t.content]
    if any(one.markup in {"$", "\\("} for line in lines for one in line):
        return
    places = [(line, at) for line in lines for at in range(len(line)) if _is_within(line, at)]
    if sum(_goes_on(line, at) for line, at in places) >= _OFTEN:
        for line, at in places:
            line[at].type = "math_inline"


def _is_within(line: Sequence[Token], at: int) -> bool:
    """Return whether a formula has two signs at each end, and stands beside something."""
    beside = (*line[max(at - 1, 0) : at], *line[at + 1 : at + 2])
    return line[at].markup == "$$" and any(one.type not in _BREAKS for one in beside)


def _goes_on(line: Sequence[Token], at: int) -> bool:
    """Return whether a sentence goes on after a formula, in its line."""
    after = line[at + 1].content if at + 1 < len(line) else ""
    return after.lstrip()[:1].isalpha()


_BEGIN = regex(r"\\begin\{([A-Za-z]+\*?)\}")


def environment(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""Read ``\begin{align}`` up to its end; the plugin would look through the file for each."""
    begin = _BEGIN.match(line_at(state, start))
    if begin is None:
        return False
    ends = re.compile(rf"\\end\{{{re.escape(begin[1])}\}}[ \t]*$", re.MULTILINE)
    if ends.search(state.src, state.bMarks[start], state.eMarks[end - 1]) is None:
        return False
    return amsmath_block(state, start, end, silent)
