"""A drift issue: who changed what, when and how; what it means for people; the two ways out."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.model.policy import Policy
from watchbill.plan.document import AcknowledgedDrift, Change, FieldChange, Notice
from watchbill.plan.drift import Attribution, Drift, Unadoptable
from watchbill.plan.paging import cells_of
from watchbill.report.affected import APPLY, paging_words
from watchbill.report.plan_markdown import escape
from watchbill.report.safe import plain
from watchbill.report.shown import KIND, takeovers
from watchbill.report.times import full
from watchbill.rota.clock import parse_instant, zone

_MOST_FIELDS = 40


def drift_title(change: Change) -> str:
    return f"Drift: {KIND[change.kind]} {plain(change.name)}"[:200]


def drift_body(drift: Drift, change: Change, policy: Policy) -> str:
    edits = [edit for edit in drift.attributions if edit.key == change.key]
    what, where = f"{KIND[change.kind]} **{escape(change.name)}**", escape(drift.account)
    parts = [
        f"The {what} was edited behind the policy's back, in the account {where}.",
        "\n".join(["**Who, when, how**", "", *(_edit(edit, policy) for edit in edits)]) if edits else "",
        "\n".join(["**The account now → the policy**", "", *_fields(change.fields)]),
        _people(drift, change, policy),
        _ways_out(drift, change),
        _footer(drift),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def notice_body(notice: Notice, drift: Drift) -> str:
    hint = f"{escape(notice.hint)}\n\n" if notice.hint else ""
    return f"{escape(notice.message)}\n\n{hint}{_leave_it(notice.drift_id)}{_footer(drift)}\n"


def gone_comment(at: str) -> str:
    return f"The account is as the policy says again (looked at {at}).\n"


def known_comment(known: AcknowledgedDrift) -> str:
    """Left as it is by `settings.acknowledged`."""
    return f"Acknowledged until {escape(known.expires)}: {escape(known.reason)}\n"


def _footer(drift: Drift) -> str:
    return f"<sub>looked at {drift.at}; this issue is kept up to date and closes by itself</sub>"


def _edit(edit: Attribution, policy: Policy) -> str:
    where = zone(policy.settings.time_zone)
    when = full(parse_instant(edit.when), where) if edit.when else "at an unknown time"
    told = [f"  - {_field(field)}" for field in edit.fields[:_MOST_FIELDS]]
    return "\n".join([f"- **{escape(edit.who)}**, {when} ({where.name}), by {escape(edit.how)}", *told])


def _fields(fields: Sequence[FieldChange]) -> list[str]:
    lines = [f"- {_field(field)}" for field in fields[:_MOST_FIELDS]]
    if len(fields) > _MOST_FIELDS:
        lines.append(f"- *and {len(fields) - _MOST_FIELDS} more*")
    return lines


def _field(field: FieldChange) -> str:
    """In words; of a value that PagerDuty gives as JSON only the name is shown."""
    sides = (field.before, field.after)
    path = escape(field.path)
    if any(isinstance(side, (dict, list)) or str(side).startswith(("{", "[")) for side in sides):
        return f"{path}: changed"
    before, after = (escape(side)[:2_000] if side not in (None, "") else "" for side in sides)
    if not before:
        return f"{path}: {after}, added"
    return f"{path}: {before} → {after}" if after else f"{path}: {before}, removed"


def _people(drift: Drift, change: Change, policy: Policy) -> str:
    rotation = change.key.removeprefix("rotation/")
    effects = drift.effects.model_copy(
        update={"shifts": tuple(s for s in drift.effects.shifts if s.rotation == rotation)}
    )
    places = {cell.place for cell in cells_of(policy, change.key.partition("/")[2], change.name)}
    lines = [line for _, rows in takeovers(effects, policy) for line in rows]
    about = {"escalation_policy": places, "service": {change.name}}.get(change.kind, set())
    paging = [effect for effect in drift.effects.paging if about & set(effect.places)]
    lines += [paging_words(effect, policy, APPLY) for effect in paging]
    if not lines:
        return ""
    told = [f"- {escape(line)}" for line in lines[:_MOST_FIELDS]]
    return "\n".join(["**Putting the policy back means**", "", *told])


def _leave_it(drift_id: str) -> str:
    if not drift_id:
        return ""
    known = f"acknowledged: [{{drift: {drift_id}, reason: why, expires: 2027-01-31}}]"
    return f"Or leave it for a while, known: `{known}` in the settings.\n\n"


def _ways_out(drift: Drift, change: Change) -> str:
    stuck = next((one for one in drift.unadoptable if one.key == change.key), None)
    by_hand = "By hand: `watchbill plan`, then `watchbill apply`"
    if stuck is None:
        by_hand += f"; or `watchbill adopt {plain(change.key)}`"
    return (
        "**Two ways out**, each for somebody with write access:\n\n"
        "1. Put the policy back: comment `/watchbill apply` here. The answer shows exactly what would be written "
        "and how a code owner says yes to it.\n"
        f"2. Keep the edit: {_keep(stuck)}\n\n"
        f"{_leave_it(change.drift_id)}{by_hand}."
    )


def _keep(stuck: Unadoptable | None) -> str:
    if stuck is None:
        return (
            "comment `/watchbill adopt` here. It opens a pull request that writes the edit into the "
            "YAML, comments kept; merging it makes the plan empty."
        )
    instead = f" Instead: {escape(stuck.nearest)}." if stuck.nearest else ""
    return f"`adopt` cannot write it, so change the YAML by hand: {escape(stuck.reason)}.{instead}"
