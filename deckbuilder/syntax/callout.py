"""GitHub alerts and Obsidian callouts as one kind of block; boxes in lists of tasks."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from deckbuilder.syntax.shared import push_blocks

_MARKER = re.compile(r"\[!([^\W\d_][\w-]*)(?:\|[^\]]*)?\][+-]?[ \t]*([^\n]*)(?:\n|$)")
_PROMPT = re.compile(r"\n\{:\s*\.prompt-([a-z]++)[^{}\n]*+\}\s*$")
_FOLDS = ("details", "spoiler", "expand", "collapse", "dropdown", "accordion")
"""What programs call a callout that is folded."""
KINDS = {
    "note": "note", "tip": "tip", "important": "important", "warning": "warning",
    "caution": "caution", "info": "info", "success": "success", "question": "question",
    "danger": "danger", "bug": "bug", "example": "example", "quote": "quote",
    "abstract": "abstract", "todo": "todo", "hint": "tip", "attention": "warning",
    "check": "success", "done": "success", "help": "question", "faq": "question",
    "failure": "danger", "fail": "danger", "missing": "danger", "error": "danger",
    "cite": "quote", "summary": "abstract", "tldr": "abstract", "tips": "tip",
    **dict.fromkeys(_FOLDS, "note"),
}  # fmt: skip
"""Name of a callout -> the kind that the card knows."""


def alerts(state: StateCore) -> None:
    """Make callouts of block quotes that begin with ``[!TIP]`` or end with ``{: .prompt-tip }``."""
    open_at: list[int] = []
    for index, token in enumerate(state.tokens):
        if token.type == "blockquote_open":
            open_at.append(index)
        elif token.type == "blockquote_close":
            start = open_at.pop()
            _convert(state.tokens, start, index)
    tokens: list[Token] = []
    for token in state.tokens:
        tokens.append(token)
        if token.type == "callout_open" and token.markup == ">":
            tokens += title_block(token)
    state.tokens = tokens


def _convert(tokens: list[Token], start: int, stop: int) -> None:
    first, last = tokens[min(start + 2, stop)], tokens[stop - 2]
    is_text = tokens[start + 1].type == "paragraph_open"
    if is_text and (found := _MARKER.match(first.content)):
        open_callout(tokens[start], found[1].lower(), found[2].strip())
        first.content = first.content[found.end() :]
        if first.map and found[0].endswith("\n"):
            first.map = [first.map[0] + 1, first.map[1]]
        if not first.content.strip():
            for token in tokens[start + 1 : start + 4]:
                token.hidden = True
            first.content = ""
    elif last.type == "inline" and (found := _PROMPT.search(last.content)):
        open_callout(tokens[start], found[1], "")
        last.content = last.content[: found.start()]
    else:
        return
    close_callout(tokens[stop])


def open_callout(token: Token, name: str, title: str) -> None:
    """Make *token* the beginning of a callout; its `title_block` is to follow."""
    token.type, token.tag = "callout_open", "div"
    name = "details" if name in _FOLDS else name
    token.meta = {"kind": KINDS.get(name, "note"), "title": title, "name": name}


def close_callout(token: Token) -> Token:
    """Make *token* the end of a callout, and return it."""
    token.type, token.tag = "callout_close", "div"
    return token


def push_callout(
    state: StateBlock, name: str, title: str, text: str, lines: tuple[int, int], first: int
) -> None:
    """Add a callout on *lines* with the blocks of *text*, which begins at the line *first*."""
    opening = state.push("callout_open", "div", 1)
    opening.map = [*lines]
    open_callout(opening, name, title)
    state.tokens += title_block(opening)
    push_blocks(state, text, first)
    close_callout(state.push("callout_close", "div", -1))


def title_block(opening: Token) -> list[Token]:
    """Return the title of a callout as a block: it is a line of text like any other."""
    title = opening.meta["title"]
    if not title:
        return []
    return [
        Token("callout_title_open", "div", 1, map=opening.map, block=True),
        Token("inline", "", 0, map=opening.map, content=title, children=[]),
        Token("callout_title_close", "div", -1, block=True),
    ]


_TASK = re.compile(
    r"(?:\[(?=[ xX]\])|\{\{\[\[(?=[A-Z]+\]\]\}\}))([ xX]|TODO|DONE)[\]}]+[ \t]+(?=\S)"
)


def tasks(state: StateCore) -> None:
    """Mark list items that begin with ``[ ]`` or ``[x]``, or as Roam writes that."""
    lists: list[Token] = []
    for index, token in enumerate(state.tokens):
        if token.type.endswith("_list_open"):
            lists.append(token)
        elif token.type.endswith("_list_close"):
            lists.pop()
        elif token.type == "list_item_open" and lists:
            inline = state.tokens[index + 2]  # at the least its end and that of the list follow
            found = _TASK.match(inline.content)
            if inline.type == "inline" and found:
                token.attrs["class"] = "todo" if found[1] in {" ", "TODO"} else "done"
                lists[-1].attrs["class"] = "tasks"
                inline.content = inline.content[found.end() :]
