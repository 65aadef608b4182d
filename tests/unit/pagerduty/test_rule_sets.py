"""Rule sets as PagerDuty gives them: what is ours in them, and what goes back untouched."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.pagerduty.scripted import ScriptedWire, answer, transport
from watchbill.account.digest import as_written, marker_for, same
from watchbill.account.objects import Ref, ServiceRouting
from watchbill.account.rule_sets import RoutingRule, RuleActions
from watchbill.pagerduty.problems import Forbidden
from watchbill.pagerduty.rule_sets import (
    StoredRules,
    foreign_rules,
    normal_routing,
    read_routings,
    read_rules,
    released,
    save_rules,
    switch_on,
    with_ours,
    without_ours,
)

AT = 1_795_442_400
FOREIGN: dict[str, Any] = {
    "id": "f",
    "label": "Theirs",
    "conditions": None,
    "actions": {"suppress": True},
    "disabled": False,
}


def rule(name: str, severity: str) -> RoutingRule:
    actions = RuleActions(
        priority="PRIO", severity=severity, policy=Ref(kind="escalation_policy", id="PEP"), keeps_word=True
    )
    return RoutingRule(name=name, conditions=(f"event.severity matches '{severity}'",), actions=actions)


def want(*names: str) -> ServiceRouting:
    rules = tuple(rule(name, "error") for name in names)
    made = ServiceRouting(
        key="routing/shop",
        id="PSVC",
        name="Shop",
        service=Ref(kind="service", id="PSVC"),
        rules=rules,
        catch_all=RuleActions(severity="error"),
    )
    return made.model_copy(update={"marker": marker_for(made, AT)})


def stored(
    *rules: dict[str, Any], catch_all: dict[str, Any] | None = None, more: tuple[Any, ...] = ()
) -> StoredRules:
    sets = [{"id": "start", "rules": list(rules)}, *more]
    return StoredRules(
        "PSVC", {"sets": sets, "catch_all": {"actions": catch_all or {}}, "version": "1"}, True
    )


def after(wanted: ServiceRouting, before: StoredRules) -> StoredRules:
    sets, catch_all = with_ours(before, wanted)
    return StoredRules("PSVC", {"sets": sets, "catch_all": {"actions": catch_all}, "version": "2"}, True)


def test_what_is_written_reads_back_as_wanted() -> None:
    wanted = want("P1", "P2")
    found = normal_routing(after(wanted, stored()), "Shop")
    assert same(found, wanted, now=AT)
    assert found.marker == wanted.marker
    assert as_written(found) is True


def test_what_pagerduty_fills_in_by_itself_is_no_difference() -> None:
    wanted = want("P1")
    document = after(wanted, stored()).document
    for one in document["sets"][0]["rules"]:
        one["id"] = "0a1b2c3d"
        one["actions"] |= {
            "annotate": None,
            "suppress": False,
            "variables": [],
            "automation_actions": [],
            "suspend": None,
        }
        one["actions"]["extractions"][0]["template"] = "{{ event.severity }}"
        one["actions"]["extractions"][0]["regex"] = None
    document["catch_all"]["actions"] |= {"suppress": False, "extractions": []}
    assert same(normal_routing(StoredRules("PSVC", document, True), "Shop"), wanted, now=AT)


others = st.lists(
    st.sampled_from(["A", "B", "C", "watchbill", "watchbill:", "Watchbill:shop/P1"]), max_size=4
)


@given(
    others,
    others,
    st.lists(st.sampled_from(["P1", "P2", "P3", "P4"]), unique=True, min_size=1),
    others,
    st.data(),
)
def test_whatever_stands_around_and_between_ours_stays_in_order(
    above: list[str], below: list[str], names: list[str], late: list[str], data: st.DataObject
) -> None:
    def theirs(label: str) -> dict[str, Any]:
        return {**FOREIGN, "label": label, "id": str(data.draw(st.integers(0, 9)))}

    more = ({"id": "late", "rules": [theirs(label) for label in late]},)
    before = stored(*map(theirs, above), *map(theirs, below), more=more)
    once = after(want("P1", "P2"), before)
    start = once.sets[0]["rules"]
    for label in below:  # somebody puts rules between ours
        start.insert(data.draw(st.integers(0, len(start))), theirs(label))
    kept = foreign_rules(once)
    twice = after(want(*names), once)
    assert foreign_rules(twice) == kept
    found = normal_routing(twice, "Shop")
    assert found.together
    assert [r.name for r in found.rules] == names
    gone = StoredRules("PSVC", {"sets": without_ours(twice)[0]}, True)
    assert foreign_rules(gone) == kept
    assert normal_routing(gone, "Shop").marker is None


def test_rules_keep_their_ids_from_write_to_write() -> None:
    first = after(want("P1", "P2"), stored())
    for number, one in enumerate(first.sets[0]["rules"]):
        one["id"] = f"id-{number}"
    ids = {r["label"].split()[0]: r.get("id") for r in after(want("P2", "P3"), first).sets[0]["rules"]}
    assert ids == {"watchbill:shop/P2": "id-1", "watchbill:shop/P3": None}


def test_a_catch_all_of_somebody_else_is_told_and_kept() -> None:
    before = stored(FOREIGN, catch_all={"suppress": True})
    current = normal_routing(before, "Shop")
    assert current.catch_all is None
    assert current.foreign_catch_all == RuleActions(other={"suppress": True})
    wanted = want("P1").model_copy(update={"catch_all": None})
    wanted = wanted.model_copy(update={"marker": marker_for(wanted, AT)})
    done = after(wanted, before)
    assert done.catch_all == {"suppress": True}
    assert done.sets[0]["rules"][-1]["label"].endswith(" rules only")
    found = normal_routing(done, "Shop")
    assert (same(found, wanted, now=AT), as_written(found)) == (True, True)
    assert without_ours(done)[1] == {"suppress": True}


def test_a_rule_without_a_condition_above_ours_takes_everything() -> None:
    found = normal_routing(after(want("P1"), stored(FOREIGN)), "Shop")
    assert [(one.label, one.above, one.always) for one in found.foreign] == [("Theirs", True, True)]


def test_ours_in_another_set_come_home() -> None:
    first = after(want("P1", "P2"), stored())
    moved = first.sets[0]["rules"].pop()
    first.document["sets"].append({"id": "aside", "rules": [moved]})
    assert not normal_routing(first, "Shop").together
    home = after(want("P1", "P2"), first)
    assert [len(one["rules"]) for one in home.sets] == [2, 0]


def test_released_rules_work_on_without_our_name() -> None:
    once = after(want("P1", "P2"), stored(FOREIGN))
    labels = [one["label"] for one in released(once)[0][0]["rules"]]
    assert labels == ["Theirs", "shop/P1", "shop/P2"]


@pytest.mark.parametrize("status", [402, 403])
def test_what_cannot_be_read_says_why(status: int) -> None:
    wire = ScriptedWire(last=answer(status, {"error": {"message": "Missing Account Ability", "code": 2014}}))
    found, unreadable = read_routings(transport(wire), {"PSVC": "Shop"})
    assert found == ()
    assert "Missing Account Ability" in unreadable["PSVC"]


def test_a_service_that_is_gone_meanwhile_has_no_rules() -> None:
    found = read_routings(transport(ScriptedWire(last=answer(404, {"error": {}}))), {"PSVC": "Shop"})
    assert found == ((), {})


def test_a_blank_rule_set_costs_one_request_and_another_one_two() -> None:
    wire = ScriptedWire([answer(200, {"orchestration_path": {"sets": [{"id": "start", "rules": []}]}})])
    read_rules(transport(wire), "PSVC")
    assert len(wire.seen) == 1
    path = {"orchestration_path": {"sets": [{"id": "start", "rules": [FOREIGN]}]}}
    wire = ScriptedWire([answer(200, path), answer(200, {"active": False})])
    assert read_rules(transport(wire), "PSVC").active is False
    assert [path for _, path, _, _ in wire.seen][-1].endswith("/PSVC/active")


def test_where_the_switch_was_retired_rules_are_always_asked() -> None:
    path = {"orchestration_path": {"sets": [{"id": "start", "rules": [FOREIGN]}]}}
    wire = ScriptedWire([answer(200, path)], last=answer(410))
    assert read_rules(transport(wire), "PSVC").active is True
    assert switch_on(transport(ScriptedWire(last=answer(410))), "PSVC") == ()
    with pytest.raises(Forbidden):
        switch_on(transport(ScriptedWire(last=answer(403))), "PSVC")


def test_warnings_name_the_rule() -> None:
    path = {"sets": [{"id": "start", "rules": [{"id": "r1", "label": "watchbill:shop/P1"}]}]}
    body = {
        "orchestration_path": path,
        "warnings": [{"rule_id": "r1", "feature": "priority", "message": "not in your plan"}],
    }
    saved = save_rules(transport(ScriptedWire(last=answer(200, body))), stored(), [], {})
    assert saved.warnings == ("watchbill:shop/P1 is saved and will not be evaluated: not in your plan",)
