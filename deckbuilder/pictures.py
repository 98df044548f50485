"""Make what is packed from what the author has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deckbuilder.media import Remark, Unresolved
from deckbuilder.model import MediaFile

__all__ = ["Prepared", "prepare"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file as it goes into the package."""

    name: str
    data: bytes | Path
    """The content, or the file that holds it where it is packed as it is."""
    before: int
    """Size of the author's file in bytes."""
    after: int
    """Size in the package in bytes."""
    remarks: tuple[Remark, ...] = ()


def prepare(media: MediaFile, *, max_width: int) -> Prepared | Unresolved:
    """Return *media* as it is packed, or why it cannot be (``image-damaged``, …)."""
    size = media.path.stat().st_size
    return Prepared(media.name, media.path, size, size)
