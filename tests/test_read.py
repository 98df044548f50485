"""Note files as people have them: line ends, encodings, names, and what no one can see."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckbuilder.encodings import encoding_of
from deckbuilder.model import SourceFile
from deckbuilder.problems import Problem
from deckbuilder.read import (
    MAX_BYTES,
    Found,
    decode,
    exists,
    find,
    identity_of,
    note_at,
    notes_folder,
    read_bytes,
)
from tests.support.limits import within


def read_file(found: Found) -> tuple[SourceFile | None, list[Problem]]:
    data, problems = read_bytes(found)
    return (None, problems) if data is None else decode(found, data)


def read(folder: Path, data: bytes | str, name: str = "a.md") -> tuple[SourceFile, list[Problem]]:
    file = folder / name
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    source, problems = read_file(Found(file, folder, f"source/{name}", name))
    assert source is not None, problems
    return source, problems


def lay(folder: Path, *names: str) -> Path:
    """Write files of one letter; return the folder."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x", "utf-8")
    return folder


# Line ends, marks, invisible characters ------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_one(end: str, tmp_path: Path) -> None:
    source, problems = read(tmp_path, f"# A{end}{end}b{end}")
    assert source.text == "# A\n\nb\n"
    assert not problems


def test_line_ends_may_be_mixed_in_one_file(tmp_path: Path) -> None:
    assert read(tmp_path, "a\r\nb\rc\nd\r\r\ne")[0].text == "a\nb\nc\nd\n\ne"


def test_line_separators_of_unicode_end_lines(tmp_path: Path) -> None:
    assert read(tmp_path, "# A\u2028b\u2029# C\n")[0].text == "# A\nb\n\n# C\n"


@pytest.mark.parametrize("mark", ["\ufeff", "\u200b", "\u2060"])
def test_invisible_characters_go_wherever_they_stand(mark: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"{mark}# A{mark}b\n\n{mark}- c\n")[0].text == "# Ab\n\n- c\n"


def test_characters_that_join_or_turn_text_stay(tmp_path: Path) -> None:
    text = "👩\u200d🔬 می\u200cخواهم \u200fabc\n"
    assert read(tmp_path, text)[0].text == text


def test_marks_of_direction_do_not_hide_a_heading(tmp_path: Path) -> None:
    assert read(tmp_path, "\u200e## A é\n")[0].text == "## A é\n"


@pytest.mark.parametrize("space", ["\u00a0", "\u3000"])
@pytest.mark.parametrize("sign", ["##", "-", "3.", "> -"])
def test_a_sign_is_followed_by_any_space_that_keyboards_give(
    sign: str, space: str, tmp_path: Path
) -> None:
    assert read(tmp_path, f"{sign}{space}Word\n")[0].text == f"{sign} Word\n"


def test_other_spaces_stay_as_they_are(tmp_path: Path) -> None:
    text = "Combien\u00a0? 一\u3000二\n\n　　段落\n"
    assert read(tmp_path, text)[0].text == text


def test_zero_bytes_are_shown_as_what_they_are(tmp_path: Path) -> None:
    assert read(tmp_path, "a\0b" + "c" * 200)[0].text.startswith("a\ufffdb")


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    assert read(tmp_path, b"") == (SourceFile("source/a.md", "a.md", tmp_path, ""), [])


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_reading_what_was_read_changes_nothing(text: str) -> None:
    from deckbuilder.read import _tidy

    once = _tidy(text)
    assert "\r" not in once
    assert "\ufeff" not in once
    assert "\0" not in once
    assert _tidy(once) == once


# Encodings -----------------------------------------------------------------------------------

CHINESE = "# 操作系统\n\n## 什么是进程？\n\n进程是正在运行的程序，线程共享它的内存。\n"
TAIWAN = "# 作業系統\n\n## 什麼是行程？\n\n行程是正在執行的程式，執行緒共用它的記憶體。\n"
JAPANESE = "# オペレーティングシステム\n\n## プロセスとは何か？\n\n実行中のプログラムである。\n"
KOREAN = "# 운영체제\n\n## 프로세스란 무엇인가?\n\n실행 중인 프로그램이다.\n"
FRENCH = "# Système\n\n## Qu’est-ce qu’un processus ?\n\nUn programme en cours d'exécution…\n"
RUSSIAN = "# Система\n\n## Что такое процесс?\n\nЭто выполняемая программа.\n"


