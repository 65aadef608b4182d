"""How a file is written where something new goes: the new lines should look like their neighbours."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from watchbill.config.edit_dump import Layout, Style
from watchbill.config.yaml_data import Data
from watchbill.config.yaml_nodes import Mapping, Node, Sequence, children, walk

if TYPE_CHECKING:
    from watchbill.config.edit_source import Source


def layout_for(source: Source, value: Data, beside: list[Node], style: Style) -> Layout:
    """`beside` are the neighbours; those of the same kind as `value` are followed, the last one first."""
    layout = replace(source.layout, style=style)
    if not isinstance(value, dict | list) or not value:
        return layout
    alike = [n for n in beside if isinstance(n, Mapping if isinstance(value, dict) else Sequence)]
    if not alike:
        return layout
    layout = indented_like(source, alike[-1], layout)
    return replace(layout, style=_style(alike)) if style == "auto" else layout


def _style(alike: list[Mapping | Sequence]) -> Style:
    """All in brackets, all in blocks, or blocks with short lists in brackets."""
    last = alike[-1]
    if last.flow:
        return "flow" if last.weight > 1 or len(alike) > 1 else "auto"
    flows = Counter(n.flow for node in alike for n in _blocks_and_their_lists(node) if _is_list_of_words(n))
    return "block" if flows[False] > flows[True] else "auto"


def _blocks_and_their_lists(node: Node) -> list[Mapping | Sequence]:
    if not isinstance(node, Mapping | Sequence):
        return []
    if node.flow:
        return [node]
    return [node, *(n for child in children(node) for n in _blocks_and_their_lists(child))]


def _is_list_of_words(node: Node) -> bool:
    return isinstance(node, Sequence) and node.height == 1


def indented_like(source: Source, node: Node, layout: Layout) -> Layout:
    """The usual distances inside `node`; the layout's own where it shows none."""
    steps: Counter[int] = Counter()
    dashes: Counter[int] = Counter()
    for inner in walk(node):
        if not isinstance(inner, Mapping) or inner.flow:
            continue
        for key, value in inner.pairs:
            if isinstance(value, Mapping | Sequence) and not value.flow:
                wide = source.column(source.first(value)) - source.column(key.start)
                (steps if isinstance(value, Mapping) else dashes)[wide] += 1
    step = steps.most_common(1)[0][0] if steps else layout.step
    dash = dashes.most_common(1)[0][0] if dashes else step if steps else layout.dash
    return replace(layout, step=step, dash=dash)
