"""Rules for what announces or frames an answer: labels, rules, transitions, spoilers."""

from __future__ import annotations

from collections.abc import Sequence

from deckbuilder.answers import FOLDS, hides_answer
from deckbuilder.inline import drop_prefix, without_blanks
from deckbuilder.markdown import (
    BREAKS,
    LINES,
    Token,
    block_end,
    folds_in,
    inline_text,
    is_paragraph,
    out_of_list,
    plain_text,
)
from deckbuilder.model import Section
from deckbuilder.wording import (
    ANSWER_LABEL,
    ANSWER_WORD,
    BARE_ANSWER,
    frame_length,
    starts_answer_text,
)


def drop_answer_label(section: Section) -> tuple[Section, int]:
    """Leave out ``Answer``, ``**回答**：`` and the like at the start of the answer or its quote."""
    tokens = out_of_list("bullet_list_open", section.answer)
    at = next((i for i, token in enumerate(tokens) if token.type != "blockquote_open"), 0)
    quotes, tokens = tokens[:at], tokens[at:]
    if len(tokens) < 3 or tokens[0].type not in LINES:
        return section, 0
    kept = None if not quotes and _is_word(tokens) else _behind_label(tokens)
    if kept is None:
        return section, 0
    first = (tokens[0], tokens[1].copy(children=kept), tokens[2]) if kept else ()
    return section._replace(answer=(*quotes, *first, *tokens[3:])), 1


def _behind_label(tokens: Sequence[Token]) -> list[Token] | None:
    """Return what the first block says behind its label, or None where it has none."""
    children = tokens[1].children or []
    text = plain_text(children)
    if BARE_ANSWER.match(text) and not any(c.type == "link_open" for c in children):
        return []
    found = ANSWER_LABEL.match(text, frame_length(text))
    if tokens[0].type != "paragraph_open" or found is None:
        return None
    below = next((t.children or [] for t in tokens[3:] if t.type == "inline"), [])
    said = inline_text(children)
    if not starts_answer_text(f"{said[frame_length(said) :]}\n{inline_text(below)}"):
        return None
    kept = drop_prefix(children, len(text[: found.end()].rstrip()))
    while kept and kept[0].type in BREAKS:
        kept.pop(0)
    begins = next((i for i, token in enumerate(kept) if token.nesting < 1), 0)
    if kept and kept[begins].type == "text":
        kept[begins] = kept[begins].copy(content=kept[begins].content.lstrip(" ：:"))
    return kept


def _is_word(answer: Sequence[Token]) -> bool:
    """Return whether an answer is nothing but a word like ``Antwort``, which was asked for."""
    if not is_paragraph(answer):
        return False
    children = answer[1].children or []
    plain = all(child.type == "text" for child in children)
    return plain and ANSWER_WORD.fullmatch(plain_text(children)) is not None


def drop_transition(section: Section) -> tuple[Section, int]:
    """Leave out a bold sentence under the rule that ends a section: it leads to the next one."""
    tokens = section.answer
    if len(tokens) < 4 or tokens[-4].type != "hr" or tokens[-3].type != "paragraph_open":
        return section, 0
    children = without_blanks(tokens[-2].children)
    bold = children[:1] and children[0].type == "strong_open"
    if not bold or block_end(children, 0) < len(children) or len(plain_text(children)) < 8:
        return section, 0
    return section._replace(answer=tokens[:-4]), 1


def drop_outer_rules(section: Section) -> tuple[Section, int]:
    """Leave out horizontal rules at the start and end of answer and prompt: they part sections."""
    answer, prompt = _without_rules(section.answer), _without_rules(section.prompt)
    count = len(section.answer) - len(answer) + len(section.prompt) - len(prompt)
    return section._replace(answer=answer, prompt=prompt), count


def _without_rules(blocks: tuple[Token, ...]) -> tuple[Token, ...]:
    kept = [index for index, token in enumerate(blocks) if token.type != "hr"]
    return blocks[kept[0] : kept[-1] + 1] if kept else ()


def open_spoiler(section: Section) -> tuple[Section, int]:
    """Unfold a block that hides nothing but the answer: the card itself hides it."""
    tokens = section.answer
    for start in [i for i, token in enumerate(tokens) if token.type in FOLDS]:
        if not hides_answer(tokens, start):
            continue
        nested = tokens[start].nesting > 0
        stop = block_end(tokens, start) - 1 if nested else dict(folds_in(tokens)).get(start)
        if stop:
            inside = tokens[start + 4 : stop]
            return section._replace(answer=(*tokens[:start], *inside, *tokens[stop + 1 :])), 1
    return section, 0
