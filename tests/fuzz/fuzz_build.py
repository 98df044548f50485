"""Coverage-guided fuzzing of everything between a note file and its package.

    pip install atheris
    python -m tests.fuzz.fuzz_build -max_total_time=1800 /tmp/corpus tests/fuzz/corpus

Arguments are libFuzzer's. A text that breaks a promise is left in the working folder; put it
into ``tests/fuzz/corpus/`` with a telling name, and tests/property/test_fuzz.py builds it for ever.
"""

from __future__ import annotations

import contextlib
import re
import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]  # for this alone

with atheris.instrument_imports(include=["deckbuilder", "mdit_py_plugins"]):
    from deckbuilder.problems import BuildError
    from tests.support.strangers import try_text

WORDS = Path(__file__).with_name("words.txt")


def one(data: bytes) -> None:
    """Build one text."""
    with contextlib.suppress(BuildError):
        try_text(data.decode("utf-8", "ignore").replace("\r", "").replace("\0", ""))


def dictionary() -> str:
    """Return a dictionary for libFuzzer, of the words in ``words.txt``."""
    words = [line.encode().decode("unicode_escape") for line in WORDS.read_text().splitlines()]
    quoted = (
        "".join(
            c if c.isascii() and c.isalnum() else "".join(f"\\x{b:02x}" for b in c.encode())
            for c in word
        )
        for word in words
    )
    return "".join(f'"{word}"\n' for word in quoted)


def main() -> None:
    """Fuzz until a promise is broken or the time is over."""
    with tempfile.NamedTemporaryFile("w", suffix=".dict", delete=False) as file:
        file.write(dictionary())
    arguments = [f"-dict={file.name}", "-timeout=20", "-rss_limit_mb=3000", "-max_len=4096"]
    given = [one for one in sys.argv[1:] if not re.match(r"-dict=", one)]
    atheris.Setup([sys.argv[0], *arguments, *given], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
