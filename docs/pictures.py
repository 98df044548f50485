"""Make the pictures that README shows, of the deck in source/: ``python -m docs.pictures``."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from PIL import Image

from deckbuilder.pipeline import plan
from deckbuilder.preview.folder import write_preview
from deckbuilder.setting import Request
from tests.support.browser import Browser, a_browser

IMAGES = Path(__file__).with_name("images")
CARD = "CLIP 的原理是什么"
PAGE = "KV 缓存为什么能省计算"
COLOURS = 128
FULL = "position: fixed; inset: 0; width: 100%; height: 100%; max-height: none; border: 0"


def main() -> None:
    """Write the pictures, and say how large each is."""
    with tempfile.TemporaryDirectory() as folder, a_browser() as browser:
        outcome = plan(
            Request(notes=(Path("source"),), now_ms=time.time_ns() // 1_000_000, offline=True)
        )
        write_preview(outcome.deck, outcome.identified.changes, outcome.problems, Path(folder))
        browser.open(Path(folder, "index.html"))
        browser.resize(1280, 800)
        show(browser, PAGE)
        save(browser, "preview")
        show(browser, CARD)
        browser.resize(390, 660, scale=1.5)
        browser.run("showPane('card'); byId('card').style.cssText = arguments[0]", FULL)
        save(browser, "card-day")
        browser.run("setMode('night', true)")
        save(browser, "card-night")


def show(browser: Browser, question: str) -> None:
    """Show the answer of the card that asks *question*, the list around it in view."""
    at = browser.run(
        "return deck.cards.findIndex((_, i) => noteOf(i).question.includes(arguments[0]))", question
    )
    assert at >= 0, f"no card asks {question!r}"
    script = """
        const [at, done] = arguments;
        byId("list").scrollTop = (at - 2) * ROW_HEIGHT;
        state.back = true;
        state.at = at;
        list.select(at);
        showCard().then(() => Promise.all([...frame.page.images].map((one) => one.decode())))
          .then(() => frame.page.fonts.ready).then(() => done());"""
    browser.run_async(script, at)


def save(browser: Browser, name: str) -> None:
    """Save what is seen, in few colours."""
    browser.run_async("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    path = IMAGES / f"{name}.png"
    path.parent.mkdir(exist_ok=True)
    browser.screenshot(path)
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB, {small.width} × {small.height}")  # noqa: T201


if __name__ == "__main__":
    main()
