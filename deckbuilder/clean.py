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

from collections import Counter
from collections.abc import Callable, Mapping

from deckbuilder.cleaning.bold import mend_bold
from deckbuilder.cleaning.bullets import break_numbered_titles, list_pseudo_bullets
from deckbuilder.cleaning.edges import (
    drop_empty_headings,
    drop_line_breaks,
    drop_repeated_question,
    drop_wrappers,
)
from deckbuilder.cleaning.furniture import (
    drop_badges,
    drop_edit_link,
    drop_footer,
    drop_navigation,
    drop_promotion,
    drop_tag_lines,
)
from deckbuilder.cleaning.further import set_sources_small
from deckbuilder.cleaning.labels import (
    drop_answer_label,
    drop_outer_rules,
    drop_transition,
    open_spoiler,
)
from deckbuilder.cleaning.links import (
    drop_anchors,
    drop_attribute_lists,
    drop_back_to_top,
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
from deckbuilder.model import Section

Rule = Callable[[Section], tuple[Section, int]]

RULES: Mapping[str, Rule] = {
    "comment": drop_comments,
    "heading-anchor": drop_heading_anchor,
    "anchor": drop_anchors,
    "attribute-list": drop_attribute_lists,
    "badge": drop_badges,
    "back-to-top": drop_back_to_top,
    "navigation": drop_navigation,
    "edit-link": drop_edit_link,
    "tag-line": drop_tag_lines,
    "in-page-link": unlink_in_page,
    "line-break": drop_line_breaks,
    "wrapper": drop_wrappers,
    "question-bold": unwrap_question_bold,
    "question-number": drop_question_number,
    "question-decoration": drop_question_decoration,
    "question-source": drop_question_source,
    "repeated-question": drop_repeated_question,
    "spoiler": open_spoiler,
    "answer-label": drop_answer_label,
    "transition": drop_transition,
    "outer-rule": drop_outer_rules,
    "promotion": drop_promotion,
    "footer": drop_footer,
    "empty-heading": drop_empty_headings,
    "further-reading": set_sources_small,
    "malformed-bold": mend_bold,
    "pseudo-bullet": list_pseudo_bullets,
    "numbered-title": break_numbered_titles,
}
"""Name in the report -> rule, in the order in which they are applied."""

_PASSES = 5


def clean(section: Section) -> tuple[Section, Counter[str]]:
    """Return *section* without scaffolding, and what each rule found to do."""
    removed: Counter[str] = Counter()
    for _ in range(_PASSES):
        before = removed.total()
        for name, rule in RULES.items():
            section, count = rule(section)
            if count:
                removed[name] += count
        if removed.total() == before:
            break
    return section, removed
