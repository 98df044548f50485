"""Markdown that CommonMark lacks, one rule a module; `deckbuilder.markdown` lists them in order."""
