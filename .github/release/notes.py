"""The version of a release and its notes: pyproject.toml has the one, CHANGELOG.md the other."""

from __future__ import annotations

import re
import tomllib

_HEADING = re.compile(r"^## \[?(?P<name>[^\]\s]+)\]?(?: - \d{4}-\d{2}-\d{2})?\s*$", re.MULTILINE)


class NotReady(Exception):
    """What is missing for a release, as one line."""


def version_of(pyproject: str, tag: str = "") -> str:
    """Raises NotReady where the tag names another version."""
    version = str(tomllib.loads(pyproject)["project"]["version"])
    if tag and tag != f"v{version}":
        raise NotReady(f"the tag is {tag}, but pyproject.toml has version {version}: use the tag v{version}")
    return version


def notes_of(changelog: str, version: str, *, rehearsal: bool) -> str:
    """The section of the version, without its heading.  A rehearsal may take `Unreleased`."""
    headings = list(_HEADING.finditer(changelog))
    sections = {
        heading["name"]: changelog[heading.end() : following.start() if following else None].strip()
        for heading, following in zip(headings, [*headings[1:], None], strict=True)
    }
    text = sections.get(version) or (sections.get("Unreleased") if rehearsal else None)
    if not text:
        raise NotReady(f"CHANGELOG.md has no entries under '## {version}': move those of 'Unreleased' there")
    return text + "\n"
