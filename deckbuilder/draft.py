"""Stage 5, draft: a note file as notes in all but their identity.

`notes_of_file` is everything that happens to one file on its own, so files can be worked on
side by side and kept for the next run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from deckbuilder.clean import clean
from deckbuilder.cut import cut
from deckbuilder.identity.fingerprint import digest, fingerprint_of, packaged_hash
from deckbuilder.markdown import plain_text, visible_text
from deckbuilder.merge import source_field
from deckbuilder.model import (
    Draft,
    Fields,
    FileNotes,
    FileSettings,
    FrontMatter,
    NoteKind,
    Place,
    Rendered,
    Section,
    Skipped,
    SourceFile,
    Structure,
)
from deckbuilder.parse import parse
from deckbuilder.problems import Location, Problem, error, warning
from deckbuilder.proofread import check_end, check_left_over, check_section, links_of
from deckbuilder.render import render, shows_nothing
from deckbuilder.rendering.cloze import shown_size
from deckbuilder.rendering.page import Finder
from deckbuilder.structure import decide
from deckbuilder.tag import tags_for
from deckbuilder.templates import as_stored


def notes_of_file(
    file: SourceFile, settings: FileSettings, library: Finder, *, kept: str = ""
) -> FileNotes:
    """Return what *file* gives; *kept* is the structure that the lock holds for it."""
    document, problems = parse(file, kept=kept)
    structure = decide(
        document,
        card_level=settings.card_level,
        skip_headings=settings.skip_headings,
        kept=kept,
        asked=settings.asked,
    )
    if structure.today:
        problems.append(_kept(file, structure))
    pieces = cut(document, structure)
    problems += pieces.problems
    skipped = list(pieces.skipped)
    # One stage after the other, not one section: code that just ran runs a fifth faster.
    cleaned = [clean(section) for section in pieces.sections]
    rendered = (render(section, library, settings.render) for section, _ in cleaned)
    shown = list(_as_far_as_fits(file, rendered))
    if len(shown) < len(cleaned):
        return _swelling(file, pieces.sections[len(shown)])
    full = []
    for original, (section, _), (html, _) in zip(pieces.sections, cleaned, shown, strict=True):
        if _is_empty(html):
            skipped.append(_empty(file, original, html))
        else:
            problems += [*html.problems, *check_section(section, html, rule=structure.rule)]
            full.append((original, html))
    drafts = [_draft(section, html, document.front, settings) for section, html in full]
    headings = (h.text for i, h in enumerate(document.headings) if i not in structure.questions)
    level = document.front.card_level or settings.card_level
    problems += check_end(document)
    problems += check_left_over(document, skipped, level=level, made=bool(drafts))
    return FileNotes(
        name=file.name,
        structure=structure.rule if drafts or not kept else kept,
        why=structure.why,
        drafts=tuple(drafts),
        skipped=tuple(sorted(skipped, key=lambda one: one.line)),
        removed=_removed(structure, [gone for _, gone in (*cleaned, *shown)]),
        problems=tuple(problems),
        links=tuple(link for section in pieces.sections for link in links_of(section)),
        headings=tuple(headings),
        kept=kept,
    )


_MOST_TIMES, _ALWAYS = 100, 10_000_000
"""What the cards of a file may hold: so many times its length, and characters besides."""


def _as_far_as_fits(
    file: SourceFile, shown: Iterable[tuple[Rendered, Counter[str]]]
) -> Iterator[tuple[Rendered, Counter[str]]]:
    """Yield rendered sections until they hold more than the cards of *file* may."""
    room = _MOST_TIMES * len(file.text) + _ALWAYS
    for html, removed in shown:
        cloze = html.kind is NoteKind.CLOZE
        room -= shown_size(html.question) if cloze else len(html.question)
        room -= len(html.answer) + len(html.context)
        if room < 0:
            return
        yield html, removed


def _swelling(file: SourceFile, section: Section) -> FileNotes:
    """Return what to say of a file that a few megabytes would make gigabytes of."""
    message = (
        f"its cards hold more than {_MOST_TIMES} times what it says, as a title, a footnote or a "
        "macro stands on many, or as gaps stand inside gaps; shorten it, or leave the file out "
        "with [notes] exclude"
    )
    problem = error("note-too-large", section.where, message)
    return FileNotes(file.name, "", "", (), (), {}, (problem,), readable=False)


def _kept(file: SourceFile, structure: Structure) -> Problem:
    message = (
        f"the questions stay as first chosen ({structure.why}), though the notes now speak "
        f"for others ({structure.today}). To follow the notes, build with --restructure; "
        f"--check --restructure shows the cost"
    )
    return warning("structure-kept", Location(file.path, 1), message)


def _removed(structure: Structure, counts: Iterable[Counter[str]]) -> dict[str, int]:
    """Return what went from all sections together, by rule."""
    total = Counter({"contents-list": len(structure.contents)})
    for gone in counts:
        total.update(gone)
    return {name: count for name, count in sorted(total.items()) if count}


def _is_empty(rendered: Rendered) -> bool:
    """Return whether a section has no question to ask or no answer to show."""
    if not rendered.question_text or shows_nothing(rendered.question):
        return True
    return rendered.kind is not NoteKind.CLOZE and shows_nothing(rendered.answer)


def _empty(file: SourceFile, section: Section, rendered: Rendered) -> Skipped:
    heading = rendered.question_text
    shown = "\n".join(filter(None, (section.title, *section.context, heading)))
    return Skipped(file.path, section.where.line, heading, "no answer", shown)


def _draft(
    section: Section, rendered: Rendered, front: FrontMatter, settings: FileSettings
) -> Draft:
    question = rendered.question_text
    if section.prompt:  # names in choices are not its matter
        question = plain_text(section.question)[section.position :]
    tags = tags_for(
        settings.tags,
        name=section.name,
        context=section.context,
        question=question,
        answer=f"{visible_text(section.prompt)}\n{rendered.answer_text}",
        given=(*front.tags, *section.directives.tags),
    )
    fields = Fields(
        question=as_stored(rendered.question),
        answer=as_stored(rendered.answer),
        context=as_stored(rendered.context),
        source=source_field(section.name),
        reverse="1" if section.directives.reverse and rendered.kind is NoteKind.SECTION else "",
    )
    return Draft(
        kind=rendered.kind,
        places=(Place(section.where, section.name, section.context),),
        question=rendered.question_text,
        fingerprint=fingerprint_of(rendered.question_text, rendered.answer_text),
        fields=fields,
        tags=tags,
        deck=_deck(section.name, front, settings),
        ords=rendered.ords,
        directives=section.directives,
        source=_digest(section, rendered, tags, settings),
        media=rendered.media,
        remote=rendered.remote,
        packaged=packaged_hash(rendered.kind, fields, tags),
    )


@lru_cache(maxsize=1024)
def _deck(name: str, front: FrontMatter, settings: FileSettings) -> str:
    if front.deck:
        return front.deck
    *folders, file = name.rpartition(".")[0].split("/")
    levels = {"none": [], "folder": folders, "file": [*folders, file]}
    return "::".join([settings.deck, *levels[settings.subdecks]])


def _digest(
    section: Section, rendered: Rendered, tags: Sequence[str], settings: FileSettings
) -> str:
    """Return the hash of everything of the author's that shapes the note."""
    return digest(
        section.source,
        section.title,
        *section.context,
        *(media.name for media in rendered.media),
        *tags,
        settings.render.language,
        str(settings.render.cloze_marks),
    )
