"""README.md tells the truth: commands, options, settings, modules, dependencies, promises."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from deckbuilder.arguments import parser
from deckbuilder.config import KEYS
from deckbuilder.dialects import DIALECTS
from tests.support.stages import file_notes

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_ci_runs_the_test_command_as_it_stands_in_readme() -> None:
    commands = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    assert commands[1] in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_every_option_is_named() -> None:
    options = {name for action in parser()._actions for name in action.option_strings}
    table = README[README.index("## Options") : README.index("## deck.toml")]
    missing = {name for name in options if f"`{name}" not in table}
    assert missing <= {"-h", "--quiet", "--verbose"}


NOTES = (ROOT / "docs" / "notes.md").read_text("utf-8")
EXAMPLES = re.findall(r"^(.+)\n\n```markdown\n([^`]+)^```$", NOTES, re.MULTILINE)


@pytest.mark.parametrize(("questions", "example"), EXAMPLES)
def test_every_example_gives_the_questions_above_it(questions: str, example: str) -> None:
    made = file_notes(example).drafts
    assert [draft.question for draft in made] == questions.split(" · ")


def test_every_way_of_writing_cards_has_an_example() -> None:
    assert len(EXAMPLES) == NOTES.count("```markdown")
    assert set(DIALECTS) <= {file_notes(example).structure for _, example in EXAMPLES}


def test_no_option_is_named_that_does_not_exist() -> None:
    options = {name for action in parser()._actions for name in action.option_strings}
    # Of pip and of tests, not ours.
    others = {"--extra", "--slow", "--update-golden", "--help"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README)) - others <= options


def test_every_setting_is_named() -> None:
    block = README[README.index("```toml") : README.index("## How history survives")]
    shown = tomllib.loads(block.split("```toml\n")[1].split("```")[0])
    assert all(keys.keys() <= shown[section].keys() for section, keys in KEYS.items())


def modules() -> list[str]:
    package = ROOT / "deckbuilder"
    folders = [p.name + "/" for p in package.iterdir() if p.is_dir() and p.name[0] not in "_."]
    tools = [package / part for part in ("", "identity", "pictures", "rendering")]
    files = [path.name for folder in tools for path in folder.glob("*.py")]
    return sorted({*folders, *files} - {"__init__.py"})


@pytest.mark.parametrize("module", modules())
def test_every_module_is_on_the_map(module: str) -> None:
    assert f"`{module}`" in README


def test_every_module_on_the_map_exists() -> None:
    table = README[README.index("## Where things are") : README.index("## Dependencies")]
    named = set(re.findall(r"`([a-z_]+\.py|[a-z_]+/)`", table)) - {"build_deck.py"}
    assert named <= set(modules())


def test_every_dependency_has_its_line_and_the_other_way_round() -> None:
    wanted = {re.split(r"[<>=\[; ]", line)[0] for line in PROJECT["dependencies"]}
    table = README[README.index("## Dependencies") :]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")][1:]
    named = {name.strip() for row in rows for name in row.split(",")}
    assert named == wanted


def test_every_test_file_that_holds_a_promise_exists() -> None:
    files = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert set(re.findall(r"`(test_\w+\.py)`", README)) <= files


def test_every_link_leads_to_a_file() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)|src=\"([^\"]+)\"", README)
    missing = [one or other for one, other in links if not (ROOT / (one or other)).exists()]
    assert not missing


def test_every_test_that_holds_an_edit_exists() -> None:
    table = README[README.index("## How history survives") : README.index("**The import dialog**")]
    named = set(re.findall(r"`(test_\w+)`", table))
    sources = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    missing = {name for name in named if not any(f"def {name}(" in text for text in sources)}
    assert len(named) >= 12
    assert not missing
