"""The plan document, `watchbill.plan/1`: what is shown, saved, reviewed and applied."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from watchbill.account.objects import (
    EscalationPolicy,
    Ref,
    Schedule,
    Service,
    ServiceRouting,
    ShiftSchedule,
    Slot,
)
from watchbill.model.base import Model

FORMAT: Literal["watchbill.plan/1"] = "watchbill.plan/1"

Action = Literal["create", "update", "delete", "claim", "forget"]
Class = Literal["pending", "drift", "conflict", "upkeep"]
ChangeKind = Literal["schedule", "escalation_policy", "service", "routing", "integration", "override"]
LATER_CREW = "later-crew"
"""Rule of the notice about a crew that begins too far ahead to be written now."""
OTHER_CHANGES = "other-changes"
"""Rule of the notice that a plan of upkeep alone has left something out."""
DRIFT_CLASSES = frozenset({"drift", "conflict"})


class _Document(Model):
    model_config = ConfigDict(populate_by_name=True)


class FieldChange(_Document):
    path: str
    before: Any = None
    """As people read it: names instead of ids, local times instead of instants."""
    after: Any = None


class OverrideWrite(_Document):
    """An override or a custom shift to make or to take back on one schedule."""

    kind: Literal["override"] = "override"
    schedule_key: str
    schedule_id: str = ""
    """"" while the schedule is still to be made by the same plan."""
    slot: Annotated[Slot, Field(discriminator="kind")]
    """On a shift-based schedule, an override's source has an id, or is found by who is on duty then."""
    derived: bool = False


INTEGRATION = "Events API v2 (watchbill)"
KEY_PENDING = "Events API v2 (watchbill, key not handed over yet)"
"""Its name until the key is where the settings want it: so a run that was killed in between is finished."""


class IntegrationWrite(_Document):
    """The way in for events, for a service that has none."""

    kind: Literal["integration"] = "integration"
    service: Ref
    hands_over: bool = False
    """Its key goes where the settings say."""


AnySchedule = Annotated[Schedule | ShiftSchedule, Field(discriminator="shape")]
Written = Annotated[
    AnySchedule | EscalationPolicy | Service | ServiceRouting | IntegrationWrite | OverrideWrite,
    Field(discriminator="kind"),
]


class Change(_Document):
    """One write to one object.  `want` is the whole object as it shall be, None for a delete or forget."""

    action: Action
    class_: Class = Field(alias="class")
    kind: ChangeKind
    key: str
    name: str
    id: str = ""
    """Vendor id; "" for a create."""
    fields: tuple[FieldChange, ...] = ()
    unchanged: str = ""
    """What of it is not among `fields`, because it stays: 2 layers."""
    depends_on: tuple[str, ...] = ()
    """`ref`s of changes that must be done first."""
    want: Written | None = None
    fingerprint: str = ""
    """Of the object as the plan read it; apply reads it again and compares before it writes."""
    drift_id: str = ""
    """Of drift and conflicts: the same as long as account and policy differ in the same way."""

    @property
    def ref(self) -> str:
        return f"{self.kind}:{self.key}"


class AcknowledgedDrift(_Document):
    """A hand edit that settings.acknowledged knows: left as it is."""

    drift_id: str
    kind: ChangeKind
    key: str
    name: str
    fields: tuple[FieldChange, ...] = ()
    what: str = "update"
    """`create`: it was deleted; `update`: its fields; else the rule of what was told: lost-marker, name-taken."""
    reason: str
    expires: str
    """The last day, in settings.time_zone."""

    @property
    def ref(self) -> str:
        return f"{self.kind}:{self.key}"


class OnCallNow(_Document):
    rotation: str
    before: str | None
    """Person's handle, or the account's user name where the policy has no such person."""
    after: str | None


class ShiftEffect(_Document):
    rotation: str
    start: str
    """ISO, UTC."""
    end: str
    before: str | None
    after: str | None


class PersonEffect(_Document):
    """Hours on call within `since` and `until`; an hour on two rotations at once counts once."""

    person: str
    hours_before: float
    hours_after: float
    first_change: str | None
    """ISO, UTC: start of the first shift that this person gains or loses."""


class PagedStep(_Document):
    minute: int
    """Since the incident opened."""
    targets: tuple[str, ...]
    """Handles of rotations, roles and people; the account's name where the policy has none."""


PagingKind = Literal["earlier", "later", "added", "removed", "new", "gone", "setting"]


