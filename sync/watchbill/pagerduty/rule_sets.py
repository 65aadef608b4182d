"""Rule sets of services, read and written whole: there is no smaller request (facts 6).

What is not ours goes back exactly as it came, in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from watchbill.account.labels import Label, read_label, routing_key, write_label
from watchbill.account.objects import Marker, Ref, ServiceRouting
from watchbill.account.rule_sets import KEPT_WORD, ForeignRule, RoutingRule, RuleActions
from watchbill.pagerduty.answers import Answer
from watchbill.pagerduty.problems import Forbidden, NotEntitled, NotFound, Refused
from watchbill.pagerduty.read import THREADS
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.wire import WireRuleSets
from watchbill.rota.clock import parse_instant

Json = dict[str, Any]

START = "start"
_BASE = "/event_orchestrations/services"
_WRAPPER = "orchestration_path"
_GONE = 410
_KEEP_WORD = {"target": f"event.custom_details.{KEPT_WORD}", "template": "{{event.severity}}"}


@dataclass(frozen=True, slots=True)
class StoredRules:
    """`active`: whether the service asks its rules."""

    service_id: str
    document: Json
    active: bool

    @property
    def sets(self) -> list[Json]:
        return self.document.get("sets") or [{"id": START, "rules": []}]

    @property
    def catch_all(self) -> Json:
        return (self.document.get("catch_all") or {}).get("actions") or {}


@dataclass(frozen=True, slots=True)
class SavedRules:
    request_ids: tuple[str, ...]
    warnings: tuple[str, ...] = field(default=())
    """Rules that were saved and will not be evaluated, with the reason."""


def read_rules(transport: Transport, service_id: str) -> StoredRules:
    """Raises NotFound, Forbidden, NotEntitled."""
    document = _document(transport.get(f"{_BASE}/{service_id}"))
    stored = StoredRules(service_id, document, active=True)
    if not any(one.get("rules") for one in stored.sets):
        return stored
    return StoredRules(service_id, document, _is_active(transport, service_id))


def read_routings(
    transport: Transport, services: Mapping[str, str], *, threads: int = THREADS
) -> tuple[tuple[ServiceRouting, ...], dict[str, str]]:
    """`services`: id -> name.  The routings, and for what cannot be read why."""
    unreadable: dict[str, str] = {}

    def one(service_id: str) -> ServiceRouting | None:
        try:
            return normal_routing(read_rules(transport, service_id), services[service_id])
        except NotFound:
            return None
        except (Forbidden, NotEntitled) as refused:
            unreadable[service_id] = refused.message
            return None

    with ThreadPoolExecutor(threads) as pool:
        found = [routing for routing in pool.map(one, services) if routing is not None]
    return tuple(found), unreadable


def save_rules(transport: Transport, stored: StoredRules, sets: list[Json], catch_all: Json) -> SavedRules:
    body = {_WRAPPER: {"sets": sets, "catch_all": {"actions": catch_all}}}
    answer = transport.put(f"{_BASE}/{stored.service_id}", body)
    saved = StoredRules(stored.service_id, _document(answer), active=True)
    labels = {
        r.get("id"): r.get("label") or r.get("id") for one in saved.sets for r in one.get("rules") or ()
    }
    found = answer.document().get("warnings")
    warnings = tuple(
        f"{labels.get(w.get('rule_id')) or 'a rule'} is saved and will not be evaluated: "
        f"{w.get('message') or w.get('feature') or 'no reason given'}"
        for w in found or ()
        if isinstance(w, dict)
    )
    return SavedRules((answer.request_id,), warnings)


def _document(answer: Answer) -> Json:
    """As it came, its shape checked: it is written back whole."""
    document = answer.item(_WRAPPER)
    with answer.reading():
        WireRuleSets.model_validate(document)
    return document


def switch_on(transport: Transport, service_id: str) -> tuple[str, ...]:
    """Ids of the request.  Where the switch was retired, rules are always asked."""
    try:
        return (transport.put(f"{_BASE}/{service_id}/active", {"active": True}).request_id,)
    except Refused as refused:
        if refused.status != _GONE:
            raise
        return ()


def _is_active(transport: Transport, service_id: str) -> bool:
    try:
        answer = transport.get(f"{_BASE}/{service_id}/active")
    except Refused as refused:
        if refused.status not in (_GONE, 404):
            raise
        return True
    active = answer.document().get("active")
    if not isinstance(active, bool):
        raise answer.unusable("`active` is not true or false")
    return active


def normal_routing(stored: StoredRules, name: str) -> ServiceRouting:
    start = stored.sets[0].get("rules") or []
    ours = [(label, rule) for _, label, rule in _ours(stored)]
    places = [place for place, rule in enumerate(start) if read_label(rule.get("label"))]
    told = next((label for label, _ in ours if label.marker is not None), None)
    marker = told.marker if told else _untold(ours)
    catch_all = _actions(stored.catch_all)
    theirs = (told is not None and told.rules_only) or (marker is None and not catch_all.is_empty)
    updated_by = stored.document.get("updated_by") or {}
    updated_at = stored.document.get("updated_at")
    return ServiceRouting(
        key=marker.key if marker else "",
        id=stored.service_id,
        name=name,
        service=Ref(kind="service", id=stored.service_id),
        marker=marker,
        rules=tuple(_rule(label, rule) for label, rule in ours),
        catch_all=None if theirs else catch_all,
        together=len(places) == len(ours) and places == list(range(places[0], places[0] + len(places)))
        if ours
        else True,
        active=stored.active,
        foreign=tuple(
            _foreign(rule, above=not places or place < places[0])
            for place, rule in enumerate(start)
            if place not in places
        ),
        foreign_catch_all=catch_all if theirs and not catch_all.is_empty else None,
        is_blank=not (updated_by or stored.document.get("version") or start or stored.catch_all),
        edited_by=str(updated_by.get("id") or ""),
        edited_at=parse_instant(updated_at) if updated_at else None,
    )


def _ours(stored: StoredRules) -> list[tuple[int, Label, Json]]:
    """With the number of the set they are in."""
    return [
        (number, label, rule)
        for number, one in enumerate(stored.sets)
        for rule in one.get("rules") or ()
        if (label := read_label(rule.get("label"))) is not None
    ]


def _untold(ours: list[tuple[Label, Json]]) -> Marker | None:
    """Ours by their labels, but the one that tells the story is gone."""
    return Marker(key=routing_key(ours[0][0].handle), digest="", at=0) if ours else None


def _rule(label: Label, rule: Json) -> RoutingRule:
    return RoutingRule(
        name=label.name,
        conditions=tuple(str(c.get("expression", "")) for c in rule.get("conditions") or ()),
        actions=_actions(rule.get("actions") or {}),
        disabled=bool(rule.get("disabled")),
    )


def _actions(actions: Json) -> RuleActions:
    """What PagerDuty fills in by itself says nothing: null, false, empty lists."""
    given = {name: value for name, value in actions.items() if value not in (None, False, "", [], {})}
    extractions = given.pop("extractions", [])
    kept = [one for one in extractions if not _keeps_word(one)]
    policy = given.pop("escalation_policy", "")
    return RuleActions(
        priority=str(given.pop("priority", "")),
        severity=str(given.pop("severity", "")),
        policy=Ref(kind="escalation_policy", id=str(policy)) if policy else None,
        keeps_word=len(kept) < len(extractions),
        other={**given, "extractions": kept} if kept else given,
    )


def _keeps_word(extraction: Json) -> bool:
    template = "".join(str(extraction.get("template") or "").split())
    return extraction.get("target") == _KEEP_WORD["target"] and template == _KEEP_WORD["template"]


def _foreign(rule: Json, *, above: bool) -> ForeignRule:
    policy = (rule.get("actions") or {}).get("escalation_policy")
    return ForeignRule(
        label=str(rule.get("label") or rule.get("id") or "without a label"),
        above=above,
        always=not rule.get("conditions") and not rule.get("disabled"),
        policies=(str(policy),) if policy else (),
    )


def with_ours(stored: StoredRules, want: ServiceRouting) -> tuple[list[Json], Json]:
    """The sets with ours as one run where ours began, else after everybody's; and the catch-all's actions."""
    ids = {label.name: rule.get("id") for _, label, rule in _ours(stored)}
    rules = [_body(want, place, ids) for place in range(len(want.rules))]
    catch_all = stored.catch_all if want.catch_all is None else _actions_body(want.catch_all)
    return _placed(stored, rules), catch_all


def without_ours(stored: StoredRules) -> tuple[list[Json], Json]:
    return _placed(stored, []), {} if normal_routing(stored, "").catch_all is not None else stored.catch_all


def released(stored: StoredRules) -> tuple[list[Json], Json]:
    """Ours as anybody's: they go on working, without our name."""
    rules = [
        {**rule, "label": f"{label.handle}/{label.name}"} if number == 0 else rule
        for number, label, rule in _ours(stored)
    ]
    return _placed(stored, rules), stored.catch_all


