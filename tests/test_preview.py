"""The preview page: what it knows, what it writes, and how it looks and behaves in a browser."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from deckbuilder.cli import main
from deckbuilder.model import CardStatus, Change, Deck, Note, NoteKind, Place
from deckbuilder.preview.cards import as_script, deck_data
from deckbuilder.preview.engine import render_card
from deckbuilder.preview.folder import write_preview
from deckbuilder.problems import BuildError, Location, Problem, note, warning
from deckbuilder.templates import note_fields, note_type
from tests.support.browser import Browser
from tests.support.demo import write_demo
from tests.support.notes import a_deck, a_note

SUPPORT = Path(__file__).with_name("support")
VENDORED = Path(__file__).parents[1] / "deckbuilder" / "preview" / "vendor" / "mathjax"
ESCAPE, RIGHT, LEFT, DOWN, END, HOME, TAB = "\ue00c\ue014\ue012\ue015\ue010\ue011\ue004"

# What the page knows -------------------------------------------------------------------------


def placed(one: Note, line: int, path: str = "notes.md") -> Note:
    """Return a note that stands at a line."""
    return one._replace(draft=one.draft._replace(places=(Place(Location(path, line), path, ()),)))


def data_of(
    *notes: Note, changes: tuple[Change, ...] = (), problems: tuple[Problem, ...] = ()
) -> dict[str, Any]:
    return deck_data(a_deck(*notes), changes, problems, "")


def test_cards_are_what_the_templates_show() -> None:
    one = a_note(reverse=True, context="A › B", tags=("x::y", "Z"))
    fields, type_ = note_fields(one), note_type(NoteKind.SECTION)
    cards = [render_card(type_, ord_, fields, one.draft.tags) for ord_ in (0, 1)]
    assert data_of(one)["cards"] == [[0, 0, "", *cards[0]], [0, 1, "reverse", *cards[1]]]


def test_cloze_cards_say_which_they_are() -> None:
    one = a_note("{{c2::a}} {{c5::b}}", kind=NoteKind.CLOZE)
    assert [card[1:3] for card in data_of(one)["cards"]] == [[1, "cloze 2"], [4, "cloze 5"]]


def test_a_problem_stands_at_the_note_above_its_line() -> None:
    notes = (placed(a_note(guid="a"), 3), placed(a_note(guid="b"), 10))
    problems = [
        warning("early", Location("notes.md", 2), "before every note"),
        warning("first", Location("notes.md", 9), "in the first"),
        note("second", Location("notes.md", 10), "in the second"),
        warning("file", Location("notes.md"), "about the file"),
        warning("other", Location("other.md", 5), "elsewhere"),
    ]
    data = data_of(*notes, problems=(*problems, problems[1]))
    assert [[p["code"] for p in one["problems"]] for one in data["notes"]] == [
        ["first"],
        ["second"],
    ]
    assert [problem["code"] for problem in data["problems"]] == ["early", "file", "other"]


def test_changes_stand_at_their_notes_and_what_is_gone_apart() -> None:
    changes = (
        Change("a", (CardStatus.RENAMED, CardStatus.CHANGED), "notes.md", 3, "New?", "Old?"),
        Change("z", (CardStatus.GONE,), "old.md", 0, "Gone?"),
    )
    data = data_of(a_note(guid="a"), changes=changes)
    assert data["notes"][0]["status"] == ["renamed", "changed"]
    assert data["notes"][0]["was"] == "Old?"
    assert data["gone"] == [{"question": "Gone?", "path": "old.md"}]


def test_no_text_ends_the_script_that_holds_it() -> None:
    hostile = "</script><!-- <script> \u2028 \" \\ '"
    text = as_script("X", {"a": hostile})
    assert "</script" not in text
    assert "<!--" not in text
    assert json.loads(text.removeprefix("window.X = ").rstrip(";\n")) == {"a": hostile}


# What is written -----------------------------------------------------------------------------


def written(folder: Path, deck: Deck | None = None, **known: Any) -> Path:  # noqa: ANN401
    write_preview(deck or a_deck(), known.get("changes", ()), known.get("problems", ()), folder)
    return folder / "index.html"


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", "utf-8")
    with pytest.raises(BuildError, match="holds other files"):
        written(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "preview").write_text("mine", "utf-8")
    with pytest.raises(BuildError, match="is a file"):
        written(tmp_path / "preview")


@pytest.mark.parametrize("inside", ["media", "maths", "maths/fonts"])
def test_a_link_in_place_of_a_folder_inside_is_refused(tmp_path: Path, inside: str) -> None:
    mine, link = tmp_path / "mine", tmp_path / "preview" / inside
    mine.mkdir()
    (mine / "LICENSE").write_bytes(b"mine")
    written(tmp_path / "preview")
    link.parent.mkdir(exist_ok=True)
    if link.exists():
        link.rmdir()
    link.symlink_to(mine)
    with pytest.raises(BuildError, match=f"link in place of its folder {inside};"):
        written(tmp_path / "preview")
    assert [(one.name, one.read_bytes()) for one in mine.iterdir()] == [("LICENSE", b"mine")]


def test_media_are_there_once_and_stale_ones_go(tmp_path: Path) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(b"film")
    folder = tmp_path / "preview"
    written(folder, a_deck(media={"a.png": b"a", "b.mp4": source}))
    assert {path.name for path in (folder / "media").iterdir()} == {"a.png", "b.mp4"}
    written(folder, a_deck(media={"c.png": b"c"}))
    assert {path.name for path in (folder / "media").iterdir()} == {"c.png"}
    assert source.read_bytes() == b"film"


def test_a_second_run_writes_nothing_anew(tmp_path: Path) -> None:
    deck = a_deck(a_note(r"\(x\)"), media={"a.png": b"a"})

    def times() -> Mapping[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    written(tmp_path, deck)
    before = times()
    written(tmp_path, deck)
    assert times() == before


def test_the_version_follows_the_cards(tmp_path: Path) -> None:
    versions = []
    for deck in (a_deck(a_note("A")), a_deck(a_note("B")), a_deck(a_note("A"))):
        written(tmp_path, deck)
        versions.append((tmp_path / "version.js").read_text("utf-8"))
    assert versions[0] == versions[2] != versions[1]


def test_mathjax_comes_along_only_with_maths(tmp_path: Path) -> None:
    written(tmp_path / "without")
    written(tmp_path / "with", a_deck(a_note(answer=r"\[x\]")))
    assert not (tmp_path / "without" / "maths").exists()
    copied = {path.name for path in (tmp_path / "with" / "maths").iterdir()}
    assert copied == {"LICENSE", "VERSION", "fonts", "tex-chtml-full.js"}
    assert len(list((tmp_path / "with" / "maths" / "fonts").iterdir())) == 23


def test_a_refused_folder_stops_the_build_before_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = write_demo(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main([str(notes), "--preview", "source", "--no-cache"]) == 1
    assert "source: error: holds other files" in capsys.readouterr().err
    assert not (notes / "deck.lock").exists()
    assert not (tmp_path / "build").exists()


# In a browser --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of the demanding deck."""
    folder = tmp_path_factory.mktemp("demo")
    notes = write_demo(folder)
    arguments = [str(notes), "--check", "--preview", str(folder / "out"), "--no-cache", "-q"]
    assert main(arguments) == 0
    return folder / "out" / "index.html"


