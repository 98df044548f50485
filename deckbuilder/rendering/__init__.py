"""What `deckbuilder.render` makes HTML with.

`page` knows pictures, formulas and raw HTML of a section; `highlight`, `cloze`, `macros` and
`language` are what it needs for some. `sanitise` and `disarm` say what a card may hold.
"""
