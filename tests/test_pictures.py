"""What is packed of a picture: size, orientation, metadata, damage."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, features

from deckbuilder.model import MediaFile, Prepared, Unresolved
from deckbuilder.pictures import scaling
from deckbuilder.pictures.metadata import strip_metadata
from deckbuilder.pictures.scaling import MAX_PIXELS, prepare
from tests.support.pictures import (
    a_drawing,
    a_gif,
    a_jpeg,
    a_photo,
    a_png,
    a_png_of_size,
    an_svg,
    chunk,
    gps_exif,
    opened,
    saved,
)


def prepared(folder: Path, data: bytes, max_width: int = 1600) -> Prepared | Unresolved:
    path = folder / "picture.bin"
    path.write_bytes(data)
    return prepare(MediaFile("picture-0.bin", path), max_width=max_width)


def packed(folder: Path, data: bytes, max_width: int = 1600) -> bytes:
    """Return the packed bytes of *data*."""
    result = prepared(folder, data, max_width)
    assert isinstance(result, Prepared), result
    assert (result.before, result.after) == (len(data), _size(result))
    return result.data if isinstance(result.data, bytes) else result.data.read_bytes()


def _size(result: Prepared) -> int:
    data = result.data
    return len(data) if isinstance(data, bytes) else data.stat().st_size


def same_look(one: Image.Image, other: Image.Image, *, off_by: int = 0) -> bool:
    difference = ImageChops.difference(one.convert("RGBA"), other.convert("RGBA"))
    return max(high for _, high in _extremes(difference)) <= off_by


def _extremes(image: Image.Image) -> list[tuple[int, int]]:
    return [band.getextrema() for band in image.split()]  # type: ignore[misc]


# Nothing to do --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        a_png(),
        a_png(mode="P"),
        a_png(mode="RGBA"),
        a_jpeg(),
        a_jpeg(mode="L"),
        a_jpeg(mode="CMYK"),
        a_gif(),
        saved(a_drawing(), "WEBP"),
        saved(a_photo(), "PNG"),
        b"ID3\x04" + b"\0" * 99,
    ],
    ids=["png", "palette", "rgba", "jpeg", "grey", "cmyk", "gif", "webp", "photo", "mp3"],
)
def test_what_is_small_and_plain_stays_byte_for_byte(tmp_path: Path, data: bytes) -> None:
    assert packed(tmp_path, data) == data


def test_sounds_and_films_are_packed_from_their_file(tmp_path: Path) -> None:
    result = prepared(tmp_path, b"fLaC" + b"\0" * 99)
    assert isinstance(result, Prepared)
    assert result.data == tmp_path / "picture.bin"


def test_large_files_draw_a_remark(tmp_path: Path) -> None:
    path = tmp_path / "long.mp3"
    with path.open("wb") as file:
        file.write(b"ID3\x04")
        file.truncate(30 * 1024 * 1024)
    result = prepare(MediaFile("long-0.mp3", path), max_width=0)
    assert isinstance(result, Prepared)
    assert [remark.code for remark in result.remarks] == ["image-large"]
    assert "30 MiB" in result.remarks[0].message


# Width ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_wide_pictures_are_scaled_down(tmp_path: Path, kind: str) -> None:
    data = saved(a_photo(800, 400), kind)
    new = packed(tmp_path, data, 200)
    image = opened(new)
    assert (image.format, image.size) == (kind, (200, 100))
    assert len(new) < len(data)
    assert same_look(image, a_photo(800, 400).resize((200, 100)), off_by=24)


@pytest.mark.parametrize("max_width", [0, 800, 1600])
def test_pictures_that_are_not_too_wide_keep_their_size(tmp_path: Path, max_width: int) -> None:
    assert opened(packed(tmp_path, a_jpeg(800, 400), max_width)).size == (800, 400)


def test_scaling_that_saves_nothing_is_left_out(tmp_path: Path) -> None:
    data = a_png(800, 400, mode="P")
    assert packed(tmp_path, data, 790) == data


def test_a_palette_picture_scaled_still_has_a_palette(tmp_path: Path) -> None:
    grid = Image.effect_noise((1200, 900), 90).quantize(16)
    image = opened(packed(tmp_path, saved(grid, "PNG"), 300))
    assert (image.mode, image.size) == ("P", (300, 225))


def test_transparency_survives_scaling(tmp_path: Path) -> None:
    picture = a_photo(600, 300).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize((600, 300)))
    alpha = opened(packed(tmp_path, saved(picture, "PNG"), 150)).getchannel("A")
    assert alpha.getextrema() != (255, 255)
    assert alpha.size == (150, 75)


def test_a_transparent_palette_colour_survives_scaling(tmp_path: Path) -> None:
    picture = Image.effect_noise((900, 900), 80).quantize(8)
    data = saved(picture, "PNG", transparency=0)
    assert _extremes(opened(packed(tmp_path, data, 300)).convert("RGBA"))[3][0] < 255


def test_sixteen_bit_grey_keeps_its_tones(tmp_path: Path) -> None:
    ramp = Image.linear_gradient("L").resize((512, 256)).convert("I")
    deep = ramp.point(lambda value: value * 257).convert("I;16")
    image = opened(packed(tmp_path, saved(deep, "TIFF")))
    assert (image.mode, image.size) == ("L", (512, 256))
    assert same_look(image, ramp.convert("L"), off_by=1)


def test_sixteen_bit_colour_is_not_flattened(tmp_path: Path) -> None:
    rows = b"".join(b"\0" + bytes(range(6)) * 200 for _ in range(200))
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 200, 200, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows, 0))
        + chunk(b"IEND", b"")
    )
    assert packed(tmp_path, data) == data


def test_cmyk_becomes_rgb_when_it_is_written_anew(tmp_path: Path) -> None:
    picture = a_photo(800, 400).convert("CMYK")
    image = opened(packed(tmp_path, saved(picture, "JPEG"), 200))
    assert image.mode == "RGB"
    assert same_look(image, picture.convert("RGB").resize((200, 100)), off_by=24)


def test_colour_profiles_stay(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("PNG", "JPEG", "WEBP"):
        data = saved(a_photo(800, 400), kind, icc_profile=profile)
        for max_width in (0, 200):
            assert opened(packed(tmp_path, data, max_width)).info["icc_profile"] == profile


# Lossless savings -----------------------------------------------------------------------------


def test_few_colours_get_a_palette_with_the_very_same_pixels(tmp_path: Path) -> None:
    picture = a_drawing(1500, 1200)
    for mode in ("RGB", "RGBA"):
        big = saved(picture.convert(mode), "PNG", compress_level=0)
        new = packed(tmp_path, big)
        assert len(new) < len(big) / 10
        assert opened(new).mode == "P"
        assert same_look(opened(new), picture)


def test_an_alpha_channel_that_says_something_stays(tmp_path: Path) -> None:
    picture = a_drawing(600, 600, "RGBA")
    picture.putpixel((0, 0), (1, 2, 3, 0))
    new = opened(packed(tmp_path, saved(picture, "PNG", compress_level=0)))
    assert same_look(new, picture)


# Orientation and metadata ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    seen = a_drawing(320, 200)
    back = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    stored = seen if back is None else seen.transpose(Image.Transpose(back))
    options = {} if kind == "PNG" else {"quality": 95}
    data = saved(stored, kind, exif=gps_exif(orientation), **options)
    image = opened(packed(tmp_path, data))
    assert image.size == (320, 200)
    assert dict(image.getexif()) == {}
    red, green, _ = image.convert("RGB").getpixel((20, 15))  # type: ignore[misc]
    assert red > 200 > 60 > green, "the red mark is in the upper left corner"


def test_width_is_meant_as_the_picture_stands(tmp_path: Path) -> None:
    sideways = saved(a_photo(400, 900), "JPEG", exif=gps_exif(6))
    assert opened(packed(tmp_path, sideways, 450)).size == (450, 200)


SECRETS = (b"SecretCamera", b"Exif", b"GPS", b"http://ns.adobe.com", b"secret words", b"Photoshop")


def jpeg_with_everything() -> bytes:
    data = a_jpeg(exif=gps_exif(), comment=b"secret words", xmp=b"<x>http://ns.adobe.com</x>")
    app13 = b"\xff\xed" + struct.pack(">H", 2 + 20) + b"Photoshop 3.0\0secret"
    return data[:2] + app13 + data[2:] + b"a preview after the end: secret words"


def png_with_everything() -> bytes:
    data = a_png(exif=gps_exif())
    extra = chunk(b"tEXt", b"Comment\0secret words") + chunk(
        b"iTXt", b"XML\0\0\0\0\0http://ns.adobe.com"
    )
    return data[:33] + extra + chunk(b"tIME", b"\x07\xe8\1\1\1\1\1") + data[33:] + b"secret words"


def webp_with_everything() -> bytes:
    return saved(a_drawing(), "WEBP", exif=gps_exif(), xmp=b"<x>http://ns.adobe.com</x>")


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (jpeg_with_everything(), "jpg"),
        (png_with_everything(), "png"),
        (webp_with_everything(), "webp"),
    ],
    ids=["jpeg", "png", "webp"],
)
def test_place_camera_and_comments_go_without_a_new_encoding(
    tmp_path: Path, data: bytes, source: str
) -> None:
    assert any(secret in data for secret in SECRETS)
    new = packed(tmp_path, data)
    assert not [secret for secret in SECRETS if secret in new]
    assert same_look(opened(new), opened(data)), "not one pixel changed"
    assert strip_metadata(new, source) == new


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow reads no AVIF")
def test_avif_loses_its_metadata(tmp_path: Path) -> None:
    data = saved(a_photo(), "AVIF", exif=gps_exif())
    new = packed(tmp_path, data)
    assert b"SecretCamera" not in new
    assert opened(new).format == "AVIF"
    plain = saved(a_photo(), "AVIF")
    assert packed(tmp_path, plain) == plain


def test_progressive_jpegs_and_restart_markers_are_walked(tmp_path: Path) -> None:
    for options in ({"progressive": True}, {"restart_marker_blocks": 1}, {"optimize": True}):
        data = saved(a_photo(), "JPEG", **options)
        assert packed(tmp_path, data) == data


# Moving pictures, other formats ---------------------------------------------------------------


def test_moving_pictures_keep_all_frames_whatever_their_width(tmp_path: Path) -> None:
    frames = [a_drawing(200, 100), a_drawing(200, 100).rotate(180), a_photo(200, 100)]
    for kind in ("GIF", "WEBP", "PNG"):
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=40, loop=0)
        image = opened(packed(tmp_path, data, 50))
        assert (getattr(image, "n_frames", 1), image.size) == (3, (200, 100))


def test_gif_stays_as_it_is(tmp_path: Path) -> None:
    data = a_gif(5)
    assert packed(tmp_path, data, 10) == data


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "LAB"])
def test_tiff_becomes_png(tmp_path: Path, mode: str) -> None:
    picture = a_drawing().convert("RGB")
    data = saved(picture.convert(mode) if mode != "LAB" else picture, "TIFF")
    image = opened(packed(tmp_path, data))
    assert image.format == "PNG"
    assert image.size == picture.size


def test_bmp_becomes_png_and_shrinks(tmp_path: Path) -> None:
    data = saved(a_drawing(300, 200), "BMP")
    new = packed(tmp_path, data)
    assert opened(new).format == "PNG"
    assert same_look(opened(new), a_drawing(300, 200))
    assert len(new) < len(data) / 20


def test_several_pages_give_the_first(tmp_path: Path) -> None:
    data = saved(a_drawing(), "TIFF", save_all=True, append_images=[a_drawing(9, 9)])
    assert opened(packed(tmp_path, data)).size == a_drawing().size


def test_drawings_are_cleaned_and_it_is_said(tmp_path: Path) -> None:
    result = prepared(tmp_path, an_svg('<script/><rect onclick="x()"/>'))
    assert isinstance(result, Prepared)
    assert isinstance(result.data, bytes)
    assert b"script" not in result.data
    assert [(remark.code, remark.severity.value) for remark in result.remarks] == [
        ("svg-cleaned", "note")
    ]


def test_clean_drawings_are_not_spoken_of(tmp_path: Path) -> None:
    result = prepared(tmp_path, an_svg())
    assert isinstance(result, Prepared)
    assert result.remarks == ()


# Damage ---------------------------------------------------------------------------------------


def bad(folder: Path, data: bytes) -> str:
    """Return the message for *data*, which must not be packed."""
    result = prepared(folder, data)
    assert isinstance(result, Unresolved), result
    assert result.code == "image-damaged"
    return result.message


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("part", [0.3, 0.7])
def test_pictures_that_are_cut_off_are_named(tmp_path: Path, kind: str, part: float) -> None:
    data = saved(a_photo(), kind)
    bad(tmp_path, data[: int(len(data) * part)])


def test_broken_pictures_are_named(tmp_path: Path) -> None:
    data = bytearray(a_png(200, 200))
    data[60:90] = b"\xff" * 30
    bad(tmp_path, bytes(data))
    bad(tmp_path, b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    bad(tmp_path, b"\xff\xd8\xff\xe0" + b"\0" * 100)
    bad(tmp_path, an_svg("<g>"))


@pytest.mark.parametrize(
    "size", [(50_000, 50_000), (10_001, 10_000), (2**31 - 1, 1), (2**31 - 1, 2**31 - 1)]
)
def test_decompression_bombs_are_refused_by_their_header(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    assert size[0] * size[1] > MAX_PIXELS
    message = bad(tmp_path, a_png_of_size(*size))
    assert "pixel" in message or "limit" in message


def test_a_jpeg_that_is_gone_over_again_and_again_is_refused(tmp_path: Path) -> None:
    data = a_jpeg(progressive=True)
    packed(tmp_path, data)
    scans = data.index(b"\xff\xda")
    assert "parts" in bad(tmp_path, data[:scans] + data[scans:-2] * 600 + data[-2:])
    piece = b"\xff\xe1\x00\x09Exif\0\0x"
    assert "parts" in bad(tmp_path, data[:2] + piece * 600 + data[2:])


def test_large_pictures_wait_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes up to 1.5 GiB while it is read, and threads do not share what they gave back."""
    threads: set[int] = set()
    real = scaling._smallest

    def seen(*work: Any) -> bytes:  # noqa: ANN401  # whatever it takes
        threads.add(threading.get_ident())
        return real(*work)

    monkeypatch.setattr(scaling, "_smallest", seen)
    monkeypatch.setattr(scaling, "_MANY_PIXELS", 99)
    files = [tmp_path / f"{number}.png" for number in range(8)]
    for number, file in enumerate(files):
        file.write_bytes(a_png(10 + number, 10))
    with ThreadPoolExecutor(4) as pool:
        made = pool.map(lambda file: prepare(MediaFile("x-0.png", file), max_width=0), files)
        assert all(isinstance(one, Prepared) for one in made)
    assert len(threads) == 1


