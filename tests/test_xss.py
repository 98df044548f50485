"""Hostile notes in a real browser: built by the real pipeline, rendered by the real Anki.

The vectors are in tests/fixtures/xss/, one a line. Each is built once as an answer and once as
a question. No card may run a script, ask for anything or break out of its place; the same
vectors without our program do all of it, which shows that the trap works.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from deckbuilder.pipeline import Outcome, plan, write
from deckbuilder.setting import Request
from deckbuilder.templates import note_type
from tests.support.browser import Browser
from tests.support.collection import real_collection
from tests.support.fixtures import FIXTURES
from tests.support.safety import dangers_of

FILES = sorted((FIXTURES / "xss").glob("*.txt"))
VECTORS = [
    line.replace("⏎", "\n")
    for file in FILES
    for line in file.read_text("utf-8").splitlines()
    if line and not line.startswith("# ")
]
NAMES = (
    "<img src=x onerror=alert(1)>",
    '"onclick=alert(1) x="',
    "[sound:x.mp3]",
    "\\(\\href{javascript:alert(1)}{x}\\)",
    "{{Answer}}",
    "[[type:Answer]]",
    "&lt;script&gt;alert(1)&lt;",
)
"""What files and folders may be called where the system lets them."""
CONFIG = """
[deck]
name = '<img src=x onerror=alert(1)>::"onclick=alert(1)'
description = '</div><script>alert(1)</script>'
[tags]
prefix = '<img/src=x/onerror=alert(1)>'
[topics]
'<script>alert(1)</script>' = ["Question"]
'\\(\\href{javascript:alert(1)}{x}\\)' = ["Question"]
"""
FRONT = """---
title: '<img src=x onerror=alert(1)> \\(\\href{javascript:alert(1)}{x}\\) [sound:x.mp3]'
tags: ['<img/src=x/onerror=alert(1)>', '"onclick=alert(1)', '\\(\\href{javascript:alert(1)}{x}\\)']
deck: '<script>alert(1)</script>::<img src=x onerror=alert(1)>'
---

# <img src=x onerror=alert(1)> \\\\(\\\\href{javascript:alert(1)}{x}\\\\) [sound:x.mp3] [[type:a]]

## Question with everything above it?

Text.
"""

# What stands in for Anki's own replacements, which put quotes where the text had none.
PLAY = '<a class="replay-button soundLink" href=# onclick="alert(1)">▶</a>'
TYPE = '<input type=text id="typeans" onkeypress="alert(1)">'


def on_disk(name: str) -> str:
    return name.replace("/", "∕")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("hostile")
    source = folder / "source"
    source.mkdir()
    for number, vector in enumerate(VECTORS):
        answer = f"## What is case {number}?\n\nBefore.\n\n{vector}\n"
        (source / f"a{number:03}.md").write_text(answer, "utf-8")
        if "\n" not in vector and "card: id" not in vector:
            (source / f"q{number:03}.md").write_text(f"## {vector}\n\nAnswer {number}.\n", "utf-8")
    for number, name in enumerate(NAMES):
        under = source / on_disk(name)
        under.mkdir()
        (under / f"{under.name}.md").write_text(
            f"# Q\n\n## Named {number}?\n\nText {number}.\n", "utf-8"
        )
    (source / "front.md").write_text(FRONT, "utf-8")
    (source / "deck.toml").write_text(CONFIG, "utf-8")
    outcome = plan(Request((source,), 1_700_000_000_000, output=folder / "deck.apkg", offline=True))
    write(outcome)
    return outcome


def test_there_are_enough_vectors_and_every_one_is_on_a_card(outcome: Outcome) -> None:
    assert len(VECTORS) == len(set(VECTORS)) >= 400
    built = {place.name for note in outcome.deck.notes for place in note.draft.places}
    for number, vector in enumerate(VECTORS):
        assert f"a{number:03}.md" in built, vector
    assert len(outcome.deck.notes) > 600
    assert {"front.md", *(f"{name}/{name}.md" for name in map(on_disk, NAMES))} <= built


def test_no_field_holds_what_it_must_not(outcome: Outcome) -> None:
    for note in outcome.deck.notes:
        assert not dangers_of(note), (dangers_of(note), note.draft.places[0].name)


def test_what_went_is_counted(outcome: Outcome) -> None:
    removed = outcome.removed
    wanted = {
        *("script", "event-handler", "style", "iframe", "form", "javascript-link", "data-link"),
        *("object", "embed", "base", "meta", "link", "svg", "math", "input", "file-link"),
    }
    assert wanted <= set(removed), wanted - set(removed)
    assert removed["script"] > 20
    assert removed["event-handler"] > 60


@pytest.fixture(scope="module")
def cards(outcome: Outcome) -> list[tuple[str, str]]:
    """A name and the HTML of both sides of every card, as the real Anki gives them."""
    result = []
    with real_collection() as anki:
        anki.load(outcome.setting.output)
        assert anki.checks().database_ok
        imported = anki.notes()
        for note in outcome.deck.notes:
            for card in imported[note.guid].cards:
                shown = anki.col.get_card(card.id).render_output()  # type: ignore[arg-type]
                name = f"{note.draft.places[0].name} card {card.ord}"
                result += [(name, shown.question_text), (name, shown.answer_text)]
    return [(name, as_the_reviewer_shows(html)) for name, html in result]


def as_the_reviewer_shows(html: str) -> str:
    """Do to *html* what the desktop does last; quotes included."""
    html = re.sub(r"\[anki:play:.:\d+\]", PLAY, html)
    return re.sub(r"\[\[type:.+?\]\]", TYPE, html)


TRAP = """<!doctype html><html><head><meta charset=utf-8><script>
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print", "open", "msgbox"])
  window[name] = (...given) => { window.ran.push(name + "(" + given.join() + ")"); };
