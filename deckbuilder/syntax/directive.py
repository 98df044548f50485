"""What other tools set apart, as callouts or without a frame: ``:::``, fences of MyST, ``!!!``.

::: {.callout-tip title="Hot"}    ```{prf:theorem} Of Euler    !!! note "Hot"
Do not touch.                     :label: euler                    Do not touch.
:::                               …
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.container import container_plugin

from deckbuilder.syntax.callout import KINDS, close_callout, open_callout, title_block
from deckbuilder.syntax.lines import ANYWHERE, blocks_of, line_at

_MARKS = (":::", "`{", "~{", "!!! ", "??? ", "???+ ")
"""One of which says that a document is written so; in any other ``(label)=`` is text."""
_STATEMENTS = {
    "thm": "theorem", "lem": "lemma", "cor": "corollary", "prp": "proposition",
    "cnj": "conjecture", "def": "definition", "exm": "example", "exr": "exercise",
    "sol": "solution", "rem": "remark", "alg": "algorithm", "prf": "proof",
}  # fmt: skip
"""What mathematicians set apart, by the beginning of its label."""
_NAMES = {*KINDS, *_STATEMENTS.values(), "axiom", "property", "admonition"}
_INFO = re.compile(r"[ \t]*(?:\{([^{}\n]*)\}|([A-Za-z][\w-]*))[ \t]*(.*)")
_WORD = re.compile(r"(?:^|\s)\.?(?:prf:|callout-)?([A-Za-z][\w-]*)(?=\s|$)")
_LABEL = re.compile(r"#(\w+)-")
_TITLE = re.compile(r"\b(?:title|name)=\"([^\"]*)\"")
_OPTIONS = re.compile(r"(?:[ \t]*:[\w-]+:.*(?:\n|$))+")
_CODE = {"code", "code-block", "code-cell", "sourcecode"}
_PICTURES = {"figure", "image"}
_ADMONITION = re.compile(r"(?:!!!|\?\?\?\+?)[ \t]+([A-Za-z][\w-]*)[^\"\n]*(\"[^\n]*\")?[ \t]*$")
_STEERING = re.compile(r"\([\w:.-]+\)=$|(?:^|\n)[ \t]*:{3,}[ \t]*$")
"""``(label)=``, and the end of a container that was ended already."""
_DEEPEST = 20
_ROLE = re.compile(r"\{([\w:-]+)\}$")
_TARGET = re.compile(r"(?<=.)\s*<[^<>]+>$", re.DOTALL)


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
    if word and rest and not name:
        return None  # a line of text
    rest = rest[1:-1] if rest.startswith("[") and rest.endswith("]") else rest
    return name or (rest and (words[0] or "note")), rest or (title[1] if title else "")


def _opening(token: Token, name: str, title: str) -> list[Token]:
    """Return *token* as the beginning of a callout, with its title."""
    if title and name in {*_STATEMENTS.values()}:
        title = f"{name.capitalize()} ({title})"
    open_callout(token, name, title)
    return [token, *title_block(token)]


def _directives(state: StateCore) -> None:
    if any(mark in state.src for mark in _MARKS):
        state.tokens = list(_translated(state, state.tokens))


def _translated(state: StateCore, tokens: Sequence[Token], depth: int = 0) -> Iterator[Token]:
    """Yield block tokens with callouts for containers, and without what only steers a program."""
    framed: list[bool] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        index += 1
        if token.type == "container_callout_open":
            name, title = _read(token.info) or ("", "")
            if name and not title and tokens[index].type == "heading_open":
                title, index = tokens[index + 1].content, index + 3
            if "{" in token.info and tokens[index].type == "paragraph_open":
                _without(_OPTIONS.match(tokens[index + 1].content), tokens[index : index + 3])
            framed.append(bool(name))
            if name:
                yield from _opening(token, name, title)
        elif token.type == "container_callout_close":
            if framed.pop():
                yield close_callout(token)
        elif token.type == "admonition_open":
            yield from _opening(token, token.meta["tag"], token.content)
        elif token.type == "admonition_title_open":
            index += 2  # the callout has it
        elif token.type == "admonition_close":
            yield close_callout(token)
        elif token.type == "fence" and token.info.startswith("{") and depth < _DEEPEST:
            yield from _of_fence(state, token, depth)
        else:
            if token.type == "paragraph_open":
                _without(_STEERING.search(tokens[index].content), tokens[index - 1 : index + 2])
            yield token


def _without(found: re.Match[str] | None, paragraph: Sequence[Token]) -> None:
    """Take what was found out of a paragraph, and hide it if nothing is left."""
    if found is None:
        return
    opening, inline, closing = paragraph
    inline.content = (inline.content[: found.start()] + inline.content[found.end() :]).strip()
    if not inline.content:
        opening.hidden = closing.hidden = True


def _of_fence(state: StateCore, token: Token, depth: int) -> Iterator[Token]:
    """Yield a fence of MyST as what its name in braces says."""
    found = _INFO.fullmatch(token.info)
    name, rest = (found[1] or "", found[3].strip()) if found else ("", "")
    options = _OPTIONS.match(token.content)
    text = token.content[options.end() :] if options else token.content
    first = (token.map or [0])[0] + 1 + (options[0].count("\n") if options else 0)
    if name == "math":
        token.content = text
        yield token
    elif name in _CODE:
        token.content, token.info = text, rest
        yield token
    elif name in _PICTURES:
        yield from _parsed(state, f"![]({rest})\n\n{text}", first - 2, depth)
    elif name in _NAMES or name.removeprefix("prf:") in _NAMES:
        closing = Token("", "", -1, block=True)
        token.nesting, token.content = 1, ""
        yield from _opening(token, name.removeprefix("prf:"), rest)
        yield from _parsed(state, text, first, depth)
        yield close_callout(closing)
    else:
        yield token


def _parsed(state: StateCore, text: str, line: int, depth: int) -> Iterator[Token]:
    """Yield the blocks of *text*, which begins at *line*."""
    inner = blocks_of(state.md, state.env, text, line)
    yield from _translated(state, inner, depth + 1)


def _roles(state: StateCore) -> None:
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


def directive_plugin(md: MarkdownIt) -> None:
    """Add the rules; what they find are callouts, to be used after that plugin."""
    container_plugin(md, "callout", validate=lambda info, *_: _read(info) is not None)
    admon_plugin(md)
    rules = {rule.name: rule.fn for rule in md.block.ruler.__rules__}

    def container(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        try:
            return rules["container_callout"](state, start, end, silent)
        except IndexError:  # it looks at the first character of an empty last line
            return False

    def admonition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        found = _ADMONITION.match(line_at(state, start))
        meant = found and (found[2] or found[1].lower() in KINDS)
        below = next((line for line in range(start + 1, end) if not state.isEmpty(line)), end)
        indented = below < end and state.sCount[below] >= state.sCount[start] + 4
        return bool(meant and indented) and rules["admonition"](state, start, end, silent)

    md.block.ruler.at("container_callout", container, ANYWHERE)
    md.block.ruler.at("admonition", admonition, ANYWHERE)
    md.core.ruler.after("block", "directives", _directives)
    md.core.ruler.after("inline", "roles", _roles)
