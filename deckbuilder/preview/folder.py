"""Write the preview into a folder that holds nothing else."""

from __future__ import annotations

import contextlib
import filecmp
import hashlib
import shutil
from collections.abc import Iterable, Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from deckbuilder.model import Change, Deck
from deckbuilder.preview.cards import as_script, deck_data, holds_maths
from deckbuilder.problems import BuildError, Location, Problem, error
from deckbuilder.replacing import instead_of

MARKER: Final = ".deckbuilder-preview"
MARKER_TEXT: Final = """\
Written by deckbuilder --preview, and written anew with every run. Pictures that the deck no
longer shows are removed from media/; keep nothing of your own in this folder.
"""
PAGE: Final = ("page.css", "list.js", "card.js", "page.js")


def write_preview(
    deck: Deck, changes: Iterable[Change], problems: Iterable[Problem], folder: Path
) -> None:
    """Write *deck* as a page into *folder*: open ``index.html`` in any browser.

    Files that are as they should be are left alone; the others are replaced one by one, and
    ``version.js``, which an open page watches, comes last. Raises BuildError as
    `check_folder` does.
    """
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _put(folder / MARKER, MARKER_TEXT.encode())
    _write_media(deck.media, folder / "media")
    ours = files("deckbuilder").joinpath("preview", "page")
    data = deck_data(deck, changes, problems, ours.joinpath("frame.html").read_text("utf-8"))
    if holds_maths(data):
        _copy_maths(folder / "maths")
    cards = as_script("DECK", data).encode("utf-8", "replace")
    version = hashlib.sha256(cards)
    _put(folder / "cards.js", cards)
    for name in PAGE:
        content = ours.joinpath(name).read_bytes()
        version.update(content)
        _put(folder / name, content)
    _put(folder / "index.html", ours.joinpath("page.html").read_bytes())
    _put(folder / "version.js", as_script("DECK_VERSION", version.hexdigest()[:16]).encode())


def check_folder(folder: Path) -> None:
    """Raise BuildError where *folder* holds something that is not a preview of ours."""
    if folder.exists() and not (folder / MARKER).is_file():
        if not folder.is_dir():
            raise _refused(folder, "is a file; name a folder for the preview")
        if any(not one.name.startswith(".") for one in folder.iterdir()):  # macOS's .DS_Store
            reason = "holds other files; name an empty or a new folder for the preview"
            raise _refused(folder, reason)
    for inside in ("media", "maths", "maths/fonts"):
        if (folder / inside).is_symlink():
            raise _refused(folder, f"has a link in place of its folder {inside}; remove the link")


def _refused(folder: Path, why: str) -> BuildError:
    return BuildError([error("preview-folder", Location(folder.as_posix()), why)])


def _write_media(media: Mapping[str, bytes | Path], folder: Path) -> None:
    """Make *folder* hold exactly *media*, under their names in the package.

    What is open elsewhere cannot be removed on Windows: a later run does.
    """
    folder.mkdir(exist_ok=True)
    for stale in sorted(folder.iterdir()):
        if stale.name not in media and not stale.is_dir():
            with contextlib.suppress(PermissionError):
                stale.unlink()
    for name, content in sorted(media.items()):
        if isinstance(content, Path):
            _copy(content, folder / name)
        else:
            _put(folder / name, content)


def _copy_maths(folder: Path) -> None:
    """Copy MathJax, with its licence."""
    with as_file(files("deckbuilder").joinpath("preview", "vendor", "mathjax")) as vendored:
        (folder / "fonts").mkdir(parents=True, exist_ok=True)
        for name in ("LICENSE", "VERSION", "tex-chtml-full.js"):
            _copy(vendored / name, folder / name)
        for font in sorted((vendored / "fonts").iterdir()):
            _copy(font, folder / "fonts" / font.name)


def _put(path: Path, content: bytes) -> None:
    """Make *path* hold *content*; replaced as a whole, and only if it differs."""
    if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
        return
    with instead_of(path) as new:
        new.write_bytes(content)


def _copy(source: Path, path: Path) -> None:
    """Make *path* a copy of *source*; a link would let the preview reach into the notes.

    Of its content alone: a copy that is read-only, too, could not be replaced on Windows.
    """
    if path.is_file() and filecmp.cmp(source, path):
        return
    with instead_of(path) as new:
        shutil.copyfile(source, new)
