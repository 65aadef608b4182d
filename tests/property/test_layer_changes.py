"""Any change among the dated crews of a layer-based schedule, written to the sandbox: from the write on it renders what
is wanted, nothing is left to write, layers that did not change keep what the account has, and the plan shows the rest."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from unit.apply.plans import NIGHT, layer, schedule
from watchbill.account.canon import layer_form, live_layers
from watchbill.account.digest import same
from watchbill.account.layers import for_rendering
from watchbill.account.objects import Account, Layer, Restriction, Schedule
from watchbill.account.settling import settled
from watchbill.account.wanted import Wanted
from watchbill.apply.verify import differences
from watchbill.pagerduty import normal, write
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.wire import WireLayer, WireSchedule
from watchbill.plan.fields import Names, changes_between
from watchbill.rota.clock import DAY, HOUR, MINUTE, WEEK, Instant, iso, parse_instant
from watchbill.rota.entries import Entry, merge
from watchbill.rota.layers import render_layers
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

EXAMPLES = int(os.environ.get("WATCHBILL_EXAMPLES", "20"))
MADE = parse_instant("2026-11-20T08:15:00Z")
NOW = parse_instant("2026-11-23T14:00:00Z")
PEOPLE = ("pa", "pb", "pc", "pd")
OTHERWISE = (Restriction(weekday=None, start=9 * HOUR, duration=9 * HOUR),)
CUTS = [NOW + 10 * MINUTE, NOW + 45 * MINUTE, NOW + 3 * HOUR, *(NOW + days * DAY for days in (1, 9, 60, 300))]
Crew = tuple[tuple[str, ...], int, bool]
"""People, length of a turn, and whether it has hours and a fallback."""
Crews = tuple[list[Crew], list[Instant]]
"""One more crew than handoffs between them."""


@st.composite
def crews(draw: st.DrawFn) -> Crews:
    cuts = sorted(draw(st.sets(st.sampled_from(CUTS), max_size=4)))
    people = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True).map(tuple)
    crew = st.tuples(people, st.sampled_from([WEEK, DAY, 12 * HOUR]), st.sampled_from([False, False, True]))
    return draw(st.lists(crew, min_size=len(cuts) + 1, max_size=len(cuts) + 1)), cuts


def layers_of(made: Crews) -> Iterator[Layer]:
    found, cuts = made
    edges: list[Instant | None] = [None, *cuts, None]
    for (people, turn, has_hours), (start, end) in zip(found, pairwise(edges), strict=True):
        when = {"start": start, "end": end}
        if has_hours:
            yield layer("pd", name="fallback x", restrictions=OTHERWISE, **when)
        yield layer(*people, name="turns", turn_seconds=turn, restrictions=NIGHT if has_hours else (), **when)


@dataclass
class Bench:
    sandbox: Sandbox
    transport: Transport
    ids: dict[str, str]

    def schedule(self, made: Crews) -> Schedule:
        layers = tuple(
            one.model_copy(update={"users": tuple(self.ids[user] for user in one.users)})
            for one in layers_of(made)
        )
        return schedule("r", layers)

    def read(self, id_: str) -> WireSchedule:
        window = {"since": iso(NOW), "until": iso(NOW + 20 * DAY)}
        return WireSchedule.model_validate(self.transport.get(f"/schedules/{id_}", window).body["schedule"])


@contextmanager
def bench(options: dict[str, Any]) -> Iterator[Bench]:
    people = [{"id": p, "name": p.upper(), "email": f"{p}@x.example"} for p in PEOPLE]
    with (
        Sandbox(
            clock=iso(MADE), load={"users": people}, options=SandboxOptions(rate_limit=0, **options)
        ) as sandbox,
        Transport(sandbox.url, SecretStr(sandbox.token)) as transport,
    ):
        ids = {doc["email"].partition("@")[0]: doc["id"] for doc in sandbox.store.all("user")}
        yield Bench(sandbox, transport, ids)


@given(
    crews(),
    crews(),
    st.fixed_dictionaries(
        {
            "layers_with_ids": st.sampled_from(["array", "stored"]),
            "end_left_out": st.sampled_from(["keep", "clear"]),
            "omitted_layers": st.sampled_from(["keep", "end", "refuse"]),
        }
    ),
)
@settings(max_examples=EXAMPLES, deadline=None)
@example(
    ([(("pa",), WEEK, False), (("pb", "pc"), WEEK, False)], [NOW + 300 * DAY]),
    ([(("pb", "pc"), WEEK, False)], []),
    {},
).via("the next crew at once")
@example(
    ([(("pa",), WEEK, False), (("pb", "pc"), WEEK, False)], [NOW + 45 * MINUTE]),
    ([(("pb", "pc"), WEEK, False)], []),
    {},
).via("the next crew at once, minutes before its time")
def test_any_crews_become_any_others(before: Crews, after: Crews, options: dict[str, Any]) -> None:
    with bench(options) as account:
        id_ = write.create(account.transport, account.schedule(before), now=MADE).id
        account.sandbox.move(iso(NOW))
        stored = account.read(id_)
        has = normal.of(stored, now=NOW)
        assert isinstance(has, Schedule)
        want = account.schedule(after).model_copy(update={"id": id_})
        done = write.update(account.transport, want, stored, now=NOW)
        found = account.read(id_)
        assert differences(want, found, now=NOW, ended=done.ended_layers) == ()
        assert same(want, normal.of(found, now=NOW), now=NOW), "the next plan is empty"
        assert rendered(found) == drawn(want)
        unchanged(has, want, stored.schedule_layers, found.schedule_layers)
        shown(has, want)


def rendered(wire: WireSchedule) -> list[Entry]:
    assert wire.final_schedule is not None
    return merge(
        Entry(max(e.start, NOW), min(e.end, NOW + 20 * DAY), e.user.id if e.user else None)
        for e in wire.final_schedule.rendered_schedule_entries
    )


def drawn(want: Schedule) -> list[Entry]:
    return merge(render_layers(for_rendering(want.layers, NOW), [], want.time_zone, NOW, NOW + 20 * DAY))


def unchanged(has: Schedule, want: Schedule, old: Sequence[WireLayer], new: Sequence[WireLayer]) -> None:
    """Where nothing changed below it, a layer that means the same has the same id and the same content."""
    kept = {one.id: one for one in new}
    was = {one.id: one for one in old}
    for mine, theirs in zip(want.layers, live_layers(has, NOW), strict=False):
        if layer_form(mine, want.time_zone, NOW) != layer_form(theirs, want.time_zone, NOW):
            break
        fields = {"start": 0} if mine.start is None else {}
        assert kept[theirs.id].model_copy(update=fields) == was[theirs.id].model_copy(update=fields)


def shown(has: Schedule, want: Schedule) -> None:
    """The plan's words for layers that come, go and stay."""
    names = Names(Account(name="a", at=NOW), Wanted(objects=()))
    fields = changes_between(settled(want, has, now=NOW), want, names, now=NOW).fields
    paths = {field.path: (field.before, field.after) for field in fields}
    for path, (old, new) in paths.items():
        if path.endswith(" · from"):
            gone = ", removed" in path
            assert old or f"{path.removesuffix('from')}people" in paths, (path, "begins at once, or another")
            assert new or gone, (path, old, "a later layer does not begin now")
