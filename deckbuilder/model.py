"""The values that flow through the pipeline, in the order in which they appear.

Each stage takes one finished value and returns the next; none is changed afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deckbuilder.problems import Location, Problem, Severity

if TYPE_CHECKING:
    from markdown_it.token import Token


# What shapes the notes of a file beside the file itself -----------------------------------------


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """What shapes the HTML beside the section itself."""

    language: str = ""
    cloze_marks: bool = False


@dataclass(frozen=True, slots=True)
class TagRules:
    """What deck.toml says about tags: ``[tags]`` and ``[topics]``."""

    prefix: str = ""
    path: bool = True
    headings: bool = True
    auto: bool = True
    topics: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Each topic's tag, and the words that mark it in question or answer."""


@dataclass(frozen=True, slots=True)
class FileSettings:
    """All that shapes the notes of a file beside the file itself."""

    deck: str
    subdecks: str = "none"
    card_level: int = 0
    skip_headings: tuple[str, ...] = ()
    render: RenderSettings = field(default_factory=RenderSettings)
    tags: TagRules = field(default_factory=TagRules)
    asked: tuple[str, ...] = ()
    """Questions that a file had when it was last built, and no longer has by itself."""


# 1 read --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One note file, decoded."""

    path: str
    """As messages show it: relative to where the program was started, with ``/``."""
    name: str
    """Relative to its notes folder, NFC, with ``/``: what ``Source`` and the lock hold."""
    folder: Path
    """The folder it lies in, where its pictures are looked for first."""
    text: str
    """Line ends are ``\\n``; no byte order mark anywhere."""


# 2 parse -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the YAML block at the top of a note file may say."""

    title: str = ""
    tags: tuple[str, ...] = ()
    deck: str = ""
    card_level: int = 0
    """1 to 6, or 0 for "find out"."""
    plugin: bool = False
    """Whether a plugin of Obsidian says that it keeps a board or a drawing in the file."""


class HeadingKind(StrEnum):
    """How the author wrote a heading; one kind seldom mixes with another in one role."""

    MARKDOWN = "markdown"
    HTML = "html"
    BOLD = "bold"
    SUMMARY = "summary"
    LABEL = "label"
    """A question label in running text: ``Q: …``."""
    UNIT = "unit"
    """The question of a card that a dialect marks: a table row, a list item, ``Q::A``."""
    END = "end"
    """No heading, but the end of such a card's answer."""


REAL_HEADINGS = frozenset({HeadingKind.MARKDOWN, HeadingKind.HTML})
"""Kinds of what its author wrote as a heading."""
TITLES = REAL_HEADINGS | {HeadingKind.BOLD}
"""Kinds of what stands on a line of its own above its text; neither labelled nor folded."""
BELOW_ALL = 7
"""The level of bold lines and labels: below every heading that has one."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A place in a document's tokens that may be a heading."""

    start: int
    """Index of its first token."""
    stop: int
    """Index after its last token."""
    level: int
    """1 to 6 as written, or `BELOW_ALL`; 0 for a title above others that are written as large."""
    kind: HeadingKind
    text: str
    """Plain text, white space folded; the number in front still there."""
    inline: tuple[Token, ...]
    """What it shows, as inline tokens."""
    line: int
    """1-based, in the file as the author sees it."""
    anchors: tuple[str, ...] = ()
    """Explicit ids that links may point to."""


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed note file: block tokens, and where its headings are."""

    file: SourceFile
    tokens: tuple[Token, ...]
    headings: tuple[Heading, ...]
    front: FrontMatter
    dialect: str = ""
    """Name of the way of writing cards that the file clearly uses; `deckbuilder.dialects`."""


# 3 structure ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Structure:
    """Which headings of a document are questions, and why."""

    rule: str
    """The decision in the short form that the lock keeps, e.g. ``contents`` or ``level 3``."""
    questions: frozenset[int]
    """Indices into ``Document.headings``."""
    dividers: frozenset[int]
    """Indices of the headings that end an answer without being a question: chapters."""
    contents: tuple[tuple[int, int], ...]
    """Token ranges (start, stop) of contents lists."""
    why: str
    """For people: "level 2, 35 headings, listed in contents"."""
    today: str = ""
    """The reason of the other choice that the evidence speaks for, where the lock overrules it."""
    answers: Mapping[int, int] = field(default_factory=dict)
    """Token after a question -> where its answer begins, if what stands between is asked, too."""


@dataclass(frozen=True, slots=True)
class Directives:
    """What HTML comments ask for one section."""

    skip: bool = False
    card_id: str = ""
    new: bool = False
    reverse: bool = False
    tags: tuple[str, ...] = ()


class Section(NamedTuple):
    """A question and its answer, still as tokens.

    A tuple, because each rule of `deckbuilder.clean` that finds something makes another.
    """

    where: Location
    name: str
    """``SourceFile.name`` of its file."""
    folder: Path
    title: str
    """The document's own title, or empty."""
    context: tuple[str, ...]
    """The headings above, outermost first, as plain text; the title is not among them."""
    question: tuple[Token, ...]
    """Inline tokens."""
    answer: tuple[Token, ...]
    """Block tokens."""
    directives: Directives
    source: str
    """The lines it came from, as written."""
    position: int = 0
    """How many characters of the question are only its number."""
    anchors: tuple[str, ...] = ()
    """Ids that the heading carried."""
    prompt: tuple[Token, ...] = ()
    """Block tokens that belong to the question: what its author put before the answer."""
    subject: str = ""
    """What the file is called, shown in place of a title where its sections do not say enough."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Text that is on no card, and why."""

    path: str
    line: int
    heading: str
    why: str
    text: str = ""
    """What a reader would have seen."""

    @property
    def is_missed(self) -> bool:
        """Whether it says something that its author may have meant for a card."""
        return bool(self.text) and self.why not in _LEFT_OUT


