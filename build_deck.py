"""Build the deck: ``python build_deck.py [NOTES ...]``; see README.md."""

import sys

if __name__ == "__main__":
    try:
        from deckbuilder.cli import run

        run()
    except ModuleNotFoundError as missing:
        sys.exit(f"{missing}; this Python lacks the libraries: README.md, 'Two commands', has them")
    except KeyboardInterrupt:  # while the program was still being loaded
        sys.exit(130)
