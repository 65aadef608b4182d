"""What CI runs, by name: `nox -s tests`, `lint`, `policies`, `schema`, `stories`, `faults`, `judges`, `browser`, `audit`, `release`.

By hand: `bench` for figures, `lock` for the lock files.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
nox.options.sessions = ["tests", "lint", "policies", "schema"]
nox.options.error_on_external_run = True

PROJECT = nox.project.load_toml("pyproject.toml")


def install(session: nox.Session, *groups: str) -> None:
    session.install("-q", "-e", ".", *nox.project.dependency_groups(PROJECT, *groups))


GITHUB_FILES = {
    "github-workflows": (".github/workflows/*.yml",),
    "github-actions": ("action.yml",),
    "dependabot": (".github/dependabot.yml",),
}
"""check-jsonschema's name -> the files that it judges."""


@nox.session
def tests(session: nox.Session) -> None:
    """The default suite: needs nothing but Python."""
    install(session, "tests", "policies")
    session.run("pytest", "-n", "auto", "--dist", "loadgroup", *session.posargs)


@nox.session
def stories(session: nox.Session) -> None:
    """Long journeys through the command line."""
    install(session, "tests", "policies")
    session.run("pytest", "-n", "auto", "-m", "long", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """ruff and mypy --strict; the workflows by GitHub's schema and by zizmor at its strictest."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    for schema, names in GITHUB_FILES.items():
        files = sorted(str(path) for name in names for path in Path().glob(name))
        session.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)
    workflows = sorted(map(str, Path(".github/workflows").glob("*.yml")))
    others = ("action.yml", ".github/dependabot.yml")
    session.run("zizmor", "--offline", "--quiet", "--persona", "auditor", *workflows, *others)


@nox.session
def policies(session: nox.Session) -> None:
    """The shipped policy: our own check, and an off-the-shelf validator on the published schemas."""
    install(session, "policies")
    session.run("watchbill", "check")
    session.run("python", "tests/judge_policies.py")


@nox.session
def schema(session: nox.Session) -> None:
    """The committed schemas are what the models say."""
    install(session)
    session.run("watchbill", "schema", "--check")


@nox.session
def faults(session: nox.Session) -> None:
    """Killed at every request, every answer lost once: the whole matrix, with its counts."""
    install(session, "tests")
    session.run(
        *("pytest", "-n", "auto", "-rP", "tests/faults"),
        *("tests/property/test_shift_apply.py", "tests/property/test_shift_changes.py"),
        *session.posargs,
        env={"WATCHBILL_FAULTS": "full"},
    )


def npm_install(session: nox.Session, name: str) -> str:
    """The folder with what `tests/NAME/package.json` names."""
    packages = session.cache_dir / name
    packages.mkdir(parents=True, exist_ok=True)
    shutil.copy(f"tests/{name}/package.json", packages)
    if shutil.which("npm"):
        quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--loglevel=error")
        session.run("npm", "install", "--prefix", str(packages), *quiet, external=True)
    else:
        session.warn("NOT CHECKED: npm is not installed, so nothing from npm judges")
    return str(packages.resolve())


@nox.session
def judges(session: nox.Session) -> None:
    """Clients and validators nobody here wrote.  Wants npm and PagerDuty's OpenAPI document; says so without them."""
    install(session, "judges")
    packages = npm_install(session, "judges")
    session.run(
        *("pytest", "-n", "auto", "--dist", "loadfile", "tests/judges", *session.posargs),
        env={"WATCHBILL_JUDGES": packages},
    )


CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@nox.session
def browser(session: nox.Session) -> None:
    """The site in Chromium: quiet, accessible, the same answers as the command line; pictures in build/looks.

    Without a Chromium on the machine one comes from apt, else from Playwright; axe and Mermaid come from npm.
    """
    install(session, "browser")
    packages = npm_install(session, "browser")
    session.run(
        *("pytest", "-n", "auto", "--dist", "loadfile", "tests/browser", *session.posargs),
        env={"WATCHBILL_BROWSER": chromium(session), "WATCHBILL_BROWSER_PACKAGES": packages},
    )


def chromium(session: nox.Session) -> str:
    """Its path; empty for Playwright's own."""
    found = next((path for name in CHROMIUMS if (path := shutil.which(name))), None)
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        for words in (("update", "-qq"), ("install", "-qq", "--yes", "--no-install-recommends", "chromium")):
            session.run(
                "apt-get", *words, external=True, silent=True, env={"DEBIAN_FRONTEND": "noninteractive"}
            )
        found = shutil.which("chromium")
    if found is None:
        session.run("playwright", "install", "chromium", success_codes=range(256))
    return found or ""


@nox.session
def bench(session: nox.Session) -> None:
    """Figures and ratios, printed; nothing passes or fails by them."""
    install(session, "tests")
    for script in ("rendering.py", "who.py", "sandbox.py", "plan.py", "site.py", *session.posargs):
        session.run("python", f"tests/bench/{script}")


@nox.session
def audit(session: nox.Session) -> None:
    """Known flaws in the packages of the lock files; secrets in the files.  What cannot be reached is NOT CHECKED."""
    session.install("-q", *nox.project.dependency_groups(PROJECT, "audit"))
    packages = npm_install(session, "judges")
    session.run("python", "tests/judges/audit.py", env={"WATCHBILL_JUDGES": packages})


@nox.session
def release(session: nox.Session) -> None:
    """All that a release does before it publishes: build twice, check, install with hashes, use, SBOM; in build/release."""
    if (sys.version_info[:2], sys.platform, platform.machine()) != ((3, 11), "linux", "x86_64"):
        session.skip("NOT CHECKED: the lock files are for Python 3.11 on Linux x86_64")
    session.install("-q", "--require-hashes", "-r", ".github/release/tools.txt")
    session.run("python", "-I", ".github/release/release.py", "build/release", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Writes the lock files anew."""
    install(session)
    session.run("python", ".github/release/locks.py")
