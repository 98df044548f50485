"""Who may know whom: layers, one door a library, and who touches disk and clock."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "deckbuilder"

LAYERS: tuple[tuple[str, ...], ...] = (
    # Values, from which nothing leads anywhere else.
    ("problems", "characters", "markup", "pictures.media_types"),
    ("model", "replacing", "versions", "beside"),
    ("pictures.embedded", "rendering.lexers"),
    # Tools: words, numbers, formats, files.
    ("wording", "encodings", "rendering.highlight", "rendering.macros", "pictures.metadata",
     "rendering.cloze", "templates", "syntax", "pictures.svg", "config",
     "identity.lock", "cache", "identity.fingerprint", "pictures.media", "front_matter"),
    ("markdown", "rendering.disarm", "rendering.sanitise", "rendering.language",
     "identity.likeness", "pictures.scaling", "pictures.remote", "pictures.diagrams", "manifest",
     "collection", "numbering"),
    ("inline", "anchors", "notion", "rendering.page", "paragraphs", "identity.old_packages",
     "setext", "identity.closest", "merge", "identity.studied"),
    ("swap", "answers", "titles", "identity.matching"),
    ("dialects", "identity.doubts"),
    ("detection", "footnotes"),
    # Stages: they do not know each other.
    ("read", "parse", "structure", "cut", "cleaning", "clean", "render", "tag", "proofread",
     "quality", "identify", "package"),
    # Stages put together, for a file and for all.
    ("draft", "adopt"),
    ("gather", "work", "setting"),
    ("pipeline",),
    # What stands in front.
    ("plan", "preview", "arguments", "watch"),
    ("report",),
    ("cli",),
    ("__main__",),
)  # fmt: skip
TOOLS = ("identity", "pictures", "rendering")
"""Folders whose modules differ, so that each has a place of its own."""
RANK = {module: rank for rank, layer in enumerate(LAYERS) for module in layer}

SIDEWAYS = {
    ("clean", "cleaning"): "the rules, and the list of them",
}
"""Imports within a layer, each with its reason."""

DOORS = {
    "markdown_it": {"markdown", "model", "syntax"},
    "mdit_py_plugins": {"syntax"},
    "nh3": {"rendering.sanitise"},
    "pygments": {"rendering.highlight", "rendering.lexers", "rendering.sanitise"},
    "yaml": {"front_matter"},
    "PIL": {"pictures.scaling"},
    "lxml": {"pictures.svg", "pictures.diagrams"},
    "tinycss2": {"pictures.svg"},
    "mmdr": {"pictures.diagrams"},
    "msgspec": {"identity.lock"},
    "urllib3": {"pictures.remote"},
    "certifi": {"pictures.remote"},
    "charset_normalizer": {"encodings"},
    "rapidfuzz": {"identity.likeness"},
    "genanki": {"collection"},
    "sqlite3": {"collection", "package", "identity.old_packages"},
    "backports": {"identity.old_packages"},
    "platformdirs": {"cli"},
    "watchfiles": {"watch"},
    "argparse": {"arguments", "cli"},
}
DISK = {
    "read", "replacing", "pictures.media", "pictures.scaling", "config", "identity.lock", "cache",
    "versions", "package", "identity.old_packages", "pictures.remote", "preview", "manifest",
    "templates", "identity.likeness", "work", "cli",
}  # fmt: skip
"""Modules that may open, write, make or remove files."""
TOUCHES = {
    "open", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink", "rename",
    "scandir", "stat", "rmtree", "touch", "makedirs", "NamedTemporaryFile", "mkstemp",
}  # fmt: skip
CLOCKS = {("time", "time"), ("time", "time_ns"), ("datetime", "now"), ("date", "today")}


@cache
def trees() -> dict[Path, ast.Module]:
    paths = (path for path in sorted(PACKAGE.rglob("*.py")) if "vendor" not in path.parts)
    return {path: ast.parse(path.read_text("utf-8")) for path in paths}


def named_in(parts: Sequence[str]) -> str:
    """Return a module's name below the package; that of the folder for rules and pages."""
    return parts[0] if parts[0] not in TOOLS else ".".join(parts[:2])