_LEFT_OUT = {"card: skip", "contents list", "no text below it"}
"""Reasons for which text is on no card as its author meant it."""


# 4 render ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A picture, sound or film of the author's that goes into the package."""

    name: str
    """Its name there: ASCII slug and hash (facts 41-50)."""
    path: Path


@dataclass(frozen=True, slots=True)
class Embedded:
    """A picture that stands in the notes themselves, as ``data:``."""

    name: str
    data: bytes
    source: str
    """Format of the data: ``png``, ``tiff``, …"""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why a reference gives nothing that could be packed."""

    code: str
    """The problem's code."""
    message: str
    """What is wrong and what to do; what the notes call the file stands in front, or will."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say of a file that can be packed all the same."""

    severity: Severity
    code: str
    message: str


class Finding(NamedTuple):
    """What the media folders answer to one reference."""

    result: MediaFile | Unresolved
    remark: Remark | None = None
    """What the author should know of how it was found."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file as it goes into the package."""

    name: str
    data: bytes | Path
    """The content, or the file that holds it where it is packed as it is."""
    before: int
    """Size of the author's file in bytes."""
    after: int
    """Size in the package in bytes."""
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class RemotePicture:
    """A picture that the notes show from an address."""

    url: str
    name: str
    """Its name in the package; empty where it could not be fetched."""
    digest: str
    """SHA-256 of what was fetched, hexadecimal; empty where it could not be fetched."""
    line: int = field(default=0, compare=False)
    """Where the notes first show it; not kept in the lock."""


Media = MediaFile | Embedded | Prepared
"""What a card shows; diagrams are prepared when they are drawn."""


class NoteKind(StrEnum):
    """The two frozen note types."""

    SECTION = "section"
    CLOZE = "cloze"


class Rendered(NamedTuple):
    """A section as HTML, and as the plain text that identity and checks read."""

    kind: NoteKind
    question: str
    answer: str
    context: str
    question_text: str
    answer_text: str
    ords: tuple[int, ...]
    """Card ordinals, from 0: one for a section (two with a reverse), one a cloze number."""
    media: tuple[Media, ...]
    remote: tuple[RemotePicture, ...]
    """Pictures to fetch, in order of appearance; nameless."""
    problems: tuple[Problem, ...]


# 5 tag, and what a file gives in all -----------------------------------------------------------


class Place(NamedTuple):
    """Where a note stands in the notes."""

    where: Location
    name: str
    """``SourceFile.name``."""
    context: tuple[str, ...]


class Fields(NamedTuple):
    """What the package writes into a note; the key is added with the identity."""

    question: str
    """The cloze text, on a cloze note."""
    answer: str
    context: str
    source: str
    """File names, one a line of HTML, sorted."""
    reverse: str
    """``1`` where the note also has a card from answer to question."""


