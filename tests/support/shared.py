"""What lies beside the repository on the maintainers' machines, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared"
NOTES = SHARED / "notes"
SPEC = SHARED / "spec" / "commonmark-0.31.2.json"

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not here")
