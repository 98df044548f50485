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

from deckbuilder.syntax import (
    callout,
    cjk,
    details,
    directive,
    drawn_table,
    footnotes,
    glued_heading,
    hashtags,
    hidden,
    html_heading,
    html_text,
    indented_text,
    keys,
    links,
    marks,
    math,
    own_macros,
    pictures,
    plain_list,
    table_rows,
    tags,
    tight_heading,
    wiki,
)
from deckbuilder.syntax.shared import InlineRule

CoreRule = Callable[[StateCore], None]
BlockRule = Callable[[StateBlock, int, int, bool], bool]
_Read = TypeVar("_Read")


class Rule(NamedTuple, Generic[_Read]):
    """A rule, and where it has to be asked."""

    name: str
    where: Sequence[str] | None = None
    """At which first characters; a core rule: on one of which patterns in the document; None:
    always.

    A pattern that begins with one certain character is found fast."""
    read: _Read | None = None
    """None: what markdown-it or its plugin has by this name."""
    breaks: Sequence[str] = ()
    """Blocks into which its own may break without a blank line above."""


_TEXT = ("paragraph", "reference", "blockquote")
_ANY = (*_TEXT, "list")

CORE: Sequence[Rule[CoreRule]] = (
    Rule("normalize"),
    Rule("block"),
    Rule("directives", None, directive.directives),
    Rule("details_tail", ("</(?i:details)",), details.details_tail),
    Rule("alerts", (r"\[!", r"\.prompt-"), callout.alerts),
    Rule("tasks", (r"\[(?:[ xX]|TODO|DONE)\]",), callout.tasks),
    Rule("glued_heading", (r"##(?<=[^\s#]##)",), glued_heading.glued_heading),
    Rule("tags_in_lines", (r"\{(?:\{[<%]|(?<=[(\s]\{)[{%])",), tags.tags_in_lines),
    Rule("table_rows", (r"\|",), table_rows.table_rows),
    Rule("keys", (r":(?i:material|octicons|fontawesome|simple)-", r"\+\+[a-zA-Z]"), keys.keys),
    Rule(
        "properties",
        (r"(?m)::(?:[ \t]|$)", ":LOGBOOK:", "SCHEDULED: <", "DEADLINE: <", r"\*\[[^\]\n]+\]: "),
        hidden.properties,
    ),
    Rule("hashtags", (r"#(?<!\S#)[^\s#]", r"[?？][*_]*#"), hashtags.hashtags),
    Rule("page_properties", None, hidden.page_properties),
    Rule("html_text", ("<[a-zA-Z/]",), html_text.html_text),
    Rule("inline"),
    Rule("few_times", None, links.few_times),
    Rule("roles", (r"\}`",), directive.roles),
    Rule("own_macros", (r"\\(?:new|renew|provide|def|Declare)",), own_macros.own_macros),
    Rule("doubled_math", (r"\$\$",), math.doubled_math),
    Rule("text_join"),
)
"""What works on a whole document."""

BLOCK: Sequence[Rule[BlockRule]] = (
    Rule("plain_list", "*-+0123456789", plain_list.plain_list),
    Rule("table"),
    Rule("drawn_table", None, drawn_table.drawn_table),
    Rule("details", "<", details.details, _ANY),  # before code, because people indent inside of it
    Rule("code", None, indented_text.indented_text),
    Rule("math_block", "$\\", math.math_block, _ANY),
    Rule("as_written", ":", directive.as_written, _ANY),
    Rule("container_callout", ":"),
    Rule("indented", "!?=", directive.indented, _ANY),
    Rule("fence", "`~", directive.directive_fence, _ANY),
    Rule("environment", "\\", math.environment, _ANY),
    Rule("blockquote", ">"),
    Rule("hr", "*-_"),
    Rule("list", "*-+0123456789"),
    Rule("footnote_def", "["),
    Rule("reference", "["),
    Rule("html_heading", "<", html_heading.html_heading, _ANY),
    Rule("comment_block", "%", hidden.comment_block, _ANY),
    Rule("braced_comment", "{", hidden.braced_comment, _ANY),
    Rule("html_block", "<"),
    Rule("tags", "{#", tags.tags, _ANY),
    Rule("attributes", "{", tight_heading.attributes, ("paragraph",)),
    Rule("heading", "#"),
    Rule("tight_heading", "#", tight_heading.tight_heading, _TEXT),
    Rule("lheading"),
    Rule("deflist"),
    Rule("paragraph"),
)
"""What begins at a line, indentation aside."""

INLINE: Sequence[Rule[InlineRule]] = (
    Rule("text"),
    Rule("newline", "\n"),
    Rule("dollar_math", "$", math.dollar_math),
    Rule("bracket_math", "\\", math.bracket_math),
    Rule("escape", "\\"),
    Rule("backticks", "`"),
    Rule("mark", "=", marks.mark),
    Rule("caret_mark", "^", marks.caret_mark),
    Rule("subscript", "~", marks.subscript),
    Rule("superscript", "^", marks.superscript),
    Rule("strikethrough", "~"),
    Rule("strong", "*", cjk.strong),
    Rule("emphasis", "*_"),
    Rule("span", "[", marks.span),
    Rule("wiki", "![", wiki.wiki),
    Rule("plain_link", "[", links.plain_link),
    Rule("link", "["),
    Rule("place_link", "[", links.place_link),
    Rule("image", "!", pictures.image),
    Rule("spaced_image", "!", pictures.spaced_image),
    Rule("inline_footnote", "^", footnotes.inline_footnote),
    Rule("footnote_ref", "["),
    Rule("autolink", "<"),
    Rule("component", "<", pictures.component),
    Rule("hidden_comment", "%", hidden.hidden_comment),
    Rule("html_inline", "<"),
    Rule("entity", "&"),
)
"""What begins in a line."""


def rules_plugin(md: MarkdownIt) -> None:
    """Let the parser ask these rules, and no others."""
    md.inline = cjk.CjkParserInline()
    md.inline.ruler2.enableOnly(["balance_pairs", "strikethrough", "emphasis", "fragments_join"])
    footnote_plugin(md, inline=False, move_to_end=False)
    deflist_plugin(md)
    directive.containers_plugin(md)
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
