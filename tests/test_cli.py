"""The command line: exit codes, what is said where, and what is written when."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from deckbuilder.cli import main
from deckbuilder.setting import Request, set_up
from tests.support.process import SCRIPT, printed, python


class Cli:
    """The command line in a folder of its own, and what the last run said."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys
        self.out = self.err = ""

    def write(self, name: str, text: str) -> None:
        """Write a file of the notes folder."""
        (self.folder / "source" / name).write_text(text, "utf-8")

    def run(self, *arguments: str) -> int:
        try:
            return main(["--no-cache", "--offline", *arguments])
        finally:
            self.out, self.err = self.capsys.readouterr()

    def report(self, *arguments: str) -> dict[str, Any]:
        """Run, and return what the report says."""
        self.run("--report", "out/report.json", *arguments)
        report: dict[str, Any] = json.loads(
            (self.folder / "out" / "report.json").read_text("utf-8")
        )
        return report

    def contents(self) -> dict[str, bytes]:
        """Return all files by their names from the working folder."""
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Give a working folder with a notes folder, in which there are two questions."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "source").mkdir()
    cli = Cli(tmp_path, capsys)
    cli.write("deck.toml", '[deck]\nname = "Plain: deck"\n')
    cli.write(
        "a.md",
        "# A\n\n## What is one?\n\nThe first number.\n\n## What is two?\n\n![x](gone.png) second\n",
    )
    return cli


# Exit codes and what is written ---------------------------------------------------------------


def test_a_build_writes_package_and_lock_and_nothing_else(cli: Cli) -> None:
    before = cli.contents().keys()
    assert cli.run() == 0
    assert cli.contents().keys() - before == {"build/Plain- deck.apkg", "source/deck.lock"}
    assert "2 notes, 2 cards" in cli.out
    assert "source/a.md:9: warning: 'gone.png' not found" in cli.err


def test_check_writes_nothing_and_says_what_would_happen(cli: Cli) -> None:
    before = cli.contents().keys()
    assert cli.run("--check") == 0
    assert cli.contents().keys() == before
    assert "2 notes" in cli.out


def test_an_error_leaves_the_last_package_and_lock_as_they_were(cli: Cli) -> None:
    assert cli.run() == 0
    cli.write("a.md", "## Other?\n\nx\n")
    cli.write("deck.toml", "[deck]\ncolour = 1\n")
    before = cli.contents()
    assert cli.run("-o", "build/Plain- deck.apkg") == 1
    assert cli.contents() == before
    assert "nothing was written" in cli.err


