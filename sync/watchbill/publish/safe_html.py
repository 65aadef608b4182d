"""Strings that are markup, and how text becomes one."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from watchbill.report.safe import is_control


class Html(str):
    """Made by the functions below, never from text of the policy."""

    __slots__ = ()


Value = str | Html
EMPTY = Html()
_VOID = ("meta", "link", "input", "rect", "line", "path", "circle", "use")


def text(value: Value) -> Html:
    """Text keeps its line ends (listings have them); what turns text round or paints it becomes a dot."""
    if isinstance(value, Html):
        return value
    if value.isprintable():
        return Html(escape(value))
    return Html(escape("".join(c if c == "\n" or not is_control(c) else "·" for c in value)))


def joined(parts: Iterable[Value], between: str = "") -> Html:
    return Html(between.join(text(part) for part in parts))


def tag(name: str, /, *children: Value, **attributes: str | None) -> Html:
    """`class_` and `aria_label` are class and aria-label; None leaves an attribute out."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID and not children:
        return Html(f"<{name}{told}>" if name in _VOID[:3] else f"<{name}{told}/>")
    return Html(f"<{name}{told}>{joined(children)}</{name}>")
