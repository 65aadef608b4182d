"""Accounts in REST shapes, imported in one process, and the three judges of an import: check, plan, shifts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchbill.account.canon import live_layers
from watchbill.account.events import for_rendering as of_events
from watchbill.account.layers import for_rendering
from watchbill.account.objects import Account, AnySchedule, ShiftSchedule
from watchbill.account.wanted import wanted
from watchbill.adopt.choose import Choice
from watchbill.adopt.files import files_of
from watchbill.adopt.tree import Imported, import_account
from watchbill.checks.registry import run_checks
from watchbill.config.load import assemble
from watchbill.config.yaml_reader import read_yaml
from watchbill.findings import Finding
from watchbill.model.policy import Policy
from watchbill.pagerduty import normal
from watchbill.pagerduty.shift_wire import WireShiftSchedule
from watchbill.pagerduty.wire import WireNamed, WirePolicy, WireSchedule, WireService, WireUser
from watchbill.plan.build import build
from watchbill.plan.document import Plan, PolicyIdentity
from watchbill.rota.clock import DAY, parse_instant
from watchbill.rota.duty import Roster
from watchbill.rota.layers import render_layers
from watchbill.rota.shifts import render_shifts
from watchbill.rota.spans import Span, union

NOW = parse_instant("2026-11-23T14:00:00Z")
Data = dict[str, Any]


def schedule_of(wire: Any, now: int) -> AnySchedule:
    on_shifts = str(wire.get("type", "")).startswith("schedule_v3")
    found = normal.of((WireShiftSchedule if on_shifts else WireSchedule).model_validate(wire), now=now)
    assert isinstance(found, AnySchedule)
    return found


def user(number: int, name: str = "", **more: Any) -> Data:
    email = f"user{number}@example.invalid"
    return {
        "id": f"PUSER{number:03}",
        "type": "user",
        "name": name or f"user{number}",
        "email": email,
        **more,
    }


USERS = [user(i) for i in range(1, 10)]


def layer(*people: int, turn: int = 7 * DAY, start: str = "2020-01-06T09:00:00Z", **more: Any) -> Data:
    """People by number; `end`, `virtual`, `name`, `restrictions` as keywords."""
    return {
        "id": more.pop("id", f"PL{abs(hash((people, turn, start, str(more)))) % 10**6:06}"),
        "name": more.get("name", "Layer 1"),
        "start": start,
        "end": more.get("end"),
        "rotation_virtual_start": more.get("virtual", start),
        "rotation_turn_length_seconds": turn,
        "users": [{"user": {"id": f"PUSER{i:03}", "type": "user_reference"}} for i in people],
        "restrictions": more.get("restrictions", []),
    }


def weekly(day: int, start: str, seconds: int) -> Data:
    """`day`: 1 = Monday."""
    return {
        "type": "weekly_restriction",
        "start_day_of_week": day,
        "start_time_of_day": start,
        "duration_seconds": seconds,
    }


def daily(start: str, seconds: int) -> Data:
    return {"type": "daily_restriction", "start_time_of_day": start, "duration_seconds": seconds}


def schedule(number: int, *layers: Data, name: str = "", zone: str = "Europe/London", **more: Any) -> Data:
    """`layers` base first, as people think; GET has them the other way round."""
    return {
        "id": f"PSCHD{number:03}",
        "type": "schedule",
        "name": name or f"Schedule {number}",
        "time_zone": zone,
        "description": None,
        "schedule_layers": [{**one, "id": f"{one['id']}{number}"} for one in reversed(layers)],
        "teams": [],
        **more,
    }


def event(
    start: str,
    end: str,
    rule: str,
    *people: int,
    each: int | None = 1,
    since: str = "2026-01-01T00:00:00Z",
    zone: str = "Europe/London",
    **more: Any,
) -> Data:
    """As the web editor makes them, local times; `each` None = everybody at once; person 0 = a vacant place."""
    members = [
        {"type": "user_member", "user_id": f"PUSER{i:03}"} if i else {"type": "empty_member"} for i in people
    ]
    strategy: Data = {"type": "every_member_assignment_strategy", "members": members}
    if each is not None:
        strategy = {
            "type": "rotating_member_assignment_strategy",
            "shifts_per_member": each,
            "members": members,
        }
    return {
        "id": f"EV{abs(hash((start, end, rule, people, each, since, str(more)))) % 10**8:08}",
        "type": "schedule_event",
        "name": more.get("name", "Rotation 1"),
        "start_time": {"date_time": start, "time_zone": zone},
        "end_time": {"date_time": end, "time_zone": zone},
        "effective_since": since,
        "effective_until": more.get("until"),
        "recurrence": [f"RRULE:{rule}", *more.get("dates", [])],
        "assignment_strategy": strategy,
    }


def on_shifts(
    number: int, *rotations: Sequence[Data], name: str = "", zone: str = "Europe/London", **more: Any
) -> Data:
    return {
        "id": f"PSCHD{number:03}",
        "type": "schedule_v3",
        "name": name or f"Schedule {number}",
        "time_zone": zone,
        "description": None,
        "teams": [],
        "rotations": [
            {"id": f"RO{number:03}{i}", "type": "schedule_rotation", "events": list(events)}
            for i, events in enumerate(rotations)
        ],
        **more,
    }


def ref(what: str) -> Data:
    return {"id": what, "type": "user_reference" if what.startswith("PUSER") else "schedule_reference"}


def policy(number: int, *levels: Sequence[str], delay: int = 30, name: str = "", **more: Any) -> Data:
    return {
        "id": f"PESCP{number:03}",
        "type": "escalation_policy",
        "name": name or f"Policy {number}",
        "description": None,
        "num_loops": 0,
        "on_call_handoff_notifications": "if_has_services",
        "escalation_rules": [
            {
                "id": f"PR{number:03}{i:02}",
                "escalation_delay_in_minutes": delay + i,
                "targets": [ref(t) for t in targets],
            }
            for i, targets in enumerate(levels)
        ],
        "teams": [],
        **more,
    }


def service(number: int, policy_id: str, name: str = "", **more: Any) -> Data:
    return {
        "id": f"PSERV{number:03}",
        "type": "service",
        "name": name or f"Service {number}",
        "description": None,
        "escalation_policy": {"id": policy_id, "type": "escalation_policy_reference"},
        "auto_resolve_timeout": None,
        "acknowledgement_timeout": 1800,
        "incident_urgency_rule": {"type": "constant", "urgency": "high"},
        **more,
    }


def document(
    *schedules: Data, policies: Sequence[Data] = (), services: Sequence[Data] = (), **more: Any
) -> Data:
    return {
        "users": USERS,
        "teams": [],
        "schedules": list(schedules),
        "escalation_policies": list(policies),
        "services": list(services),
        **more,
    }


def account_of(data: Mapping[str, Any], *, name: str = "acme", now: int = NOW) -> Account:
    return Account(
        name=name,
        at=now,
        users=tuple(normal.user(WireUser.model_validate(x)) for x in data["users"]),
        teams=tuple(normal.team(WireNamed.model_validate(x)) for x in data["teams"]),
        schedules=tuple(schedule_of(x, now) for x in data["schedules"]),
        policies=tuple(normal.policy(WirePolicy.model_validate(x)) for x in data["escalation_policies"]),
        services=tuple(normal.service(WireService.model_validate(x)) for x in data["services"]),
    )


@dataclass(frozen=True)
class Brought:
    account: Account
    imported: Imported
    texts: Mapping[Path, str]
    policy: Policy
    """As the files say it."""
    findings: list[Finding]
    plan: Plan

    @property
    def reasons(self) -> dict[str, str]:
        return {left.id: left.reason for left in self.imported.left}

    def text(self, name: str) -> str:
        return self.texts[Path(name)]

    @property
    def errors(self) -> list[str]:
        return [f"{f.rule}: {f.message}" for f in self.findings if f.is_error]


def brought(
    data: Mapping[str, Any] | Account, *, now: int = NOW, choice: Choice | None = None, portable: bool = False
) -> Brought:
    account = data if isinstance(data, Account) else account_of(data, now=now)
    imported = import_account(account, organization="Acme", now=now, choice=choice, portable=portable)
    folder = Path(tempfile.gettempdir()) / "policies"
    texts = files_of(imported.data, folder, folder.parent / "schema")
    documents = [read_yaml(text, str(path)) for path, text in texts.items()]
    loaded = assemble(folder, documents, [f for d in documents for f in d.findings], schema=True)
    assert loaded.policy is not None, loaded.findings
    findings = [*loaded.findings, *run_checks(loaded, account_is_real=account.name != "sandbox", now=now)]
    want = wanted(loaded.policy, account, roster=Roster(loaded.policy), now=now)
    identity = PolicyIdentity(commit=None, digest=loaded.digest)
    plan = build(want, account, loaded.policy, identity=identity, now=now, tool="test")
    return Brought(account, imported, texts, loaded.policy, findings, plan)


def judged(data: Mapping[str, Any] | Account, *, now: int = NOW, choice: Choice | None = None) -> Brought:
    """Without an error, without a change, and with everybody's shifts for a year."""
    found = brought(data, now=now, choice=choice)
    assert not found.errors, found.errors
    assert not found.plan.changes, [(c.name, c.fields) for c in found.plan.changes]
    assert not [n for n in found.plan.notices if n.severity == "error"], found.plan.notices
    same_shifts(found, now)
    return found


