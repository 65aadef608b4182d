"""What an earlier plan covers of a later one."""

from __future__ import annotations

from watchbill.account.objects import EscalationPolicy, Layer, Ref, Rule, Schedule
from watchbill.plan.document import Change, Plan, PolicyIdentity
from watchbill.plan.reviewed import MOST_LISTED, decode, encode, reviewed_of, uncovered


def schedule(users: tuple[str, ...] = ("A", "B"), start: int | None = None) -> Schedule:
    layer = Layer(name="Turns", users=users, turn_seconds=604_800, virtual_start=0, start=start)
    return Schedule(key="rotation/first", id="PSCHED1", name="First", time_zone="Etc/UTC", layers=(layer,))


def change(want: object = None, **more: object) -> Change:
    told = {
        "action": "update",
        "class": "pending",
        "kind": "schedule",
        "key": "rotation/first",
        "name": "First",
    }
    return Change.model_validate({**told, "want": want or schedule(), "fingerprint": "f" * 32, **more})


def plan(*changes: Change, policy: str = "p1", at: str = "2026-11-23T14:00:00Z") -> Plan:
    identity = PolicyIdentity(commit=None, digest=policy)
    return Plan(tool="1", account="acme", at=at, policy=identity, changes=changes, digest="d")


SEEN = reviewed_of(plan(change()), "b" * 40)


def covers(later: Plan) -> bool:
    return not uncovered(later, [SEEN])


def test_the_same_later() -> None:
    assert covers(plan(change(), at="2026-11-25T09:00:00Z"))
    assert covers(plan(change(schedule(start=1_764_000_000)), policy="p2"))


def test_another_end_is_not_what_was_reviewed() -> None:
    assert not covers(plan(change(schedule(("A", "C"))), policy="p2"))


def test_an_edit_by_hand_since_is_not_covered_though_the_end_is_the_same() -> None:
    assert not covers(plan(change(**{"class": "drift", "fingerprint": "e" * 32})))
    assert not covers(plan(change(**{"class": "conflict", "fingerprint": "e" * 32})))
    assert covers(plan(change(**{"class": "drift"}))), "it stood there when it was reviewed"


def test_our_own_write_since_is() -> None:
    assert covers(plan(change(fingerprint="e" * 32)))


def test_work_that_time_makes_needs_no_review() -> None:
    assert covers(plan(change(schedule(("X",)), **{"class": "upkeep", "key": "rotation/second"})))


def test_a_change_nobody_saw() -> None:
    assert not covers(plan(change(key="rotation/second")))
    assert not covers(plan(change(action="delete", want=None)))


def test_another_account() -> None:
    other = plan(change()).model_copy(update={"account": "eu/acme"})
    assert uncovered(other, [SEEN])


def test_what_was_to_be_made_may_be_there_unfinished() -> None:
    seen = reviewed_of(plan(change(action="create", fingerprint="")), "h")
    assert not uncovered(plan(change(fingerprint="e" * 32)), [seen])
    assert uncovered(plan(change(action="create", fingerprint="")), [SEEN]), "it was deleted since"


def test_what_it_points_at_counts_by_the_policys_key() -> None:
    def ladder(id_: str) -> EscalationPolicy:
        target = Ref(kind="schedule", id=id_, key="rotation/first")
        return EscalationPolicy(
            key="ladder/api", name="API", rules=(Rule(delay_minutes=30, targets=(target,)),)
        )

    more = {"kind": "escalation_policy", "key": "ladder/api", "name": "API"}
    seen = reviewed_of(plan(change(ladder(""), **more)), "h")
    assert not uncovered(plan(change(ladder("PSCHED9"), **more), policy="p2"), [seen])


def test_very_many_changes_are_covered_by_the_policy_as_a_whole() -> None:
    many = [change(key=f"rotation/r{i}") for i in range(MOST_LISTED + 1)]
    seen = reviewed_of(plan(*many), "h")
    assert seen.changes is None
    assert not uncovered(plan(*many), [seen])
    assert uncovered(plan(*many, policy="p2"), [seen])
    assert uncovered(plan(change(**{"class": "drift"})), [seen])


def test_a_record_survives_its_hiding_place_and_rubbish_is_none() -> None:
    assert decode(encode(SEEN)) == SEEN
    for rubbish in ("", "AAAA", "!", encode(SEEN)[:-9]):
        assert decode(rubbish) is None