def test_a_file_that_changed_or_went_is_named(tmp_path: Path) -> None:
    bad(tmp_path, b"no longer a picture")
    gone = prepare(MediaFile("gone-0.png", tmp_path / "gone.png"), max_width=0)
    assert isinstance(gone, Unresolved)
    assert gone.code == "image-unreadable"


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["png", "jpg", "webp", "gif"]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
)
def test_whatever_is_in_the_bytes_nothing_is_raised(
    tmp_path_factory: pytest.TempPathFactory, kind: str, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(
        {
            "png": png_with_everything(),
            "jpg": jpeg_with_everything(),
            "webp": webp_with_everything(),
            "gif": a_gif(3),
        }[kind]
    )
    for place, value in changes:
        data[int(place * len(data))] = value
    prepared(tmp_path_factory.mktemp("p"), bytes(data), 40)


@given(st.sampled_from(["png", "jpg", "webp"]), st.binary(max_size=200))
def test_walking_any_bytes_ends(source: str, data: bytes) -> None:
    strip_metadata(data, source)


# The same each time ---------------------------------------------------------------------------


def test_the_same_picture_gives_the_same_bytes(tmp_path: Path) -> None:
    for data in (
        saved(a_photo(800, 400), "JPEG"),
        a_png(800, 400),
        saved(a_photo(800, 400), "WEBP"),
    ):
        assert packed(tmp_path, data, 200) == packed(tmp_path, data, 200)


def test_a_photo_is_left_alone_in_reasonable_time(tmp_path: Path) -> None:
    out = io.BytesIO()
    a_photo(4000, 3000).save(out, "JPEG", quality=90)
    assert opened(packed(tmp_path, out.getvalue())).size == (1600, 1200)
