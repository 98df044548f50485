"""Long files: nothing in parsing, deciding and cutting may grow worse than linearly.

The bounds are a hundred times what these shapes take; a loop over all pairs of headings would
take minutes.
"""

from __future__ import annotations

import pytest

from deckbuilder.model import NoteKind
from deckbuilder.preview.engine import render_card
from deckbuilder.rendering.cloze import shown_size
from deckbuilder.templates import note_type
from tests.support.limits import within
from tests.support.stages import file_notes, pieces

MANY = 5000
SECONDS = 60

SHAPES = {
    "questions and a contents list": "\n".join(
        f"- [What is {i}?](#what-is-{i})" for i in range(MANY)
    )
    + "".join(f"\n\n## What is {i}?\n\nText." for i in range(MANY)),
    "the same heading": "## Example\n\nText.\n\n" * MANY,
    "the same heading, listed": "\n".join(f"- [Example](#example-{i})" for i in range(MANY))
    + "\n\n## Example\n\nText." * MANY,
    "all levels": "".join(f"{'#' * (1 + i % 6)} Title {i}\n\nText.\n\n" for i in range(MANY)),
    "headings without text": "".join(f"{'#' * (1 + i % 6)} Title {i}\n\n" for i in range(MANY)),
    "small contents lists": "".join(
        f"## Q {i}?\n\n- [a](#q-{i})\n- [b](#q-{i + 1})\n\nText\n\n" for i in range(MANY)
    ),
    "bold questions": "".join(f"**What is {i}?**\n\nText.\n\n" for i in range(MANY)),
    "folded answers": "".join(
        f"<details>\n<summary>What is {i}?</summary><br><b>\n\nText.\n\n</b></details>\n\n"
        for i in range(MANY)
    ),
    "headings in list items": "".join(
        f"{i + 1}. ### What is {i}?\n\n    Text.\n\n" for i in range(MANY)
    ),
    "labelled pairs": "".join(f"Q: What is {i}?\nA: Text.\n\n" for i in range(MANY)),
    "fences left open": "".join(f"## {i + 1}. What?\n```js\ncode\n\n" for i in range(MANY)),
    "footnotes": "".join(f"## Q {i}?\n\nA[^{i}]\n\n[^{i}]: note\n\n" for i in range(MANY)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_long_file_takes_seconds(shape: str) -> None:
    with within(SECONDS):
        cut = pieces(SHAPES[shape])
    assert cut.sections


def test_a_heading_of_many_words_is_still_one_heading() -> None:
    cut = pieces("## What is " + "very " * 5000 + "long?\n\nThis.\n\n## And this?\n\nShort.\n")
    assert len(cut.sections) == 2


ASKED = "".join(f"### What is {i}?\n\nThat.\n\n" for i in range(MANY))
REPEATED = {
    "a title": f"# {'long ' * MANY}\n\n{ASKED}",
    "a title in front": f"---\ntitle: {'long ' * MANY}\n---\n{ASKED}",
    "a footnote": f"{ASKED.replace('That.', 'That.[^1]')}[^1]: {'long ' * MANY}\n",
    "a macro": "# What?\n\n$\\newcommand{\\a}{" + "x" * 9000 + "}$" + " $\\a$" * MANY,
    "tags": f"---\ntags: [{', '.join(f't{i}' for i in range(MANY))}]\n---\n{ASKED}",
    "an address": f"# What?\n\n{'[a] ' * MANY}\n\n[a]: https://example.org/{'a' * MANY * 4}\n",
    "a picture": f"# What?\n\n{'![a] ' * MANY}\n\n[a]: https://example.org/{'a' * MANY * 4}\n",
}


@pytest.mark.parametrize("shape", REPEATED)
def test_what_stands_on_many_cards_makes_no_gigabytes(shape: str) -> None:
    text = REPEATED[shape]
    notes = file_notes(text)
    fields = (field for draft in notes.drafts for field in (*draft.fields, *draft.tags))
    assert sum(map(len, fields)) < 100 * len(text)
    assert notes.drafts or [one.code for one in notes.problems] == ["note-too-large"]


def gapped(depth: int, lines: int) -> str:
    return "{{c1::" * depth + "it's so, or it is not\n" * lines + "}}" * depth + "\n"


def test_gaps_inside_gaps_make_no_gigabytes() -> None:
    """Anki writes what each hides into an attribute: ten deep, thousands of times."""
    notes = file_notes(f"# What?\n\n{gapped(10, MANY)}")
    assert [one.code for one in notes.problems] == ["note-too-large"]
    kind = note_type(NoteKind.CLOZE)
    for depth in range(1, 6):
        (draft,) = file_notes(f"# What?\n\n{gapped(depth, 40)}").drafts
        text = draft.fields.question
        fields = {**dict.fromkeys((one.name for one in kind.fields), ""), "Text": text}
        front, _ = render_card(kind, 0, fields, ())
        assert shown_size(text) / 4 < len(front) < shown_size(text)
