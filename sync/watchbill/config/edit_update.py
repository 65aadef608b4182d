"""One value becomes another with as few edits as possible, so that comments on what stays stay."""

from __future__ import annotations

import json
from collections.abc import Callable
from difflib import SequenceMatcher

from watchbill.config.edit import insert_item, insert_key, remove, set_value
from watchbill.config.edit_errors import EditRefused
from watchbill.config.yaml_data import Data
from watchbill.config.yaml_reader import read_yaml
from watchbill.findings import Place


def update_value(text: str, path: Place, value: Data, *, file: str = "") -> str:
    """Like set_value, but goes into mappings and lists: only keys and items that differ are written.

    The order of keys that are there already does not change.
    """
    data = read_yaml(text, file).data
    try:
        for step in path:
            data = data[step]
    except (KeyError, IndexError, TypeError):
        return set_value(text, path, value, file=file)  # which says what is not there
    return _updated(text, path, data, value, file)


def _updated(text: str, path: Place, old: Data, new: Data, file: str) -> str:
    way: Callable[[str, Place, Data, Data, str], str]
    if isinstance(old, dict) and isinstance(new, dict) and old and new:
        way = _mapping
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        way = _list
    else:
        return set_value(text, path, new, file=file)
    try:
        return way(text, path, old, new, file)
    except EditRefused:
        return set_value(text, path, new, file=file)


def _mapping(text: str, path: Place, old: dict[str, Data], new: dict[str, Data], file: str) -> str:
    before: str | None = None
    for key, value in new.items():
        if key in old:
            text = _updated(text, (*path, key), old[key], value, file)
        else:
            text = insert_key(text, path, key, value, after=before, file=file)
        before = key
    for key in [k for k in old if k not in new]:
        text = remove(text, (*path, key), file=file)
    return text


def _list(text: str, path: Place, old: list[Data], new: list[Data], file: str) -> str:
    """From the end, so that the numbers of the items before stay true; inserts first, so that no list runs empty."""
    matcher = SequenceMatcher(None, [_key(v) for v in old], [_key(v) for v in new], autojunk=False)
    for _, old_start, old_end, new_start, new_end in reversed(
        [code for code in matcher.get_opcodes() if code[0] != "equal"]
    ):
        both = min(old_end - old_start, new_end - new_start)
        for value in reversed(new[new_start + both : new_end]):
            text = insert_item(text, path, old_start + both, value, file=file)
        for index in reversed(range(old_start + both, old_end)):
            text = remove(text, (*path, index), file=file)
        for i in reversed(range(both)):
            text = _updated(text, (*path, old_start + i), old[old_start + i], new[new_start + i], file)
    return text


def _key(value: Data) -> str:
    return json.dumps(value, sort_keys=True)
