"""Was it there before?  Asked only of what a plan would make in an account that watchbill wrote to already."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from watchbill.cli.planning import Reading
    from watchbill.model.policy import Policy
    from watchbill.plan.attribution import Trail
    from watchbill.plan.document import Plan


def with_hand_deleted(reading: Reading, plan: Plan, policy: Policy) -> tuple[Plan, dict[str, Trail]]:
    from watchbill.apply.journal import made_here, own_requests
    from watchbill.cli.account import state_folder
    from watchbill.pagerduty.audit import read_deletions
    from watchbill.plan.attribution import Ours
    from watchbill.plan.hand_deleted import Known, suspects, told_apart

    asked = suspects(plan)
    if not asked:
        return plan, {}
    written = any(obj.marker is not None and obj.marker.digest for obj in reading.account.everything())
    opened = reading.opened
    folder = (opened.state or state_folder()) / "journal"
    made = made_here(folder, opened.name)
    if not written and not any(change.ref in made for change in asked):
        return plan, {}
    if reading.deletions is None:
        reading.deletions = read_deletions(opened.transport, reading.now)
    deletions, unknown = reading.deletions
    known = Known(deletions, unknown, made, _wanted_at(reading))
    ours = Ours(own_requests(folder, opened.name), opened.transport.token_tail)
    return told_apart(plan, known, ours, policy.settings.time_zone)


def _wanted_at(reading: Reading) -> Callable[[str, int], bool | None]:
    from watchbill.account.wanted import keys_of
    from watchbill.history.git import repository
    from watchbill.history.policy import load_at

    repo = repository(reading.folder)

    def wanted(key: str, at: int) -> bool | None:
        commit = repo.main_at(at) if repo is not None else None
        if repo is None or commit is None:
            return None
        past = load_at(repo, commit).policy
        return None if past is None else key in keys_of(past)

    return wanted