def same_shifts(found: Brought, now: int = NOW) -> None:
    handles = {
        u.id: h for h, p in found.policy.people.items() for u in found.account.users if u.email == p.email
    }
    by_id = {s.id: s for s in found.account.schedules}
    roster = Roster(found.policy)
    for handle, rotation in found.policy.rotations.items():
        account = by_id[rotation.pagerduty.id or ""]
        assert rotation.vendor_name == account.name
        mine = [(s.start, s.end, s.person) for s in roster.shifts(handle, now, now + 366 * DAY)]
        assert _by_person(mine) == _by_person(rendered(account, handles, now)), handle


def _by_person(stints: Iterable[tuple[int, int, str | None]]) -> dict[str | None, list[Span]]:
    found: dict[str | None, list[Span]] = {}
    for start, end, who in stints:
        found.setdefault(who, []).append((start, end))
    return {who: union(spans) for who, spans in found.items()}


def rendered(account: AnySchedule, handles: Mapping[str, str], now: int) -> list[tuple[int, int, str | None]]:
    if isinstance(account, ShiftSchedule):
        drawn = render_shifts(of_events(account.rotations), now, now + 366 * DAY)
        return [(e.start, e.end, handles[e.user] if e.user else None) for e in drawn]
    layers = for_rendering(live_layers(account, now), now)
    entries = render_layers(layers, (), account.time_zone, now, now + 366 * DAY)
    return [(e.start, e.end, handles[e.user or ""]) for e in entries]


def joined(stints: list[tuple[int, int, str | None]]) -> list[tuple[int, int, str | None]]:
    found: list[tuple[int, int, str | None]] = []
    for start, end, who in stints:
        if found and found[-1][1] == start and found[-1][2] == who:
            found[-1] = (found[-1][0], end, who)
        else:
            found.append((start, end, who))
    return found
