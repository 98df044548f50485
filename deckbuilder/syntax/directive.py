"""What other tools set apart, as callouts or without a frame: ``:::``, fences of MyST, ``!!!``.

::: {.callout-tip title="Hot"}    ```{prf:theorem} Of Euler    !!! note "Hot"
Do not touch.                     :label: euler                    Do not touch.
:::                               …                            === "Linux"
                                                                   make
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

from deckbuilder.characters import regex
from deckbuilder.syntax.callout import KINDS, close_callout, open_callout, push_callout, title_block
from deckbuilder.syntax.open_fence import open_fence
from deckbuilder.syntax.shared import (
    line_at,
    may_hold_blocks,
    paragraph,
    push_blocks,
    push_lines,
)

_MARKS = (":::", "`{", "~{", "`ad-", "~ad-")
"""One of which says that a document is written so; in any other ``(label)=`` is text."""
_STATEMENTS = {
    "thm": "theorem", "lem": "lemma", "cor": "corollary", "prp": "proposition",
    "cnj": "conjecture", "def": "definition", "exm": "example", "exr": "exercise",
    "sol": "solution", "rem": "remark", "alg": "algorithm", "prf": "proof",
}  # fmt: skip
"""What mathematicians set apart, by the beginning of its label."""
_NAMES = {*KINDS, *_STATEMENTS.values(), "axiom", "property", "admonition"}
_INFO = regex(r"[ \t]*(?:\{([^{}\n]*)\}|(?:ad-)?([A-Za-z][\w-]*))[ \t]*(?:\{[^{}]*\})?[ \t]*(.*)")
_WORD = regex(r"(?:^|\s)\.?(?:prf:|callout-)?([A-Za-z][\w-]*)(?=\s|$)")
_LABEL = regex(r"#(\w+)-")
_TITLE = regex(r"\b(?:title|name)=\"([^\"]*)\"")
_OPTIONS = regex(
    r"(?:[ \t]*:[\w-]+:.*(?:\n|$))+|---\n(?:.*\n)*?---(?:\n|$)"
    r"|(?:(?:title|collapse|icon|color):.*(?:\n|$))+"
)
"""What stands above the text: of MyST, and of Obsidian's fences ``ad-note``."""
_OPTION = regex(r"^[ \t:]*(?:alt|title):[ \t]*(.*)", re.MULTILINE)
_CODE = {"code", "code-block", "code-cell", "sourcecode"}
_PICTURES = {"figure", "image"}
_AS_WRITTEN = regex(
    rf"(:{{3,}})[ \t]*(\{{(?:{'|'.join(sorted({'math', *_CODE, *_PICTURES}))})\}}.*)"
)
_LAYOUT = {
    "tab-set", "tabs", "tab", "tab-item", "code-group-item", "grid", "grid-item-card", "card",
    "div", "margin", "sidebar", "epigraph", "glossary", "table", "list-table", "topic", "seealso",
}  # fmt: skip
"""What has no frame, with a title or without."""
_STEERS = {"toctree", "tableofcontents", "contents", "bibliography", "index"}
"""Directives that show nothing of the author's."""
_INDENTED = regex(
    r"(?:!!!|\?\?\?\+?)[ \t]+([A-Za-z][\w-]*+)[^\"\n]*+(?:\"([^\n]*)\")?[ \t]*$"
    r"|===[!+]?[ \t]+\"([^\"\n]*)\"[ \t]*$"
)
"""What MkDocs writes above text that is indented: a callout, or the title of a tab."""
_STEERING = regex(r"\([\w:.-]+\)=$|(?:^|\n)[ \t]*:{3,}[ \t]*$|^\+\+\+(?:[ \t]*\{.*\})?$")
"""``(label)=``, the end of a container that was ended already, the border of a cell."""
_MOST_LINES = 400
_ROLE = regex(r"\{([\w:-]+)\}$")
_TARGET = regex(r"(?<=.)\s*<[^<>]+>$", re.DOTALL)


def _read(info: str) -> tuple[str, str] | None:
    """Return the name and the title of a container, or None where *info* begins none.

    Without a name it is a matter of layout, and has no frame.
    """
    found = _INFO.fullmatch(info)
    if found is None:
        return None
    inside, word, rest = found[1] or "", found[2] or "", found[3].strip()
    label, title = _LABEL.search(inside), _TITLE.search(inside)
    statement = _STATEMENTS.get(label[1], "") if label else ""
    words = [*_WORD.findall(f"{word} {inside}"), statement]
    name = next((one for one in map(str.lower, words) if one in _NAMES), "")
    rest = rest[1:-1] if rest.startswith("[") and rest.endswith("]") else rest
    if not name and words[0] in _LAYOUT:
        return "", rest
    if word and rest and not name and not found[3].startswith("["):
        return None  # a line of text
    return name or (rest and (words[0] or "note")), rest or (title[1] if title else "")


def _called(name: str, title: str) -> str:
    """Return the title of a callout: that of a theorem says that it is one."""
    is_statement = title and name in _STATEMENTS.values()
    return f"{name.capitalize()} ({title})" if is_statement else title


def directives(state: StateCore) -> None:
    """Make callouts of containers and of fences that are directives."""
    if any(mark in state.src for mark in _MARKS):
        state.tokens = list(_translated(state.tokens))


