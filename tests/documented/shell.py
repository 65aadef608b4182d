"""`watchbill` for a shell: a small program that has the command run by a process where everything is imported.

The command has the words, folder, environment and standard files of the shell that called it.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import socket
import sys
import tempfile
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import Self

from forked import start_forkserver

_PROGRAM = """#!{python} -IS
import json, os, signal, socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect({address!r})
words = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(asked, [len(words).to_bytes(8, "big")], [0, 1, 2])
asked.sendall(words)
child = int.from_bytes(asked.recv(8), "big")
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: os.kill(child, number))
code = asked.recv(1)
sys.exit(code[0] if code else 70)
"""


class Watchbill:
    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(dir="/tmp")  # the path of a socket has 107 bytes at most
        self._address = str(Path(self._folder.name) / "socket")
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(self._address)
        listening.listen(16)
        start_forkserver()
        context = multiprocessing.get_context("forkserver")
        self._process = context.Process(target=_serve, args=(listening,), daemon=True)
        self._process.start()
        listening.close()

    def install(self, path: Path) -> None:
        """An executable at that path."""
        path.unlink(missing_ok=True)
        python = os.path.realpath(sys.executable)
        path.write_text(_PROGRAM.format(python=python, address=self._address), "utf-8")
        path.chmod(0o755)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self._folder.cleanup()


def _serve(listening: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        asked, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            _answer(asked)
        asked.close()


def _answer(asked: socket.socket) -> None:
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        head, files, *_ = socket.recv_fds(asked, 8, 3)
        size, words = int.from_bytes(head, "big"), b""
        while len(words) < size:
            words += asked.recv(size - len(words))
        asked.sendall(os.getpid().to_bytes(8, "big"))
        code = _run(*json.loads(words), files)
    except BaseException:  # noqa: BLE001  the shell sees it
        traceback.print_exc()
    finally:
        asked.sendall(bytes([code & 255]))
        os._exit(0)


def _run(words: list[str], cwd: str, env: dict[str, str], files: list[int]) -> int:
    for number, (name, way) in enumerate({"stdin": "r", "stdout": "w", "stderr": "w"}.items()):
        os.dup2(files[number], number)
        os.close(files[number])
        setattr(sys, name, os.fdopen(number, way, encoding="utf-8", closefd=False))
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    random.seed()
    sys.argv = ["watchbill", *words]
    try:
        import_module("watchbill.cli.main").run()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0
