"""How much prose two texts share, word for word.

Compared are letters and digits alone: NFKC, case folded, without spaces and punctuation, so
neither a comma nor full width hides a copy. A run does not reach over what is not prose: code,
formulas, link targets, HTML tags, table cells, headings and contents lists (questions may be
asked alike).
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

LONG = 20
"""Characters; a run this long is no accident unless it is a name."""

NAMES = (
    "Language Models are Few-Shot Learners",
    "Attention Is All You Need",
    "Contrastive Language-Image Pre-training",
)
"""Titles and full names: the only long runs that may be shared."""

_FENCED = re.compile(r"^ *(```|~~~).*?^ *\1[ \t]*$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^(?:#{1,6} .*|\s*<h\d.*|\s*(?:[-*]|\d+\.) *\[.*\]\(#.*)$", re.MULTILINE)
_NO_PROSE = re.compile(
    r"`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|(?<=\])\([^()\n]*\)|<[^<>\n]*>|\|", re.DOTALL
)
_BLANK = "\n\n"


def passages(text: str) -> list[str]:
    """Return the runs of prose in *text*, normalised."""
    for pattern in (_FENCED, _HEADING, _NO_PROSE):
        text = pattern.sub(_BLANK, text)
    return [kept for part in re.split(r"\n\s*\n", text) if (kept := normal(part))]


def normal(text: str) -> str:
    """Return the letters and digits of *text*, in one width and case."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def shared_runs(ours: str, theirs: Iterable[str], long: int = LONG) -> Iterator[str]:
    """Yield the longest runs of at least *long* characters that *ours* shares with *theirs*."""
    known = {
        passage[at : at + long]
        for text in theirs
        for passage in passages(text)
        for at in range(len(passage) - long + 1)
    }
    for passage in passages(ours):
        start = end = -1
        for at in range(len(passage) - long + 1):
            if passage[at : at + long] not in known:
                continue
            if at >= end:
                if end > 0:
                    yield passage[start:end]
                start = at
            end = at + long
        if end > 0:
            yield passage[start:end]


def is_name(run: str) -> bool:
    """Whether *run* is a listed name, with no more than a few characters around it."""
    return any(name in run and len(run) < len(name) + 6 for name in map(normal, NAMES)) or any(
        run in name for name in map(normal, NAMES)
    )


def main(ours: str, theirs: str, long: int = 12) -> None:
    """Print what the notes in the folder *ours* share with those in *theirs*."""
    known = [path.read_text("utf-8") for path in sorted(Path(theirs).glob("*.txt"))]
    for path in sorted(Path(ours).glob("*.md")):
        for run in shared_runs(path.read_text("utf-8"), known, long):
            sys.stdout.write(f"{len(run)} {path.name} {run}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