@pytest.mark.parametrize(
    ("encoding", "name", "text"),
    [
        ("gb18030", "GB18030", CHINESE),
        ("gb2312", "GB18030", CHINESE),
        ("big5", "Big5", TAIWAN),
        ("shift_jis", "Shift-JIS", JAPANESE),
        ("euc_jp", "EUC-JP", JAPANESE),
        ("euc_kr", "EUC-KR", KOREAN),
        ("cp1252", "Windows-1252", FRENCH),
        ("cp1251", "Windows-1251", RUSSIAN),
        ("utf-16", "UTF-16-LE", CHINESE),
        ("utf-16-le", "UTF-16-LE", CHINESE),
        ("utf-16-be", "UTF-16-BE", FRENCH),
        ("utf-16-le", "UTF-16-LE", "# Plain\n\ntext\n"),
        ("utf-32", "UTF-32-LE", KOREAN),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_in_another_encoding_is_read_and_the_encoding_named(
    encoding: str, name: str, text: str, end: str, tmp_path: Path
) -> None:
    source, problems = read(tmp_path, text.replace("\n", end).encode(encoding))
    assert source.text == text
    [problem] = problems
    assert (problem.severity, problem.code, problem.where.line) == ("note", "encoding", 0)
    assert f"read as {name}," in problem.message


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gb18030", "中文"),
        ("gb18030", "## 缓存\n"),
        ("gb18030", "贪心、回溯、剪枝"),
        ("gb18030", "A long English text with 梯度 in it.\n"),
        ("big5", "中文"),
        ("big5", "## 快取\n"),
        ("big5", "程式語言的編譯器"),
        ("shift_jis", "カタカナ"),
        ("shift_jis", "ひらがなです"),
        ("shift_jis", "日本語のメモ"),
        ("cp1252", "señor"),
        ("cp1252", "Größe und Maß"),
        ("cp1252", "It’s a “quote” – really…"),
        ("cp1252", "Über"),
    ],
)
def test_a_few_words_are_enough(encoding: str, text: str) -> None:
    data = text.encode(encoding)
    found = encoding_of(data)
    assert found is not None
    assert data.decode(found) == text


def test_utf_8_needs_no_remark(tmp_path: Path) -> None:
    for text in (CHINESE, TAIWAN, JAPANESE, KOREAN, FRENCH, RUSSIAN, "é"):
        assert read(tmp_path, text)[1] == []
        assert read(tmp_path, b"\xef\xbb\xbf" + text.encode()) == read(tmp_path, text)


def test_a_few_bad_bytes_do_not_change_the_encoding_of_a_file(tmp_path: Path) -> None:
    lines = CHINESE.encode().split(b"\n")
    lines[2] += b"\xff\xfe"
    lines[4] = lines[4][:-1]
    source, problems = read(tmp_path, b"\r\n".join(lines))
    assert "操作系统" in source.text
    assert source.text.count("\ufffd") == 3
    assert [(p.severity, p.code, p.where.line) for p in problems] == [
        ("warning", "encoding-bytes", 3),
        ("warning", "encoding-bytes", 5),
    ]
    assert "ff" in problems[0].message


def test_a_file_full_of_bad_bytes_is_said_to_be_so_in_a_few_lines(tmp_path: Path) -> None:
    bad = (CHINESE * 5).encode() + b"\xff\n" * 5
    _, problems = read(tmp_path, bad + ("中" * 2000).encode() + b"\n\xff" * 30)
    assert len(problems) == 11
    assert "more" in problems[-1].message


