"""A changed crew written into the YAML of its rotation, so that taking the change back restores every byte.

The usual form (`from`, `crew`, `first`) becomes `crews` by moving its lines as they are into the first entry; the
note beside `crews` says that it was so.  When only that entry is left, the lines move back.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

from watchbill.config.change_form import dated_form, usual_form
from watchbill.config.edit import insert_item, insert_key, remove, set_value
from watchbill.config.yaml_data import Data
from watchbill.config.yaml_reader import read_yaml
from watchbill.findings import Place
from watchbill.model.rotations import Counted

_CARRIED = ("turn", "handoff", "counted", "turns_each", "hours")


class MemberLike(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def was(self) -> int | None: ...


class EditLike(Protocol):
    @property
    def index(self) -> int | None: ...

    @property
    def order(self) -> Sequence[MemberLike]: ...

    @property
    def first(self) -> str | None: ...

    @property
    def dropped(self) -> bool: ...


class CrewChangeLike(Protocol):
    """`rota.crew_change.CrewChange`, which says what each of these means."""

    @property
    def from_text(self) -> str: ...

    @property
    def edits(self) -> Sequence[EditLike]: ...

    @property
    def place(self) -> int: ...

    @property
    def like(self) -> int: ...

    @property
    def anchor(self) -> str | None: ...

    @property
    def counting(self) -> Counted | None: ...


def write_crews(text: str, path: Place, change: CrewChangeLike, *, file: str = "") -> str:
    """`path`: of the rotation in this text.  Raises EditRefused where only a human can edit well."""
    before = data_at(text, path)
    plain = "crew" in before
    written = [edit for edit in change.edits if edit.index is not None]
    for edit in sorted(written, key=lambda e: e.index or 0, reverse=True):
        if edit.dropped:
            text = remove(text, (*path, "crews", edit.index or 0), file=file)
        else:
            text = _changed(text, path, edit, plain=plain, file=file)
    new = next((edit for edit in change.edits if edit.index is None), None)
    if new is not None:
        carried: Data = {} if plain else before["crews"][change.like]
        value = {"from": change.from_text, "order": [member.name for member in new.order]}
        value |= {key: carried[key] for key in _CARRIED if carried.get(key) is not None}
        if change.counting is not None:
            dumped = change.counting.model_dump(mode="json", exclude_none=True)
            value |= {key: dumped[key] for key in ("turn", "handoff") if key in dumped}
        if plain:
            text = dated_form(text, path, anchor=change.anchor, file=file)
        text = insert_item(text, (*path, "crews"), change.place, value, file=file)
    elif any(edit.dropped for edit in written):
        text = usual_form(text, path, file=file)
    return text


def _changed(text: str, path: Place, edit: EditLike, *, plain: bool, file: str) -> str:
    """One written crew: only the items that come and go, where the others keep their order."""
    entry = path if plain else (*path, "crews", edit.index or 0)
    key = "crew" if plain else "order"
    place = (*entry, key)
    old = data_at(text, entry)
    kept = [member.was for member in edit.order if member.was is not None]
    if any(left >= right for left, right in pairwise(kept)):
        text = set_value(text, place, [member.name for member in edit.order], file=file)
    else:
        for index in sorted({*range(len(old[key]))} - {*kept}, reverse=True):
            text = remove(text, (*place, index), file=file)
        for index, member in enumerate(edit.order):
            if member.was is None:
                text = insert_item(text, place, index, member.name, file=file)
    first = edit.first or (edit.order[0].name if old.get("first") is not None else None)
    if first is None:
        return text
    if "first" in old:
        return set_value(text, (*entry, "first"), first, file=file)
    return insert_key(text, entry, "first", first, after=key, file=file)


def data_at(text: str, path: Place) -> Data:
    data = read_yaml(text, "").data
    for step in path:
        data = data[step]
    return data