MODES = [(1280, False), (1280, True), (390, False), (390, True)]
MODE_NAMES = ["desktop-day", "desktop-night", "phone-day", "phone-night"]

LOOK = """
const [night, phone, done] = arguments;
(async () => {
  setMode("night", night);
  setMode("phone", phone);
  showPane("card");
  const seen = [];
  for (let at = 0; at < deck.cards.length; at += 1) {
    for (const side of [FRONT, BACK]) {
      await frame.show(deck.cards[at][side], deck.cards[at][ORD]);
      const page = frame.page;
      for (const box of page.querySelectorAll("details")) box.open = true;
      await Promise.all([...page.images].map((image) => image.decode().catch(() => 0)));
      await page.fonts.ready;
      const root = page.documentElement;
      seen.push({
        card: noteOf(at).question + (side === BACK ? " (back)" : ""),
        width: root.clientWidth,
        overflow: root.scrollWidth - root.clientWidth,
        broken: [...page.images].filter((image) => !image.naturalWidth).map((image) => image.src),
        formulas: page.querySelectorAll("mjx-container").length,
        errors: page.querySelectorAll("mjx-merror, mjx-mtext[style*=red]").length,
        raw: /\\\\[(\\[]/.test(page.body.innerText),
        scrolled: [...page.querySelectorAll("pre, .table, .math")]
          .filter((box) => box.scrollWidth > box.clientWidth).length,
        classes: [root.className, page.body.className],
      });
    }
  }
  return seen;
})().then(done, (problem) => done(String(problem)));
"""


