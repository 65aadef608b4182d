"""Runs documented commands as a reader types them, and says which do not end as the text states."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from documented import worlds
from documented.collect import Command, Group
from documented.desk import Desk, Ran

_SECONDS = 120
_PIP = "python3 -m venv .venv && .venv/bin/pip install -q . && "


def _said(words: str) -> Callable[[Desk, str], bool]:
    return lambda _, output: bool(re.search(words, output))


def _asked(path: str) -> Callable[[Desk, str], bool]:
    return lambda desk, _: any(r.path == path for r in desk.requests()[desk.asked :])


@dataclass(frozen=True)
class Special:
    """A command that is not simply run."""

    command: str
    """A regular expression for the whole command."""
    reason: str
    stdin: str = ""
    ready: Callable[[Desk, str], bool] | None = None
    """It runs until somebody ends it: it is ended when this is true of the desk and the output."""
    skip: str = ""
    """Beginning of the line that is left out."""
    is_left_out: bool = False
    is_long: bool = False
    """Only the long tests run it."""


SPECIAL = (
    Special(r".*/nox -s tests", "starts this suite; .ci/run calls it", is_left_out=True),
    Special(
        re.escape(_PIP) + ".*", "pip wants the package index; a long test runs the whole line", skip=_PIP
    ),
    Special(
        r"watchbill (apply|claim backend|forget backend)( +#.*)?", "asks, and the reader agrees", stdin="y\n"
    ),
    Special(r"watchbill plan .* && watchbill apply plan.json", "asks, and the reader agrees", stdin="y\n"),
    Special(r"watchbill doctor --probe", "asks, and the reader agrees", stdin="y\n"),
    Special(
        r"watchbill doctor --github --repo .*",
        "GitHub is elsewhere; the README's own line runs on a local one",
        is_left_out=True,
    ),
    Special(r"watchbill init.*", "pip wants the package index", is_long=True),
    Special(r"watchbill sandbox serve.*", "serves until it is stopped", ready=_said("serving")),
    Special(
        r"watchbill chat slack.*", "serves until it is stopped", ready=_said("connected to|listening on")
    ),
    Special(r"watchbill watch(?!.*--once).*", "watches until it is stopped", ready=_asked("/incidents")),
)


@dataclass(frozen=True)
class Around:
    group: str
    """A regular expression for the beginning of a group's name."""
    world: Callable[[Desk], AbstractContextManager[worlds.Env]]
    reason: str


AROUND = (
    Around(
        r"watchbill ", worlds.somebody, "help is for people of the policy; the README shows how to be one"
    ),
    Around(r"watchbill (incident (?!open)|chat|watch)", worlds.incident, "one is open"),
    Around(r"README.md: When|watchbill watch", worlds.watched, "shows when `watch` has looked once"),
    Around(r"README.md: In chat|watchbill chat", worlds.slack, "`chat slack` wants a workspace"),
    Around(
        r"README.md: On GitHub|watchbill github (?!approved|outcome)", worlds.github, "GitHub is elsewhere"
    ),
    Around(r"watchbill github (approved|outcome)", worlds.merged, "the pull request was merged"),
    Around(r"watchbill sandbox (save|show)", worlds.served, "a sandbox is served at the example's port"),
)

BEFORE = {
    "watchbill chat notices --help": "watchbill override add infra security-1 --from +30h --for 2h",
    "watchbill github adopt-pr --help": "watchbill sandbox tamper service 'MedicalCor API' '{\"auto_resolve_timeout\": 7200}'",
    "watchbill leave cancel --help": "watchbill leave add backend-1 tomorrow +10d && watchbill leave add backend-2 tomorrow +10d --covered-by infra-1",
    "watchbill github heartbeat --help": "git checkout --quiet main && watchbill drift --json > d.json && watchbill github drift-issue d.json",
}
"""Name of a group -> what happened before its commands: a change to tell, an edit to adopt, a daily check."""

_CODE = re.compile(r"\bexit code (\d+)")


def run_group(desk: Desk, group: Group, *, long: bool = True) -> list[str]:
    """What did not end as the text states; the desk is reset first.  Not `long`: without what takes minutes."""
    desk.reset()
    wrong: list[str] = []
    with ExitStack() as stack:
        env: worlds.Env = {}
        for around in AROUND:
            if re.match(around.group, group.name):
                env |= stack.enter_context(around.world(desk))
        before = desk.type(BEFORE.get(group.name, "true"), **env)
        assert before.code == 0, before.out + before.err
        exports: list[str] = []
        for command in group.commands:
            if command.text.startswith("export "):
                exports.append(command.text)
                continue
            ran = run(desk, command, exports, env, long=long)
            wanted = wanted_code(command)
            if ran.code != wanted or "Traceback" in ran.err:
                wrong.append(
                    f"{command}\n  ends with {ran.code}, not {wanted}\n{(ran.out + ran.err)[-1500:]}"
                )
    return wrong


def wanted_code(command: Command) -> int:
    """What the text around it states; else 0."""
    stated = _CODE.search(command.near)
    return int(stated[1]) if stated else 0


def run(desk: Desk, command: Command, exports: Sequence[str], env: worlds.Env, *, long: bool = True) -> Ran:
    special = next((s for s in SPECIAL if re.fullmatch(s.command, command.text, re.DOTALL)), None)
    if special is None:
        return desk.type("\n".join([*exports, command.text]), **env)
    if special.is_left_out or (special.is_long and not long):
        return Ran(wanted_code(command), "", "")
    typed = command.text.removeprefix(special.skip)
    if special.ready is None:
        seconds = _SECONDS * (5 if special.is_long else 1)
        return desk.type("\n".join([*exports, typed]), special.stdin, seconds, **env)
    return _until_ready(desk, "\n".join([*exports, f"exec {typed}"]), special.ready, env)


def _until_ready(desk: Desk, line: str, ready: Callable[[Desk, str], bool], env: worlds.Env) -> Ran:
    """Starts it, waits until it is ready, ends it as Ctrl-C does."""
    desk.asked = len(desk.requests())
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            desk.words(line),
            cwd=desk.clone,
            env={**desk.environment, **env},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

        def output() -> str:
            said.seek(0)
            return said.read()

        until = time.monotonic() + _SECONDS
        while process.poll() is None and not ready(desk, output()) and time.monotonic() < until:
            time.sleep(0.05)
        is_ready = process.poll() is None and ready(desk, output())
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        try:
            code = process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            code = process.wait()
        return Ran(code if is_ready else code or 70, output(), "")
