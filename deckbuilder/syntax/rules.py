"""The rules of the parser in the order in which they are asked, CommonMark's and ours among them.

Where two claim a place, the one above wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from markdown_it import MarkdownIt
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from deckbuilder.syntax.callout import alerts, tasks
from deckbuilder.syntax.cjk import CjkParserInline, strong
from deckbuilder.syntax.details import details, details_tail
from deckbuilder.syntax.directive import (
    as_written,
    containers_plugin,
    directive_fence,
    directives,
    indented,
    roles,
)
from deckbuilder.syntax.drawn_table import drawn_table
from deckbuilder.syntax.footnotes import inline_footnote
from deckbuilder.syntax.glued_heading import glued_heading
from deckbuilder.syntax.hidden import (
    braced_comment,
    comment_block,
    hidden_comment,
    page_properties,
    properties,
)
from deckbuilder.syntax.html_heading import html_heading
from deckbuilder.syntax.html_text import html_text
from deckbuilder.syntax.indented_text import indented_text
from deckbuilder.syntax.keys import keys
from deckbuilder.syntax.links import place_link, plain_link
from deckbuilder.syntax.marks import caret_mark, mark, span, subscript, superscript
from deckbuilder.syntax.math import (
    bracket_math,
    dollar_math,
    doubled_math,
    environment,
    math_block,
)
from deckbuilder.syntax.own_macros import own_macros
from deckbuilder.syntax.pictures import component, image, spaced_image
from deckbuilder.syntax.plain_list import plain_list
from deckbuilder.syntax.prose import prose
from deckbuilder.syntax.shared import InlineRule
from deckbuilder.syntax.table_rows import table_rows
from deckbuilder.syntax.tags import tags, tags_in_lines
from deckbuilder.syntax.tight_heading import attributes, tight_heading
from deckbuilder.syntax.wiki import wiki

CoreRule = Callable[[StateCore], None]
BlockRule = Callable[[StateBlock, int, int, bool], bool]
_Read = TypeVar("_Read")


class Rule(NamedTuple, Generic[_Read]):
    """A rule, and where it has to be asked."""

    name: str
    where: str | None
    """At which first characters; a core rule: on which pattern in the document; None: always.

    A pattern that begins with one certain character is found fast."""
    read: _Read | None = None
    """None: what markdown-it or its plugin has by this name."""
    breaks: Sequence[str] = ()
    """Blocks into which its own may break without a blank line above."""


_TEXT = ("paragraph", "reference", "blockquote")
_ANY = (*_TEXT, "list")

CORE: Sequence[Rule[CoreRule]] = (
    Rule("normalize", None),
    Rule("block", None),
    Rule("directives", None, directives),
    Rule("details_tail", "</(?i:details)", details_tail),
    Rule("alerts", r"\[!|\.prompt-", alerts),
    Rule("tasks", r"\[(?:[ xX]|TODO|DONE)\]", tasks),
    Rule("glued_heading", r"##(?<=[^\s#]##)", glued_heading),
    Rule("tags_in_lines", r"\{(?:\{[<%]|(?<=[(\s]\{)[{%])", tags_in_lines),
    Rule("table_rows", r"\|", table_rows),
    Rule("keys", r"[:+](?i:(?<=:)(?:material|octicons|fontawesome|simple)-|\+[a-z])", keys),
    Rule(
        "properties",
        r"(?m::(?::(?:[ \t]|$)|LOGBOOK:| <(?:(?<=SCHEDULED: <)|(?<=DEADLINE: <))))",
        properties,
    ),
    Rule("page_properties", None, page_properties),
    Rule("html_text", "<[a-zA-Z/]", html_text),
    Rule("inline", None),
    Rule("roles", r"\}`", roles),
    Rule("own_macros", r"\\(?:new|renew|provide|def|Declare)", own_macros),
    Rule("doubled_math", r"\$\$", doubled_math),
    Rule("text_join", None),
)
"""What works on a whole document."""

BLOCK: Sequence[Rule[BlockRule]] = (
    Rule("prose", "", prose),
    Rule("plain_list", "*-+0123456789", plain_list),
    Rule("table", None),
    Rule("drawn_table", None, drawn_table),
    Rule("details", "<", details, _ANY),  # before code, because people indent inside of it
    Rule("code", None, indented_text),
    Rule("math_block", "$\\", math_block, _ANY),
    Rule("as_written", ":", as_written, _ANY),
    Rule("container_callout", ":"),
    Rule("indented", "!?=", indented, _ANY),
    Rule("fence", "`~", directive_fence, _ANY),
    Rule("environment", "\\", environment, _ANY),
    Rule("blockquote", ">"),
    Rule("hr", "*-_"),
    Rule("list", "*-+0123456789"),
    Rule("footnote_def", "["),
    Rule("reference", "["),
    Rule("html_heading", "<", html_heading, _ANY),
    Rule("comment_block", "%", comment_block, _ANY),
    Rule("braced_comment", "{", braced_comment, _ANY),
    Rule("html_block", "<"),
    Rule("tags", "{#", tags, _ANY),
    Rule("attributes", "{", attributes, ("paragraph",)),
    Rule("heading", "#"),
    Rule("tight_heading", "#", tight_heading, _TEXT),
    Rule("lheading", None),
    Rule("deflist", None),
    Rule("paragraph", None),
)
"""What begins at a line, indentation aside; prose with none of these characters."""

INLINE: Sequence[Rule[InlineRule]] = (
    Rule("text", None),
    Rule("newline", "\n"),
    Rule("dollar_math", "$", dollar_math),
    Rule("bracket_math", "\\", bracket_math),  # before Markdown takes it for an escaped bracket
    Rule("escape", "\\"),
    Rule("backticks", "`"),
    Rule("mark", "=", mark),
    Rule("caret_mark", "^", caret_mark),
    Rule("subscript", "~", subscript),
    Rule("superscript", "^", superscript),
    Rule("strikethrough", "~"),
    Rule("strong", "*", strong),
    Rule("emphasis", "*_"),
    Rule("span", "[", span),
    Rule("wiki", "![", wiki),
    Rule("plain_link", "[", plain_link),
    Rule("link", "["),
    Rule("place_link", "[", place_link),
    Rule("image", "!", image),
    Rule("spaced_image", "!", spaced_image),
    Rule("inline_footnote", "^", inline_footnote),
    Rule("footnote_ref", "["),
    Rule("autolink", "<"),
    Rule("component", "<", component),
    Rule("hidden_comment", "%", hidden_comment),
    Rule("html_inline", "<"),
    Rule("entity", "&"),
)
"""What begins in a line."""


def rules_plugin(md: MarkdownIt) -> None:
    """Let the parser ask these rules, and no others."""
    md.inline = CjkParserInline()
    md.inline.ruler2.enableOnly(["balance_pairs", "strikethrough", "emphasis", "fragments_join"])
    footnote_plugin(md, inline=False, move_to_end=False)
    deflist_plugin(md)
    containers_plugin(md)
    md.core.ruler = _ordered(md.core.ruler, CORE)
    md.block.ruler = _ordered(md.block.ruler, BLOCK)
    md.inline.ruler = _ordered(md.inline.ruler, INLINE)


def _ordered(known: Ruler[_Read], rules: Iterable[Rule[_Read]]) -> Ruler[_Read]:
    theirs = {rule.name: rule for rule in known.__rules__}
    ruler = Ruler[_Read]()
    for name, _, read, breaks in rules:
        if read:
            ruler.push(name, read, {"alt": [*breaks]})
        else:
            ruler.push(name, theirs[name].fn, {"alt": theirs[name].alt})
    return ruler