@pytest.mark.parametrize(("width", "night"), MODES, ids=MODE_NAMES)
def test_every_card_fits_and_is_whole(
    width: int, night: bool, demo: Path, browser: Browser
) -> None:
    phone = width == 390
    browser.open(demo, width=width)
    seen = browser.run_async(LOOK, night, phone)
    assert isinstance(seen, list), seen
    assert len(seen) == 26
    assert {card["card"]: card["overflow"] for card in seen if card["overflow"] > 0} == {}
    assert [source for card in seen for source in card["broken"]] == []
    assert [card["card"] for card in seen if card["raw"] or card["errors"]] == []
    assert sum(card["formulas"] for card in seen) >= 34
    assert any(card["scrolled"] for card in seen) or not phone
    if phone:
        assert {card["width"] for card in seen} == {390}
    for card in seen:
        root, body = (set(names.split()) for names in card["classes"])
        assert ("mobile" in root) == phone
        assert {"card"} | ({"nightMode", "night_mode"} if night else set()) <= body
    assert browser.left_the_machine() == []
    assert browser.errors == []


@pytest.mark.parametrize(("width", "night"), MODES, ids=MODE_NAMES)
def test_text_has_aa_contrast_on_cards_and_page(
    width: int, night: bool, demo: Path, browser: Browser
) -> None:
    measure = (SUPPORT / "contrast.js").read_text("utf-8")
    browser.open(demo, width=width)
    browser.run("setMode('night', arguments[0]); showPane('card'); flip(true)", night)
    weak = []
    for at in range(browser.run("return deck.cards.length")):
        browser.run_async("state.at = arguments[0]; showCard().then(arguments[1])", at)
        weak += browser.run(f"return (function() {{{measure}}})(frame.page.body)")
    for pane in ("card", "list"):
        browser.run("showPane(arguments[0])", pane)
        weak += browser.run(f"return (function() {{{measure}}})(document.body)")
    browser.run("byId('keys').showModal()")
    weak += browser.run(f"return (function() {{{measure}}})(byId('keys'))")
    assert weak == []


@pytest.mark.parametrize("width", [320, 390, 760, 1024, 1600])
def test_the_page_itself_never_scrolls_sideways(width: int, demo: Path, browser: Browser) -> None:
    browser.open(demo, width=width)
    for pane in ("list", "card"):
        browser.run("showPane(arguments[0]); flip(true)", pane)
        wide = """
            return [...document.querySelectorAll("body, .side, .reader, .bar, .deck, .found")]
              .filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth)
              .map((box) => box.className || box.tagName)"""
        assert browser.run(wide) == []


HEBREW = """<div dir="rtl"><p>מקום לשמירה.</p><ul><li>ראשון</li></ul><blockquote>ציטוט</blockquote>
<div class="callout note">הערה</div><table><tr><td>אחת</td><td>שתיים</td></tr></table>
<div class="code"><pre><code>x = 1</code></pre></div></div>"""


