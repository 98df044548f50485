"""Fetch the files of this folder from the npm registry, unmodified: ``python fetch.py``.

MathJax 3.2.2 is what Anki's clients bundle. ``tex-chtml-full.js`` holds every TeX extension that
they load on demand, so nothing is asked for while a page is read.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
import urllib.request
from pathlib import Path

VERSION = "3.2.2"
ADDRESS = f"https://registry.npmjs.org/mathjax/-/mathjax-{VERSION}.tgz"
SHA256 = "1b9c0a1c44df864e915690558e72adb9cc5203360daefd385084ced3b6c64c09"
WANTED = {
    "package/LICENSE": "LICENSE",
    "package/es5/tex-chtml-full.js": "tex-chtml-full.js",
}
FONTS = "package/es5/output/chtml/fonts/woff-v2/"


def main() -> None:
    """Replace the files of this folder by those of the registry's archive."""
    here = Path(__file__).parent
    with urllib.request.urlopen(ADDRESS, timeout=60) as answer:
        archive = answer.read()
    if hashlib.sha256(archive).hexdigest() != SHA256:
        raise SystemExit(f"{ADDRESS} is not what it was when this script was written")
    (here / "fonts").mkdir(exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        for member in packed:
            name = WANTED.get(member.name)
            if member.name.startswith(FONTS):
                name = "fonts/" + member.name.removeprefix(FONTS)
            content = packed.extractfile(member) if name else None
            if name and content:
                (here / name).write_bytes(content.read())
    (here / "VERSION").write_text(f"mathjax {VERSION}\n{ADDRESS}\nsha256 {SHA256}\n", "utf-8")


if __name__ == "__main__":
    main()
