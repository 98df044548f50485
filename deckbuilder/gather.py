"""Between draft and identify: the content of every picture, sound, film and diagram.

What cannot be had leaves a link or a word on its card and a problem for the author.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deckbuilder.cache import Cache
from deckbuilder.model import (
    Draft,
    Embedded,
    Media,
    MediaFile,
    Prepared,
    RemotePicture,
    Unresolved,
)
from deckbuilder.problems import Location, Problem, warning

_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Gathered:
    """Drafts that name only what is there, and the content of it."""

    drafts: tuple[Draft, ...]
    content: Mapping[str, bytes | Path]
    """Name in the package -> content, or the file that holds it."""
    problems: tuple[Problem, ...]
    before: int
    """Bytes of the author's files."""
    after: int
    """Bytes of them in the package."""


@dataclass(frozen=True, slots=True)
class PictureRules:
    """How pictures are scaled, and whether and how they are fetched."""

    max_width: int
    """Pixels; 0 leaves pictures as they are."""
    fetch: bool
    """Whether pictures at addresses are shown at all: ``[media] remote``."""
    offline: bool
    known: Mapping[str, RemotePicture]
    """What the lock holds: a card that had a picture keeps it where it cannot be fetched."""
    allow_private: bool = False


def gather(
    drafts: Sequence[Draft],
    rules: PictureRules,
    cache: Cache | None,
    tick: Callable[[str, int, int], None],
) -> Gathered:
    """Return *drafts* with everything they show under its name in the package."""
    problems: list[Problem] = []
    drafts = _with_remote(drafts, rules, cache, problems)
    wanted: dict[str, tuple[Media, Location]] = {}
    urls = {picture.name: picture.url for draft in drafts for picture in draft.remote}
    for draft in drafts:
        for media in draft.media:
            wanted.setdefault(media.name, (media, draft.places[0].where))
    content: dict[str, bytes | Path] = {}
    failed: dict[str, str] = {}
    before = after = 0
    for name, prepared in _prepared(wanted, cache, rules.max_width):
        tick("pictures", len(content) + len(failed), len(wanted))
        media, where = wanted[name]
        called = _called(media, urls)
        if isinstance(prepared, Unresolved):
            problems.append(warning(prepared.code, where, f"{called} {prepared.message}"))
            failed[name] = ""
            continue
        content[name] = prepared.data
        before, after = before + prepared.before, after + prepared.after
        problems += [
            Problem(one.severity, one.code, where, f"{called} {one.message}")
            for one in prepared.remarks
        ]
    if failed:
        drafts = [_without(draft, failed) for draft in drafts]
    return Gathered(tuple(drafts), content, tuple(problems), before, after)


def _called(media: Media, urls: Mapping[str, str]) -> str:
    """Return what the notes call a file; its name in the package says nothing to their author."""
    if isinstance(media, MediaFile):
        return urls.get(media.name) or f"'{media.path.name}'"
    return "a picture in the notes"


def _without(draft: Draft, failed: dict[str, str]) -> Draft:
    kept = tuple(media for media in draft.media if media.name not in failed)
    if len(kept) == len(draft.media):
        return draft
    from deckbuilder.swap import with_pictures  # seldom needed

    return with_pictures(draft, failed)._replace(media=kept)


# Pictures of the author's --------------------------------------------------------------------


def _prepared(
    wanted: Mapping[str, tuple[Media, Location]], cache: Cache | None, max_width: int
) -> Iterator[tuple[str, Prepared | Unresolved]]:
    """Yield each file as it is packed, by name; each is worked on once ever."""
    todo = []
    for name, (media, _) in sorted(wanted.items()):
        if isinstance(media, Prepared):
            yield name, media
        elif cache and (kept := _kept(media, cache, max_width)):
            yield name, kept
        else:
            todo.append(media)
    if not todo:
        return
    from concurrent.futures import ThreadPoolExecutor

    # Of what Pillow warns, we refuse or mend. All threads of a process share what is ignored.
    with warnings.catch_warnings(action="ignore"), ThreadPoolExecutor(_AT_ONCE) as pool:
        made = pool.map(lambda media: _made(media, cache, max_width), todo)
        yield from zip((media.name for media in todo), made, strict=True)


def _key(media: MediaFile | Embedded, cache: Cache, max_width: int) -> str:
    return cache.key("media", media.name.encode(), b"%d" % max_width)


def _kept(media: MediaFile | Embedded, cache: Cache, max_width: int) -> Prepared | None:
    kept = cache.load(_key(media, cache, max_width))
    if not isinstance(kept, Prepared):
        return None
    if isinstance(kept.data, Path) and isinstance(media, MediaFile):
        return replace(kept, data=media.path)  # where the file lies today
    return kept


def _made(
    media: MediaFile | Embedded, cache: Cache | None, max_width: int
) -> Prepared | Unresolved:
    from deckbuilder.pictures.scaling import prepare

    prepared = prepare(media, max_width=max_width)
    if cache and isinstance(prepared, Prepared):
        cache.save(_key(media, cache, max_width), prepared)
    return prepared


# Pictures at addresses -----------------------------------------------------------------------


def _with_remote(
    drafts: Sequence[Draft], rules: PictureRules, cache: Cache | None, problems: list[Problem]
) -> list[Draft]:
    """Return the drafts with remote pictures by name, or a link in the place of each."""
    urls = [picture.url for draft in drafts for picture in draft.remote]
    if not urls:
        return list(drafts)
    from deckbuilder.swap import with_pictures

    found = _fetched(urls, rules, cache)
    result = []
    for draft in drafts:
        if not draft.remote:
            result.append(draft)
            continue
        where = draft.places[0].where
        problems += [
            warning("image-remote", where._replace(line=one.line or where.line), message)
            for one in draft.remote
            if (message := found[one.url].message)
        ]
        pictures = tuple(found[picture.url].picture for picture in draft.remote)
        files = tuple(f for picture in draft.remote if (f := found[picture.url].file))
        shown = with_pictures(draft, {picture.url: picture.name for picture in pictures})
        result.append(shown._replace(remote=pictures, media=(*shown.media, *files)))
    return result


@dataclass(frozen=True, slots=True)
class _Found:
    picture: RemotePicture
    file: MediaFile | None
    message: str


def _fetched(urls: Sequence[str], rules: PictureRules, cache: Cache | None) -> dict[str, _Found]:
    if not rules.fetch:
        message = "is on the network, and [media] remote is false; the card shows a link"
        return {u: _Found(RemotePicture(u, "", ""), None, f"picture {u} {message}") for u in urls}
    from deckbuilder.pictures.remote import Fetched, fetch_all

    results = fetch_all(
        urls,
        cache=cache.folder if cache else None,
        offline=rules.offline,
        max_width=rules.max_width,
        allow_private=rules.allow_private,
    )
    found = {}
    for url, result in results.items():
        if isinstance(result, Fetched):
            picture = RemotePicture(url, result.file.name, result.digest)
            found[url] = _Found(picture, result.file, "")
        elif url in rules.known:
            message = f"{result}; the card keeps the picture that an earlier build fetched"
            found[url] = _Found(rules.known[url], None, message)
        else:
            message = f"{result}; the card shows a link instead"
            found[url] = _Found(RemotePicture(url, "", ""), None, message)
    return found
