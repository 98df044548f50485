"""Pictures that stand in the notes as ``data:``: on the card like any other (P3)."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from deckbuilder.model import Embedded, Unresolved
from deckbuilder.pictures.embedded import embedded
from deckbuilder.pipeline import Outcome, plan
from tests.support.pictures import a_gif, a_jpeg, a_png, an_svg, opened
from tests.support.workspace import Workspace

PNG = a_png()
BASE64 = b64encode(PNG).decode()


@pytest.mark.parametrize(
    ("reference", "data"),
    [
        (f"data:image/png;base64,{BASE64}", PNG),
        (f"DATA:image/png;charset=x;BASE64,{BASE64}", PNG),
        (f"data:image/jpeg;base64,{BASE64}", PNG),  # what it is is told by its content
        (f"data:;base64,{BASE64.rstrip('=')}", PNG),
        (f"data:image/png;base64,{BASE64[:40]}%0A  {BASE64[40:]}", PNG),
        (f"data:image/png;base64,{quote(BASE64, safe='')}", PNG),
        (f"data:image/svg+xml,{quote(an_svg())}", an_svg()),
    ],
)
def test_what_an_address_holds(reference: str, data: bytes) -> None:
    found = embedded(reference, max_width=1600)
    assert isinstance(found, Embedded)
    assert found.data == data
    assert found.name.startswith("embedded-")


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("data:image/png;base64,????", "cannot be read"),
        ("data:image/png;base64,A", "cannot be read"),
        ("data:text/plain,hello", "not a picture"),
        ("data:image/png;base64,", "not a picture"),
        ("data:", "not a picture"),
    ],
)
def test_what_is_no_picture_says_why(reference: str, why: str) -> None:
    found = embedded(reference, max_width=1600)
    assert isinstance(found, Unresolved)
    assert found.code == "image-data"
    assert why in found.message


def test_one_picture_has_one_name_and_another_another() -> None:
    names = [
        embedded(f"data:;base64,{b64encode(data).decode()}", max_width=1600)
        for data in (PNG, PNG, a_png(9, 9), a_jpeg(), a_gif())
    ]
    assert names[0] == names[1]
    assert len({one.name for one in names if isinstance(one, Embedded)}) == 4


NOTES = f"""
## What is one?

![x](data:image/png;base64,{b64encode(a_png(64, 48)).decode()})

## What is two?

As word processors write it: ![][image1]

## What is three?

<img alt="J" width="20" src="data:image/jpeg;base64,{b64encode(a_jpeg(32, 16)).decode()}">

## What is four?

![cut off](data:image/png;base64,{b64encode(PNG[:60]).decode()}) <img src="data:,x">

[image1]: <data:image/png;base64,{b64encode(a_jpeg(3200, 160)).decode()}>
"""


def planned(folder: Path, jobs: int = 1) -> Outcome:
    workspace = Workspace(folder)
    workspace.note("a.md", NOTES)
    return plan(workspace.request(cache=folder / "cache", jobs=jobs))


def test_they_are_on_the_card_scaled_as_files_are_and_what_is_broken_is_named(
    tmp_path: Path,
) -> None:
    outcome = planned(tmp_path)
    one, two, three, four = (note.draft.fields.answer for note in outcome.deck.notes)
    assert '<img src="embedded-' in one
    assert 'alt="x"' in one
    assert '<img src="embedded-' in two
    assert 'alt="J" width="20"' in three
    assert 'src="embedded-' in three
    assert "<img" not in four
    assert "cut off" in four
    sizes = sorted(opened(d).size for d in outcome.deck.media.values() if isinstance(d, bytes))
    assert sizes == [(32, 16), (64, 48), (1600, 80)]
    codes = [(one.where.line, one.code) for one in outcome.problems if one.code != "image-alt"]
    assert {(14, "image-damaged"), (16, "image-data")} <= {*codes}


def test_what_the_cache_holds_gives_the_same(tmp_path: Path) -> None:
    first, second = planned(tmp_path), planned(tmp_path)
    assert first.deck == second.deck
