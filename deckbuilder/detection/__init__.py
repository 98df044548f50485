"""How `deckbuilder.structure` finds the questions: evidence, and rules that choose by it.

`evidence` is what a document shows, with `contents` lists and the `targets` of their entries,
`folds` and `weights` of text; `listed` and `levels` hold rules, each of which makes a `choice` or
none; `prompts` tells what of the text below a question is asked, too.
"""
