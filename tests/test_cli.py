"""The command line: exit codes, what is said where, and what is written when."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from deckbuilder.cli import main
from tests.support.process import SCRIPT, printed, python


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notes folder in the working folder, with two questions."""
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "source"
    source.mkdir()
    (source / "deck.toml").write_text('[deck]\nname = "Plain: deck"\n', "utf-8")
    (source / "a.md").write_text(
        "# A\n\n## What is one?\n\nThe first number.\n\n## What is two?\n\n![x](gone.png) second\n",
        "utf-8",
    )
    return source


def run(*arguments: str) -> int:
    return main(["--no-cache", "--offline", *arguments])


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files(folder)}


def wrong(text: str, notes: Path) -> None:
    (notes / "deck.toml").write_text(f'[deck]\nname = "N"\n{text}\n', "utf-8")


# Exit codes and what is written ---------------------------------------------------------------


def test_a_build_writes_package_and_lock_and_nothing_else(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(tmp_path)
    assert run() == 0
    assert files(tmp_path) - before == {"build/Plain- deck.apkg", "source/deck.lock"}
    said = capsys.readouterr()
    assert "2 notes, 2 cards" in said.out
    assert "source/a.md:9: warning: 'gone.png' not found" in said.err


def test_check_writes_nothing_and_says_what_would_happen(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(tmp_path)
    assert run("--check") == 0
    assert files(tmp_path) == before
    assert "2 notes" in capsys.readouterr().out


def test_an_error_leaves_the_last_package_and_lock_as_they_were(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    (notes / "a.md").write_text("## Other?\n\nx\n", "utf-8")
    wrong("colour = 1", notes)
    before = contents(tmp_path)
    assert run("-o", "build/Plain- deck.apkg") == 1
    assert contents(tmp_path) == before
    assert "nothing was written" in capsys.readouterr().err


def test_strict_makes_errors_of_warnings(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(tmp_path)
    assert run("--strict") == 1
    assert files(tmp_path) == before
    assert "source/a.md:9: error: 'gone.png' not found" in capsys.readouterr().err


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
def test_wrong_usage_is_two_and_touches_nothing(
    arguments: list[str],
    why: str,
    notes: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = contents(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert why in capsys.readouterr().err
    assert contents(tmp_path) == before


def test_notes_may_stand_on_both_sides_of_an_option(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = notes.with_name("other")
    other.mkdir()
    (other / "b.md").write_text("# B\n\n## 1. What is a frame?\n\nPlace.\n", "utf-8")
    before = main([str(notes), "--check"])
    one = capsys.readouterr().out
    assert main([str(notes), "--check", str(other)]) == before == 0
    assert capsys.readouterr().out != one


def test_an_interruption_is_a_hundred_and_thirty(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("deckbuilder.pipeline.plan", interrupted)
    before = files(tmp_path)
    assert run() == 130
    assert files(tmp_path) == before


@pytest.mark.parametrize("name", ["nowhere", "empty", "other"])
def test_no_notes_is_an_error_that_says_what_notes_are(
    name: str, notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.mdx").write_text("x", "utf-8")
    assert run(name) == 1
    assert re.search(r"\[(no-notes|notes-missing)\]", capsys.readouterr().err)


def test_a_folder_that_is_not_there_is_all_that_is_said(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("nowhere") == 1
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if "[" in line] == [line for line in said if "missing]" in line]


def test_a_media_folder_that_is_not_there_is_an_error(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(tmp_path)
    assert run("--media", "pictures", "--media", "source/a.md") == 1
    said = capsys.readouterr().err
    assert "pictures: error: no such folder [media-missing]" in said
    assert "source/a.md: error: no such folder [media-missing]" in said
    assert contents(tmp_path) == before
    (tmp_path / "pictures").mkdir()
    assert run("--media", "pictures") == 0


# Report and preview beside the deck -------------------------------------------------------------


def test_check_still_writes_the_report_and_the_preview_that_are_asked_for(
    notes: Path, tmp_path: Path
) -> None:
    before = files(tmp_path)
    assert run("--check", "--report", "out/report.json", "--preview", "page") == 0
    made = files(tmp_path) - before
    assert {"out/report.json", "page/index.html"} <= made
    assert all(name.startswith(("out/", "page/")) for name in made)


def test_a_run_with_errors_writes_no_preview_and_reports_them(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(tmp_path)
    assert run("--strict", "--report", "out/report.json", "--preview", "page") == 1
    assert files(tmp_path) - before == {"out/report.json"}
    assert "image-missing" in (tmp_path / "out" / "report.json").read_text("utf-8")
    assert capsys.readouterr().err.endswith("errors: nothing was written\n")


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
    report: str, code: str, notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run()
    (notes / "b.md").write_text("## And three?\n\nThe third.\n", "utf-8")
    (tmp_path / "package.json").write_text('{\n "name": "x"\n}\n', "utf-8")
    before = contents(tmp_path)
    capsys.readouterr()
    assert run("--report", report, "--preview", "page") == 1
    assert re.fullmatch(
        rf".+: error: .+ \[{code}\]\nnothing was written\n", capsys.readouterr().err
    )
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", ["deck.lock", "deck.toml"])
def test_a_report_takes_the_place_of_no_lock_and_no_settings(
    name: str, notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (notes / name).unlink(missing_ok=True)
    before = contents(tmp_path)
    assert run("--report", f"source/../source/{name}") == 1
    assert "[report-file]" in capsys.readouterr().err
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", ["source/deck.lock", "source/deck.toml", "build/Plain- deck.apkg"])
def test_a_pipe_in_place_of_our_files_is_not_waited_for(
    name: str, notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = tmp_path / name
    pipe.unlink(missing_ok=True)
    pipe.parent.mkdir(exist_ok=True)
    os.mkfifo(pipe)
    assert run() == 1
    said = capsys.readouterr().err
    assert said.startswith(f"{name}: error: is a device or a pipe, not a file")
    assert not any(p.is_file() for p in tmp_path.rglob("*.apkg"))


def test_a_preview_that_cannot_be_written_leaves_package_and_lock_as_they_were(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run()
    (notes / "b.md").write_text("## And three?\n\nThe third.\n", "utf-8")
    before = contents(tmp_path)
    capsys.readouterr()
    assert run("--preview", "source/a.md/page", "--report", "report.json") == 1
    said = capsys.readouterr().err
    assert re.fullmatch(r".+/a\.md.*: error: .+ \[no-access\]\nnothing was written\n", said)
    after = contents(tmp_path)
    assert "no-access" in after.pop("report.json").decode()
    assert after == before


def test_a_package_that_cannot_be_written_is_not_hidden_by_the_preview_that_was(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "full.apkg").mkdir()
    assert run("-o", "full.apkg", "--preview", "page") == 1
    said = capsys.readouterr().err
    assert "full.apkg: error: is a folder; name a file [write-failed]" in said
    assert said.endswith("nothing was written but the preview\n")
    assert not (notes / "deck.lock").exists()
    assert (tmp_path / "page" / "index.html").exists()


def test_a_file_in_the_way_of_a_folder_is_named(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("", "utf-8")
    assert run("-o", "taken/deck.apkg") == 1
    assert "taken: error: a part of this path is a file" in capsys.readouterr().err


# Links ------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX")
def test_a_lock_that_is_a_link_to_nothing_is_refused(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (notes / "deck.lock").symlink_to("../victim")
    before = contents(tmp_path)
    assert run() == 1
    assert run("--merge-lock") == 1
    said = capsys.readouterr().err
    assert said.count("source/deck.lock: error: the lock is a link to a missing file") == 2
    assert contents(tmp_path) == before


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX")
def test_a_link_in_place_of_the_package_is_replaced_and_one_that_is_named_is_followed(
    notes: Path, tmp_path: Path
) -> None:
    precious, package = tmp_path / "precious", tmp_path / "build" / "Plain- deck.apkg"
    precious.write_text("mine", "utf-8")
    package.parent.mkdir()
    package.symlink_to(precious)
    assert run() == 0
    assert precious.read_text("utf-8") == "mine"
    assert package.is_file()
    assert not package.is_symlink()
    (tmp_path / "named.apkg").symlink_to(tmp_path / "elsewhere.apkg")
    assert run("-o", "named.apkg") == 0
    assert (tmp_path / "named.apkg").is_symlink()
    assert (tmp_path / "elsewhere.apkg").read_bytes() == package.read_bytes()


# What is said --------------------------------------------------------------------------------

LINE = re.compile(r"[^\s:][^:]*(:\d+)?: (error|warning|note): .+ \[[a-z0-9-]+\]")


def test_all_problems_of_a_run_are_said_at_once_each_on_a_line_for_editors(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (notes / "b.md").write_bytes("## 什么？\n\n$\\frac{a$ ![](no.png)\n".encode("gb18030"))
    (notes / "c.md").write_text(
        "---\ntags: [a\n---\n## Q?\n\nx | y\n\n<!-- card: nope -->\n", "utf-8"
    )
    assert run() == 0
    lines = capsys.readouterr().err.splitlines()
    assert all(LINE.fullmatch(line) for line in lines)
    codes = {line.rpartition("[")[2].rstrip("]") for line in lines}
    assert {"image-missing", "encoding", "math-unbalanced", "front-matter", "card-comment"} <= codes
    assert len(lines) == len(set(lines))


def test_quiet_says_problems_only(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-q") == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "image-missing" in said.err


def test_verbose_says_how_questions_were_found(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("-v", "--check") == 0
    said = capsys.readouterr().out
    assert re.search(r"^a\.md: 2 notes; questions: level 2", said, re.MULTILINE)
    assert "seconds: " in said


def test_the_summary_counts_what_is_on_no_card(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (notes / "a.md").read_text("utf-8")
    (notes / "a.md").write_text("A word before all questions.\n\n" + text, "utf-8")
    assert run("--check") == 0
    assert "1 passage of the notes on no card; -v says where and why\n" in capsys.readouterr().out
    assert run("-v", "--check") == 0
    said = capsys.readouterr().out
    assert "skipped source/a.md:1: (no heading): before the first question\n" in said
    assert "on no card" not in said


def test_one_note_is_no_notes(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (notes / "a.md").write_text("# A\n\n## 1. What is a page?\n\nMemory.\n", "utf-8")
    run("-v", "--check")
    assert re.search(r"^a\.md: 1 note; .*\b1 heading\b", capsys.readouterr().out, re.MULTILINE)


def test_a_python_without_the_libraries_is_told_where_they_come_from(notes: Path) -> None:
    done = python("-S", SCRIPT, str(notes), "--check")
    assert done.returncode == 1
    assert re.fullmatch(r"No module named '\w+'; .*README\.md.*\n", done.stderr)


def test_an_interrupt_while_the_program_is_loaded_ends_it_as_everywhere(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise KeyboardInterrupt", "utf-8")
    done = python(SCRIPT, "--check", PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.parametrize("control", ["\x1b]0;pwn\x07", "\x9b31m", "\x08", "\x7f"])
def test_what_a_terminal_would_act_upon_is_not_printed(
    control: str, notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (notes / "b.md").write_text(f"## Who{control} asks?\n\n![x](no{control}.png)\n", "utf-8")
    run("-v")
    (notes / "b.md").write_text("## Who asks?\n\nNobody but me.\n", "utf-8")
    run("-v")
    said = capsys.readouterr()
    assert "asks?" in said.out
    assert "\ufffd" in said.out + said.err
    assert not re.search(r"[^\n\t -~\xa0-\uffff]", said.out + said.err)


@pytest.mark.parametrize("control", ["\n", "\u202e", "\u2066"])
def test_a_name_begins_no_line_and_turns_none_around(
    control: str, notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"b{control}c.md: error: forged.md"
    (notes / name).write_text("## Who asks?\n\n![x](none.png)\n", "utf-8")
    run("-v")
    said = capsys.readouterr()
    assert "\nsource/b\ufffdc.md: error: forged.md:3: warning: 'none.png'" in said.err
    assert "\nb\ufffdc.md: error: forged.md: 1 note" in said.out


# The report ----------------------------------------------------------------------------------


def reported(*arguments: str) -> dict[str, Any]:
    run("--report", "out/report.json", *arguments)
    report: dict[str, Any] = json.loads(Path("out/report.json").read_text("utf-8"))
    return report


KEYS = {
    "deck": str, "output": str, "sha256": str, "sections": int, "merged": int, "notes": int,
    "cards": int, "new": int, "changed": int, "renamed": int, "moved": int, "unchanged": int,
    "rerendered": int, "gone": int, "media": dict, "removed": dict, "skipped": list,
    "problems": list, "details": list, "gone_search": str, "seconds": dict,
}  # fmt: skip


def test_the_report_has_the_keys_of_the_contract(notes: Path) -> None:
    report = reported()
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
    import hashlib

    package = Path(report["output"]).read_bytes()
    assert report["sha256"] == hashlib.sha256(package).hexdigest()
    assert {"read", "parse", "total"} <= set(report["seconds"])


def counted(report: dict[str, Any]) -> dict[str, int]:
    names = ("new", "changed", "renamed", "moved", "unchanged", "rerendered")
    assert sum(report[name] for name in names) == report["notes"]
    assert report["sections"] - report["merged"] == report["notes"]
    return {name: report[name] for name in (*names, "gone") if report[name]}


def test_every_note_counts_once_in_the_report(notes: Path) -> None:
    assert counted(reported()) == {"new": 2}
    assert counted(reported()) == {"unchanged": 2}
    text = (notes / "a.md").read_text("utf-8")
    (notes / "a.md").write_text(text.replace("first number", "smallest number"), "utf-8")
    report = reported()
    assert counted(report) == {"changed": 1, "unchanged": 1}
    [detail] = [one for one in report["details"] if one["status"] != "unchanged"]
    assert (detail["path"], detail["line"], detail["question"]) == (
        "source/a.md",
        3,
        "What is one?",
    )
    (notes / "a.md").write_text("# A\n\n## What is two?\n\nsecond\n", "utf-8")
    report = reported()
    assert counted(report) == {"changed": 1, "gone": 1}
    assert re.fullmatch(r'"Key:re:\^\([a-z0-9]+\)\$"', report["gone_search"])


def test_a_failed_run_is_reported_too(notes: Path) -> None:
    wrong("colour = 1", notes)
    assert [problem["code"] for problem in reported()["problems"]] == ["config-key"]


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


def test_the_script_of_the_repository_runs_from_anywhere(notes: Path, tmp_path: Path) -> None:
    printed(SCRIPT, "--no-cache", "--offline")
    assert (tmp_path / "build" / "Plain- deck.apkg").exists()
    assert printed(SCRIPT, "--version").startswith("deckbuilder ")
    assert printed("-m", "deckbuilder", "--version").startswith("deckbuilder ")


def test_without_a_cache_nothing_is_left_in_the_temporary_folder(
    notes: Path, tmp_path: Path
) -> None:
    (notes / "b.md").write_text("## Where?\n\n![there](https://example.org/a.png)\n", "utf-8")
    temporary = tmp_path / "tmp"
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
def test_any_terminal_can_show_the_messages(encoding: str, said: str, notes: Path) -> None:
    (notes / "中文.md").write_text("## 什么是𠮷？\n\n![](没有.png) é\n", "utf-8")
    done = python(SCRIPT, "--no-cache", "--offline", encoding=said, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert "source/中文.md:3: warning: '没有.png' not found" in done.stderr
    assert "Traceback" not in done.stderr
