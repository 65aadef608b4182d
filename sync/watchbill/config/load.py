"""A folder of files to one policy, with everything that is wrong in any of them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from watchbill.config.collect import Collected
from watchbill.config.discreet import discreet
from watchbill.config.files import read_files
from watchbill.config.locate import PolicyLocator
from watchbill.config.suggest import nearest
from watchbill.config.validate import checker, finding_at
from watchbill.config.words import Words
from watchbill.config.yaml_reader import Document
from watchbill.errors import PolicyInvalid
from watchbill.findings import Finding, has_errors, sort_findings
from watchbill.model.base import HANDLE
from watchbill.model.escalation import Triggers
from watchbill.model.policy import KINDS, LIST_KINDS, Policy
from watchbill.model.settings import Settings


@dataclass
class Loaded:
    """`policy` leaves out what is broken; with errors among the findings it is good for further checks only.

    `broken` names objects (kind, handle) that are there and could not be used, `unread` the kinds of which
    something could not even be read: a name that is missing there may well exist.
    """

    root: Path
    policy: Policy | None
    findings: list[Finding]
    locator: PolicyLocator
    files: tuple[str, ...]
    broken: frozenset[tuple[str, str]] = frozenset()
    unread: frozenset[str] = frozenset()

    @property
    def valid(self) -> bool:
        return self.policy is not None and not has_errors(self.findings)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the policy means; comments, order of files and of keys, and spelling do not count."""
        assert self.policy is not None, "nothing was loaded"
        data = self.policy.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        for kind in LIST_KINDS:
            data[kind] = sorted(data.get(kind, ()), key=_canonical)
        return hashlib.sha256(_canonical(data).encode()).hexdigest()


def _canonical(data: Any) -> str:
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def load_policy(root: Path, *, schema: bool = False) -> Loaded:
    """`schema`: every file also goes through the published JSON Schema, which must agree.

    Raises UsageError when there is no such folder.
    """
    documents, findings = read_files(root)
    return assemble(root, documents, findings, schema=schema)


def load_valid(root: Path, *, schema: bool = False) -> Loaded:
    """Raises PolicyInvalid with the findings, UsageError when there is no such folder."""
    loaded = load_policy(root, schema=schema)
    if not loaded.valid:
        errors = sum(f.is_error for f in loaded.findings)
        message = f"the policy has {errors} error{'s' if errors != 1 else ''}"
        raise PolicyInvalid(message, loaded.findings, remedy="`watchbill check` shows them all")
    return loaded


def assemble(
    root: Path, documents: Iterable[Document], read: Iterable[Finding], *, schema: bool = False
) -> Loaded:
    """`read`: everything found while reading, in the documents and beside them."""
    documents, findings = list(documents), list(read)
    agreed = _agreement() if schema else None
    collected = Collected(_names(documents))
    unread = set(_unread(documents, findings))
    for document in documents:
        if document.data is None and document.broken:
            continue
        structure = collected.add(document)
        findings += structure
        if agreed is not None:
            findings += agreed(document, agrees=not structure)
    findings += collected.twice
    settings, found = _settings(collected, root, "settings" in unread)
    findings += found
    return Loaded(
        root=root,
        policy=_policy(collected, settings),
        findings=sort_findings(map(discreet, findings)),
        locator=collected.locator,
        files=tuple(document.file for document in documents),
        broken=frozenset(collected.broken),
        unread=frozenset(unread),
    )


STAND_IN = Settings(format=1, organization="unknown", time_zone="Etc/UTC")
"""Lets the rest be checked when there are none."""


def _agreement() -> Callable[..., list[Finding]]:
    from watchbill.config.schema_check import schema_findings  # noqa: PLC0415  who and simulate never need it

    return schema_findings


def _settings(collected: Collected, root: Path, unread: bool) -> tuple[Settings, list[Finding]]:
    """Broken settings are mended by leaving out what is broken, so that the rest can be checked in the same run."""
    if not collected.settings:
        hint = "one file holds them: settings: {format: 1, organization: ..., time_zone: Europe/Bucharest}"
        words = Words("settings-missing", "no file has `settings`", hint)
        return STAND_IN, [] if unread else [finding_at(None, words, str(root))]
    (first, value), *others = collected.settings
    found = _settings_twice(first, [document for document, _ in others]) if others else []
    if others:  # what the others say may be what the rest goes by
        collected.broken.add(("settings", "settings"))
    try:
        return checker("settings")[1].validate_python(value), found
    except ValidationError as error:
        collected.broken.add(("settings", "settings"))
        return _mended(value, error), found


def _settings_twice(first: Document, others: list[Document]) -> list[Finding]:
    there = first.spot(("settings",), key=True)
    where = f"{there.file}:{there.line}" if there else first.file
    words = Words(
        "duplicate-handle", f"settings are there twice; the others are in {where}", "keep one of them"
    )
    return [finding_at(document.spot(("settings",), key=True), words, document.file) for document in others]


def _mended(value: Any, error: ValidationError) -> Settings:
    if not isinstance(value, dict):
        return STAND_IN
    faulty = {details["loc"][0] for details in error.errors(include_url=False) if details["loc"]}
    kept = {key: item for key, item in value.items() if key not in faulty}
    mended: Settings = checker("settings")[1].validate_python(
        {"format": 1, "organization": STAND_IN.organization, "time_zone": STAND_IN.time_zone, **kept}
    )
    return mended


def _policy(collected: Collected, settings: Settings) -> Policy | None:
    if not (collected.settings or collected.mappings):
        return None
    triggers: dict[str, Any] = collected.triggers
    fields: dict[str, Any] = {**collected.mappings}
    fields |= {kind: tuple(items) for kind, items in collected.lists.items()}
    return Policy.model_construct(settings=settings, triggers=Triggers.model_construct(**triggers), **fields)


_HANDLE = re.compile(HANDLE)


def _names(documents: Iterable[Document]) -> dict[str, str]:
    """Titles, aliases, names and addresses, case folded, to the handles that people should have written."""
    names: dict[str, str] = {}
    for document in documents:
        for kind in ("roles", "rotations", "people"):
            objects = document.data.get(kind) if isinstance(document.data, dict) else None
            for handle, item in objects.items() if isinstance(objects, dict) else ():
                for text in _called(item) if _HANDLE.fullmatch(handle) else ():
                    names.setdefault(text.casefold(), handle)
    return names


def _called(item: Any) -> list[str]:
    if not isinstance(item, dict):
        return []
    aliases = item.get("aliases")
    texts = [
        item.get("title"),
        item.get("name"),
        item.get("email"),
        *(aliases if isinstance(aliases, list) else ()),
    ]
    return [text for text in texts if isinstance(text, str) and text != "placeholder"]


_TOP_KEY = re.compile(r"^([a-z]+) *:", re.MULTILINE)


def _unread(documents: Iterable[Document], findings: Iterable[Finding]) -> Iterable[str]:
    """Kinds that stood, as far as one can see, in files that could not be read, or under a misspelt key."""
    named = set()
    for document in documents:
        named.add(document.file)
        if document.data is None and document.broken:
            kinds = {kind for kind in _TOP_KEY.findall(document.text) if kind in KINDS}
            yield from kinds or KINDS
        elif isinstance(document.data, dict):
            for key in document.data.keys() - set(KINDS):
                yield from nearest(str(key), KINDS)
    if any(finding.is_error and finding.file not in named for finding in findings):
        yield from KINDS
