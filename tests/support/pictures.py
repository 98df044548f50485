"""Pictures, sounds and drawings for tests, made here and never copied from anywhere."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw


def a_drawing(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """Return a few flat colours with a mark in the upper left corner."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 4, height // 4), fill="red")
    draw.ellipse((width // 2, height // 2, width - 1, height - 1), fill="blue")
    return image.convert(mode)


def a_photo(width: int = 320, height: int = 240) -> Image.Image:
    """Return something that no palette of 256 colours holds."""
    across = Image.linear_gradient("L").resize((width, height))
    down = across.transpose(Image.Transpose.ROTATE_90).resize((width, height))
    noise = Image.radial_gradient("L").resize((width, height))
    return Image.merge("RGB", (across, down, noise))


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401 (Pillow's own)
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def a_png(width: int = 64, height: int = 48, mode: str = "RGB", **options: Any) -> bytes:  # noqa: ANN401
    return saved(a_drawing(width, height, mode), "PNG", **options)


def a_jpeg(width: int = 64, height: int = 48, mode: str = "RGB", **options: Any) -> bytes:  # noqa: ANN401
    return saved(a_drawing(width, height, mode), "JPEG", **options)


def a_gif(frames: int = 1) -> bytes:
    images = [Image.new("P", (20, 20), number) for number in range(frames)]
    for number, image in enumerate(images):
        image.putpalette([*range(256)] * 3)
        image.putpixel((number, 0), 200)
    return saved(images[0], "GIF", save_all=True, append_images=images[1:], duration=50, loop=0)


def gps_exif(orientation: int = 1) -> Image.Exif:
    """Return EXIF data with a place and the name of the camera."""
    exif = Image.Exif()
    exif[0x0110] = "SecretCamera 3000"
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    return exif


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def a_png_of_size(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that claims to be as large as you like."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0" * 4096))
    return b"\x89PNG\r\n\x1a\n" + header + data + chunk(b"IEND", b"")


def an_svg(
    body: str = '<rect width="9" height="9"/>', attributes: str = 'viewBox="0 0 9 9"'
) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{body}</svg>'.encode()


def an_iso_file(brand: bytes) -> bytes:
    return b"\0\0\0\x20ftyp" + brand + b"\0\0\0\0" + brand + b"isom" + b"\0" * 64


def an_ogg(first: bytes) -> bytes:
    return b"OggS\0\x02" + b"\0" * 20 + b"\x01\x13" + first + b"\0" * 64


BYTES_BY_TYPE: Sequence[tuple[bytes, str, str]] = (
    (a_png(), "image", "png"),
    (a_jpeg(), "image", "jpg"),
    (a_gif(), "image", "gif"),
    (saved(a_drawing(), "WEBP"), "image", "webp"),
    (an_iso_file(b"avif"), "image", "avif"),
    (an_svg(), "image", "svg"),
    (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x -->\n" + an_svg(), "image", "svg"),
    (an_svg().decode().encode("utf-16"), "image", "svg"),
    (saved(a_drawing(), "BMP"), "image", "png"),
    (saved(a_drawing(), "TIFF"), "image", "png"),
    (b"ID3\x04\0\0\0\0\0\0" + b"\0" * 64, "audio", "mp3"),
    (b"\xff\xfb\x90\x64" + b"\0" * 64, "audio", "mp3"),
    (b"\xff\xf1\x50\x80" + b"\0" * 64, "audio", "aac"),
    (an_ogg(b"\x01vorbis"), "audio", "ogg"),
    (an_ogg(b"OpusHead"), "audio", "opus"),
    (b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 64, "audio", "wav"),
    (b"fLaC\0\0\0\x22" + b"\0" * 64, "audio", "flac"),
    (an_iso_file(b"M4A "), "audio", "m4a"),
    (an_iso_file(b"isom"), "video", "mp4"),
    (an_iso_file(b"qt  "), "video", "mov"),
    (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + b"\0" * 64, "video", "webm"),
    (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska" + b"\0" * 64, "video", "mkv"),
    (an_ogg(b"\x80theora"), "video", "ogv"),
    (b"RIFF\x24\0\0\0AVI LIST" + b"\0" * 64, "video", "avi"),
)
"""Content, what it is, and the extension it gets in the package."""
