"""Site and calendars of 200 rotations: how long each takes, how large the pages are.

Run: python tests/bench/site.py
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from publish_policies import many_rotations
from watchbill.publish.folder import calendars
from watchbill.publish.site import site
from watchbill.publish.swap import replace_folder
from watchbill.rota.clock import parse_instant
from watchbill.rota.duty import Roster

NOW = parse_instant("2026-11-23T14:00:00Z")


def main() -> None:
    policy = many_rotations(200)
    roster = Roster(policy)
    with tempfile.TemporaryDirectory() as top:
        out = Path(top, "site")
        began = perf_counter()
        pages = site(policy, roster, NOW)
        paged = perf_counter()
        feeds = calendars(policy, out / "calendars", NOW, roster)
        fed = perf_counter()
        replace_folder(out, pages | {f"calendars/{name}": data for name, data in feeds.items()})
        written = perf_counter()
        again = calendars(policy, out / "calendars", NOW + 3600, roster)
        refreshed = perf_counter()
    assert again == feeds
    largest = max((len(data), name) for name, data in pages.items())
    print(f"{len(policy.rotations)} rotations, {len(policy.people)} people")
    print(
        f"{len(pages)} files in {paged - began:.2f} s, the largest {largest[1]} with {largest[0] // 1000} kB"
    )
    print(f"{len(feeds)} calendars in {fed - paged:.2f} s, {sum(map(len, feeds.values())) // 1000} kB")
    print(f"written in {written - fed:.2f} s, all of it {written - began:.2f} s")
    print(f"calendars an hour later {refreshed - written:.2f} s, the same bytes")


if __name__ == "__main__":
    main()