def test_strict_makes_errors_of_warnings(cli: Cli) -> None:
    before = cli.contents().keys()
    assert cli.run("--strict") == 1
    assert cli.contents().keys() == before
    assert "source/a.md:9: error: 'gone.png' not found" in cli.err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["--wtach"], "unrecognized arguments: --wtach; did you mean --watch?"),
        (["source", "--previw=x"], "--previw=x; did you mean --preview?"),
        (["-q", "-v"], "not allowed with argument"),
        (["--jobs", "0"], "--jobs: must be 1 or more, not '0'"),
        (["--jobs", "many"], "--jobs: must be 1 or more, not 'many'"),
        (["-o", "source/a.md"], "--output: must end in .apkg, not 'source/a.md'"),
        (["-o", "source/deck.lock"], "--output: must end in .apkg"),
        (["-o", "build"], "--output: must end in .apkg"),
        (["--lock", "build/D.apkg"], "--lock: must not end in .apkg"),
        (["--report", "build/D.APKG"], "--report: must not end in .apkg"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_two_and_touches_nothing(arguments: list[str], why: str, cli: Cli) -> None:
    before = cli.contents()
    with pytest.raises(SystemExit, match="2"):
        cli.run(*arguments)
    assert why in cli.err
    assert cli.contents() == before


def test_notes_may_stand_on_both_sides_of_an_option(cli: Cli) -> None:
    (cli.folder / "other").mkdir()
    cli.write("../other/b.md", "# B\n\n## 1. What is a frame?\n\nPlace.\n")
    assert cli.run("source", "--check") == 0
    one = cli.out
    assert cli.run("source", "--check", "other") == 0
    assert cli.out != one


def test_an_interruption_is_a_hundred_and_thirty(monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("deckbuilder.pipeline.plan", interrupted)
    before = cli.contents().keys()
    assert cli.run() == 130
    assert cli.contents().keys() == before


@pytest.mark.parametrize("name", ["nowhere", "empty", "other"])
def test_no_notes_is_an_error_that_says_what_notes_are(name: str, cli: Cli) -> None:
    (cli.folder / "empty").mkdir()
    (cli.folder / "other").mkdir()
    cli.write("../other/a.mdx", "x")
    assert cli.run(name) == 1
    assert re.search(r"\[(no-notes|notes-missing)\]", cli.err)


def test_a_folder_that_is_not_there_is_all_that_is_said(cli: Cli) -> None:
    assert cli.run("nowhere") == 1
    said = cli.err.splitlines()
    assert [line for line in said if "[" in line] == [line for line in said if "missing]" in line]


def test_a_media_folder_that_is_not_there_is_an_error(cli: Cli) -> None:
    before = cli.contents()
    assert cli.run("--media", "pictures", "--media", "source/a.md") == 1
    assert "pictures: error: no such folder [media-missing]" in cli.err
    assert "source/a.md: error: no such folder [media-missing]" in cli.err
    assert cli.contents() == before
    assert cli.run("nowhere", "--media", "pictures", "--media", "pictures") == 1
    assert cli.err.count("[media-missing]") == 1
    (cli.folder / "pictures").mkdir()
    assert cli.run("--media", "pictures") == 0


# Report and preview beside the deck -------------------------------------------------------------


def test_check_still_writes_the_report_and_the_preview_that_are_asked_for(cli: Cli) -> None:
    before = cli.contents().keys()
    assert cli.run("--check", "--report", "out/report.json", "--preview", "page") == 0
    made = cli.contents().keys() - before
    assert {"out/report.json", "page/index.html"} <= made
    assert all(name.startswith(("out/", "page/")) for name in made)


def test_a_run_with_errors_writes_no_preview_and_reports_them(cli: Cli) -> None:
    before = cli.contents().keys()
    assert cli.run("--strict", "--report", "out/report.json", "--preview", "page") == 1
    assert cli.contents().keys() - before == {"out/report.json"}
    assert "image-missing" in (cli.folder / "out" / "report.json").read_text("utf-8")
    assert cli.err.endswith("errors: nothing was written\n")


@pytest.mark.parametrize(
    ("report", "code"),
    [
        ("source/a.md", "report-file"),
        ("source/deck.lock", "report-file"),
        ("source/deck.toml", "report-file"),
        ("source", "report-file"),
        ("package.json", "report-file"),
        ("/dev/null", "report-file"),
        ("source/a.md/report.json", "no-access"),
    ],
)
def test_a_report_that_cannot_or_must_not_be_written_stops_the_run_before_it_begins(
    report: str, code: str, cli: Cli
) -> None:
    cli.run()
    cli.write("b.md", "## And three?\n\nThe third.\n")
    (cli.folder / "package.json").write_text('{\n "name": "x"\n}\n', "utf-8")
    before = cli.contents()
    assert cli.run("--report", report, "--preview", "page") == 1
    assert re.fullmatch(rf".+: error: .+ \[{code}\]\nnothing was written\n", cli.err)
    assert cli.contents() == before


@pytest.mark.parametrize("name", ["deck.lock", "deck.toml"])
def test_a_report_takes_the_place_of_no_lock_and_no_settings(name: str, cli: Cli) -> None:
    (cli.folder / "source" / name).unlink(missing_ok=True)
    before = cli.contents()
    assert cli.run("--report", f"source/../source/{name}") == 1
    assert "[report-file]" in cli.err
    assert cli.contents() == before


@pytest.mark.parametrize("name", ["source/deck.lock", "source/deck.toml", "build/Plain- deck.apkg"])
def test_a_pipe_in_place_of_our_files_is_not_waited_for(name: str, cli: Cli) -> None:
    pipe = cli.folder / name
    pipe.unlink(missing_ok=True)
    pipe.parent.mkdir(exist_ok=True)
    os.mkfifo(pipe)
    assert cli.run() == 1
    assert cli.err.startswith(f"{name}: error: is a device or a pipe, not a file")
    assert not any(made.endswith(".apkg") for made in cli.contents())


def test_a_name_that_no_disk_takes_is_told_by_who_writes_it(cli: Cli) -> None:
    """And does not end a watch, which asks after each build what is its own."""
    cli.run()
    name = "a" * 300 + ".apkg"
    assert cli.run("-o", name) == 1
    assert cli.err.endswith(
        f"{name}: error: the name is too long for this disk; choose a shorter one "
        "[write-failed]\nnothing was written\n"
    )
    assert set_up(Request((cli.folder,), 0, output=Path(name)))[0].output == Path(name)


def test_a_preview_that_cannot_be_written_leaves_package_and_lock_as_they_were(cli: Cli) -> None:
    cli.run()
    cli.write("b.md", "## And three?\n\nThe third.\n")
    before = cli.contents()
    assert cli.run("--preview", "source/a.md/page", "--report", "report.json") == 1
    assert re.fullmatch(r".+/a\.md.*: error: .+ \[no-access\]\nnothing was written\n", cli.err)
    after = cli.contents()
    assert "no-access" in after.pop("report.json").decode()
    assert after == before


def test_a_package_that_cannot_be_written_is_not_hidden_by_the_preview_that_was(cli: Cli) -> None:
    (cli.folder / "full.apkg").mkdir()
    assert cli.run("-o", "full.apkg", "--preview", "page") == 1
    assert "full.apkg: error: is a folder; name a file [write-failed]" in cli.err
    assert cli.err.endswith("nothing was written but the preview\n")
    assert not (cli.folder / "source" / "deck.lock").exists()
    assert (cli.folder / "page" / "index.html").exists()


def test_a_file_in_the_way_of_a_folder_is_named(cli: Cli) -> None:
    (cli.folder / "taken").write_text("", "utf-8")
    assert cli.run("-o", "taken/deck.apkg") == 1
    assert "taken: error: a part of this path is a file" in cli.err


# Links ------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX")
def test_a_lock_that_is_a_link_to_nothing_is_refused(cli: Cli) -> None:
    (cli.folder / "source" / "deck.lock").symlink_to("../victim")
    before = cli.contents()
    for option in ((), ("--merge-lock",)):
        assert cli.run(*option) == 1
        assert "source/deck.lock: error: the lock is a link to a missing file" in cli.err
    assert cli.contents() == before


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX")
def test_a_link_in_place_of_the_package_is_replaced_and_one_that_is_named_is_followed(
    cli: Cli,
) -> None:
    precious, package = cli.folder / "precious", cli.folder / "build" / "Plain- deck.apkg"
    precious.write_text("mine", "utf-8")
    package.parent.mkdir()
    package.symlink_to(precious)
    assert cli.run() == 0
    assert precious.read_text("utf-8") == "mine"
    assert package.is_file()
    assert not package.is_symlink()
    (cli.folder / "named.apkg").symlink_to(cli.folder / "elsewhere.apkg")
    assert cli.run("-o", "named.apkg") == 0
    assert (cli.folder / "named.apkg").is_symlink()
    assert (cli.folder / "elsewhere.apkg").read_bytes() == package.read_bytes()


# What is said --------------------------------------------------------------------------------

LINE = re.compile(r"[^\s:][^:]*(:\d+)?: (error|warning|note): .+ \[[a-z0-9-]+\]")


def test_all_problems_of_a_run_are_said_at_once_each_on_a_line_for_editors(cli: Cli) -> None:
    (cli.folder / "source" / "b.md").write_bytes(
        "## 什么？\n\n$\\frac{a$ ![](no.png)\n".encode("gb18030")
    )
    cli.write("c.md", "---\ntags: [a\n---\n## Q?\n\nx | y\n\n<!-- card: nope -->\n")
    both = "- [x] ![A page](no.png)\n- [ ] A book\n\n"  # on the front and on the back
    cli.write("d.md", f"### Which is fast?\n\n{both}### Which is slow?\n\n{both}")
    report = cli.report()
    lines = cli.err.splitlines()
    assert all(LINE.fullmatch(line) for line in lines)
    codes = {line.rpartition("[")[2].rstrip("]") for line in lines}
    assert {"image-missing", "encoding", "math-unbalanced", "front-matter", "card-comment"} <= codes
    assert len(lines) == len(set(lines)) == len(report["problems"])


def test_quiet_says_problems_only(cli: Cli) -> None:
    assert cli.run("-q") == 0
    assert cli.out == ""
    assert "image-missing" in cli.err


def test_verbose_says_how_questions_were_found(cli: Cli) -> None:
    assert cli.run("-v", "--check") == 0
    assert re.search(r"^a\.md: 2 notes; questions: level 2", cli.out, re.MULTILINE)
    assert "seconds: " in cli.out


def test_the_summary_counts_what_is_on_no_card(cli: Cli) -> None:
    text = (cli.folder / "source" / "a.md").read_text("utf-8")
    cli.write("a.md", "A word before all questions.\n\n" + text)
    assert cli.run("--check") == 0
    assert "1 passage of the notes on no card; -v says where and why\n" in cli.out
    assert cli.run("-v", "--check") == 0
    assert "skipped source/a.md:1: (no heading): before the first question\n" in cli.out
    assert "on no card" not in cli.out


def test_one_note_is_no_notes(cli: Cli) -> None:
    cli.write("a.md", "# A\n\n## 1. What is a page?\n\nMemory.\n")
    cli.run("-v", "--check")
    assert re.search(r"^a\.md: 1 note; .*\b1 heading\b", cli.out, re.MULTILINE)


def test_a_python_without_the_libraries_is_told_where_they_come_from(cli: Cli) -> None:
    done = python("-S", SCRIPT, "source", "--check")
    assert done.returncode == 1
    assert re.fullmatch(r"No module named '\w+'; .*README\.md.*\n", done.stderr)


def test_an_interrupt_while_the_program_is_loaded_ends_it_as_everywhere(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise KeyboardInterrupt", "utf-8")
    done = python(SCRIPT, "--check", PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.parametrize("control", ["\x1b]0;pwn\x07", "\x9b31m", "\x08", "\x7f"])
def test_what_a_terminal_would_act_upon_is_not_printed(control: str, cli: Cli) -> None:
    cli.write("b.md", f"## Who{control} asks?\n\n![x](no{control}.png)\n")
    cli.run("-v")
    said = cli.out + cli.err
    cli.write("b.md", "## Who asks?\n\nNobody but me.\n")
    cli.run("-v")
    said += cli.out + cli.err
    assert "asks?" in said
    assert "\ufffd" in said
    assert not re.search(r"[^\n\t -~\xa0-\uffff]", said)


@pytest.mark.parametrize("control", ["\n", "\u202e", "\u2066"])
def test_a_name_begins_no_line_and_turns_none_around(control: str, cli: Cli) -> None:
    name = f"b{control}c.md: error: forged.md"
    cli.write(name, "## Who asks?\n\n![x](none.png)\n")
    cli.run("-v")
    assert "\nsource/b\ufffdc.md: error: forged.md:3: warning: 'none.png'" in cli.err
    assert "\nb\ufffdc.md: error: forged.md: 1 note" in cli.out


# The report ----------------------------------------------------------------------------------


KEYS = {
    "deck": str, "output": str, "sha256": str, "sections": int, "merged": int, "notes": int,
    "cards": int, "new": int, "changed": int, "renamed": int, "moved": int, "unchanged": int,
    "rerendered": int, "gone": int, "media": dict, "removed": dict, "skipped": list,
    "problems": list, "details": list, "gone_search": str, "seconds": dict,
}  # fmt: skip


def test_the_report_has_the_keys_of_the_contract(cli: Cli) -> None:
    report = cli.report()
    assert {key: type(report[key]) for key in KEYS} == KEYS
    assert {"files", "bytes", "remote"} <= report["media"].keys()
    assert [problem for problem in report["problems"] if problem["code"] == "image-missing"] == [
        {
            "severity": "warning",
            "code": "image-missing",
            "path": "source/a.md",
            "line": 9,
            "message": "'gone.png' not found; looked in source",
        }
    ]
    package = Path(report["output"]).read_bytes()
    assert report["sha256"] == hashlib.sha256(package).hexdigest()
    assert {"read", "parse", "total"} <= set(report["seconds"])


def counted(report: dict[str, Any]) -> dict[str, int]:
    names = ("new", "changed", "renamed", "moved", "unchanged", "rerendered")
    assert sum(report[name] for name in names) == report["notes"]
    assert report["sections"] - report["merged"] == report["notes"]
    return {name: report[name] for name in (*names, "gone") if report[name]}


def test_every_note_counts_once_in_the_report(cli: Cli) -> None:
    assert counted(cli.report()) == {"new": 2}
    assert counted(cli.report()) == {"unchanged": 2}
    text = (cli.folder / "source" / "a.md").read_text("utf-8")
    cli.write("a.md", text.replace("first number", "smallest number"))
    report = cli.report()
    assert counted(report) == {"changed": 1, "unchanged": 1}
    [detail] = [one for one in report["details"] if one["status"] != "unchanged"]
    assert (detail["path"], detail["line"], detail["question"]) == (
        "source/a.md",
        3,
        "What is one?",
    )
    cli.write("a.md", "# A\n\n## What is two?\n\nsecond\n")
    report = cli.report()
    assert counted(report) == {"changed": 1, "gone": 1}
    assert re.fullmatch(r'"Key:re:\^\([a-z0-9]+\)\$"', report["gone_search"])


def test_a_failed_run_is_reported_too(cli: Cli) -> None:
    cli.write("deck.toml", "[deck]\ncolour = 1\n")
    assert [problem["code"] for problem in cli.report()["problems"]] == ["config-key"]


# A process of its own ------------------------------------------------------------------------


def test_help_loads_no_library() -> None:
    program = (
        "import sys\nfrom deckbuilder.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print(sorted({n.split('.')[0] for n in sys.modules} & {'markdown_it', 'genanki', 'bs4', "
        "'PIL', 'pygments', 'nh3', 'yaml', 'lxml', 'urllib3', 'rapidfuzz', 'mmdr'}))"
    )
    said = printed("-c", program)
    assert said.splitlines()[-1] == "[]", said
    assert "--restructure" in said


def test_the_script_of_the_repository_runs_from_anywhere(cli: Cli) -> None:
    printed(SCRIPT, "--no-cache", "--offline")
    assert (cli.folder / "build" / "Plain- deck.apkg").exists()
    assert printed(SCRIPT, "--version").startswith("deckbuilder ")
    assert printed("-m", "deckbuilder", "--version").startswith("deckbuilder ")


def test_without_a_cache_nothing_is_left_in_the_temporary_folder(cli: Cli) -> None:
    cli.write("b.md", "## Where?\n\n![there](https://example.org/a.png)\n")
    temporary = cli.folder / "tmp"
    temporary.mkdir()
    done = python(SCRIPT, "--no-cache", "--offline", TMPDIR=str(temporary))
    assert done.returncode == 0, done.stderr
    assert "image-remote" in done.stderr
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("gbk", "gbk"),
        ("utf-8", "utf-8"),
        ("ascii", "utf-8"),
        ("cp1252", "utf-8"),
        ("cp437", "utf-8"),
    ],
)
def test_any_terminal_can_show_the_messages(encoding: str, said: str, cli: Cli) -> None:
    cli.write("中文.md", "## 什么是𠮷？\n\n![](没有.png) é\n")
    done = python(SCRIPT, "--no-cache", "--offline", encoding=said, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert "source/中文.md:3: warning: '没有.png' not found" in done.stderr
    assert "Traceback" not in done.stderr
