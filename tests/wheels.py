"""Small wheels made by a test, and a package index on this machine that serves them."""

from __future__ import annotations

import base64
import hashlib
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FAKE = {
    "watchbill/__init__.py": "",
    "watchbill/__main__.py": "from watchbill.main import run\nrun()\n",
    "watchbill/main.py": "import sys\ndef run():\n    print('the installed watchbill', *sys.argv[1:])\n",
}
"""Stands for watchbill where only its installation matters."""


def make_wheel(
    folder: Path,
    name: str,
    files: Mapping[str, str],
    requires: Sequence[str] = (),
    *,
    version: str = "1.0",
    tag: str = "py3-none-any",
) -> Path:
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    texts = {
        **files,
        f"{info}/METADATA": metadata + "".join(f"Requires-Dist: {text}\n" for text in requires),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    if name == "watchbill":
        texts[f"{info}/entry_points.txt"] = "[console_scripts]\nwatchbill = watchbill.main:run\n"
    rows = [f"{path},sha256={_hash(text)},{len(text.encode())}" for path, text in texts.items()]
    texts[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in texts.items():
            archive.writestr(path, text)
    return wheel


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def index_of(folder: Path, wheels: Sequence[Path]) -> Iterator[str]:
    """The address of an index with these wheels (PEP 503); `folder` gets its pages."""
    by_name: dict[str, list[Path]] = {}
    for wheel in wheels:
        by_name.setdefault(wheel.name.partition("-")[0].replace("_", "-"), []).append(wheel)
    (folder / "files").mkdir(parents=True)
    for name, files in by_name.items():
        page = folder / "simple" / name / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text(
            "".join(f'<a href="/files/{f.name}#sha256={sha256(f)}">{f.name}</a>\n' for f in files), "utf-8"
        )
        for file in files:
            (folder / "files" / file.name).write_bytes(file.read_bytes())
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/simple"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name in the base class
        pass


def only(index: str) -> dict[str, str]:
    """pip's environment: this index and nothing else of the machine's settings."""
    return {
        "PIP_INDEX_URL": index,
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_CONSTRAINT": "",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_CACHE_DIR": "1",
    }
