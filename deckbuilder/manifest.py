"""Nothing changed? Said from file times alone, before anything heavy is imported.

A run that found every note unchanged leaves a manifest: what it read and wrote, and what it
printed. The next run with the same request compares sizes and times; where all are as they
were, it prints the same and is done. In doubt the answer is no, and the build runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICK_NS = 200_000_000
"""A file changed this shortly before it was looked at may change again within one tick of the
file system's clock, unseen; such a manifest is not believed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run with nothing to do read, wrote and said."""

    problems: tuple[str, ...]
    summary: tuple[str, ...]
    report: str
    """As `--report` writes it."""


def path_for(cache: Path, request: Sequence[str]) -> Path:
    """Return where the manifest of a request lies; *request* is all that shapes the run."""
    digest = hashlib.sha256(
        "\0".join((str(Path.cwd()), *request)).encode("utf-8", "surrogateescape")
    )
    return cache / f"unchanged-{digest.hexdigest()[:32]}.json"


def load(path: Path) -> Manifest | None:
    """Return the manifest at *path* if everything it names is as it was."""
    try:
        data = json.loads(path.read_text("utf-8"))
        if data["program"] != _program() or not _as_they_were(data["files"], data["looked_ns"]):
            return None
        return Manifest(tuple(data["problems"]), tuple(data["summary"]), data["report"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(path: Path, manifest: Manifest, files: Iterable[Path], looked_ns: int) -> None:
    """Keep *manifest* for as long as *files* (folders too) stay as they are.

    *looked_ns* is when the run began to read, in nanoseconds since the epoch.
    """
    data = {
        "program": _program(),
        "looked_ns": looked_ns,
        "files": {os.fspath(file): _about(file) for file in sorted(set(files))},
        "problems": manifest.problems,
        "summary": manifest.summary,
        "report": manifest.report,
    }
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
        temporary.replace(path)


def now_ns() -> int:
    """Return the time, in nanoseconds since the epoch."""
    return time.time_ns()


def _about(file: str | Path) -> list[int] | None:
    try:
        about = Path(file).stat()
    except OSError:
        return None
    return [about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino]


def _as_they_were(files: dict[str, list[int] | None], looked_ns: int) -> bool:
    for file, before in files.items():
        if _about(file) != before:
            return False
        if before is not None and max(before[1], before[2]) > looked_ns - _TICK_NS:
            return False
    return True


def _program() -> str:
    """Return what changes when the program, Python or a library is installed anew."""
    folder = Path(__file__).parent
    parts: list[object] = [sys.version]
    for name in ("markdown_it", "PIL"):
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            parts.append(_about(Path(spec.origin).parent.parent))
            parts.append(_about(spec.origin))
    for base, _, names in os.walk(folder):
        if not base.endswith("__pycache__"):
            parts += [(name, _about(Path(base, name))) for name in sorted(names)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()
