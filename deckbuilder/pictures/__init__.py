"""Pictures, from what a note says to what is packed; `deckbuilder.gather` brings them in.

`media` finds files, `embedded` decodes what stands in the text, `remote` fetches, `diagrams`
draws; `scaling` makes them fit, without what `metadata` and `svg` take out of them. `media_types`
tells formats and makes names.
"""
