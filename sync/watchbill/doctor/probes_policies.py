"""What a write does to an escalation policy; the scratch one has no service."""

from __future__ import annotations

from watchbill.doctor.lab import Lab, Unsettled, layer, past
from watchbill.doctor.probe import AS_ASSUMED, Probe, Seen
from watchbill.pagerduty.answers import Item
from watchbill.pagerduty.problems import Refused

_MANY = 60


def _rule(schedule: str, delay: int) -> Item:
    return {
        "escalation_delay_in_minutes": delay,
        "targets": [{"id": schedule, "type": "schedule_reference"}],
    }


def _schedule(lab: Lab, about: str) -> str:
    return str(lab.schedule(f"{about} target", [layer([lab.users[0]], past(lab.now))])["id"])


def rule_ids(lab: Lab) -> Seen:
    """POST /schedules, POST /escalation_policies with two rules, PUT them back with their ids, one delay changed."""
    schedule = _schedule(lab, "rule-ids")
    body = lab.policy_body("rule-ids", [_rule(schedule, 10), _rule(schedule, 20)])
    made = lab.post("/escalation_policies", body).item("escalation_policy")
    ids = [rule["id"] for rule in made["escalation_rules"]]
    rules = [{"id": id_, **_rule(schedule, delay)} for id_, delay in zip(ids, (15, 20), strict=True)]
    again = {"escalation_policy": {**body["escalation_policy"], "escalation_rules": rules}}
    after = lab.put(f"/escalation_policies/{made['id']}", again).item("escalation_policy")
    kept = [rule["id"] for rule in after["escalation_rules"]] == ids
    answer = "rules sent back with their ids keep them" if kept else "every write gives the rules new ids"
    return Seen(answer, "watchbill never compares the ids of rules")


def duplicate_name(lab: Lab) -> Seen:
    """POST /schedules, POST /escalation_policies twice with one name."""
    body = lab.policy_body("duplicate-name", [_rule(_schedule(lab, "duplicate-name"), 10)])
    lab.post("/escalation_policies", body)
    try:
        lab.post("/escalation_policies", body)
    except Refused as no:
        return Seen(f"refused with {no.status}: {no.said}", AS_ASSUMED)
    return Seen("two policies may have one name", "watchbill itself refuses a name that is taken")


def many_rules(lab: Lab) -> Seen:
    """POST /schedules, POST /escalation_policies with 60 rules."""
    rules = [_rule(_schedule(lab, "many-rules"), 1)] * _MANY
    try:
        answer = lab.post("/escalation_policies", lab.policy_body("many-rules", rules))
    except Refused as no:
        return Seen(f"{_MANY} rules are refused: {no.said}", "no ladder needs as many")
    made = answer.item("escalation_policy")["escalation_rules"]
    if len(made) != _MANY:
        raise Unsettled(f"{_MANY} rules were sent and {len(made)} came back")
    return Seen(f"{_MANY} rules are taken", "no ladder needs as many")


PROBES = (
    Probe("rule-ids", "4.2, 16", "Do rules keep their ids when they are written again?", rule_ids),
    Probe("duplicate-policy-name", "4.2, 16", "What is said to a second policy of one name?", duplicate_name),
    Probe("many-rules", "16", "How many rules may a policy have?", many_rules),
)
