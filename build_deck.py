"""Build the deck: ``python build_deck.py [NOTES ...]``; see README.md."""

import sys

from deckbuilder.cli import main

if __name__ == "__main__":
    sys.exit(main())
