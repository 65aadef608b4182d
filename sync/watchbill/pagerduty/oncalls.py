"""Who is on call in PagerDuty, rotation by rotation, for a window of time.

`/oncalls` has the schedules that an escalation policy pages, once for each policy and level.  So the policies are
listed first: they show which schedules are paged at all, and a few of them are enough to see each schedule once.
An answer that is not whole is an error here, never "nobody is on call".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

from watchbill.account.marker import split_description
from watchbill.ladder.live import Reading, Stint
from watchbill.model.policy import Policy
from watchbill.pagerduty.answers import Answer
from watchbill.pagerduty.lists import CEILING
from watchbill.pagerduty.problems import NotFound, OtherKind
from watchbill.pagerduty.read import read_overrides
from watchbill.pagerduty.shift_read import read_shift_overrides
from watchbill.pagerduty.side_by_side import side_by_side
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.wire import Instant, Text, Wire, WirePolicy, WireRef
from watchbill.rota.clock import DAY, iso
from watchbill.rota.turns import FOREVER, LONG_AGO

AHEAD = 90 * DAY
"""As far as PagerDuty answers."""
_PAGE = 100
_AT_ONCE = 40
"""Ids in one address."""
W = TypeVar("W", bound=Wire)


class _User(Wire):
    id: str
    email: Text = ""
    name: Text = ""
    summary: Text = ""


class _Schedule(Wire):
    id: str
    type: Text = ""
    name: Text = ""
    summary: Text = ""
    description: str | None = None

    @property
    def title(self) -> str:
        return self.name or self.summary

    @property
    def key(self) -> str:
        """Of the marker in its description; "" without one."""
        marker = split_description(self.description)[1]
        return marker.key if marker is not None else ""


class _OnCall(Wire):
    user: _User
    schedule: _Schedule | None = None
    start: Instant | None = None
    end: Instant | None = None


class OnCalls:
    """What was read so far.  Reads more only where a rotation's schedule is not found with certainty."""

    def __init__(self, transport: Transport, policy: Policy, since: int, until: int) -> None:
        self.transport, self.policy = transport, policy
        self.since, self.until = since, until
        self._pages: dict[str, list[WireRef]] = {
            one.id: [
                t for rule in one.escalation_rules for t in rule.targets if t.type.startswith("schedule")
            ]
            for one in _list(transport, WirePolicy, "escalation_policies", {})
        }
        self._paged = {target.id: target for targets in self._pages.values() for target in targets}
        self._asked: set[str] = set()
        self._documents: dict[str, _Schedule] = {}
        self._entries: dict[str, set[Stint]] = {}
        self._people: dict[str, str] = {}
        """User id -> handle or name."""
        self._schedules: dict[str, str] = {}
        """Rotation -> id."""

    def of(self, rotations: Collection[str]) -> Reading:
        """Raises AccountError."""
        specs = self.policy.rotations
        wanted = [rotation for rotation in rotations if specs[rotation].has_schedule]
        likely = {specs[r].pagerduty.id or "" for r in wanted} | {specs[r].vendor_name for r in wanted}
        self._ask([id_ for id_, ref in self._paged.items() if {id_, ref.summary or ""} & likely])
        if not self._found(wanted):
            self._ask(self._paged)
        if not self._found(wanted):
            side_by_side([partial(self._look_up, id_) for id_ in self._paged.keys() - self._documents.keys()])
            self._found(wanted)
        return Reading(
            self.since,
            max(self.until, self.since + 1),
            {r: tuple(sorted(self._entries.get(id_, ()))) for r, id_ in self._schedules.items()},
        )

    def _found(self, wanted: Collection[str]) -> bool:
        """Whether nothing that could still be read would change which schedule is whose."""
        documents = [
            self._documents.get(id_) or _Schedule(**ref.model_dump()) for id_, ref in self._paged.items()
        ]
        found = Found(self.policy, documents)
        self._schedules = {r: id_ for r in wanted if (id_ := found.schedule_of(r)) is not None}
        return all(map(found.is_certain, wanted))

    def overrides_of(self, rotations: Iterable[str]) -> Mapping[str, tuple[Stint, ...]]:
        """Of rotations that `of` was asked for and answered.  Raises AccountError."""
        asked = list(rotations)
        found = side_by_side([partial(self._overrides, self._schedules[rotation]) for rotation in asked])
        return dict(zip(asked, found, strict=True))

    def _overrides(self, schedule: str) -> tuple[Stint, ...]:
        read = read_shift_overrides if self._is_shift_based(schedule) else read_overrides
        slots = read(self.transport, schedule, self.since, max(self.until, self.since + 1))
        return tuple(Stint(self._people.get(slot.user, slot.user), slot.start, slot.end) for slot in slots)

    def _is_shift_based(self, schedule: str) -> bool:
        document = self._documents.get(schedule)
        return "v3" in (document.type if document else "") or "v3" in self._paged[schedule].type

    def _ask(self, schedules: Iterable[str]) -> None:
        new = [id_ for id_ in schedules if id_ not in self._asked]
        self._asked.update(new)
        for first in range(0, len(new), _AT_ONCE):
            ids = new[first : first + _AT_ONCE]
            query = {
                "since": iso(self.since),
                "until": iso(self.until),
                "include[]": ["users", "schedules"],
                "schedule_ids[]": ids,
                "escalation_policy_ids[]": self._enough(ids),
            }
            for one in _list(self.transport, _OnCall, "oncalls", query):
                self._take(one)

    def _enough(self, schedules: Collection[str]) -> list[str]:
        """A few policies that page all of them."""
        left, chosen = set(schedules), list[str]()
        while left:
            best = max(self._pages, key=lambda id_: len(left & {t.id for t in self._pages[id_]}))
            chosen.append(best)
            left -= {target.id for target in self._pages[best]}
        return chosen

    def _take(self, one: _OnCall) -> None:
        if one.schedule is None:
            return
        if one.schedule.description is not None:
            self._documents[one.schedule.id] = one.schedule
        self._people[one.user.id] = person = _called(self.policy, one.user)
        stint = Stint(
            person,
            LONG_AGO if one.start is None else one.start,
            FOREVER if one.end is None else one.end,
        )
        self._entries.setdefault(one.schedule.id, set()).add(stint)

    def _look_up(self, schedule: str) -> None:
        """The document of one that nobody is on call for, or that came as a mere reference."""
        ways = ["/schedules", "/v3/schedules"]
        for way in reversed(ways) if self._is_shift_based(schedule) else ways:
            try:
                answer = self.transport.get(f"{way}/{schedule}")
            except (NotFound, OtherKind):
                continue
            with answer.reading():
                self._documents[schedule] = _Schedule.model_validate(answer.item("schedule"))
            return


