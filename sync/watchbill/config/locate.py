"""Where each place of the policy stands in the files."""

from __future__ import annotations

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
        """Of a single value where a list may stand, its items are the value itself."""
        found = self.home(place)
        if found is None:
            return None
        document, path = found
        data = document.data
        for depth, step in enumerate(path):
            if isinstance(data, dict):
                inside = step in data
            else:
                inside = isinstance(data, list) and step in range(len(data))
            if not inside:
                path = path[:depth] if not isinstance(data, dict) else path
                break
            data = data[step]
        return document.spot(path, key=isinstance(data, dict | list))
