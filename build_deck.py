"""Build the deck: ``python build_deck.py [NOTES ...]``; see README.md."""

from deckbuilder.cli import run

if __name__ == "__main__":
    run()