def test_a_file_that_is_no_text_is_an_error_that_says_how_to_leave_it_out(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(bytes(range(256)) * 4 + b"\0" * 300)
    source, [problem] = read_file(Found(tmp_path / "a.md", tmp_path, "a.md", "a.md"))
    assert source is None
    assert (problem.severity, problem.code) == ("error", "note-binary")
    assert "exclude" in problem.message


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_a_problem(data: bytes) -> None:
    from deckbuilder.problems import Location
    from deckbuilder.read import _decode

    text, problems = _decode(data, Location("a.md"))
    assert text is not None or [p.code for p in problems] == ["note-binary"]
    assert all(p.where.line <= len(data) + 1 for p in problems)


# Files ---------------------------------------------------------------------------------------


def test_names_are_composed_whatever_the_disk_says(tmp_path: Path) -> None:
    (tmp_path / unicodedata.normalize("NFD", "Übung é.md")).write_text("# x\n\ny\n", "utf-8")
    [found], _, _ = find([tmp_path])
    assert found.name == unicodedata.normalize("NFC", "Übung é.md")


def test_folders_are_read_in_natural_order_without_hidden_ones(tmp_path: Path) -> None:
    lay(tmp_path, "10.md", "9.md", "b/2.md", "b/1.txt", ".git/x.md", ".x.md", "c.png", "d.MD")
    found, beside, problems = find([tmp_path])
    assert [one.name for one in found] == ["9.md", "10.md", "d.MD", "b/1.txt", "b/2.md"]
    assert (beside, problems) == ([], [])


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("drafts/**", ["a.md", "b/drafts/x.md", "b/c.md"]),
        (r".\b\drafts\*.md", ["a.md", "b/c.md", "drafts/d.md"]),
        ("**/drafts/**", ["a.md", "b/c.md"]),
        ("drafts/", ["a.md", "b/drafts/x.md", "b/c.md"]),
        ("*.md", ["b/drafts/x.md", "b/c.md", "drafts/d.md"]),
        ("**/*.md", []),
        ("b/*.md", ["a.md", "b/drafts/x.md", "drafts/d.md"]),
        ("drafts", ["a.md", "b/drafts/x.md", "b/c.md"]),
        ("[ab].md", ["b/drafts/x.md", "b/c.md", "drafts/d.md"]),
        ("**/[!c].md", ["b/c.md"]),
        ("[z-a]", ["a.md", "b/drafts/x.md", "b/c.md", "drafts/d.md"]),
        ("[", ["a.md", "b/drafts/x.md", "b/c.md", "drafts/d.md"]),
    ],
)
def test_patterns_leave_out_what_they_name(pattern: str, left: list[str], tmp_path: Path) -> None:
    lay(tmp_path, "a.md", "b/c.md", "b/drafts/x.md", "drafts/d.md")
    found, beside, _ = find([tmp_path], exclude=[pattern])
    assert sorted(one.name for one in found) == sorted(left)
    assert len(found) + len(beside) == 4


def test_one_file_alone_has_the_name_that_it_has_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("deck.toml", "a.md", "deep/b.md"):
        (tmp_path / name).write_text("", "utf-8")
    [found], beside, _ = find([tmp_path / "deep" / "b.md"])
    assert found.name == "deep/b.md"
    assert beside == []  # nothing else of the folder is looked at, however large it is
    assert notes_folder(tmp_path / "deep" / "b.md").resolve() == tmp_path.resolve()


def test_a_file_above_a_deck_is_no_part_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lay(tmp_path, "a.md", "deep/deck.lock", "deep/b.md") / "deep")
    [found], _, _ = find([Path("..", "a.md")])
    assert (found.name, found.root.resolve()) == ("a.md", tmp_path.resolve())
    [found], _, _ = find([Path("..", "deep", "b.md")])
    assert (found.name, found.root.resolve()) == ("b.md", tmp_path.resolve() / "deep")


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    assert len(find([lay(tmp_path, "a.md"), tmp_path / "a.md"])[0]) == 1


def test_folders_of_one_name_are_told_apart_by_those_above(tmp_path: Path) -> None:
    folders = [lay(tmp_path / name, "x.md") for name in ("a/notes", "b/notes", "other")]
    names = [one.name for one in find(folders)[0]]
    assert names == ["a/notes/x.md", "b/notes/x.md", "other/x.md"]
    assert [one.name for one in find(folders[1:])[0]] == ["notes/x.md", "other/x.md"]


def test_files_that_are_called_alike_are_an_error(tmp_path: Path) -> None:
    lay(tmp_path, *(unicodedata.normalize(form, "café.md") for form in ("NFC", "NFD")))
    _, _, [problem] = find([tmp_path])
    assert (problem.severity, problem.code) == ("error", "note-name-twice")


