"""The drift report: of a plan, what somebody else changed in the account, and who it was."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from watchbill.model.base import Model
from watchbill.plan.document import (
    DRIFT_CLASSES,
    AcknowledgedDrift,
    Change,
    Effects,
    FieldChange,
    GuardResult,
    Notice,
    Plan,
    PolicyIdentity,
)
from watchbill.plan.linked import TAKEN_AWAY


class _Document(Model):
    model_config = ConfigDict(populate_by_name=True)


class Attribution(_Document):
    """One edit of one object, as the account's audit trail has it."""

    key: str
    who: str
    """The user's name; `unknown` where the trail cannot say."""
    how: str
    """browser, api token ...1234, app; where it is unknown, why."""
    when: str | None = None
    """ISO, UTC."""
    fields: tuple[FieldChange, ...] = ()
    """PagerDuty's own names and values, before and after the edit."""


class Unadoptable(_Document):
    """An edit that `adopt` cannot write into the policy."""

    key: str
    reason: str
    nearest: str = ""
    """What a person can do instead; may be empty."""


class Drift(_Document):
    """A plan of nothing but drift, to be shown; `before` is the account, `after` the policy."""

    format: Literal["watchbill.drift/1"] = "watchbill.drift/1"
    tool: str
    account: str
    at: str
    """ISO, UTC: when the account was read."""
    policy: PolicyIdentity
    changes: tuple[Change, ...] = ()
    effects: Effects = Effects()
    guards: tuple[GuardResult, ...] = ()
    notices: tuple[Notice, ...] = ()
    digest: str = ""
    """Always empty: it is never applied."""
    attributions: tuple[Attribution, ...] = ()
    unadoptable: tuple[Unadoptable, ...] = ()
    acknowledged: tuple[AcknowledgedDrift, ...] = ()
    """Known, and left as it is for now."""
    known: tuple[str, ...] = ()
    """Ids of the drift that the report named by `--seen` had told already."""
    gone: tuple[str, ...] = ()
    """Ids that it told and that are no drift any more."""


def drift_changes(plan: Plan) -> tuple[Change, ...]:
    """Edits behind the policy's back; work that the policy or time brought is none."""
    return tuple(change for change in plan.changes if change.class_ in DRIFT_CLASSES)


def is_drifted(plan: Plan | Drift) -> bool:
    """Also where an edit took an object out of our hands, so that there is nothing we may change."""
    edited = any(change.class_ in DRIFT_CLASSES for change in plan.changes)
    return edited or bool(taken_away(plan))


def taken_away(plan: Plan | Drift) -> tuple[Notice, ...]:
    """What is said of objects that an edit took out of our hands."""
    return tuple(notice for notice in plan.notices if notice.rule in TAKEN_AWAY)


def _ids(changes: tuple[Change, ...], notices: tuple[Notice, ...]) -> list[str]:
    found = [*(change.drift_id for change in changes), *(notice.drift_id for notice in notices)]
    return [id_ for id_ in found if id_]


def drift_of(
    plan: Plan,
    attributions: tuple[Attribution, ...] = (),
    seen: Drift | None = None,
    unadoptable: tuple[Unadoptable, ...] = (),
) -> Drift:
    """`seen`: an earlier report, whose drift is known by now."""
    kept = drift_changes(plan)
    before = _ids(seen.changes, taken_away(seen)) if seen is not None else []
    ids = _ids(kept, taken_away(plan))
    rotations = {change.key.split("/")[1] for change in kept if "/" in change.key}
    effects = plan.effects.model_copy(
        update={
            "on_call_now": tuple(e for e in plan.effects.on_call_now if e.rotation in rotations),
            "shifts": tuple(e for e in plan.effects.shifts if e.rotation in rotations),
        }
    )
    return Drift(
        tool=plan.tool,
        account=plan.account,
        at=plan.at,
        policy=plan.policy,
        changes=kept,
        effects=effects,
        notices=plan.notices,
        attributions=attributions,
        unadoptable=unadoptable,
        acknowledged=plan.acknowledged,
        known=tuple(id_ for id_ in ids if id_ in before),
        gone=tuple(sorted({*before} - {*ids})),
    )
