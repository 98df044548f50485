"""A deck as a static page that shows every card as Anki would, without Anki (``--preview DIR``).

`deckbuilder.preview.cards` says what the page knows, `deckbuilder.preview.engine` renders each
card, `deckbuilder.preview.folder` writes it all; the page itself is the files in ``page/``:
``page.js`` starts it, ``list.js`` is the list on the left, ``card.js`` shows one card in a frame
that no script can run in. It opens from ``file://``.
"""
