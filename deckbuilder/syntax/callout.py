"""GitHub alerts, Obsidian callouts and ``:::`` containers, all as one kind of block."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

_MARKER = re.compile(r"\[!([^\W\d_][\w-]*)(?:\|[^\]]*)?\][+-]?[ \t]*([^\n]*)(?:\n|$)")
_CONTAINER = re.compile(r"\s*\{?\.?([A-Za-z]+)\}?\s*(.*)")
_KINDS = {
    "note": "note", "tip": "tip", "important": "important", "warning": "warning",
    "caution": "caution", "info": "info", "success": "success", "question": "question",
    "danger": "danger", "bug": "bug", "example": "example", "quote": "quote",
    "abstract": "abstract", "todo": "todo", "hint": "tip", "attention": "warning",
    "check": "success", "done": "success", "help": "question", "faq": "question",
    "failure": "danger", "fail": "danger", "missing": "danger", "error": "danger",
    "cite": "quote", "summary": "abstract", "tldr": "abstract", "details": "note",
}  # fmt: skip


def _alerts(state: StateCore) -> None:
    """Turn a block quote that begins with ``[!NOTE]`` into a callout."""
    open_at: list[int] = []
    for index, token in enumerate(state.tokens):
        if token.type == "blockquote_open":
            open_at.append(index)
        elif token.type == "blockquote_close":
            start = open_at.pop()
            _convert(state.tokens, start, index)


def _convert(tokens: list[Token], start: int, stop: int) -> None:
    inline = tokens[start + 2] if start + 2 < stop else None
    if tokens[start + 1].type != "paragraph_open" or inline is None:
        return
    found = _MARKER.match(inline.content)
    if found is None:
        return
    kind = _KINDS.get(found[1].lower(), "note")
    tokens[start].type, tokens[start].tag = "callout_open", "div"
    tokens[start].meta = {"kind": kind, "title": found[2].strip(), "name": found[1].lower()}
    tokens[stop].type, tokens[stop].tag = "callout_close", "div"
    inline.content = inline.content[found.end() :]
    if not inline.content.strip():
        for token in tokens[start + 1 : start + 4]:
            token.hidden = True
        inline.content = ""


def _is_callout(params: str, *_: object) -> bool:
    found = _CONTAINER.fullmatch(params)
    return found is not None and found[1].lower() in _KINDS


def _containers(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "container_callout_open":
            found = _CONTAINER.fullmatch(token.info)
            assert found is not None
            token.type, token.tag = "callout_open", "div"
            name = found[1].lower()
            token.meta = {"kind": _KINDS[name], "title": found[2].strip(), "name": name}
        elif token.type == "container_callout_close":
            token.type, token.tag = "callout_close", "div"


def _titles(state: StateCore) -> None:
    """Give the title of a callout a block of its own: it is a line of text like any other."""
    tokens: list[Token] = []
    for token in state.tokens:
        tokens.append(token)
        if token.type == "callout_open" and token.meta["title"]:
            inline = Token("inline", "", 0, map=token.map, content=token.meta["title"], children=[])
            tokens += [
                Token("callout_title_open", "div", 1, map=token.map, block=True),
                inline,
                Token("callout_title_close", "div", -1, block=True),
            ]
    state.tokens = tokens


def _tasks(state: StateCore) -> None:
    """Mark list items that begin with ``[ ]`` or ``[x]``."""
    tokens: Sequence[Token] = state.tokens
    lists: list[Token] = []
    for index, token in enumerate(tokens):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(token)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "list_item_open" and index + 2 < len(tokens):
            inline = tokens[index + 2]
            found = re.match(r"\[([ xX])\][ \t]+(?=\S)", inline.content)
            if inline.type == "inline" and found and lists:
                done = found[1] != " "
                token.attrs["class"] = "done" if done else "todo"
                lists[-1].attrs["class"] = "tasks"
                inline.content = inline.content[found.end() :]
                token.meta = {**token.meta, "box": "☑" if done else "☐"}


def callout_plugin(md: MarkdownIt) -> None:
    """Add the rules that read the markers before inline parsing."""
    container_plugin(md, "callout", validate=_is_callout)
    upstream = next(r.fn for r in md.block.ruler.__rules__ if r.name == "container_callout")

    def container(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        try:
            return upstream(state, start, end, silent)
        except IndexError:  # it looks at the first character of an empty last line
            return False

    md.block.ruler.at(
        "container_callout", container, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.core.ruler.before("inline", "alerts", _alerts)
    md.core.ruler.before("inline", "containers", _containers)
    md.core.ruler.before("inline", "callout_titles", _titles)
    md.core.ruler.before("inline", "tasks", _tasks)
