"""The deck that the repository ships, built from a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

from deckbuilder.pipeline import Outcome, plan
from deckbuilder.setting import Request

ROOT = Path(__file__).parents[2]
NAME = "多模态大模型"


def copy_shipped(folder: Path) -> Request:
    """Copy the shipped notes, pictures, settings and lock to *folder*; return how to build them."""
    for name in ("source", "media"):
        shutil.copytree(ROOT / name, folder / name)
    return Request(
        notes=(folder / "source",),
        now_ms=1_900_000_000_000,
        output=folder / "build" / f"{NAME}.apkg",
        strict=True,
        offline=True,
    )


def plan_shipped(folder: Path) -> Outcome:
    """Plan the shipped deck in a copy of it."""
    return plan(copy_shipped(folder))