def foreign_rules(stored: StoredRules) -> list[Json]:
    """Without their ids: PagerDuty may give out new ones at each write."""
    return [
        {key: value for key, value in rule.items() if key != "id"}
        for one in stored.sets
        for rule in one.get("rules") or ()
        if read_label(rule.get("label")) is None
    ]


def _placed(stored: StoredRules, ours: list[Json]) -> list[Json]:
    made = []
    for number, one in enumerate(stored.sets):
        rules = one.get("rules") or []
        kept = [rule for rule in rules if read_label(rule.get("label")) is None]
        if number == 0:
            first = next((i for i, rule in enumerate(rules) if read_label(rule.get("label"))), len(rules))
            kept[first:first] = ours
        made.append({**one, "rules": kept})
    return made


def _body(want: ServiceRouting, place: int, ids: Mapping[str, str | None]) -> Json:
    rule = want.rules[place]
    marker = want.marker if place == 0 else None
    handle = want.key.partition("/")[2]
    body: Json = {
        "label": write_label(handle, rule.name, marker, rules_only=want.catch_all is None),
        "conditions": [{"expression": text} for text in rule.conditions],
        "actions": _actions_body(rule.actions),
        "disabled": rule.disabled,
    }
    if ids.get(rule.name):
        body["id"] = ids[rule.name]
    return body


def _actions_body(actions: RuleActions) -> Json:
    """Everything that it names has its id by now."""
    body: Json = {}
    if actions.policy is not None:
        assert actions.policy.id, f"{actions.policy.key} has no id yet"
        body["escalation_policy"] = actions.policy.id
    if actions.priority:
        body["priority"] = actions.priority
    if actions.severity:
        body["severity"] = actions.severity
    if actions.keeps_word:
        body["extractions"] = [{**_KEEP_WORD}]
    return {**body, **actions.other}
