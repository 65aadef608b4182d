"""The drift of an account: who made it, and what `adopt` could do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchbill.account.objects import ManagedObject
    from watchbill.cli.options import Globals
    from watchbill.cli.planning import Reading
    from watchbill.plan.attribution import Trail
    from watchbill.plan.document import Plan
    from watchbill.plan.drift import Attribution, Unadoptable

_MOST_TRIED = 20
"""Edits; each takes about as long as a plan."""


def attributions_of(reading: Reading, plan: Plan) -> tuple[Attribution, ...]:
    """The trails of the drifted objects only; none where nothing drifted."""
    from watchbill.account.objects import ServiceRouting
    from watchbill.apply.journal import own_requests
    from watchbill.cli.account import state_folder
    from watchbill.pagerduty.audit import AskedTrail, read_trails
    from watchbill.plan.attribution import Ours, attribute, attribute_notices, trail_of_rules, written_at
    from watchbill.plan.drift import drift_changes, taken_away

    objects: dict[tuple[str, str], ManagedObject] = {
        (obj.kind, obj.id): obj for obj in reading.account.everything()
    }
    asked = []
    trails: dict[str, Trail] = dict(reading.deleted)
    for change in drift_changes(plan):
        current = objects.get((change.kind, change.id))
        if isinstance(current, ServiceRouting):
            trails[change.ref] = trail_of_rules(current, reading.account)
        elif current is not None:
            shifts = current.kind == "schedule" and current.shape == "shifts"
            asked.append(AskedTrail(change.ref, current.kind, current.id, written_at(current), shifts))
    notices = [notice for notice in taken_away(plan) if notice.id and (notice.kind, notice.id) in objects]
    for notice in notices:
        lost = objects[notice.kind, notice.id]
        if isinstance(lost, ServiceRouting):
            continue
        shifts = lost.kind == "schedule" and lost.shape == "shifts"
        asked.append(AskedTrail(f"{lost.kind}:{lost.id}", lost.kind, lost.id, None, shifts))
    if not asked and not trails:
        return ()
    opened = reading.opened
    trails |= read_trails(opened.transport, asked, reading.now)
    folder = (opened.state or state_folder()) / "journal"
    ours = Ours(own_requests(folder, opened.name), opened.transport.token_tail)
    told = attribute(plan, reading.account, trails, ours)
    return (*told, *attribute_notices(notices, reading.account, trails, ours))


def unadoptable_of(
    options: Globals, reading: Reading, plan: Plan, edits: tuple[Attribution, ...]
) -> tuple[Unadoptable, ...]:
    """`adopt NAME` is tried for each drifted object, in memory; beyond the first ones nothing is promised."""
    from watchbill.cli.adopting import Adopting
    from watchbill.cli.changing import Draft
    from watchbill.plan.drift import Unadoptable, drift_changes

    drifted = drift_changes(plan)[:_MOST_TRIED]
    if not drifted:
        return ()
    draft, found = Draft(options, dry_run=True), []
    files = draft.save()
    for change in drifted:
        adopting = Adopting(draft, reading, plan, edits)
        adopting.adopt(change.ref, named=True)
        draft.restore(files)
        found += [Unadoptable(key=one.key, reason=one.reason, nearest=one.nearest) for one in adopting.left]
    return tuple(found)
