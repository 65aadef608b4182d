"""The opt-in part of the doctor: old scratch away, the questions, the new scratch away, in any case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from watchbill.account.objects import NEVER_SERVE
from watchbill.apply.interrupt import Interrupt
from watchbill.doctor import probes_layers, probes_policies, probes_time
from watchbill.doctor.diagnosis import Line, Probed, fail, ok, warn
from watchbill.doctor.facts import Facts
from watchbill.doctor.lab import Lab, find_scratch, remove_scratch
from watchbill.doctor.probe import Probe, ask_all
from watchbill.errors import AccountError
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import DAY, Instant, zone

PROBES: tuple[Probe, ...] = (*probes_layers.PROBES, *probes_time.PROBES, *probes_policies.PROBES)
_CHANGING = "Europe/London"


@dataclass(frozen=True, slots=True)
class Outcome:
    lines: tuple[Line, ...] = ()
    probed: tuple[Probed, ...] = ()
    interrupted: bool = False


def scratch_lines(transport: Transport) -> list[Line]:
    """Of what an earlier run left, if it was killed.  Only --probe takes it away: nothing else here writes."""
    left = find_scratch(transport)
    if not left:
        return []
    says = f"{len(left)} left by a `doctor --probe` that was killed: {left[0].name}"
    return [warn("scratch", says, "they page nobody", "`watchbill doctor --probe` removes them")]


def probe_account(
    transport: Transport,
    facts: Facts,
    now: Instant,
    time_zone: str,
    on_answer: Callable[[Probed], None] = lambda probed: None,
    probes: tuple[Probe, ...] = PROBES,
) -> Outcome:
    users = _servants(facts)
    if len(users) < 2:
        says = "two people who may serve are needed, the account has fewer"
        return Outcome((fail("probe", says, "nothing was tried", "invite another user"),))
    reply = facts.replies.get("writing")
    if reply is not None and reply.verdict == "forbidden":
        says = "the token may not write"
        return Outcome((fail("probe", says, "nothing was tried", "take a key that is not read-only"),))
    old, _ = remove_scratch(transport)
    probed: list[Probed] = []
    with Interrupt(transport.hurry) as interrupt:
        lab = Lab(transport, now, users, _zone(time_zone, now), lambda: interrupt.asked)
        try:
            for answer in ask_all(lab, probes):
                probed.append(answer)
                on_answer(answer)
        finally:
            transport.take_time()
            line = _cleared(transport, len(old), lab.made)
    return Outcome((line,), tuple(probed), interrupt.asked)


def _cleared(transport: Transport, old: int, made: Sequence[str]) -> Line:
    again = "run `watchbill doctor --probe` again: it removes what is left first"
    try:
        removed, kept = remove_scratch(transport, made)
    except AccountError as gone:
        return fail("scratch", f"may be left behind: {gone.message}", "it pages nobody", again)
    if kept:
        return fail("scratch", f"{len(kept)} left behind: {kept[0]}", "it pages nobody", again)
    before = f", and {old} of an earlier run that was killed" if old else ""
    return ok("scratch", f"{len(removed)} objects made and removed again{before}")


def _servants(facts: Facts) -> tuple[str, ...]:
    """The token's own user first."""
    able = [user.id for user in facts.users if user.role not in NEVER_SERVE]
    own = [facts.me.id] if facts.me is not None and facts.me.id in able else []
    return tuple(dict.fromkeys([*own, *able]))[:2]


def _zone(wished: str, now: Instant) -> str:
    return wished if zone(wished).changes_between(now, now + 366 * DAY) else _CHANGING
