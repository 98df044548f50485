"""Stage 4a, clean: Section -> Section without the scaffolding of a page.

`RULES` is the table of contents: each rule is one small function of a section, named for
what it does, with its fixture in ``tests/fixtures/clean/``. They change tokens, never text,
so code is safe by construction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from deckbuilder.cleaning.bold import mend_bold
from deckbuilder.cleaning.bullets import break_numbered_titles, list_pseudo_bullets
from deckbuilder.cleaning.labels import (
    drop_answer_label,
    drop_outer_rules,
    drop_transition,
    open_spoiler,
)
from deckbuilder.cleaning.links import (
    drop_anchors,
    drop_back_to_top,
    drop_comments,
    unlink_in_page,
)
from deckbuilder.cleaning.question import (
    drop_heading_anchor,
    drop_question_decoration,
    drop_question_number,
    unwrap_question_bold,
)
from deckbuilder.model import Section

Rule = Callable[[Section], tuple[Section, int]]

RULES: Mapping[str, Rule] = {
    "comment": drop_comments,
    "heading-anchor": drop_heading_anchor,
    "anchor": drop_anchors,
    "back-to-top": drop_back_to_top,
    "in-page-link": unlink_in_page,
    "question-bold": unwrap_question_bold,
    "question-number": drop_question_number,
    "question-decoration": drop_question_decoration,
    "spoiler": open_spoiler,
    "answer-label": drop_answer_label,
    "transition": drop_transition,
    "outer-rule": drop_outer_rules,
    "malformed-bold": mend_bold,
    "pseudo-bullet": list_pseudo_bullets,
    "numbered-title": break_numbered_titles,
}
"""Name in the report -> rule, in the order in which they are applied."""


def clean(section: Section) -> tuple[Section, Counter[str]]:
    """Return *section* without scaffolding, and what each rule found to do."""
    removed: Counter[str] = Counter()
    for name, rule in RULES.items():
        section, count = rule(section)
        if count:
            removed[name] += count
    return section, removed
