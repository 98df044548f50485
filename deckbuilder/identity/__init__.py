"""What `deckbuilder.identify` knows notes by, and the rules by which sections find theirs.

`fingerprint` is what is compared, `likeness` and `closest` how alike two notes are, `matching` the
rules in order. `doubts` is what to ask the author, `studied` whether a file still gives its notes.
`lock` is ``deck.lock``; `old_packages` reads notes out of packages.
"""
