"""The changed crew of a layer written into the YAML: it ends, and a copy of it with the new crew follows."""

from __future__ import annotations

from watchbill.config.change_crews import CrewChangeLike, data_at, write_crews
from watchbill.config.edit import insert_item, insert_key, set_value
from watchbill.config.edit_dump import Style
from watchbill.config.edit_source import Source
from watchbill.config.yaml_data import Data
from watchbill.config.yaml_nodes import Mapping
from watchbill.findings import Place


def write_layer(
    text: str, path: Place, index: int, change: CrewChangeLike, *, until: str, file: str = ""
) -> str:
    """`path`: of the rotation in this text; `until`: the handoff with its time, since a day alone is its midnight.

    Raises EditRefused where only a human can edit well.
    """
    layer = (*path, "layers", index)
    new = next((edit for edit in change.edits if edit.index is None), None)
    if new is None:
        return write_crews(text, layer, change, file=file)
    before = data_at(text, layer)
    value: Data = {key: before[key] for key in ("name", "turn", "handoff", "counted") if key in before}
    if change.counting is not None:
        dumped = change.counting.model_dump(mode="json", exclude_none=True)
        value |= {key: dumped[key] for key in ("turn", "handoff") if key in dumped}
    value |= {"from": change.from_text, "crew": [member.name for member in new.order]}
    value |= {key: before[key] for key in before if key not in {*value, "first"}}
    node = Source(text, file).slot(layer).node
    style: Style = "flow" if isinstance(node, Mapping) and node.flow else "auto"
    text = insert_item(text, (*path, "layers"), index + 1, value, style=style, file=file)
    if "until" in before:
        return set_value(text, (*layer, "until"), until, file=file)
    return insert_key(text, layer, "until", until, file=file)
