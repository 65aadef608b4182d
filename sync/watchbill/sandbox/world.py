"""What a handler may touch: the store, the clock, the options, and what follows from them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from watchbill.rota.clock import Instant
from watchbill.rota.entries import Entry, merge
from watchbill.rota.shifts import render_shifts
from watchbill.sandbox.audit import Actor, AuditTrail
from watchbill.sandbox.clock import MovableClock
from watchbill.sandbox.faults import Faults
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.rendering import Renderer
from watchbill.sandbox.shift_docs import shift_schedule
from watchbill.sandbox.store import Doc, Store
from watchbill.sandbox.views import Views

T = TypeVar("T")
MOST_RENDERED = 20_000


class World:
    def __init__(self, store: Store, clock: MovableClock, options: SandboxOptions) -> None:
        self.store = store
        self.clock = clock
        self.options = options
        self.renderer = Renderer(store, options.reading)
        self.audit = AuditTrail(store, clock)
        self.views = Views(store, options.subdomain)
        self.actor = Actor()
        """Who is at work: set for each request, and by `tamper`."""
        self.shows: dict[str, Callable[[Any, Doc], dict[str, Any]]] = {}
        """Kind -> the full view of one document, for `include[]`; filled in by `routes`."""
        self.catch_up: Callable[[World, Instant], None] = lambda world, until: None
        """What time does to incidents; filled in by `routes`."""
        self.account_zone = "Etc/UTC"
        self.faults = Faults(options.faults, options.seed)
        self._rendered: dict[tuple[str, str, Instant, Instant], list[Entry]] = {}
        self._rendered_at = -1
        self._random = random.Random(options.seed)  # noqa: S311  an order for show

    @property
    def now(self) -> Instant:
        return self.clock.now()

    def move(self, to: Instant) -> None:
        """Everything due on the way happens, each at its own time."""
        self.catch_up(self, to)
        self.clock.move(to)

    def can(self, ability: str) -> bool:
        return ability in self.options.abilities

    def user_by_email(self, email: str) -> Doc | None:
        wanted = email.strip().lower()
        return next((user for user in self.store.matching("user", wanted) if user["email"] == wanted), None)

    def visible_role(self, membership: Doc) -> str:
        """A role change is seen a little later than it is made (`lag_seconds`)."""
        seen_from = membership.get("changed_at", 0) + self.options.lag_seconds
        return str(membership["role"] if self.clock.exact() >= seen_from else membership["old_role"])

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """What the real service returns in no stable order."""
        shuffled = list(items)
        if self.options.shuffle:
            self._random.shuffle(shuffled)
        return shuffled

    def on_call_entries(self, kind: str, id_: str, since: Instant, until: Instant) -> list[Entry]:
        """Whole entries that touch the window, of a schedule of either kind; remembered until something changes."""
        if self._rendered_at != self.store.generation:
            self._rendered.clear()
            self._rendered_at = self.store.generation
        key = (kind, id_, since, until)
        if key not in self._rendered:
            if len(self._rendered) >= MOST_RENDERED:
                self._rendered.clear()
            self._rendered[key] = self._render(kind, id_, since, until)
        return self._rendered[key]

    def _render(self, kind: str, id_: str, since: Instant, until: Instant) -> list[Entry]:
        doc = self.store.get(kind, id_)
        if doc is None:
            return []
        if kind == "schedule":
            return self.renderer.final(doc, since, until, overflow=True)
        schedule, reading = shift_schedule(self.store, doc), self.options.reading
        shifts = render_shifts(schedule, since, until, overflow=True, reading=reading)
        return merge(Entry(e.start, e.end, e.user) for e in shifts if e.user is not None)

    def close_era(self, before: Doc, after: Doc) -> None:
        """Remembers the layers that held until now, so that the past keeps showing them."""
        if (before["layers"], before["time_zone"]) == (after["layers"], after["time_zone"]):
            return
        eras = self.store.children("era", before["id"])
        if (eras[-1]["until"] if eras else before.get("created_at", -1)) == self.now:
            return
        era = {"time_zone": before["time_zone"], "layers": before["layers"], "until": self.now}
        self.store.put("era", {"id": self.store.new_id("era"), **era}, parent=before["id"])

    def record(self, kind: str, before: Doc | None, after: Doc | None) -> None:
        """Into the audit trail, by whoever is at work."""
        self.audit.record(self.actor, kind, before, after)
