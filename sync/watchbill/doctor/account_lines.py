"""What the facts say about account and token, whatever the policy is."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from watchbill.account.objects import NEVER_SERVE
from watchbill.doctor.diagnosis import Line, fail, ok, warn
from watchbill.doctor.facts import Facts
from watchbill.pagerduty.address import EU, US, is_loopback
from watchbill.rota.clock import MINUTE

SKEW_TOLD = MINUTE
SKEW_UNFIT = 15 * MINUTE
"""Changes of running shifts are written a quarter of an hour ahead; a clock off by more writes them into the past."""
CEILING = 10_000
"""PagerDuty lists no further."""
MOST_SERVICES = 25_000
NEAR = 0.8
"""Share of a limit from which it is told."""
LOW_BUDGET = 0.1

_READS = {
    "users": "people cannot be found by e-mail, so nothing can be planned",
    "layer-based schedules": "layer-based schedules cannot be planned or imported",
    "shift-based schedules": "shift-based schedules cannot be planned or imported",
    "escalation policies": "ladders cannot be planned or imported",
    "services": "services cannot be planned or imported",
    "on-calls": "who is on call now cannot be told from the account",
    "teams": "teams cannot be looked up",
    "incidents": "the incident verbs and the watchdog do not work",
}
_NEEDED = frozenset({"users", "layer-based schedules", "escalation policies", "services"})
_SCOPED_ROLES = frozenset({"limited_user", "observer", "restricted_access"})


def account_lines(facts: Facts) -> Iterator[Line]:
    yield _address(facts)
    yield _token(facts)
    yield _writing(facts)
    yield from _reading(facts)
    yield from _clock(facts)
    yield from _budget(facts)
    yield from _size(facts)
    yield _audit(facts)
    yield from _features(facts)


def _address(facts: Facts) -> Line:
    parts = urlsplit(facts.base_url)
    if is_loopback(parts.hostname or ""):
        means = "loopback; whatever is written there pages nobody"
        return ok("address", f"{facts.base_url}: a sandbox or a proxy on this machine", means)
    region = {US: "US", EU: "EU"}.get(facts.base_url)
    where = (
        f"{facts.base_url} ({region} region)" if region else f"{facts.base_url}, no address of PagerDuty's"
    )
    of = f", account {facts.subdomain}" if facts.subdomain else ""
    if region is None:
        means = "a proxy or a recorder sees the token"
        return warn("address", f"{where}{of}", means, "unset PAGERDUTY_URL unless that is meant")
    return ok("address", f"{where}{of}, over TLS")


def _token(facts: Facts) -> Line:
    if facts.me is None:
        says = "a token of the whole account" if "me" in facts.replies else "whose token it is, is unknown"
        return ok("token", says, "its edits have no user's name in the audit trail; incident verbs need --as")
    who = f"{facts.me.name or facts.me.email} ({facts.me.role or 'role unknown'})"
    if facts.me.role in NEVER_SERVE:
        means = "plan, drift and import work; apply does not"
        return warn(
            "token", f"a token of {who}, a stakeholder", means, "take a token of a manager or an admin"
        )
    if facts.me.role in _SCOPED_ROLES:
        means = "it edits only what teams or single objects let it; apply may be refused half way"
        return warn(
            "token", f"a token of {who}", means, "take a token of a manager or an admin, best a bot's"
        )
    shared = "its request budget is shared with all of this user's tokens, its edits carry this name"
    return ok("token", f"a token of {who}", shared)


def _writing(facts: Facts) -> Line:
    reply = facts.replies.get("writing")
    if reply is None or reply.verdict == "no":
        means = "apply may or may not work"
        return warn(
            "writing", "whether it may write could not be seen", means, "try `watchbill doctor --probe`"
        )
    if reply.ok:
        return ok("writing", "it may write schedules (asked by a preview, which saves nothing)")
    means = "plan, drift and import work; apply does not"
    remedy = "for apply take a key that is not read-only, or a scope with schedules.write"
    return warn("writing", "it is read-only", means, remedy)


def _reading(facts: Facts) -> Iterator[Line]:
    shut = [name for name in _READS if name in facts.replies and not facts.replies[name].ok]
    if not shut:
        yield ok("reading", "it may read everything that plan, drift and import need")
    for name in shut:
        make = fail if name in _NEEDED else warn
        remedy = "use a token that may read it" if facts.replies[name].verdict == "forbidden" else ""
        yield make("reading", f"{name}: {facts.replies[name].said}", _READS[name], remedy)


def _clock(facts: Facts) -> Iterator[Line]:
    if facts.clocks is None:
        return
    ahead = facts.clocks.theirs - facts.clocks.ours
    apart = max(0, abs(ahead) - int(facts.clocks.seconds) - 1)
    how = f"this machine's clock is {apart} s {'behind' if ahead > 0 else 'ahead of'} the account's"
    remedy = "set this machine's clock (NTP)"
    if apart <= SKEW_TOLD:
        yield ok("clock", "this machine's clock agrees with the account's")
    elif apart <= SKEW_UNFIT:
        yield warn("clock", how, "handoffs near now may be judged by the wrong side", remedy)
    else:
        yield fail("clock", how, "a change meant for the next handoff could act at once", remedy)


def _budget(facts: Facts) -> Iterator[Line]:
    if facts.rate is None:
        yield warn(
            "budget", "the account tells no request limit", "too fast a run waits for its 429s instead"
        )
        return
    rate = facts.rate
    says = f"{rate.left} of {rate.limit} requests left in this window, which ends in {rate.reset} s"
    if rate.left < rate.limit * LOW_BUDGET:
        means = "another robot uses the same key or user; runs will wait"
        yield warn("budget", says, means, "give watchbill a bot user of its own")
    else:
        yield ok("budget", says)


def _size(facts: Facts) -> Iterator[Line]:
    told = ", ".join(f"{count} {name}" for name, count in facts.counts.items())
    yield ok("size", told or "nothing could be counted")
    for name, count in facts.counts.items():
        most = MOST_SERVICES if name == "services" else CEILING
        if count > CEILING:
            means = f"PagerDuty lists no more than {CEILING}, so this account cannot be read whole"
            yield fail("size", f"{count} {name}", means, "split the account, or delete what is unused")
        elif count >= most * NEAR:
            yield warn(
                "size", f"{count} {name}, and {most} is the most", "reading or creating will fail soon"
            )
    for seat in facts.licenses:
        most = seat.used + seat.left
        if most and seat.used >= most * NEAR and seat.left < 10:
            says = f"{seat.left} of {most} licenses {seat.name!r} left"
            yield warn("licenses", says, "new people may not be invited", "free or buy licenses")


def _audit(facts: Facts) -> Line:
    reply = facts.replies.get("audit")
    means = "drift tells what was edited, but not by whom"
    if reply is not None and reply.ok:
        return ok("audit trail", "readable for the whole account: drift names who edited what")
    if reply is not None and reply.verdict == "no-plan":
        return warn(
            "audit trail", "this plan of PagerDuty's has none", means, "a plan with the audit trail tells"
        )
    if reply is not None and reply.verdict == "forbidden":
        own = "that of single objects is open to whoever may read them, so drift can still name people"
        return warn("audit trail", "that of the whole account is for admins only", own)
    return warn("audit trail", "it did not answer", means)


def _features(facts: Facts) -> Iterator[Line]:
    for about, subject, means in (
        ("orchestration", "orchestrations", "severities cannot choose the ladder of an alert by themselves"),
        ("priorities", "priorities", "incidents carry no P1..P4; severities are told by urgency alone"),
        ("round robin", "round robin", "steps with `round_robin: true` cannot be applied"),
        ("webhooks", "webhooks", "the watchdog has to ask every minute instead of being told"),
    ):
        reply = facts.replies.get(subject)
        if reply is not None and reply.ok:
            yield ok(about, "available")
        elif reply is not None:
            why = (
                "this plan of PagerDuty's does not have it" if reply.verdict == "no-plan" else "not readable"
            )
            yield warn(about, why, means)
    if facts.abilities:
        yield ok("abilities", ", ".join(sorted(facts.abilities)))
