"""What `deckbuilder.render` makes HTML with.

`page` knows pictures, formulas and raw HTML of a section; `markup`, `highlight`, `cloze`, `macros`
and `language` are pieces of it. `sanitise` and `disarm` say what a card may hold.
"""
