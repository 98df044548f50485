"""``python -m deckbuilder``, for where the command ``deckbuilder`` is not on the path."""

from deckbuilder.cli import run

run()