@pytest.mark.parametrize("width", [390, 1280])
def test_what_reads_from_right_to_left_is_set_so(
    width: int, tmp_path: Path, browser: Browser
) -> None:
    browser.open(written(tmp_path, a_deck(a_note("מהו זיכרון?", HEBREW))), width=width)
    browser.run("showPane('card'); flip(true)")
    beside = """
        const gaps = (selector) => {
          const range = frame.page.createRange();
          range.selectNodeContents(frame.page.querySelector(selector));
          const text = range.getBoundingClientRect();
          const box = frame.page.querySelector(".answer").getBoundingClientRect();
          return text.left - box.left > box.right - text.right;
        };
        return ["p", "li", "blockquote", ".callout", "td", "pre"].filter(gaps)"""
    assert browser.run(beside) == ["p", "li", "blockquote", ".callout", "td"]
    cells = "return [...frame.page.querySelectorAll('td')].map((one) => one.offsetLeft)"
    first, second = browser.run(cells)
    assert first > second
    row = "return getComputedStyle(document.querySelector('.row-question')).direction"
    assert browser.run(row) == "rtl"


def test_a_long_name_in_a_table_leaves_the_next_column_on_a_phone(
    tmp_path: Path, browser: Browser
) -> None:
    rows = "".join(
        f"<tr><td><code>{name}</code></td><td>What it is good for, in a few words.</td></tr>"
        for name in ("package.module.a_function_of_a_very_long_name", "short.name")
    )
    note = a_note("Q", f'<div class="table"><table>{rows}</table></div>')
    browser.open(written(tmp_path, a_deck(note)), width=390)
    browser.run("showPane('card'); flip(true)")
    box = "const box = frame.page.querySelector('.table');"
    assert browser.run(f"{box} return box.scrollWidth - box.clientWidth") == 0
    lines = "return [...frame.page.querySelectorAll('code')].map((one) => one.offsetHeight)"
    long, short = browser.run(lines)
    assert long > 1.5 * short


def test_no_line_in_a_table_begins_with_the_comma_behind_a_name(
    tmp_path: Path, browser: Browser
) -> None:
    cells = ("、".join([f"<code>{'n' * length}</code>"] * 12) for length in range(1, 12))
    rows = "".join(f"<tr><td>{names}</td><td>用处</td></tr>" for names in cells)
    note = a_note("Q", f'<div class="table"><table>{rows}</table></div>')
    browser.open(written(tmp_path, a_deck(note)), width=390)
    browser.run("showPane('card'); flip(true)")
    begins = """
        const range = frame.page.createRange();
        const left = (one) => { range.selectNode(one); return range.getBoundingClientRect().left; };
        return [...frame.page.querySelectorAll("td")].filter((cell) =>
          [...cell.childNodes].some((one) => one.data === "、" && left(one) < left(cell) + 5)
        ).length"""
    assert browser.run(begins) == 0


def test_choices_below_a_question_are_set_as_text(tmp_path: Path, browser: Browser) -> None:
    asked = "<p>Which?</p><ul><li>one</li></ul>"
    wrapped = f'<div lang="zh">{asked}</div>'
    for at, question in enumerate((asked, wrapped)):
        browser.open(written(tmp_path / str(at), a_deck(a_note(question, "two"))))
        browser.run("showPane('card')")
        sizes = """
            const style = (one) => getComputedStyle(frame.page.querySelector(one));
            const [title, text] = [style(".prompt p"), style(".prompt li")];
            const ratio = parseFloat(text.fontSize) / parseFloat(title.fontSize);
            return [ratio, title.fontWeight, text.fontWeight];"""
        assert browser.run(sizes) == [0.75, "600", "400"]


SHORT = "".join(rf"<p>So \({formula}\) is.</p>" for formula in ("b", "f", "i", r"W^\top", "x_j"))
LONG = rf"<p>\({'+'.join(f'a_{{{n}}}' for n in range(30))}\)</p>"