def test_a_link_leads_to_notes_or_is_an_error(tmp_path: Path) -> None:
    notes, outside = tmp_path / "notes", tmp_path / "outside"
    lay(tmp_path, "outside/secret", "notes/b.md")
    (notes / "a.md").symlink_to("b.md")
    (notes / "c.md").symlink_to("../outside/secret")
    (notes / "d.md").symlink_to("nowhere.md")
    (notes / "e.md").symlink_to("e.md")
    found, _, problems = find([notes])
    assert [one.name for one in found] == ["a.md"]
    said = [(problem.where.path[-4:], problem.code) for problem in problems]
    dead = [("d.md", "note-unreadable"), ("e.md", "note-unreadable")]
    assert said == [("c.md", "note-outside"), *dead]
    found, _, _ = find([notes, outside], exclude=["[de].md"])
    assert [one.file.name for one in found] == ["a.md", "c.md"]
    assert not find([notes], exclude=["[cde].md"])[2]


def test_a_link_to_a_folder_of_notes_is_not_followed_and_told(tmp_path: Path) -> None:
    lay(tmp_path, "notes/a.md", "more/b.md", "imgs/c.png")
    (tmp_path / "notes" / "more").symlink_to("../more")
    (tmp_path / "notes" / "imgs").symlink_to("../imgs")
    (tmp_path / "notes" / "round").symlink_to(".")
    found, _, problems = find([tmp_path / "notes"])
    assert [one.name for one in found] == ["a.md"]
    said = [(problem.where.path.rpartition("/")[2], problem.code) for problem in problems]
    assert said == [("more", "note-folder-linked")]
    assert not find([tmp_path / "notes", tmp_path / "more"])[2]


def test_markdown_that_ends_otherwise_is_told(tmp_path: Path) -> None:
    lay(tmp_path, "a.md", "b.mdx", "c.MDX", "d.png")
    found, _, problems = find([tmp_path])
    assert [one.name for one in found] == ["a.md"]
    assert [problem.code for problem in problems] == ["note-ending"]
    assert ".mdx (2) are not read" in problems[0].message


def test_a_folder_that_cannot_be_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.md").write_text("x", "utf-8")
    list_folder = os.scandir

    def refuse(folder: str) -> object:
        if str(folder).endswith("closed"):
            raise PermissionError(13, "Permission denied", folder)
        return list_folder(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    found, _, [problem] = find([tmp_path])
    assert [one.name for one in found] == ["a.md"]
    assert (problem.severity, problem.code) == ("error", "note-unreadable")
    assert problem.where.path.endswith("closed")


def test_a_pattern_takes_no_time_whatever_its_stars(tmp_path: Path) -> None:
    lay(tmp_path, f"{'a' * 120}.md")
    with within(1):
        find([tmp_path], exclude=["*a" * 30 + "b", "**/" * 30 + "b"])


def test_a_lock_names_no_file_of_another_place(tmp_path: Path) -> None:
    file = lay(tmp_path, "é.md") / "é.md"
    assert note_at(tmp_path, "é.md") == identity_of(file)
    assert identity_of(file)
    assert note_at(tmp_path, str(file)) is None
    assert not exists(tmp_path, str(file))
    assert exists(tmp_path, "é")


def test_what_a_shell_names_beside_the_notes_is_an_error(tmp_path: Path) -> None:
    lay(tmp_path, "a.md", "deck.lock", "p.png")
    found, _, problems = find(sorted(tmp_path.iterdir()))
    assert [one.name for one in found] == ["a.md"]
    assert [problem.code for problem in problems] == ["note-suffix", "note-suffix"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    _, _, [problem] = find([tmp_path / "nowhere"])
    assert (problem.severity, problem.code) == ("error", "notes-missing")


def test_a_file_that_cannot_be_read_is_an_error_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    source, [problem] = read_file(Found(file, tmp_path, "a.md", "a.md"))
    assert (source, problem.code) == (None, "note-unreadable")
    assert problem.message == "cannot be read: No such file or directory"
    os.mkfifo(file)
    source, [problem] = read_file(Found(file, tmp_path, "a.md", "a.md"))
    assert (source, problem.code) == (None, "note-unreadable")


def test_a_file_too_large_to_be_a_note_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    with file.open("wb") as opened:
        opened.truncate(MAX_BYTES + 1)
    source, [problem] = read_file(Found(file, tmp_path, "a.md", "a.md"))
    assert (source, problem.code) == (None, "note-too-large")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_five_megabytes_are_read_in_no_time(encoding: str, tmp_path: Path) -> None:
    data = (CHINESE * 70_000)[:2_500_000].encode(encoding)
    with within(2):
        source, _ = read(tmp_path, data)
    assert len(source.text) == 2_500_000
