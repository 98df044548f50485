"""Make what is packed from what the author has: smaller, upright, and without metadata."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from deckbuilder.model import Embedded, MediaFile, Prepared, Remark, Unresolved
from deckbuilder.pictures.media_types import HEAD_BYTES, MAX_FILE_BYTES, sniff
from deckbuilder.pictures.metadata import strip_metadata
from deckbuilder.pictures.svg import SvgError, clean_svg
from deckbuilder.problems import Severity

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 100_000_000
"""Larger pictures are taken for decompression bombs."""
_MANY_PIXELS = MAX_PIXELS // 4
_FOR_LARGE = ThreadPoolExecutor(1)
"""Where larger ones are worked on: a file of a few kilobytes takes 1.5 GiB, and each thread keeps
for itself what it once had."""
_MOST_PARTS = 500
"""Scans, or pieces of EXIF, in a JPEG: each goes over all pixels, or copies all before it."""
WARN_BYTES = 20 * 1024 * 1024
"""A packed file over this draws a remark: every device has to sync it."""
_WORTH = 0.88
"""A picture is written anew only if that makes it at most this part of its size …"""
_MAX_CALM_PIXELS = 16_000_000
"""… or if it has more pixels than a phone shows without trouble."""
_OPTIMISED_FROM = 40_000
"""PNG files smaller than this in bytes are left as they are."""
_COMPRESSED_HARD_FROM = 500_000
"""From this size in bytes on it is worth the time to try to compress a PNG better."""
_QUALITY = 88
"""Of JPEG and WebP; no loss to be seen in photographs and screenshots."""
_PNG_DEPTH = 24
"""Where a PNG says how many bits a sample has; Pillow shows 16-bit colour as 8-bit."""
_ORIENTATION = 0x0112
_TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
"""EXIF orientation -> Pillow's Transpose that turns the picture upright."""
_SIDEWAYS = frozenset({2, 4, 5, 6})
_MOVING = frozenset({"gif", "png", "webp", "avif"})


def prepare(media: MediaFile | Embedded, *, max_width: int) -> Prepared | Unresolved:
    """Return *media* as it is packed, or why it cannot be (``image-damaged``, …).

    Pictures lose their metadata, are turned upright, scaled down to *max_width* pixels (0
    leaves them) and written anew where that saves at least an eighth; PNG without any loss,
    JPEG and WebP only when scaled or turned. BMP and TIFF become PNG, SVG is cleaned. GIF and
    whatever moves, sounds and films stay as they are. What is said of it begins behind its name.
    Never raises for what the file holds.
    """
    if isinstance(media, Embedded):
        return _prepared(media.name, media.data, media.source, max_width)
    try:
        size = media.path.stat().st_size
        with media.path.open("rb") as file:
            kind = sniff(file.read(HEAD_BYTES))
            if kind is None or size > MAX_FILE_BYTES:
                return _damaged("is no longer the picture it was at the start of the run")
            if kind.kind != "image":
                return _packed(media.name, media.path, size, size)
            file.seek(0)
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as problem:
        return Unresolved("image-unreadable", f"cannot be read: {problem.strerror}")
    return _prepared(media.name, data, kind.source, max_width)


def _prepared(name: str, data: bytes, source: str, max_width: int) -> Prepared | Unresolved:
    """Return the picture *data*, of the format *source*, as it is packed."""
    try:
        if source == "svg":
            return _drawing(name, data)
        return _packed(name, _raster(data, source, max_width), len(data))
    except (_RefusedError, SvgError) as problem:
        return _damaged(str(problem))


class _RefusedError(Exception):
    """The picture cannot be packed; the text says why."""


def _damaged(why: str) -> Unresolved:
    return Unresolved("image-damaged", why)


def _packed(
    name: str, data: bytes | Path, before: int, after: int = -1, remarks: tuple[Remark, ...] = ()
) -> Prepared:
    after = len(data) if isinstance(data, bytes) else after
    if after > WARN_BYTES:
        message = f"is {after / 2**20:.0f} MiB, which every device has to sync"
        remarks = (*remarks, Remark(Severity.WARNING, "image-large", message))
    return Prepared(name, data, before, after, remarks)


