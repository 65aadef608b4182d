"""The objects of all files: each validated by itself, so that one broken object does not hide the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from watchbill.config.locate import PolicyLocator
from watchbill.config.suggest import did_you_mean
from watchbill.config.validate import Spotter, checker, finding_at, handle_checker, owner_of
from watchbill.config.words import Words, shape_found
from watchbill.config.yaml_reader import Document
from watchbill.findings import Finding, Place
from watchbill.model.escalation import Triggers
from watchbill.model.policy import KINDS, LIST_KINDS, NAMED

_KINDS_ARE = f"the kinds are {', '.join(KINDS)}"


class Collected:
    """What the files hold so far.  `broken` names the objects (kind, handle) that are there and cannot be used."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names
        self.mappings: dict[str, dict[str, Any]] = {}
        self.triggers: dict[str, dict[str, Any]] = {part: {} for part in Triggers.model_fields}
        self.lists: dict[str, list[Any]] = {kind: [] for kind in LIST_KINDS}
        self.settings: list[tuple[Document, Any]] = []
        self.broken: set[tuple[str, str]] = set()
        self.twice: list[Finding] = []
        self.locator = PolicyLocator()
        self._first: dict[tuple[str, str], tuple[str, Document, Place]] = {}

    def add(self, document: Document) -> list[Finding]:
        """Whatever in the file is not as the model says; handles used twice go to `twice`."""
        data = document.data
        if isinstance(data, dict) and data:
            return [finding for kind in data for finding in self._kind(document, kind, data[kind])]
        said = "a policy file holds kinds, each under its own key" if data else "the file is empty"
        words = Words("structure", said, f"begin with a line such as `people:`; {_KINDS_ARE}")
        return [finding_at(document.spot(()), words, document.file)]

    def _kind(self, document: Document, kind: str, value: Any) -> Iterator[Finding]:
        if kind not in KINDS:
            words = Words(
                "unknown-key", f"'{kind}' is no kind of policy", did_you_mean(kind, KINDS) or _KINDS_ARE
            )
            yield finding_at(document.spot((kind,), key=True), words, document.file)
            return
        self.locator.put((kind,), document, (kind,))
        if kind == "settings":
            self.settings.append((document, value))
            yield from self._checked(document, (kind,), checker(kind), value)[1]
        elif kind == "triggers" and isinstance(value, dict):
            yield from self._triggers(document, value)
        elif kind in LIST_KINDS and isinstance(value, list):
            yield from self._list(document, kind, value)
        elif kind not in LIST_KINDS and isinstance(value, dict):
            yield from self._mapping(document, (kind,), value, self.mappings.setdefault(kind, {}))
        else:
            wanted = (
                "a list, each item after a dash"
                if kind in LIST_KINDS
                else "handles, each with what it stands for"
            )
            found = "nothing stands here" if value is None else f"this is {shape_found(value)}"
            words = Words(
                "structure", f"'{kind}' takes {wanted}; {found}", "add something, or delete the key"
            )
            yield finding_at(document.spot((kind,)), words, document.file)

    def _list(self, document: Document, kind: str, value: list[Any]) -> Iterator[Finding]:
        kept = self.lists[kind]
        for index, data in enumerate(value):
            item, found = self._checked(document, (kind, index), checker(kind), data)
            yield from found
            if item is not None:
                self.locator.put((kind, len(kept)), document, (kind, index))
                kept.append(item)

    def _triggers(self, document: Document, value: dict[str, Any]) -> Iterator[Finding]:
        mappings = {
            part: items for part, items in value.items() if part in self.triggers and isinstance(items, dict)
        }
        others = {part: items for part, items in value.items() if part not in mappings}
        yield from self._checked(document, ("triggers",), checker("triggers"), others)[1]
        for part, items in mappings.items():
            yield from self._mapping(document, ("triggers", part), items, self.triggers[part])

    def _mapping(
        self, document: Document, place: Place, items: dict[str, Any], kept: dict[str, Any]
    ) -> Iterator[Finding]:
        yield from self._checked(document, place, handle_checker(str(place[0])), items)[1]
        for handle, data in items.items():
            item, found = self._checked(document, (*place, handle), checker(*map(str, place)), data)
            yield from found
            if not self._is_first(document, (*place, handle)):
                continue
            self.locator.put((*place, handle), document, (*place, handle))
            if item is None:
                self.broken.add((str(place[-1]), handle))
            else:
                kept[handle] = item

    def _is_first(self, document: Document, place: Place) -> bool:
        kind, handle = str(place[-2]), str(place[-1])
        home = "a name" if kind in NAMED else kind
        known = self._first.setdefault((home, handle), (kind, document, place))
        if known == (kind, document, place):
            return True
        other_kind, other_document, other_place = known
        there = other_document.spot(other_place, key=True)
        where = f"{there.file}:{there.line}" if there else other_document.file
        if other_kind == kind:
            said, hint = (
                f"'{handle}' is defined twice in {kind}",
                f"the other one is in {where}; keep one of them",
            )
        else:
            said = f"'{handle}' is in {kind} and in {other_kind} ({where})"
            hint = f"{', '.join(NAMED)} share their handles: rename one of them"
        self.twice.append(
            finding_at(document.spot(place, key=True), Words("duplicate-handle", said, hint), "")
        )
        return False

    def _checked(
        self, document: Document, place: Place, kind: tuple[Any, TypeAdapter[Any]], data: Any
    ) -> tuple[Any | None, list[Finding]]:
        annotation, adapter = kind
        try:
            return adapter.validate_python(data), []
        except ValidationError as error:
            spotter = Spotter(document, place, owner_of(place, data), self.names)
            return None, spotter.findings(error, annotation, data)