class PagingEffect(_Document):
    """One change of who is paged; equal changes of several severities and places are one."""

    kind: PagingKind
    target: str = ""
    """Handle; "" where the whole ladder is new, gone or set otherwise."""
    severities: tuple[str, ...] = ()
    """() = the place has one ladder for every incident."""
    places: tuple[str, ...]
    """Titles of domains, ladders or services."""
    before: int | None = None
    """Minutes until the page; None = no page."""
    after: int | None = None
    before_level: int | None = None
    """None also where it differs between the places."""
    after_level: int | None = None
    steps: tuple[PagedStep, ...] = ()
    """Of a ladder that is new or gone."""
    setting: str = ""
    """repeat, escalation policy, urgency ..."""
    setting_before: str = ""
    setting_after: str = ""
    since: str
    """ISO, UTC: the time of the plan, as the change counts from the apply."""


class Effects(_Document):
    since: str = ""
    until: str = ""
    on_call_now: tuple[OnCallNow, ...] = ()
    shifts: tuple[ShiftEffect, ...] = ()
    people: tuple[PersonEffect, ...] = ()
    paging: tuple[PagingEffect, ...] = ()


class GuardResult(_Document):
    guard: str
    message: str
    remedy: str = ""
    waived: str | None = None
    """Reason of the waiver that lets it pass."""


RuleEffect = Literal["loosened", "changed", "tightened"]


class RuleChange(_Document):
    """One rule that the change itself changes: a guard, an expectation, a permission, a file of the workflows."""

    path: str
    """settings.guards.max_deletions, `expectations: NAME`, .github/CODEOWNERS"""
    effect: RuleEffect
    before: str = ""
    after: str = ""
    message: str = ""
    """In words, where before and after do not show it."""


class JudgedBy(_Document):
    """Whose rules judged the plan."""

    commit: str | None = None
    """None = the rules in the files themselves."""
    reason: str
    """Why this commit, or why none."""


class PolicyIdentity(_Document):
    commit: str | None
    digest: str


class Notice(_Document):
    """Something to know that is no change: an object left alone, a possible refusal, a forgotten override."""

    rule: str
    severity: Literal["error", "warning", "note"]
    message: str
    hint: str = ""
    kind: str = ""
    """Of the account's object that it is about, where it is about one."""
    id: str = ""
    name: str = ""
    key: str = ""
    """Of the policy's object that is concerned."""
    drift_id: str = ""
    """Where an edit took the object out of our hands: the same as long as account and policy differ in the same way."""
    due: str = ""
    """ISO, UTC: before this instant an apply has to run again, for what cannot be written yet."""


class Plan(_Document):
    format: Literal["watchbill.plan/1"] = FORMAT
    tool: str
    """Version of watchbill that made it."""
    account: str
    at: str
    """ISO, UTC: when the account was read."""
    policy: PolicyIdentity
    changes: tuple[Change, ...] = ()
    effects: Effects = Effects()
    guards: tuple[GuardResult, ...] = ()
    notices: tuple[Notice, ...] = ()
    acknowledged: tuple[AcknowledgedDrift, ...] = ()
    """Left as it is for now."""
    rules: tuple[RuleChange, ...] = ()
    """What the change makes of the rules; they count from the next change on where they are looser."""
    judged_by: JudgedBy | None = None
    digest: str = ""
    seal: str = ""
    """Of everything else in a saved plan, so that an edit of what is no change (a guard, say) is noticed too."""

    @property
    def is_empty(self) -> bool:
        return not self.changes

    @property
    def left_alone(self) -> tuple[Notice, ...]:
        """What keeps the account from being as the policy says, and is not the plan's to change."""
        return tuple(notice for notice in self.notices if notice.severity == "error")

    @property
    def later(self) -> tuple[Notice, ...]:
        """What another apply has to write, the earliest first."""
        return tuple(notice for notice in self.notices if notice.due)

    @property
    def refused(self) -> tuple[GuardResult, ...]:
        return tuple(guard for guard in self.guards if guard.waived is None)


def sealed(plan: Plan) -> Plan:
    return plan.model_copy(update={"seal": seal_of(plan)})


def seal_of(plan: Plan) -> str:
    body = plan.model_dump(mode="json", by_alias=True, exclude={"seal"})
    return hashlib.sha256(canonical_json(body).encode()).hexdigest()


def canonical_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def plan_digest(plan: Plan) -> str:
    """Of changes, fingerprints, account, policy digest and changed rules; not of effects and not of the time."""
    body: dict[str, Any] = {
        "format": plan.format,
        "account": plan.account,
        "policy": plan.policy.digest,
        "changes": [change.model_dump(mode="json", by_alias=True) for change in plan.changes],
    }
    if plan.rules:
        body["rules"] = [rule.model_dump(mode="json") for rule in plan.rules]
    return hashlib.sha256(canonical_json(body).encode()).hexdigest()
