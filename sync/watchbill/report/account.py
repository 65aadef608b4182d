"""An account as a tree: policies, their levels, who is on call on each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from watchbill.account.objects import Account, EscalationPolicy
from watchbill.report.paint import Paint


def account_tree(account: Account, oncalls: Iterable[Mapping[str, Any]], *, color: bool) -> str:
    """`oncalls`: entries as GET /oncalls returns them."""
    paint = Paint(color)
    names = {u.id: u.name for u in account.users} | {s.id: s.name for s in account.schedules}
    now: dict[tuple[str, int], list[str]] = {}
    for entry in oncalls:
        place = (entry["escalation_policy"]["id"], entry["escalation_level"])
        user = names.get(entry["user"]["id"], entry["user"].get("summary") or entry["user"]["id"])
        if user not in now.setdefault(place, []):
            now[place].append(user)
    services: dict[str, list[str]] = {}
    for service in account.services:
        services.setdefault(service.policy.id, []).append(service.name)
    head = (
        f"{account.name}: {len(account.users)} users, {len(account.schedules)} schedules, "
        f"{len(account.policies)} escalation policies, {len(account.services)} services"
    )
    lines = [paint.bold(head)]
    for policy in sorted(account.policies, key=lambda p: p.name):
        used = ", ".join(services.get(policy.id, ())) or "no service"
        lines.append(f"├─ {paint.bold(policy.name)}  {paint.dim(used)}")
        lines += _levels(policy, names, now, paint)
    return "\n".join(lines)


def _levels(
    policy: EscalationPolicy,
    names: Mapping[str, str],
    now: Mapping[tuple[str, int], list[str]],
    paint: Paint,
) -> list[str]:
    lines = []
    minute = 0
    for number, rule in enumerate(policy.rules, start=1):
        targets = ", ".join(names.get(t.id, t.id) for t in rule.targets)
        people = ", ".join(now.get((policy.id, number), ())) or paint.red("nobody")
        branch = "└" if number == len(policy.rules) else "├"
        lines.append(f"│    {branch} +{minute:<4} {targets}  {paint.dim('now:')} {people}")
        minute += rule.delay_minutes
    return lines