class Found:
    """Which schedule is a rotation's: by pinned id, else by marker, else by name."""

    def __init__(self, policy: Policy, documents: Iterable[_Schedule]) -> None:
        self.policy = policy
        self._pins = {spec.pagerduty.id for spec in policy.rotations.values() if spec.pagerduty.id}
        self._ids: set[str] = set()
        self._marked: dict[str, list[_Schedule]] = {}
        self._named: dict[str, list[_Schedule]] = {}
        for one in documents:
            self._ids.add(one.id)
            if one.id in self._pins:
                continue
            self._marked.setdefault(one.key, []).append(one)
            if one.key.removeprefix("rotation/") not in policy.rotations:
                self._named.setdefault(one.title, []).append(one)

    def schedule_of(self, rotation: str) -> str | None:
        spec = self.policy.rotations[rotation]
        if spec.pagerduty.id:
            return spec.pagerduty.id if spec.pagerduty.id in self._ids else None
        found = self._by_marker(rotation) or self._named.get(spec.vendor_name, [])
        if len(found) > 1:  # copies of a marker
            found = [one for one in found if one.title == spec.vendor_name]
        return found[0].id if len(found) == 1 else None

    def is_certain(self, rotation: str) -> bool:
        return bool(self.policy.rotations[rotation].pagerduty.id) or len(self._by_marker(rotation)) == 1

    def _by_marker(self, rotation: str) -> list[_Schedule]:
        former = self.policy.rotations[rotation].previously
        keys = [rotation, *([former] if former and former not in self.policy.rotations else [])]
        return next((found for key in keys if (found := self._marked.get(f"rotation/{key}"))), [])


def _called(policy: Policy, user: _User) -> str:
    """The handle; for somebody whom the policy does not have PagerDuty's name, which is no handle of another."""
    handle = policy.person_by_email(user.email) if user.email else None
    if handle is not None:
        return handle
    name = user.name or user.summary or user.email or user.id
    known = policy.people.keys() | policy.roles.keys() | policy.rotations.keys() | policy.external.keys()
    return f"{name} ({user.email or user.id})" if name in known else name


def _list(transport: Transport, kind: type[W], wrapper: str, query: Mapping[str, Any]) -> list[W]:
    """Whole, or an error; on-calls have no ids, so what came is counted."""

    def page(offset: int) -> Answer:
        paging = {"limit": _PAGE, "offset": offset, "total": "true"}
        return transport.get(f"/{wrapper}", {**query, **paging})

    def read(answer: Answer) -> list[W]:
        with answer.reading():
            return [kind.model_validate(item) for item in answer.items(wrapper)]

    last = page(0)
    found, total = read(last), last.total()
    if last.more() and total is not None:
        if total > CEILING:
            raise last.unusable(f"PagerDuty lists at most {CEILING:,} of {total:,}")
        for answer in side_by_side([partial(page, offset) for offset in range(len(found), total, _PAGE)]):
            found += read(answer)
    else:
        while last.more() and last.items(wrapper) and len(found) + _PAGE <= CEILING:
            last = page(len(found))
            found += read(last)
        if last.more():
            raise last.unusable(f"more than {len(found)} are there")
    if total is not None and len(found) != total:
        raise last.unusable(f"{len(found)} of {total} came")
    return found
