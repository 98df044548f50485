"""A small deck that demands much of its cards: everything that is wide, deep, long or coloured.

The notes are in ``demanding/``, their pictures are made here. The tests of the rendered page look
at them; ``python -m tests.support.demo FOLDER`` writes it.
"""

from __future__ import annotations

import math
import struct
import sys
import wave
from pathlib import Path

from PIL import Image, ImageDraw

NOTES = Path(__file__).with_name("demanding")


def write_demo(folder: Path) -> Path:
    """Write the notes and their pictures below *folder*; return the folder of the notes."""
    notes = folder / "source"
    notes.mkdir(parents=True, exist_ok=True)
    for file in NOTES.iterdir():
        (notes / file.name).write_bytes(file.read_bytes())
    (notes / "deck.toml").write_text('[deck]\nname = "Demo"\n', "utf-8")
    _wide(notes / "wide.png")
    _sheet(notes / "sheet.png")
    _tall(notes / "tall.jpg")
    _bell(notes / "bell.wav")
    return notes


def _wide(path: Path) -> None:
    """A picture wider than any card."""
    picture = Image.new("RGB", (1400, 320), "#f4f1ea")
    draw = ImageDraw.Draw(picture)
    for column in range(20):
        for row in range(4):
            shade = 90 + (column * 53 + row * 31) % 140
            box = (column * 70 + 4, row * 80 + 4, column * 70 + 66, row * 80 + 76)
            draw.rectangle(box, fill=(shade, 140, 255 - shade))
    picture.save(path)


def _sheet(path: Path) -> None:
    """A drawing in dark ink on a transparent ground."""
    picture = Image.new("RGBA", (480, 160), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    for box in ((10, 40, 130, 120), (180, 40, 300, 120), (350, 40, 470, 120)):
        draw.rounded_rectangle(box, 12, outline="#222222", width=4)
    for start in (130, 300):
        draw.line((start, 80, start + 50, 80), fill="#222222", width=4)
    picture.save(path)


def _tall(path: Path) -> None:
    picture = Image.linear_gradient("L").resize((300, 900)).convert("RGB")
    picture.save(path, quality=80)


def _bell(path: Path) -> None:
    """A fifth of a second of 880 Hz."""
    rate = 8000
    wave_form = (math.sin(2 * math.pi * 880 * n / rate) * math.exp(-n / 400) for n in range(1600))
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"".join(struct.pack("<h", int(20000 * value)) for value in wave_form))


if __name__ == "__main__":
    write_demo(Path(sys.argv[1]))