@pytest.mark.parametrize(
    ("answer", "shaded"), [(SHORT, False), (LONG, True)], ids=["short", "long"]
)
@pytest.mark.parametrize("scale", [1, 1.5, 3])
def test_a_shade_says_which_formula_goes_on_and_touches_no_other(
    answer: str, shaded: bool, scale: float, tmp_path: Path, browser: Browser
) -> None:
    browser.open(written(tmp_path, a_deck(a_note("Q", answer))), width=390, scale=scale)
    browser.run("showPane('card'); state.back = true")
    browser.run_async("showCard().then(arguments[0])")
    browser.screenshot(tmp_path / "as it is.png")
    browser.run(
        "for (const one of frame.page.querySelectorAll('mjx-container'))"
        " one.style.backgroundImage = 'none'"
    )
    browser.screenshot(tmp_path / "without.png")
    pictures = [
        Image.open(tmp_path / name).convert("RGB") for name in ("as it is.png", "without.png")
    ]
    assert (ImageChops.difference(*pictures).getbbox() is not None) == shaded


def shown(browser: Browser) -> tuple[str, str]:
    """Return the question of the card that is shown, and which side of it."""
    title = browser.run("return byId('card').title").removeprefix("Card, ")
    side, _, question = title.partition(": ")
    return question, side


def test_the_keyboard_does_everything(demo: Path, browser: Browser) -> None:
    browser.open(demo)
    questions = browser.run("return state.cards.map((index) => noteOf(index).question)")
    assert shown(browser) == (questions[0], "question")
    browser.press(" ")
    assert shown(browser) == (questions[0], "answer")
    browser.press(RIGHT)
    assert shown(browser) == (questions[1], "answer")
    browser.press(DOWN, DOWN, LEFT, " ")
    assert shown(browser) == (questions[2], "question")
    browser.press(END)
    assert shown(browser)[0] == questions[-1]
    browser.press(RIGHT, HOME)
    assert shown(browser)[0] == questions[0]
    theme = browser.run("return document.documentElement.dataset.theme")
    browser.press("d")
    assert browser.run("return document.documentElement.dataset.theme") != theme
    browser.press("p")
    assert browser.run("return frame.page.documentElement.clientWidth") == 390
    browser.press("d", "p", "?")
    assert browser.run("return byId('keys').open")
    browser.press(ESCAPE)
    assert not browser.run("return byId('keys').open")


def test_keys_work_inside_the_card_and_buttons_keep_theirs(demo: Path, browser: Browser) -> None:
    browser.open(demo)
    question, _ = shown(browser)
    browser.run("byId('card').focus(); frame.frame.contentWindow.focus()")
    browser.press(" ")
    assert shown(browser) == (question, "answer")
    browser.press(RIGHT)
    assert shown(browser)[0] != question
    browser.run("byId('previous').focus()")
    browser.press(" ")
    assert shown(browser) == (question, "answer")


def test_search_and_filters_narrow_the_list(demo: Path, browser: Browser) -> None:
    browser.open(demo)
    browser.press("/", "a", "d", "a", "m", "w")
    browser.wait("state.cards.length === 1")
    assert "checklist" in shown(browser)[0]
    assert browser.run("return byId('found').textContent") == "1 of 13 cards"
    browser.press(ESCAPE)
    assert browser.run("return state.cards.length") == 13
    choose = """
        byId(arguments[0]).value = arguments[1];
        byId(arguments[0]).dispatchEvent(new Event('change'))"""
    for select, value, count in (
        ("file", "中文.md", 5),
        ("tag", "代码", 1),
        ("problem", "image-missing", 1),
        ("problem", "*", 1),
    ):
        browser.run(choose, select, value)
        assert browser.run("return state.cards.length") == count, select
        browser.run("clearFilters()")
    browser.run("byId('search').value = 'nothing like it'; filter()")
    assert browser.run("return [byId('empty').hidden, byId('card').hidden]") == [False, True]
    browser.run("byId('clear').click()")
    assert browser.run("return [byId('empty').hidden, state.cards.length]") == [True, 13]


