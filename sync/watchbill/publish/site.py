"""The whole site as files by name; nothing of it comes from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from watchbill.model.policy import Policy
from watchbill.publish.calendar_page import calendar_pages
from watchbill.publish.chapter_pages import chapter_pages, what_if_page
from watchbill.publish.history_page import Past, history_page
from watchbill.publish.load_page import load_page
from watchbill.publish.now_page import now_page
from watchbill.publish.page import Frame, Page, page_html
from watchbill.publish.runbook import runbook_markdown
from watchbill.publish.search import search_index
from watchbill.publish.site_data import site_data
from watchbill.report.safe import plain
from watchbill.report.source import NOT_ASKED, Source
from watchbill.report.times import full
from watchbill.rota.clock import Instant, zone
from watchbill.rota.duty import Roster

ASSETS = ("style.css", "duty.js", "site.js", "icon.svg")


def site(
    policy: Policy,
    roster: Roster,
    now: Instant,
    past: Sequence[Past] = (),
    why_no_past: str = "",
    source: Source = NOT_ASKED,
) -> dict[str, bytes]:
    """`source`: where the roster comes from."""
    chapters = chapter_pages(policy)
    pages: list[Page] = [
        now_page(policy, roster, now, source),
        *calendar_pages(policy, roster, now),
        what_if_page(policy),
        *(page for page, _ in chapters),
        load_page(policy, roster, now),
        history_page(policy, past, why_no_past),
    ]
    frame = Frame(plain(policy.settings.organization), _made(policy, now, past))
    made = {f"{page.name}.html": page_html(page, frame).encode() for page in pages}
    made |= {name: files("watchbill.publish").joinpath("assets", name).read_bytes() for name in ASSETS}
    made["data.js"] = _script("watchbill", site_data(policy, roster, now, source))
    made["search.js"] = _script("watchbillFound", search_index(policy, chapters))
    made["runbook.md"] = runbook_markdown(policy).encode()
    made[".nojekyll"] = b""
    return made


def _made(policy: Policy, now: Instant, past: Sequence[Past]) -> str:
    where = zone(policy.settings.time_zone)
    version = f" from {past[0].commit.id[:9]}" if past else ""
    return f"Made {full(now, where)} ({where.name}){version} by watchbill. The policy decides; this page only shows it."


def _script(name: str, data: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """ASCII only: no character of the policy can end the script or the line."""
    return f"window.{name} = {json.dumps(data, separators=(',', ':'))};\n".encode("ascii")
