"""Build the deck: ``python build_deck.py [NOTES ...]``; see README.md."""

import sys

from deckbuilder.cli import run

if __name__ == "__main__":
    try:
        run()
    except ModuleNotFoundError as missing:
        sys.exit(f"{missing}; this Python lacks the libraries: README.md, 'Two commands', has them")