class Fingerprint(NamedTuple):
    """What identity goes by of a question and an answer; made once, where their text is."""

    question: str
    """Normalised."""
    question_hash: str
    answer_hash: str
    answer_size: int
    """As `fingerprint.information` counts."""
    sketch: str
    """`fingerprint.sketch` of the answer."""


class Draft(NamedTuple):
    """A note in all but its identity."""

    kind: NoteKind
    places: tuple[Place, ...]
    """One, or several where equal sections became one note; sorted by name, then line."""
    question: str
    """Plain text, without its number in front."""
    fingerprint: Fingerprint
    """Of question and answer in plain text."""
    fields: Fields
    tags: tuple[str, ...]
    deck: str
    """Full deck name."""
    ords: tuple[int, ...]
    directives: Directives
    source: str
    """`fingerprint.digest` of everything of the author's that shapes the note: text, context, tags,
    pictures, settings. Equal source and other fields: the program changed."""
    packaged: str
    """`fingerprint.packaged_hash`: equal as long as Anki has nothing to take over."""
    media: tuple[Media, ...]
    remote: tuple[RemotePicture, ...]
    """Nameless until `deckbuilder.gather` has fetched them."""


@dataclass(frozen=True, slots=True)
class MediaUse:
    """What the media folders answered to one reference; kept results hold while it is so."""

    reference: str
    folder: Path
    finding: str


@dataclass(frozen=True, slots=True)
class FileNotes:
    """Everything that one note file gives; files do not depend on each other up to here."""

    name: str
    structure: str
    """``Structure.rule``; of a file that gives nothing, what the lock held."""
    why: str
    drafts: tuple[Draft, ...]
    skipped: tuple[Skipped, ...]
    removed: Mapping[str, int]
    """Clean rule -> how often it removed something."""
    problems: tuple[Problem, ...]
    uses: tuple[MediaUse, ...] = ()
    links: tuple[tuple[int, str], ...] = ()
    """Line and target of links to other files."""
    headings: tuple[str, ...] = ()
    """What those of its headings say that ask nothing."""
    readable: bool = True
    """Nothing else is known of a file that is not."""
    kept: str = ""
    """The structure that the lock held for it."""


# 6 identify ----------------------------------------------------------------------------------


class CardStatus(StrEnum):
    """What the plan says of a note; in this order, the first that applies counts."""

    NEW = "new"
    RENAMED = "renamed"
    MOVED = "moved"
    CHANGED = "changed"
    RERENDERED = "rerendered"
    UNCHANGED = "unchanged"
    GONE = "gone"


class Change(NamedTuple):
    """One line of the plan."""

    guid: str
    statuses: tuple[CardStatus, ...]
    """All that apply, in the order of `CardStatus`; never empty."""
    path: str
    """Shown path of the first place; of a gone note, the file name that the lock holds."""
    line: int
    """0 for a gone note."""
    question: str
    was: str = ""
    """The old question, of a renamed note."""


class Note(NamedTuple):
    """A note ready to be packaged."""

    guid: str
    id: int
    """Milliseconds since the epoch; unique in the deck."""
    mod: int
    """Seconds since the epoch: when the packaged fields or tags last changed (fact 11)."""
    draft: Draft


# 7 package -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deck:
    """What the package is made of: a function of notes, settings and lock."""

    name: str
    description: str
    notes: tuple[Note, ...]
    """In document order: the order in which new cards are shown."""
    media: Mapping[str, bytes | Path] = field(default_factory=dict)
    """Name in the package -> content, or the file that holds it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A package on the disk."""

    sha256: str
    """Of the whole file, hexadecimal."""
    size: int
    """Bytes."""
    anew: bool = True
    """False where it was there already."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a collection is made of before there is a note in it."""

    tables: tuple[str, ...]
    """Statements, to be run in this order; the last writes the collection's one row."""
    row: tuple[str, ...]
    """Settings, note types and decks in that row, as JSON."""
    indexes: tuple[str, ...]
    """Statements; a table is filled faster without."""
    deck_ids: Mapping[str, int]
    """Deck name as the notes have it -> id. Anki matches by name and gives ids of its own
    (fact 23), so they only have to be unique here."""
