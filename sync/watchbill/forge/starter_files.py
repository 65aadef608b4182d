"""The files of a new policy repository: workflows as ours, an example policy, owners, editor and hook set-up."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from watchbill.errors import UsageError, WatchbillError
from watchbill.forge.setup_steps import steps_as_markdown

_TEMPLATES = Path(__file__).parent / "starter"
_PACKAGED = Path(__file__).parent / "workflows"
_COMMITTED = Path(__file__).parents[3] / ".github" / "workflows"
WORKFLOWS = ("check", "plan", "fork", "apply", "commands", "drift", "upkeep", "report", "publish")
FOLDER = ".github/watchbill"
LOCK = f"{FOLDER}/requirements.lock"
_PLACES = {
    "CODEOWNERS": ".github/CODEOWNERS",
    "README.md": "README.md",
    "pre-commit-config.yaml": ".pre-commit-config.yaml",
    "hook.txt": f"{FOLDER}/hook.py",
    "vscode-settings.json": ".vscode/settings.json",
    "vscode-extensions.json": ".vscode/extensions.json",
    "gitignore": ".gitignore",
    "dependabot.yml": ".github/dependabot.yml",
}
_TRY = {
    "watchbill simulate P1 website": "who would be paged, minute by minute",
    "watchbill crew add primary dan": "edits the file so that nobody's shift moves by accident",
}
"""Questions to the example policy."""
_ANY = {
    "watchbill show": "what the files say, in words",
    "watchbill simulate --help": "who would be paged, minute by minute",
    "watchbill crew --help": "edits the file so that nobody's shift moves by accident",
}
"""Commands that fit every policy."""
_ACCOUNT_LINE = "\nName your account in `policies/settings.yaml` in place of the sandbox."
_UPDATE_LINE = "\n`update.yml` proposes newer packages once a month."
_PREPARED = re.compile(r"(?ms)^      - uses: actions/checkout@.*?^          esac$")
"""The steps of a workflow up to installing watchbill."""
_LOGIN = re.compile(r"@[A-Za-z0-9][A-Za-z0-9-]*(?:/[A-Za-z0-9._-]+)?|[^\s@]+@[^\s@]+\.[^\s@]+")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 @:/._+=,<>~\[\]-]*")


@dataclass(frozen=True, slots=True)
class Wish:
    organization: str
    time_zone: str
    install: str
    """What pip installs in the workflows and the hook: LOCK, or what the user named."""
    owners: tuple[str, ...] = ()
    """As CODEOWNERS writes them."""
    with_policy: bool = True
    """False: the policy comes from an account."""


def starter_files(wish: Wish) -> dict[str, str]:
    """Path below the new repository -> text.  Raises UsageError for owners and requirements that are none."""
    for owner in wish.owners:
        if not _LOGIN.fullmatch(owner):
            raise UsageError(f"{owner!r} is no owner", remedy="write @login, @org/team or an address")
    if wish.install != LOCK and not _REQUIREMENT.fullmatch(wish.install):
        raise UsageError(
            f"{wish.install!r} cannot be installed",
            remedy="name it as pip takes it: watchbill @ git+https://...",
        )
    files = {place: _filled(_read(_TEMPLATES / name), wish) for name, place in _PLACES.items()}
    if wish.with_policy:
        for path in sorted((_TEMPLATES / "policies").glob("*.yaml")):
            files[f"policies/{path.name}"] = _filled(_read(path), wish)
    for name in WORKFLOWS:
        files[f".github/workflows/{name}.yml"] = _installing(_committed(name), wish.install)
    if wish.install == LOCK:
        steps = _PREPARED.search(_committed("check"))
        text = _read(_TEMPLATES / "update.yml").replace("STEPS_TO_INSTALL", steps[0] if steps else "")
        files[".github/workflows/update.yml"] = _installing(text, LOCK)
    return files


def _filled(text: str, wish: Wish) -> str:
    mark, owners = ("", " ".join(wish.owners)) if wish.owners else ("# ", "@somebody @somebody-else")
    folders = ("/policies/", "/.github/", "/.github/CODEOWNERS")
    named = f"--require-hashes -r {wish.install}" if wish.install == LOCK else f'"{wish.install}"'
    tries = _TRY if wish.with_policy else _ANY
    filled = {
        "OWNERS_LINES": "\n".join(f"{mark}{folder} {owners}" for folder in folders),
        "INSTALL_WORDS": named,
        "INSTALL": wish.install,
        "TRY_LINES": "\n".join(f"{command:<46} # {does}" for command, does in tries.items()),
        "SETUP_STEPS": steps_as_markdown(),
        "ACCOUNT_LINE": _ACCOUNT_LINE if wish.with_policy else "",
        "UPDATE_LINE": _UPDATE_LINE if wish.install == LOCK else "",
        "organization: ORGANIZATION": f"organization: {json.dumps(wish.organization)}",
        "ORGANIZATION": wish.organization,
        "TIME_ZONE": wish.time_zone,
    }
    return re.sub("|".join(filled), lambda found: filled[found[0]], text)


def _committed(name: str) -> str:
    return _read((_PACKAGED if _PACKAGED.is_dir() else _COMMITTED) / f"{name}.yml")


def _installing(text: str, install: str) -> str:
    """A workflow as in this repository, but for what is installed."""
    text = re.sub(r"(?m)^( +INSTALL: )\.$", lambda found: f"{found[1]}{json.dumps(install)}", text)
    text = text.replace("inputs.install || '.'", f"inputs.install || '{install}'")
    text = re.sub(r"(?m)^( +default: )\.$", lambda found: f"{found[1]}{json.dumps(install)}", text)
    return text.replace('; "." is the checkout itself.', ".")


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as bad:
        raise WatchbillError(f"{path.name} is missing from this installation: {bad.strerror}") from None