def _drawing(name: str, data: bytes) -> Prepared:
    clean = clean_svg(data)
    remarks: tuple[Remark, ...] = ()
    if clean.removed:
        what = ", ".join(f"{count} {kind}" for kind, count in clean.removed.items())
        remarks = (Remark(Severity.NOTE, "svg-cleaned", f"lost {what}"),)
    return _packed(name, clean.data, len(data), remarks=remarks)


# Raster pictures -------------------------------------------------------------------------------


def _raster(data: bytes, source: str, max_width: int) -> bytes:
    """Return the file to pack for the picture *data*."""
    try:
        return _reworked(data, source, max_width)
    except _RefusedError:
        raise
    except Exception as problem:  # a damaged file makes decoders raise anything
        raise _RefusedError(f"is damaged: {str(problem) or type(problem).__name__}") from problem


def _reworked(data: bytes, source: str, max_width: int) -> bytes:
    from PIL import Image, features

    if source == "avif" and not features.check("avif"):
        return data
    lean = strip_metadata(data, source)
    parts = max((lean or data).count(b"\xff\xda"), data.count(b"Exif\0\0"))
    if source == "jpg" and parts > _MOST_PARTS:
        raise _RefusedError(f"is in {parts} parts: save it anew")
    name = "JPEG" if source == "jpg" else source.upper()
    with Image.open(io.BytesIO(data), formats=[name]) as image:
        pixels = image.width * image.height
        if pixels > MAX_PIXELS:
            raise _RefusedError(f"has {image.width} × {image.height} pixels: scale it down")
        work = (image, data, lean, source, max_width)
        if pixels > _MANY_PIXELS:
            return _FOR_LARGE.submit(_smallest, *work).result()
        return _smallest(*work)


def _smallest(image: Image, data: bytes, lean: bytes | None, source: str, max_width: int) -> bytes:
    """Return the file to pack for *image*, which is *data*, and *lean* without metadata."""
    if source in _MOVING and (source == "gif" or getattr(image, "is_animated", False)):
        image.load()  # the first frame: enough to see that it is a picture
        return data if lean is None else lean
    turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    size = _target(image, max_width, turned=turn in _SIDEWAYS)
    must = turn is not None or source in ("bmp", "tiff") or lean is None
    if lean is not None and not must and size == image.size:
        return _left_in_size(image, lean, source)
    new = _encoded(_scaled(image, size, turn), image, source)
    if lean is None or must or image.width * image.height > _MAX_CALM_PIXELS:
        return new
    return new if len(new) <= _WORTH * len(lean) else lean


def _target(image: Image, max_width: int, *, turned: bool) -> tuple[int, int]:
    """Return the size, before turning, that brings the picture as seen to *max_width*."""
    seen = image.height if turned else image.width
    if not max_width or seen <= max_width:
        return image.size
    scale = max_width / seen
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _left_in_size(image: Image, lean: bytes, source: str) -> bytes:
    """Return the picture as it is, or the smaller of two ways to write the same pixels."""
    image.load()
    if source == "avif" and (image.getexif() or image.info.get("xmp")):
        return _encoded(image, image, source)
    if source != "png" or len(lean) < _OPTIMISED_FROM or lean[_PNG_DEPTH] == 16:
        return lean
    new = _same_pixels(image, hard=len(lean) >= _COMPRESSED_HARD_FROM)
    return new if new is not None and len(new) <= _WORTH * len(lean) else lean


def _scaled(image: Image, size: tuple[int, int], turn: int | None) -> Image:
    """Return *image* in this size, turned, in a mode that scales well."""
    from PIL import Image as Pillow

    scaled = size != image.size
    if scaled:
        image.draft(None, (size[0] * 2, size[1] * 2))  # a JPEG is read at half size, or less
    plain = _plain(image)
    if scaled:
        plain = plain.resize(size, Pillow.Resampling.LANCZOS, reducing_gap=3.0)
    return plain if turn is None else plain.transpose(Pillow.Transpose(turn))


