"""What CI runs, by name: `nox -s tests`, `lint`, `policies`, `schema`, `stories`, `faults`, `judges`; and `bench` for figures."""

from __future__ import annotations

import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
nox.options.sessions = ["tests", "lint", "policies", "schema"]
nox.options.error_on_external_run = True

PROJECT = nox.project.load_toml("pyproject.toml")


def install(session: nox.Session, *groups: str) -> None:
    session.install("-q", "-e", ".", *nox.project.dependency_groups(PROJECT, *groups))


@nox.session
def tests(session: nox.Session) -> None:
    """The default suite: needs nothing but Python."""
    install(session, "tests", "policies")
    session.run("pytest", "-n", "auto", "--dist", "loadgroup", *session.posargs)


@nox.session
def stories(session: nox.Session) -> None:
    """Long journeys through the command line."""
    install(session, "tests")
    session.run("pytest", "-n", "auto", "-m", "long", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """ruff and mypy --strict; the workflows by GitHub's schema and by zizmor at its strictest."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    workflows = sorted(str(path) for path in Path(".github/workflows").glob("*.yml"))
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
    session.run("zizmor", "--offline", "--quiet", "--persona", "auditor", *workflows)


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
        "pytest", "-n", "auto", "-rP", "tests/faults", *session.posargs, env={"WATCHBILL_FAULTS": "full"}
    )


@nox.session
def judges(session: nox.Session) -> None:
    """Clients and validators nobody here wrote.  Wants npm and PagerDuty's OpenAPI document; says so without them."""
    install(session, "judges")
    packages = session.cache_dir / "judges"
    packages.mkdir(parents=True, exist_ok=True)
    shutil.copy("tests/judges/package.json", packages)
    if shutil.which("npm"):
        quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--loglevel=error")
        session.run("npm", "install", "--prefix", str(packages), *quiet, external=True)
    else:
        session.warn("NOT CHECKED: npm is not installed, so nothing from npm judges")
    session.run(
        *("pytest", "-n", "auto", "--dist", "loadfile", "tests/judges", *session.posargs),
        env={"WATCHBILL_JUDGES": str(packages.resolve())},
    )


@nox.session
def bench(session: nox.Session) -> None:
    """Figures and ratios, printed; nothing passes or fails by them."""
    install(session, "tests")
    for script in ("rendering.py", "who.py", "sandbox.py", "plan.py", "site.py", *session.posargs):
        session.run("python", f"tests/bench/{script}")
