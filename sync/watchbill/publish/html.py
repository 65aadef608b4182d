"""HTML that is safe by its type: text becomes markup only by being escaped.

No style attributes and no inline scripts come out of here: the pages' content security policy allows neither.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from watchbill.publish.blocks import (
    Block,
    Code,
    Drawing,
    Entry,
    Heading,
    Items,
    Link,
    Listing,
    Paragraph,
    Part,
    Strong,
    Table,
    Words,
    slug,
)
from watchbill.publish.path_svg import drawing_svg
from watchbill.publish.safe_html import Html, Value, joined, tag

FEW_COLUMNS = 3


def blocks_html(blocks: Iterable[Block], *, raised: int = 0) -> Html:
    """`raised`: levels by which headings move up, so that a chapter of the runbook can be a page.

    Of equal headings the first has the anchor.
    """
    seen: set[str] = set()
    made = []
    for block in blocks:
        anchor = slug(block.text) if isinstance(block, Heading) else ""
        made.append(_block(block, raised, None if anchor in seen else anchor or None))
        seen.add(anchor)
    return joined(made, "\n")


def _block(block: Block, raised: int, anchor: str | None = None) -> Html:
    match block:
        case Heading():
            return tag(f"h{max(block.level - raised, 2)}", block.text, id=anchor)
        case Paragraph():
            return tag("p", _words(block.words))
        case Table():
            return table_html(block.head, block.rows)
        case Items():
            return tag(
                "ol" if block.ordered else "ul", joined(_entry(entry, raised) for entry in block.entries)
            )
        case Listing():
            return tag("pre", tag("code", block.text), tabindex="0")
        case Drawing():
            return tag(
                "div",
                drawing_svg(block),
                class_="drawing",
                tabindex="0",
                role="region",
                aria_label=block.title,
            )


def _entry(entry: Entry, raised: int) -> Html:
    return tag("li", _words(entry.words), joined(_block(block, raised) for block in entry.blocks))


def table_html(
    head: Iterable[str],
    rows: Iterable[Iterable[Words | Html]],
    *,
    label: str = "",
    numbers: Collection[int] = (),
) -> Html:
    """The first cell of a row is its heading; `numbers` are the columns with figures in them."""
    names = list(head)
    classes = ["number" if column in numbers else None for column in range(len(names))]
    told = (tag("th", name, scope="col", class_=how) for name, how in zip(names, classes, strict=True))
    cells = [list(row) for row in rows]
    words = (cell for row in cells for cell in row if not isinstance(cell, Html))
    has_code = any(isinstance(part, Code) for cell in words for part in cell)
    body = joined((_row(row, classes) for row in cells), "\n")
    return table_region(names, joined(told), body, label, fits=not has_code)


def table_region(names: Sequence[str], head: Html, body: Html, label: str = "", *, fits: bool = True) -> Html:
    """Wide tables scroll by themselves, also by keyboard; those of few columns fit a phone, unless there is
    code in them, which nobody wants broken."""
    made = tag("table", tag("thead", tag("tr", head)), tag("tbody", body))
    kind = "table few" if fits and len(names) <= FEW_COLUMNS else "table"
    return tag("div", made, class_=kind, tabindex="0", role="region", aria_label=label or ", ".join(names))


def _row(cells: Iterable[Words | Html], classes: Iterable[str | None]) -> Html:
    first, *rest = (cell if isinstance(cell, Html) else _words(cell) for cell in cells)
    _, *kinds = classes
    told = (tag("td", cell, class_=kind) for cell, kind in zip(rest, kinds, strict=True))
    return tag("tr", tag("th", first, scope="row"), joined(told))


def _words(words: Words) -> Html:
    return joined(_part(part) for part in words)


def _part(part: Part) -> Value:
    match part:
        case Strong():
            return tag("strong", part.text)
        case Code():
            return tag("code", part.text)
        case Link():
            return tag("a", part.text, href=f"#{part.anchor}")
        case str():
            return part
