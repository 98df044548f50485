"""Turn a folder of Markdown notes into an Anki deck, and keep that deck true.

::

    Path -> read -> SourceFile -> parse -> Document -> structure -> Structure
         -> cut -> Section -> clean -> Section -> render -> Rendered -> tag -> Draft
         -> identify (with deck.lock) -> Note -> package -> .apkg

Start reading in `deckbuilder.pipeline`, then `deckbuilder.model`.
"""

__version__ = "1.0.0"