def _translated(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield block tokens with callouts for containers, and without what only steers a program."""
    names: list[str] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        line, _ = token.map or (0, 0)
        index += 1
        if token.type == "container_callout_open":
            name, title = _read(token.info) or ("", "")
            if name and not title and tokens[index].type == "heading_open":
                title, index = tokens[index + 1].content, index + 3
            if "{" in token.info and tokens[index].type == "paragraph_open":
                _without(_OPTIONS.match(tokens[index + 1].content), tokens[index : index + 3])
            names.append(name or ("tabset" if "tabset" in token.info else ""))
            if name:
                open_callout(token, name, _called(name, title))
                yield from [token, *title_block(token)]
            else:
                yield from _title(title, line, token.level)
        elif token.type == "container_callout_close":
            if names.pop() not in {"", "tabset"}:
                yield close_callout(token)
        elif token.type == "heading_open" and "tabset" in names:
            yield from _title(tokens[index].content, line, token.level)
            index += 2
        else:
            if token.type == "paragraph_open":
                _without(_STEERING.search(tokens[index].content), tokens[index - 1 : index + 2])
            yield token


def _title(title: str, line: int, level: int) -> list[Token]:
    """Return a title of what has no frame as a bold line; ``{grid} 2`` has none."""
    return paragraph(f"**{title}**", line, line + 1, level) if re.search(r"[^\d\s]", title) else []


def _without(found: re.Match[str] | None, paragraph: Sequence[Token]) -> None:
    """Take what was found out of a paragraph, and hide it if nothing is left."""
    if found is None:
        return
    opening, inline, closing = paragraph
    inline.content = (inline.content[: found.start()] + inline.content[found.end() :]).strip()
    if not inline.content:
        opening.hidden = closing.hidden = True


def directive_fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a fence of MyST or of Obsidian as what its name says, any other as code."""
    if not open_fence(state, start, end, silent):
        return False
    if not silent and state.tokens[-1].info.startswith(("{", "ad-")) and may_hold_blocks(state):
        _push_directive(state, state.tokens.pop())
    return True


def _push_directive(state: StateBlock, token: Token) -> None:
    """Add what a *token* of code is by its name."""
    found = _INFO.fullmatch(token.info)
    name, rest = (found[1] or found[2] or "", found[3].strip()) if found else ("", "")
    name = name.removeprefix("prf:")
    options = _OPTIONS.match(token.content)
    text = token.content[options.end() :] if options else token.content
    found = _OPTION.search(options[0]) if options else None
    said = found[1] if found else ""
    start, stop = token.map or (0, 0)
    first = start + 1 + (options[0].count("\n") if options else 0)
    if name == "math" or name in _CODE:
        token.content, token.info = text, rest if name in _CODE else token.info
        state.tokens.append(token)
    elif name in _PICTURES:
        push_blocks(state, f"![{said}]({rest})\n\n{text}", first - 2)
    elif name in _NAMES:
        push_callout(state, name, _called(name, rest or said), text, (start, stop), first)
    elif name in _LAYOUT:
        state.tokens += _title(rest, start, state.level)
        push_blocks(state, text, first)
    elif name not in _STEERS:
        state.tokens.append(token)


def roles(state: StateCore) -> None:
    """Show ``{ref}`label``` as its text, ``{math}`x``` as a formula."""
    for token in state.tokens:
        if token.type == "inline" and "}`" in token.content:
            token.children = _without_roles(token.children or [])


def _without_roles(children: Sequence[Token]) -> list[Token]:
    result: list[Token] = []
    for child in children:
        before = result[-1] if result and result[-1].type == "text" else None
        role = _ROLE.search(before.content) if before else None
        if before and role and child.type == "code_inline":
            before.content = before.content[: role.start()]
            if role[1] == "math":
                child.type, child.tag = "math_inline", "math"
                result.append(child)
            else:
                before.content += _TARGET.sub("", child.content)
        elif before and child.type == "text":
            before.content += child.content
        else:
            result.append(child)
    return result


def as_written(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read ``:::{figure} a.png`` as a fence: what stands in it is no Markdown."""
    found = _AS_WRITTEN.fullmatch(line_at(state, start))
    if found is None:
        return False
    nearest = range(start + 1, min(start + _MOST_LINES, end))
    stop = next((line for line in nearest if line_at(state, line).rstrip() == found[1]), None)
    if stop is None:
        return False
    if not silent:
        content = state.getLines(start + 1, stop, state.blkIndent, True)
        token = push_lines(state, "fence", "code", content, (start, stop + 1))
        token.info, token.markup = found[2], found[1]
        _push_directive(state, state.tokens.pop())
    return True


def indented(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a callout or a tab of MkDocs, with the lines that are indented below it."""
    found = _INDENTED.match(line_at(state, start))
    if found is None or not may_hold_blocks(state):
        return False
    indent = state.sCount[start] + 4
    lines = range(start + 1, end)
    stop = next((i for i in lines if not state.isEmpty(i) and state.sCount[i] < indent), end)
    name, title, tab = found.groups()
    if all(map(state.isEmpty, range(start + 1, stop))) or not (
        tab or title is not None or name.lower() in KINDS
    ):
        return False
    if silent:
        return True
    text = state.getLines(start + 1, stop, indent, False)
    if tab:
        state.tokens += _title(tab, start, state.level)
        push_blocks(state, text, start + 1)
    else:
        name = name.lower()
        push_callout(state, name, _called(name, title or ""), text, (start, stop), start + 1)
    state.line = stop
    return True


def containers_plugin(md: MarkdownIt) -> None:
    """Add the rule for ``:::``; what it finds, `directives` makes callouts of."""
    container_plugin(md, "callout", validate=lambda info, *_: _read(info) is not None)
    (rule,) = (one for one in md.block.ruler.__rules__ if one.name == "container_callout")
    read = rule.fn

    def container(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        try:
            return read(state, start, end, silent)
        except IndexError:  # it looks at the first character of an empty last line
            return False

    rule.fn = container