def test_problems_are_shown_at_their_card(demo: Path, browser: Browser) -> None:
    browser.open(demo)
    browser.run("byId('problem').value = 'image-missing'; filter()")
    text = browser.run("return byId('problems').textContent")
    assert "missing.png" in text
    assert "image-missing" in text


def test_what_changed_since_the_lock_is_marked(tmp_path: Path, browser: Browser) -> None:
    notes = [a_note(guid=name, number=n) for n, name in enumerate(("new", "renamed", "unchanged"))]
    changes = [
        Change("new", (CardStatus.NEW,), "notes.md", 1, "What is CLIP?"),
        Change("renamed", (CardStatus.RENAMED,), "notes.md", 2, "What is CLIP?", "Was it CLIP?"),
        Change("unchanged", (CardStatus.UNCHANGED,), "notes.md", 3, "What is CLIP?"),
    ]
    browser.open(written(tmp_path, a_deck(*notes), changes=changes))
    badges = browser.run(
        "return [...document.querySelectorAll('.row .badge')].map((b) => b.textContent)"
    )
    assert badges == ["New", "Renamed"]
    browser.run("byId('status').value = 'renamed'; filter()")
    assert "was: Was it CLIP?" in browser.run("return byId('facts').textContent")


def test_controls_have_names_for_those_who_hear_the_page(demo: Path, browser: Browser) -> None:
    browser.open(demo)
    tree = browser.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = {"button", "searchbox", "combobox", "listbox", "option", "Iframe", "toolbar"}
    nameless = [
        item["role"]["value"]
        for item in tree
        if not item["ignored"] and item.get("role", {}).get("value") in roles
        if not item.get("name", {}).get("value")
    ]
    assert nameless == []
    active = browser.run(
        "return byId(byId('list').getAttribute('aria-activedescendant')).ariaSelected"
    )
    assert active == "true"
    browser.press(TAB)
    ring = "return getComputedStyle(document.activeElement).outlineStyle"
    assert browser.run(ring) == "solid"


def test_five_thousand_cards_open_at_once(tmp_path: Path, browser: Browser) -> None:
    answer = "<p>" + "An answer with <b>bold</b> and <code>code</code>. " * 40 + "</p>"
    one = a_note("", answer).draft
    drafts = [
        one._replace(
            question=f"Question {n}?",
            fields=one.fields._replace(question=f"Question {n}?"),
            tags=(f"t{n % 50}::u",),
        )
        for n in range(5000)
    ]
    notes = [
        placed(Note(f"g{n}", n, 0, draft), n + 1, f"file{n % 20}.md")
        for n, draft in enumerate(drafts)
    ]
    page = written(tmp_path, a_deck(*notes))
    browser.open(page)
    opened = int(browser.run("return document.documentElement.dataset.ready"))
    assert opened < 4000, "2 s on a quiet machine"
    assert browser.run("return document.querySelectorAll('.row').length") < 60
    browser.run("byId('list').scrollTop = 1e9")
    browser.wait("document.querySelector('.row[data-at=\"4999\"]')")
    browser.run("byId('search').value = 'question 4321'; filter()")
    assert browser.run("return state.cards.length") == 1
    assert shown(browser)[0] == "Question 4321?"


HOSTILE = (
    "<script>parent.pwned = 1</script>",
    "</script><script>parent.pwned = 2</script>",
    '<img src=x onerror="parent.pwned = 3">',
    '<svg onload="parent.pwned = 4"></svg>',
    '<a id="bait" href="javascript:parent.pwned = 5">x</a>',
    '<iframe srcdoc="&lt;script&gt;top.pwned = 6&lt;/script&gt;"></iframe>',
    '<iframe src="https://evil.example/frame"></iframe>',
    '<object data="https://evil.example/object"></object>',
    '<form action="https://evil.example/form"><button id="send">x</button></form>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example/refresh">',
    '<base href="https://evil.example/base/"><img src="relative.png">',
    '<link rel="stylesheet" href="https://evil.example/link">',
    '<style>@import url("https://evil.example/import");</style>',
    "<style>body { background: url(https://evil.example/css) }</style>",
    '<img src="https://evil.example/picture"><video src="https://evil.example/film"></video>',
    r"\(\href{javascript:parent.pwned=7}{x} \style{background:url(https://evil.example/tex)}{y}\)",
    "[sound:https://evil.example/sound.mp3][sound:&quot; onerror=&quot;parent.pwned=8]",
)