def name_of(path: Path) -> str:
    return named_in(path.relative_to(PACKAGE).with_suffix("").parts)


@cache
def imports(tree: ast.Module) -> frozenset[str]:
    """Return the modules that one imports."""
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return frozenset(found)


def test_every_module_has_its_layer() -> None:
    modules = (path for path in trees() if path.name != "__init__.py" or path.parent.name in RANK)
    assert {name_of(path) for path in modules} == set(RANK)


def test_imports_lead_down() -> None:
    wrong = []
    for path, tree in trees().items():
        here = name_of(path)
        for name in imports(tree):
            there = named_in(name.split(".")[1:]) if name.startswith("deckbuilder.") else here
            if there != here and RANK[there] >= RANK[here] and (here, there) not in SIDEWAYS:
                wrong.append(f"{here} imports {there}")
    assert not wrong


def test_every_exception_is_needed() -> None:
    used = {
        (name_of(path), named_in(name.split(".")[1:]))
        for path, tree in trees().items()
        for name in imports(tree)
        if name.startswith("deckbuilder.")
    }
    assert set(SIDEWAYS) <= used


def test_only_one_module_reads_the_settings() -> None:
    know = {
        name_of(path) for path, tree in trees().items() if "deckbuilder.config" in imports(tree)
    }
    assert know == {"setting"}


@pytest.mark.parametrize("library", DOORS)
def test_a_library_has_one_door(library: str) -> None:
    through = {
        name_of(path)
        for path, tree in trees().items()
        if any(name.split(".")[0] == library for name in imports(tree))
    }
    assert through == DOORS[library]


def called(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (owner, name) of everything that is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield getattr(node.func.value, "id", ""), node.func.attr
            elif isinstance(node.func, ast.Name):
                yield "", node.func.id


def test_few_modules_touch_the_disk() -> None:
    touch = {
        name_of(path)
        for path, tree in trees().items()
        if any(name in TOUCHES for _, name in called(tree))
    }
    assert touch == DISK


def test_the_time_of_a_run_comes_from_the_command_line() -> None:
    asks = {name_of(path) for path, tree in trees().items() if CLOCKS & set(called(tree))}
    # Two compare the clock with the times of files: is one still written to, is it old?
    assert asks == {"cli", "manifest", "cache"}


def test_nothing_is_left_to_chance() -> None:
    for tree in trees().values():
        assert not {"random", "uuid", "secrets"} & imports(tree)


def test_only_the_command_line_prints() -> None:
    prints = {name_of(path) for path, tree in trees().items() if ("", "print") in called(tree)}
    assert prints == {"cli"}


def test_functions_fit_on_a_screen() -> None:
    lengths = {
        f"{name_of(path)}.{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }
    assert not {name: length for name, length in lengths.items() if length > 60}
    assert sum(length < 40 for length in lengths.values()) >= 0.9 * len(lengths)


def test_modules_begin_with_what_they_are_for() -> None:
    for path, tree in trees().items():
        assert ast.get_docstring(tree), path.name


def test_docstrings_name_what_there_is() -> None:
    """Names between single backticks are ours: of a module, or known everywhere."""
    defined: dict[str, set[str]] = {"deckbuilder": set()}
    for path, tree in trees().items():
        defined.setdefault(path.stem, set()).update(definitions(tree))
    everything = set[str]().union(*defined.values())
    wrong = []
    for path, tree in trees().items():
        for name in named(tree):
            *owners, last = name.split(".")
            there = defined.get(owners[-1], everything) if owners else everything
            if last not in {*defined, *RANK, *there}:
                wrong.append(f"{path.name}: {name}")
    assert not wrong


def definitions(tree: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.ClassDef():
                yield node.name
                yield from definitions(node)
            case ast.FunctionDef():
                yield node.name
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                yield name
            case _:
                pass


def named(tree: ast.Module) -> Iterator[str]:
    """Yield what docstrings, those of values included, name between single backticks."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield from re.findall(r"(?<!`)`([\w.]+)`(?!`)", str(node.value.value))