Object.defineProperty(window, "pwned", { set: value => window.ran.push("pwned") });
</script></head><body>
"""
PROVOKE = """
const events = ["click", "mouseover", "pointerenter", "focus", "load", "error", "toggle", "copy",
  "animationstart", "loadstart", "play", "input", "beforetoggle", "close", "start"];
for (const one of document.body.querySelectorAll("*")) {
  if (one.matches("details")) one.open = true;
  for (const name of events) {
    const event = new Event(name, { bubbles: false, cancelable: true });
    event.preventDefault();
    if (typeof one["on" + name] === "function" || one.hasAttribute("on" + name))
      one.dispatchEvent(event);
  }
}
for (const link of document.links)
  if (!/^(https?|mailto|tel|obsidian|zotero):/.test(link.href) && !/page.html#/.test(link.href))
    window.ran.push(link.closest("[data-card]")?.dataset.card + ": " + link.href);
"""
ESCAPED = """
return [...document.querySelectorAll("i[data-end]")].filter(
  end => end.parentElement !== document.body || !end.previousElementSibling
    || end.previousElementSibling.dataset.card !== end.dataset.end
).map(end => end.dataset.end);
"""


def page(folder: Path, shown: list[tuple[str, str]], *, head: str = "") -> Path:
    """Write one page with all cards, and a mark after each that must stay outside of it."""
    parts = [
        f'<div data-card="{number}">{html}</div><i data-end="{number}"></i>\n'
        for number, (_, html) in enumerate(shown)
    ]
    path = folder / "page.html"
    end = '<script id="last">document.documentElement.dataset.ready = "1"</script></body></html>'
    path.write_text(TRAP + head + "".join(parts) + end, "utf-8")
    return path


def ran(browser: Browser) -> list[str]:
    """Return what scripts did, after every handler was given a reason to act."""
    browser.run(PROVOKE)
    browser.run("return new Promise(done => setTimeout(done, 300))")
    result: list[str] = browser.run("return window.ran")
    return result


def test_no_card_runs_a_script_or_asks_for_anything(
    browser: Browser, outcome: Outcome, cards: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert len(cards) > 1200
    browser.open(page(tmp_path, cards))
    assert ran(browser) == []
    assert [cards[int(number)] for number in browser.run(ESCAPED)] == []
    assert browser.left_the_machine() == []
    ours = ("page.html", *(f"/{name}" for name in outcome.deck.media))
    assert {url for url in browser.requests.values() if not url.endswith(ours)} == set()


def test_the_trap_catches_the_same_vectors_when_nothing_cleans_them(
    browser: Browser, tmp_path: Path
) -> None:
    caught = asked = 0
    other = re.compile(r"<base|http-equiv|<iframe|<object|<embed|<frame|<plaintext|<portal")
    html = [v for v in VECTORS if v.startswith("<") and not other.search(v)]
    for start in range(0, len(html), 40):
        shown = [(v, v) for v in html[start : start + 40]]
        path = page(tmp_path, shown)
        text = path.read_text("utf-8").replace("</div><i", "</select></svg></div><i")
        path.write_text(text, "utf-8")
        browser.driver.get(path.as_uri())
        caught += len(ran(browser))
        asked += len(browser.left_the_machine())
        browser.requests.clear()
    assert caught > 40
    assert asked > 15


def mathjax() -> Path:
    """Return the MathJax that Anki's desktop brings, or skip."""
    spec = importlib.util.find_spec("_aqt")
    if spec is None or spec.submodule_search_locations is None:
        pytest.skip("aqt is not installed")
    return Path(next(iter(spec.submodule_search_locations)), "data/web/js/vendor/mathjax")


def test_no_formula_links_styles_or_loads(
    browser: Browser, cards: list[tuple[str, str]], tmp_path: Path
) -> None:
    folder = mathjax()
    settings = (
        "<script>window.MathJax = {tex: {displayMath: [['\\\\[', '\\\\]']], processEscapes: false,"
        "processEnvironments: false, processRefs: false, packages: {'[+]': ['noerrors',"
        "'mathtools', 'mhchem'], '[-]': ['textmacros']}}, loader: {load: ['[tex]/noerrors',"
        "'[tex]/mathtools', '[tex]/mhchem'], paths: {mathjax: '" + folder.as_uri() + "'}},"
        "startup: {typeset: true}};</script>"
        f'<script src="{(folder / "tex-chtml-full.js").as_uri()}"></script>'
    )
    shown = [(name, html) for name, html in cards if "\\" in html]
    assert len(shown) > 100
    browser.open(page(tmp_path, shown, head=settings))
    browser.wait("window.MathJax.startup.promise && document.querySelector('mjx-container')")
    browser.run("return MathJax.startup.promise.then(() => 1)")
    did = ran(browser)
    assert did == [], [shown[int(one.split(":")[0])] for one in did if one[0].isdigit()]
    left = browser.left_the_machine()
    assert left == []
    assert browser.run("return document.querySelectorAll('mjx-container').length") > 15
    styles = (
        "return [...document.querySelectorAll('mjx-container [style]')].map(e => e.style.cssText)"
    )
    assert [one for one in browser.run(styles) if re.search(r"url\(|fixed", one)] == []
    links = "return [...document.querySelectorAll('mjx-container a')].map(a => a.href)"
    assert [one for one in browser.run(links) if "page.html#" not in one] == []


def test_the_note_types_themselves_load_nothing(outcome: Outcome) -> None:
    for note in outcome.deck.notes[:1]:
        made = note_type(note.draft.kind)
        text = made.css + "".join(one.front + one.back for one in made.templates)
        assert not re.search(r"<script|url\((?!data:)|@import|https?://|\bon\w+=", text)
