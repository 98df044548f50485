"""How `deckbuilder.structure` finds the questions: evidence, and rules that choose by it.

`evidence` is what a document shows, with `contents` lists and `weights` of text; `listed` and
`levels` hold the rules, each of which makes a `choice` or none.
"""
