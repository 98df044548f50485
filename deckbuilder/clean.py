"""Stage 4a, clean: Section -> Section without the scaffolding of a page.

`RULES` is the table of contents: each rule is one small function of a section, named for
what it does, with its fixture in ``tests/fixtures/clean/``. They change tokens, never text,
so code is safe by construction.

The order has meaning: comments and anchors go first, because they hide what stands beside
them; then what leads elsewhere on the page; then the question from the outside in; then the
answer's frame; last what is a matter of writing. A rule at an edge may bare another's edge
(a rule above a link back to the top), so the rules are applied until none finds anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from functools import lru_cache
from typing import NamedTuple

from deckbuilder.answers import FOLDS
from deckbuilder.cleaning.bold import mend_bold
from deckbuilder.cleaning.bullets import BULLETS, break_numbered_titles, list_pseudo_bullets
from deckbuilder.cleaning.edges import (
    drop_empty_headings,
    drop_line_breaks,
    drop_repeated_question,
    drop_wrappers,
)
from deckbuilder.cleaning.furniture import (
    drop_badges,
    drop_footer,
    drop_navigation,
    drop_promotion,
    drop_tag_lines,
    is_badge,
)
from deckbuilder.cleaning.further import set_sources_small
from deckbuilder.cleaning.labels import (
    drop_answer_label,
    drop_outer_rules,
    drop_transition,
    open_spoiler,
)
from deckbuilder.cleaning.lines import keep_lines
from deckbuilder.cleaning.links import (
    CITATIONS,
    drop_anchors,
    drop_attribute_lists,
    drop_back_to_top,
    drop_block_ids,
    drop_citations,
    drop_comments,
    unlink_in_page,
)
from deckbuilder.cleaning.question import (
    drop_heading_anchor,
    drop_question_decoration,
    drop_question_number,
    drop_question_source,
    unwrap_question_bold,
)
from deckbuilder.markdown import Token
from deckbuilder.model import Section
from deckbuilder.wording import ARROWS


class Rule(NamedTuple):
    """What a rule does, and what a section must hold for it to find anything."""

    apply: Callable[[Section], tuple[Section, int]]
    needs: Set[str] = frozenset()
    """What `_holds` can name, of which one must be there; none: always."""
    reads_question: bool = True
    """False where only the answer counts."""


_BLOCK = {"html_block"}
_LINK = {"link_open"}
_RULE = {"hr"}
_FRAME = {"strong_open", "em_open", "link_open", "mark_open", "html_inline"}

RULES: Mapping[str, Rule] = {
    "comment": Rule(drop_comments, _BLOCK | {"<!--"}),
    "heading-anchor": Rule(drop_heading_anchor),
    "anchor": Rule(drop_anchors, {"<a", "}"}),
    "block-id": Rule(drop_block_ids, {"^"}),
    "citation": Rule(drop_citations, CITATIONS),
    "attribute-list": Rule(drop_attribute_lists, {"}"}),
    "badge": Rule(drop_badges, _BLOCK | {"badge"}),
    "back-to-top": Rule(drop_back_to_top, _BLOCK | _LINK | {"href", "arrow"}),
    "navigation": Rule(drop_navigation, _LINK, reads_question=False),
    "tag-line": Rule(drop_tag_lines, _LINK | {"#"}, reads_question=False),
    "in-page-link": Rule(unlink_in_page, _LINK),
    "line-break": Rule(drop_line_breaks, {"<br", "</br"}),
    "wrapper": Rule(drop_wrappers, _BLOCK, reads_question=False),
    "question-bold": Rule(unwrap_question_bold, _FRAME),
    "question-number": Rule(drop_question_number),
    "question-decoration": Rule(drop_question_decoration),
    "question-source": Rule(drop_question_source, _LINK),
    "repeated-question": Rule(drop_repeated_question),
    "spoiler": Rule(open_spoiler, FOLDS.keys(), reads_question=False),
    "answer-label": Rule(drop_answer_label, reads_question=False),
    "transition": Rule(drop_transition, _RULE, reads_question=False),
    "outer-rule": Rule(drop_outer_rules, _RULE, reads_question=False),
    "promotion": Rule(drop_promotion, reads_question=False),
    "footer": Rule(drop_footer, reads_question=False),
    "empty-heading": Rule(drop_empty_headings, {"heading_open"}, reads_question=False),
    "further-reading": Rule(set_sources_small, _LINK, reads_question=False),
    "malformed-bold": Rule(mend_bold, {"*"}),
    "pseudo-bullet": Rule(list_pseudo_bullets, {"bullet"}, reads_question=False),
    "numbered-title": Rule(break_numbered_titles, {"bullet"}, reads_question=False),
    "line": Rule(keep_lines, {"softbreak"}),
}
"""Name in the report -> rule, in the order in which they are applied."""

_MARKS = {"}", "*", "^", "#", *CITATIONS}
"""What a rule looks for in text: single characters, where these are rare, are found fastest."""
_TAGS = ("<!--", "<a", "<br", "</br", "href")
"""What a rule looks for in HTML."""
_HTML = frozenset({"html_block", "html_inline"})
_BULLET = re.compile(rf"\n[^\S\n]*(?:[{BULLETS}]|[(（]\s*\d)")

_PASSES = 5


def clean(section: Section) -> tuple[Section, Counter[str]]:
    """Return *section* without scaffolding, and what each rule found to do."""
    removed: Counter[str] = Counter()
    answer: tuple[Token, ...] | None = None
    last = -1
    for _ in range(_PASSES):
        again = section.answer is answer  # so only what reads the question finds more
        before, last, answer = last, -1, section.answer
        blocks = section.prompt if again else (*section.answer, *section.prompt)
        for place, name, rule in _rules_for(_holds(section.question, blocks), again=again):
            if again and place > before and last < 0:
                break  # it has seen this very section
            changed, count = rule.apply(section)
            if count:
                section = changed
                removed[name] += count
                last = place
        if last < 0:
            break
    return section, removed


@lru_cache(maxsize=256)
def _rules_for(holds: frozenset[str], *, again: bool) -> Sequence[tuple[int, str, Rule]]:
    """Return the rules that may find something, and the place of each."""
    return [
        (place, name, rule)
        for place, (name, rule) in enumerate(RULES.items())
        if not (rule.needs and rule.needs.isdisjoint(holds)) and (rule.reads_question or not again)
    ]


_NEEDED = frozenset(need for rule in RULES.values() for need in rule.needs)


def _holds(inline: Sequence[Token], blocks: Sequence[Token]) -> frozenset[str]:
    """Return what of all that rules need is there: token types, marks in text, tags in HTML."""
    children = [child for block in blocks if block.children for child in block.children]
    children += inline
    holds = {block.type for block in blocks}
    holds.update([child.type for child in children])
    text = "\n".join(["", *[child.content for child in children if child.type == "text"]])
    holds.update([mark for mark in _MARKS if mark in text])
    if not _HTML.isdisjoint(holds):
        html = "".join(one.content for one in (*blocks, *children) if one.type in _HTML).lower()
        holds.update([tag for tag in _TAGS if tag in html])
    if "image" in holds and any(map(is_badge, children)):
        holds.add("badge")
    if any(map(text.__contains__, ARROWS)):
        holds.add("arrow")
    if _BULLET.search(text):
        holds.add("bullet")
    return _NEEDED & holds
