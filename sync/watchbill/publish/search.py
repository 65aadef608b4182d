"""What the search finds: pages, headings, rows of tables, people, rotations.  [words, where, address]"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from watchbill.model.policy import Policy
from watchbill.publish.blocks import Block, Drawing, Entry, Heading, Items, Table, slug, text_of
from watchbill.publish.calendar_page import ON_A_PAGE, file_name
from watchbill.publish.page import PAGES, Page
from watchbill.report.safe import cut, plain

Found = tuple[str, str, str]
_LONGEST = 140


def search_index(policy: Policy, chapters: Iterable[tuple[Page, Iterable[Block]]]) -> list[Found]:
    found: list[Found] = [(title, "page", f"{name}.html") for name, title in PAGES]
    own = [handle for handle, spec in policy.rotations.items() if spec.has_schedule]
    for place, handle in enumerate(own):
        spec = policy.rotations[handle]
        words = f"{spec.title} ({', '.join((handle, *spec.aliases))})"
        found.append((words, "calendar", f"{file_name(place // ON_A_PAGE)}.html#rotation-{handle}"))
    for handle in policy.people:
        title = policy.title_of(handle)
        words = title if title == handle else f"{title} ({handle})"
        found.append((words, "person", f"directory.html#person-{handle}"))
    for page, blocks in chapters:
        found += _of_blocks(page, blocks)
    return [
        (cut(plain(words), _LONGEST), plain(where), address) for words, where, address in dict.fromkeys(found)
    ]


def _of_blocks(page: Page, blocks: Iterable[Block]) -> Iterator[Found]:
    heading, anchor = page.title, ""
    for block in blocks:
        if isinstance(block, Heading):
            heading, anchor = block.text, f"#{slug(block.text)}"
        for words in _texts(block):
            yield (
                words,
                heading if not isinstance(block, Heading) else page.title,
                f"{page.name}.html{anchor}",
            )


def _texts(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield block.text
        case Table():
            yield from (
                " · ".join(text_of(cell) for cell in row if text_of(cell) != "-") for row in block.rows
            )
        case Items():
            yield from (text_of(entry.words) for entry in block.entries)
            yield from (words for entry in block.entries for words in _inner(entry))
        case Drawing():
            yield from (box.label for box in block.boxes)
        case _:
            return


def _inner(entry: Entry) -> Iterator[str]:
    for block in entry.blocks:
        yield from _texts(block)