def _plain(image: Image) -> Image:
    """Return *image* as 8-bit grey or RGB, with alpha where something is transparent."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _eight_bits(image)
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "CMYK":
        return _from_profile(image)
    if image.mode == "PA" or (image.mode == "P" and "transparency" in image.info):
        return image.convert("RGBA")
    if image.mode in ("L", "RGB") and "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in ("L", "LA", "RGB", "RGBA"):
        return image
    return image.convert("RGB")


def _eight_bits(image: Image) -> Image:
    """Return a grey picture of more than 8 bits with its range brought to 0 to 255."""
    low, high = 0.0, 65535.0
    if not image.mode.startswith("I;16"):
        low, high = (float(bound) for bound in image.getextrema())  # type: ignore[arg-type]
        low, high = min(low, 0.0), max(high, 1.0) if high <= 1 else max(high, 255.0)
    gain = 255 / (high - low)
    return image.convert("F").point(lambda value: value * gain - low * gain).convert("L")


def _from_profile(image: Image) -> Image:
    """Return a CMYK picture as RGB, by its own colour profile where it has one."""
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            new = ImageCms.profileToProfile(
                image, own, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            new = None
        if new is not None:
            new.info.pop("icc_profile", None)
            return new
    return image.convert("RGB")


# Writing -------------------------------------------------------------------------------------


def _encoded(image: Image, original: Image, source: str) -> bytes:
    """Return *image* as a file of the format that its name in the package promises."""
    profile = None if original.mode == "CMYK" else original.info.get("icc_profile")
    out = io.BytesIO()
    if source == "jpg":
        rgb = image if image.mode in ("L", "RGB") else image.convert("RGB")
        rgb.save(
            out, "JPEG", quality=_QUALITY, optimize=True, progressive=True, icc_profile=profile
        )
    elif source == "webp":
        image.save(out, "WEBP", quality=_QUALITY, method=4, icc_profile=profile, exact=False)
    elif source == "avif":
        image.save(out, "AVIF", quality=80, speed=6, icc_profile=profile, exif=b"", xmp=b"")
    else:
        return _png_of(image, profile, few=original.mode in ("1", "P"))
    return out.getvalue()


def _png_of(image: Image, profile: bytes | None, *, few: bool) -> bytes:
    """Return *image* as PNG: by a palette if exact, or if the original had one (*few*)."""
    from PIL import Image as Pillow

    flat = _opaque(image)
    palette = _palette(flat)
    if palette is None and few and flat.mode in ("RGB", "RGBA"):
        method = Pillow.Quantize.FASTOCTREE if flat.mode == "RGBA" else Pillow.Quantize.MEDIANCUT
        palette = flat.quantize(256, method=method, dither=Pillow.Dither.NONE)
    out = io.BytesIO()
    (palette or flat).save(out, "PNG", optimize=True, icc_profile=profile, exif=b"")
    return out.getvalue()


def _same_pixels(image: Image, *, hard: bool) -> bytes | None:
    """Return a smaller PNG of exactly these pixels; None if none is in sight.

    Most is saved where 256 colours are enough or an alpha channel says nothing; compressing
    alone seldom gives more than it costs, and is tried only if *hard*.
    """
    if image.mode not in ("RGB", "RGBA", "L", "LA", "P", "1") or "gamma" in image.info:
        return None
    if image.mode == "RGB" and "transparency" in image.info:
        return None
    flat = _opaque(image)
    palette = _palette(flat)
    if palette is None and flat is image and not hard:
        return None
    out = io.BytesIO()
    profile = image.info.get("icc_profile")
    (palette or flat).save(out, "PNG", optimize=True, icc_profile=profile, exif=b"")
    return out.getvalue()


def _opaque(image: Image) -> Image:
    """Return *image* without an alpha channel that says nothing."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    if image.mode == "LA" and image.getchannel("A").getextrema() == (255, 255):
        return image.convert("L")
    return image


def _palette(image: Image) -> Image | None:
    """Return *image* with a palette of its own colours, if they are 256 at most."""
    from PIL import Image as Pillow

    if image.mode != "RGB" or image.getcolors(256) is None:
        return None
    few = image.quantize(256, method=Pillow.Quantize.MEDIANCUT, dither=Pillow.Dither.NONE)
    return few if few.convert("RGB").tobytes() == image.tobytes() else None
