"""Our rules in the rule set of one service: look, write the whole set with everybody else's as it is, look again.

First the rules, then the switch: until it is on, every alert goes to the service's own policy, which reaches
people too.
"""

from __future__ import annotations

from watchbill.account.objects import ServiceRouting
from watchbill.apply.fit import is_as_wanted, stale_because
from watchbill.apply.ground import READS, Failed, Ground, Record, Stale
from watchbill.apply.resolve import NotYetMade, marked, with_ids
from watchbill.pagerduty import rule_sets
from watchbill.pagerduty.problems import NotFound
from watchbill.pagerduty.rule_sets import StoredRules, normal_routing
from watchbill.plan.document import Change
from watchbill.plan.routing import fitted


def carry_out_routing(change: Change, ground: Ground, record: Record) -> None:
    """Raises Stale, Failed, NotYetMade, or what the transport raises."""
    service_id = _service_id(change, ground)
    record.id = service_id
    stored = _stored(service_id, ground)
    current = normal_routing(stored, change.name)
    want = _final(change, current, ground)
    if _is_done(change, want, current):
        return
    is_fresh = change.action == "create" and not change.fingerprint and current.marker is None
    only_off = want is not None and is_as_wanted(want, switched_on(current), 0)
    trouble = "" if is_fresh or only_off else stale_because(change, current)
    if trouble:
        raise Stale(trouble)
    if not only_off:
        _save(change, want, stored, ground, record)
    if want is not None and not _stored(service_id, ground).active:
        record.about_to_write(service_id)
        record.written(service_id, rule_sets.switch_on(ground.transport, service_id))
    _read_back(change, want, stored, ground, record)


def switched_on(routing: ServiceRouting) -> ServiceRouting:
    """What a run has done that was killed before it could switch the rules on."""
    return routing.model_copy(update={"active": True})


def _save(
    change: Change, want: ServiceRouting | None, stored: StoredRules, ground: Ground, record: Record
) -> None:
    if want is not None:
        sets, catch_all = rule_sets.with_ours(stored, want)
    elif change.action == "forget":
        sets, catch_all = rule_sets.released(stored)
    else:
        sets, catch_all = rule_sets.without_ours(stored)
    record.about_to_write(stored.service_id)
    saved = rule_sets.save_rules(ground.transport, stored, sets, catch_all)
    record.written(stored.service_id, saved.request_ids)
    record.notes.extend(saved.warnings)


def read_routing(change: Change, ground: Ground) -> ServiceRouting | None:
    """As it is now; None where the service is still to be made, or gone."""
    if not change.id:
        return None
    try:
        return normal_routing(rule_sets.read_rules(ground.transport, change.id), change.name)
    except NotFound:
        return None


def _service_id(change: Change, ground: Ground) -> str:
    if change.id:
        return change.id
    assert isinstance(change.want, ServiceRouting)
    key = change.want.service.key
    found = change.want.service.id or ground.ids.get(key, "")
    if not found:
        raise NotYetMade(key)
    return found


def _stored(service_id: str, ground: Ground) -> StoredRules:
    try:
        return rule_sets.read_rules(ground.transport, service_id)
    except NotFound as gone:
        raise Stale("its service is gone from the account") from gone


def _final(change: Change, current: ServiceRouting, ground: Ground) -> ServiceRouting | None:
    """None where ours shall go, or be nobody's."""
    if change.want is None:
        return None
    assert isinstance(change.want, ServiceRouting)
    want = with_ids(change.want, ground.ids)
    assert isinstance(want, ServiceRouting)
    final = marked(fitted(want.model_copy(update={"id": current.id}), current), ground.now)
    assert isinstance(final, ServiceRouting)
    return final


def _is_done(change: Change, want: ServiceRouting | None, current: ServiceRouting) -> bool:
    """By an earlier run of the same plan."""
    if want is None:
        return current.marker is None
    return is_as_wanted(want, current, 0)


def _read_back(
    change: Change, want: ServiceRouting | None, before: StoredRules, ground: Ground, record: Record
) -> None:
    for attempt in range(READS):
        after = _stored(before.service_id, ground)
        if _is_done(change, want, normal_routing(after, change.name)):
            break
        ground.settle(attempt)
    else:
        raise Failed(
            "written, but PagerDuty now shows other rules", "run `watchbill plan` to see what differs"
        )
    if change.action != "forget" and rule_sets.foreign_rules(after) != rule_sets.foreign_rules(before):
        record.notes.append("rules of others in the same rule set read differently now; compare them by eye")