def test_what_a_stranger_wrote_cannot_run_or_call_home(tmp_path: Path, browser: Browser) -> None:
    """The build removes all of this from cards; the page must hold even if it did not."""
    notes = [
        a_note(f"{text} {n}", text, guid=f"g{n}", number=n, tags=("<img/onerror=parent.pwned=9>",))
        for n, text in enumerate(HOSTILE)
    ]
    deck = a_deck(*notes, name="</script><img src=x onerror=pwned=10>")
    browser.open(written(tmp_path, deck))
    browser.run("window.opened = []; window.open = (address) => { opened.push(address); }")
    for at in range(len(HOSTILE)):
        browser.run_async(
            "state.at = arguments[0]; state.back = true; showCard().then(arguments[1])", at
        )
        browser.run("frame.page.querySelectorAll('#bait, #send, a').forEach((one) => one.click())")
    browser.run_async("setTimeout(arguments[0], 300)")
    assert browser.run("return window.pwned === undefined")
    assert browser.run("return opened") == []
    assert browser.run("return frame.frame.contentDocument === frame.page")
    assert browser.run("return document.title").startswith("</script><img")
    assert browser.left_the_machine() == []


def test_links_of_cards_open_beside_the_page(tmp_path: Path, browser: Browser) -> None:
    one = a_note("Q", '<p><a href="https://example.org/a?b=c">x</a></p>')
    browser.open(written(tmp_path, a_deck(one)))
    browser.run("window.opened = []; window.open = (...all) => { opened.push(all); }; flip(true)")
    browser.run("frame.page.querySelector('a').click()")
    assert browser.run("return opened") == [
        ["https://example.org/a?b=c", "_blank", "noopener,noreferrer"]
    ]


def test_sounds_get_a_player(demo: Path, browser: Browser) -> None:
    browser.open(demo)
    browser.run("byId('search').value = 'bell sound'; filter(); flip(true)")
    browser.wait("frame.page.querySelector('audio')?.duration > 0.1")


def test_a_watched_page_follows_the_deck(tmp_path: Path, browser: Browser) -> None:
    page = written(tmp_path, a_deck(a_note("Before?", guid="a"), a_note("Other?", guid="b")))
    browser.open(page, "#watch&card=b.0")
    assert shown(browser)[0] == "Other?"
    written(tmp_path, a_deck(a_note("Before?", guid="a"), a_note("After?", guid="b")))
    browser.wait("document.documentElement.dataset.ready && deck.notes[1].question === 'After?'")
    assert shown(browser)[0] == "After?"


def test_the_page_says_so_where_nothing_is_on_cards(tmp_path: Path, browser: Browser) -> None:
    deck = replace(a_deck(), notes=())
    browser.open(written(tmp_path, deck))
    assert browser.run("return byId('empty').checkVisibility() || byId('empty').hidden === false")
    assert browser.run("return byId('empty').textContent") == "This deck has no cards."
    browser.press(" ", RIGHT, "d")
    browser.collect()
    assert browser.errors == []


def test_mathjax_is_as_its_publisher_gave_it() -> None:
    digest = hashlib.sha256()
    for path in sorted(VENDORED.rglob("*")):
        if path.name == "tex-chtml-full.js" or path.suffix == ".woff":
            digest.update(path.name.encode() + path.read_bytes())
    assert digest.hexdigest()[:16] == "4635468756894133"
