"""Where each place of the policy stands in the files."""

from __future__ import annotations

from typing import Any

from watchbill.config.yaml_reader import Document
from watchbill.findings import Place, Spot


class PolicyLocator:
    """Lists that are spread over files are counted through, as in the policy."""

    def __init__(self) -> None:
        self._homes: dict[Place, tuple[Document, Place]] = {}

    def put(self, place: Place, document: Document, path: Place) -> None:
        self._homes.setdefault(place, (document, path))

    def home(self, place: Place) -> tuple[Document, Place] | None:
        """The document and the path in it; the nearest enclosing place that stands in a file."""
        for length in range(len(place), 0, -1):
            known = self._homes.get(place[:length])
            if known is not None:
                document, path = known
                return document, path + place[length:]
        return None

    def spot(self, place: Place) -> Spot | None:
        found = self.home(place)
        if found is None:
            return None
        document, path = found
        return document.spot(path, key=isinstance(_value(document.data, path), dict | list))


def _value(data: Any, path: Place) -> Any:
    for step in path:
        inside = (
            step in data if isinstance(data, dict) else isinstance(data, list) and step in range(len(data))
        )
        if not inside:
            return data
        data = data[step]
    return data
