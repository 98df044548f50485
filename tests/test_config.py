"""deck.toml: defaults, every key, and messages that name line and choice."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from deckbuilder.config import Config, load_config
from deckbuilder.problems import BuildError


def load(text: str, folder: Path) -> Config:
    path = folder / "deck.toml"
    path.write_text(text, "utf-8")
    return load_config(path, "source/deck.toml")


def complaints(text: str, folder: Path) -> list[tuple[int, str, str]]:
    with pytest.raises(BuildError) as stopped:
        load(text, folder)
    return [(p.where.line, p.code, p.message) for p in stopped.value.problems]


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    assert load_config(tmp_path / "deck.toml", "deck.toml") == Config()
    assert load("", tmp_path) == Config()


def test_every_key_of_the_contract_is_read(tmp_path: Path) -> None:
    config = load(
        """
        [deck]
        name = "A::B"
        description = "About"
        subdecks = "folder"
        language = "zh"
        [notes]
        include = ["**/*.md"]
        exclude = ["drafts/**"]
        card_level = 3
        skip_headings = ["参考文献"]
        cloze_marks = true
        [tags]
        prefix = "x::"
        path = false
        headings = false
        auto = false
        [topics]
        "视觉::CLIP" = ["CLIP", "对比学习"]
        [media]
        max_width = 0
        remote = false
        """,
        tmp_path,
    )
    assert asdict(config) == {
        "deck": {"name": "A::B", "description": "About", "subdecks": "folder", "language": "zh"},
        "notes": {
            "include": ("**/*.md",),
            "exclude": ("drafts/**",),
            "card_level": 3,
            "skip_headings": ("参考文献",),
            "cloze_marks": True,
        },
        "tags": {
            "prefix": "x::",
            "path": False,
            "headings": False,
            "auto": False,
            "topics": (("视觉::CLIP", ("CLIP", "对比学习")),),
        },
        "media": {"max_width": 0, "remote": False},
    }


def test_a_byte_order_mark_and_auto_are_fine(tmp_path: Path) -> None:
    (tmp_path / "deck.toml").write_bytes(b'\xef\xbb\xbf[notes]\ncard_level = "auto"\n')
    assert load_config(tmp_path / "deck.toml", "deck.toml").notes.card_level == 0


def test_all_wrong_keys_are_named_at_once_with_their_lines_and_what_is_allowed(
    tmp_path: Path,
) -> None:
    text = '[deck]\nnmae = "x"\nname = 3\n\n[notes]\ncard_level = 7\n\n[colours]\nred = 1\n'
    (unknown, name, level, section) = complaints(text, tmp_path)
    assert unknown[:2] == (2, "config-key")
    assert "'nmae'" in unknown[2]
    assert "name, description, subdecks, language" in unknown[2]
    assert name[:2] == (3, "config-key")
    assert level[:2] == (6, "config-key")
    assert "1 to 6" in level[2]
    assert section[:2] == (8, "config-key")
    assert "[deck], [notes], [tags], [media], [topics]" in section[2]


@pytest.mark.parametrize(
    "line",
    [
        '[deck]\nsubdecks = "files"',
        "[notes]\ncard_level = true",
        "[notes]\ncard_level = 0",
        '[notes]\ninclude = "*.md"',
        "[notes]\nexclude = [1]",
        '[notes]\ncloze_marks = "yes"',
        "[media]\nmax_width = -1",
        "[media]\nmax_width = true",
        '[topics]\nCLIP = "clip"',
    ],
)
def test_a_value_of_the_wrong_kind_is_an_error_at_its_line(line: str, tmp_path: Path) -> None:
    [(number, code, message)] = complaints(line, tmp_path)
    assert (number, code) == (2, "config-key")
    assert "must be" in message


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("deck.name = 1", [1]),
        ("\ndeck = {nme = 'x'}", [2]),
        ("# [tags]\n[tags] # of cards\npath = 'yes'", [3]),
        ("[ 'tags' ]\n\"path\" = 'yes'", [2]),
        ("[deck]\nnames = 'x'\nname = 3", [2, 3]),
        ("[deck]\nname = 'x'\n[deck.more]\na = 1", [3]),
        ("[notes]\nlevel = 1\n[deck]\nlevel = 2", [2, 4]),
        ("colour = 1", [1]),
    ],
)
def test_a_wrong_key_is_found_however_toml_writes_it(
    text: str, lines: list[int], tmp_path: Path
) -> None:
    assert [line for line, _, _ in complaints(text, tmp_path)] == lines


@pytest.mark.parametrize(
    "value", ["[" * 20_000, "9" * 5_000, "0x" + "f" * 5_000], ids=lambda value: value[:3]
)
def test_toml_that_never_ends_is_an_error(value: str, tmp_path: Path) -> None:
    [(_, code, _)] = complaints(f"[notes]\ncard_level = {value}", tmp_path)
    assert code == "config-syntax"


def test_what_is_no_toml_is_an_error_at_its_line(tmp_path: Path) -> None:
    [(number, code, _)] = complaints('[deck]\nname = "a\n', tmp_path)
    assert (number, code) == (2, "config-syntax")


@pytest.mark.parametrize("value", ["多模态", "\u201c多模态\u201d"])
def test_text_without_quotes_is_told_of_them(value: str, tmp_path: Path) -> None:
    [(number, _, message)] = complaints(f"[deck]\nname = {value}\n", tmp_path)
    assert number == 2
    assert message.endswith('text stands in straight quotes, "so"')


@pytest.mark.parametrize("key", ["name", "media"])
def test_a_value_outside_the_sections_is_told_of_them(key: str, tmp_path: Path) -> None:
    [(number, _, message)] = complaints(f"{key} = 3", tmp_path)
    assert number == 1
    assert message.startswith(f"'{key}' stands in no section; put it below one of [deck], [notes]")


def test_a_file_that_is_not_utf_8_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "deck.toml").write_bytes('[deck]\nname = "é"\n'.encode("cp1252"))
    with pytest.raises(BuildError) as stopped:
        load_config(tmp_path / "deck.toml", "deck.toml")
    [problem] = stopped.value.problems
    assert (problem.code, problem.where.line) == ("config-unreadable", 2)


def test_a_folder_in_its_place_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"is a folder; name a file \[config-unreadable\]"):
        load_config(tmp_path, "deck.toml")
