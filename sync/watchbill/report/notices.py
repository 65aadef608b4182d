"""The messages "your shift moves", to be sent by whoever likes: as text, and as `watchbill.notices/1`."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence
from typing import Literal

from watchbill.apply.outcome import Outcome
from watchbill.ladder.resolve import resolve
from watchbill.model.base import Model
from watchbill.model.policy import Policy
from watchbill.plan.document import Plan, PolicyIdentity
from watchbill.plan.oncall_notices import Move, Stretch, moves_of, reasons, rotation_of
from watchbill.plan.words import local, span
from watchbill.report.affected import paged_you
from watchbill.report.paint import Paint
from watchbill.report.plan_markdown import escape
from watchbill.report.safe import plain
from watchbill.rota.clock import Instant, iso, parse_instant
from watchbill.rota.spans import Span

MOST_LINES = 6
"""Of one person in the text; the document has them all."""


class NoticeSpan(Model):
    start: str
    """ISO, UTC."""
    end: str
    shifts: int
    """On so many days in a row."""


class NoticeMessage(Model):
    kind: Literal["gained", "lost", "moved", "paged"]
    rotation: str
    """Or the role or person that a ladder pages."""
    title: str
    before: NoticeSpan | None
    """None for a shift gained."""
    after: NoticeSpan | None
    """None for a shift lost."""
    others: tuple[str, ...] = ()
    """Who takes a shift that is lost, or had one that is gained."""
    why: str
    text: str
    """In the person's own zone, ready to send."""


class PersonNotice(Model):
    person: str
    """Handle; the account's user name where the policy has no such person."""
    name: str
    slack: str | None
    time_zone: str
    messages: tuple[NoticeMessage, ...]


class OncallNotices(Model):
    """Who has to be told, and what; nothing here was sent."""

    format: Literal["watchbill.notices/1"] = "watchbill.notices/1"
    account: str
    at: str
    """ISO, UTC: when the account was read."""
    until: str
    """How far ahead was looked."""
    policy: PolicyIdentity
    plan: str
    """Digest of the plan that moves the shifts."""
    applied: bool
    """False: it is only planned."""
    people: tuple[PersonNotice, ...] = ()


def notices_of(
    plan: Plan, policy: Policy, *, applied: bool = False, rotations: Collection[str] | None = None
) -> OncallNotices:
    """`rotations`: those of which everything was done; None = all."""
    whys = reasons(plan)
    paged = _paged(plan, policy)
    moves = moves_of(plan, rotations)
    commit = f" (commit {plan.policy.commit[:9]})" if plan.policy.commit else ""
    return OncallNotices(
        account=plan.account,
        at=plan.at,
        until=plan.effects.until,
        policy=plan.policy,
        plan=plan.digest,
        applied=applied,
        people=tuple(
            _person(
                person,
                moves.get(person, ()),
                paged.get(person, ()),
                policy,
                {r: f"{why}{commit}" for r, why in whys.items()},
                plan.at,
            )
            for person in sorted({*moves, *paged})
        ),
    )


def applied_notices(plan: Plan, policy: Policy, outcome: Outcome) -> OncallNotices:
    """Of rotations of which everything was done; of ladders if all were written."""
    done = {step.ref for step in outcome.steps if step.is_done}
    if any(c.kind == "escalation_policy" and c.ref not in done for c in plan.changes):
        effects = plan.effects.model_copy(update={"paging": ()})
        plan = plan.model_copy(update={"effects": effects})
    on_duty = [change for change in plan.changes if change.kind in ("schedule", "override")]
    left = {rotation_of(change) for change in on_duty if change.ref not in done}
    return notices_of(plan, policy, applied=True, rotations={rotation_of(c) for c in on_duty} - left)


def notices_markdown(notices: OncallNotices) -> str:
    """Empty where there is no message."""
    if not notices.people:
        return ""
    lines = ["**Messages to send**", ""]
    for one in notices.people:
        slack = f" (@{escape(one.slack)} in Slack)" if one.slack else ""
        lines.append(f"- {escape(one.name)}{slack}")
        lines += [f"  - {escape(message.text)}" for message in one.messages[:MOST_LINES]]
        if len(one.messages) > MOST_LINES:
            lines.append(f"  - and {len(one.messages) - MOST_LINES} more")
    return "\n".join(lines)


def _paged(plan: Plan, policy: Policy) -> dict[str, list[NoticeMessage]]:
    """By person: who holds the role or stands in the crew that is paged earlier, later, too or no longer."""
    found: dict[str, list[NoticeMessage]] = {}
    for effect in plan.effects.paging:
        for target, text in paged_you(effect, policy).items():
            message = NoticeMessage(
                kind="paged",
                rotation=target,
                title=policy.title_of(target),
                before=None,
                after=None,
                why="the policy changed",
                text=text,
            )
            for person in _behind(target, policy):
                found.setdefault(person, []).append(message)
    return found


def _behind(target: str, policy: Policy) -> tuple[str, ...]:
    paged = resolve(policy, target)
    if paged is None or paged.rotation is None:
        return (paged.person,) if paged is not None and paged.person else ()
    rotation = policy.rotations[paged.rotation]
    crews = [*(rotation.crew or ()), *(name for dated in rotation.crews or () for name in dated.order)]
    return tuple(name for name in dict.fromkeys(crews) if name in policy.people)


def notices_json(notices: OncallNotices) -> str:
    return f"{notices.model_dump_json(indent=2)}\n"


def render_notices(notices: OncallNotices, *, color: bool, width: int) -> str:
    paint = Paint(color)
    if not notices.people:
        return "Nobody's shift moves: no messages."
    state = "applied; not sent" if notices.applied else "planned; not sent"
    until = local(parse_instant(notices.until), "Etc/UTC")[:-6]
    blocks = [paint.bold(f"Messages to the people on call ({state}; shifts until {until})")]
    for one in notices.people:
        slack = f"@{plain(one.slack)} in Slack, " if one.slack else ""
        lines = [paint.bold(f"  to {plain(one.name)} ({slack}times in {plain(one.time_zone)})")]
        for message in one.messages[:MOST_LINES]:
            lines += textwrap.wrap(
                message.text, width, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False
            )
        if len(one.messages) > MOST_LINES:
            lines.append(paint.dim(f"    … and {len(one.messages) - MOST_LINES} more (--notices-json)"))
        for why in dict.fromkeys(message.why for message in one.messages):
            lines.append(paint.dim(f"    why: {why}"))
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _person(
    person: str,
    moves: Sequence[Move],
    paged: Sequence[NoticeMessage],
    policy: Policy,
    whys: dict[str, str],
    at: str,
) -> PersonNotice:
    known = policy.people.get(person)
    zone_name = (known.time_zone if known is not None else None) or policy.settings.time_zone
    now = parse_instant(at)
    return PersonNotice(
        person=person,
        name=policy.title_of(person),
        slack=known.slack if known is not None else None,
        time_zone=zone_name,
        messages=(
            *(_moved(move, policy, zone_name, now, whys) for move in moves),
            *paged,
        ),
    )


def _moved(move: Move, policy: Policy, zone_name: str, now: Instant, whys: dict[str, str]) -> NoticeMessage:
    return NoticeMessage(
        kind=move.kind,
        rotation=move.rotation,
        title=policy.title_of(move.rotation),
        before=_span(move.before),
        after=_span(move.after),
        others=() if move.kind == "moved" else _others(move),
        why=whys.get(move.rotation, "the policy changed"),
        text=_text(move, policy, zone_name, now),
    )


def _span(stretch: Stretch | None) -> NoticeSpan | None:
    if stretch is None:
        return None
    return NoticeSpan(start=iso(stretch.start), end=iso(stretch.end), shifts=len(stretch.pieces))


def _others(move: Move) -> tuple[str, ...]:
    side = move.before or move.after
    return side.others if side is not None else ()


def _text(move: Move, policy: Policy, zone_name: str, now: Instant) -> str:
    title = plain(policy.title_of(move.rotation))
    others = ", ".join(plain(policy.title_of(other)) for other in _others(move))
    old, new = (_when(side, zone_name, now) for side in (move.before, move.after))
    if move.before is None:
        return f"{title}: you are on call {new}{f', instead of {others}' if others else ''}."
    if move.after is None:
        return f"{title}: you are no longer on call {old}{f'; {others} will be' if others else ''}."
    return f"{title}: your shift is now {new}, instead of {old}."


def _when(stretch: Stretch | None, zone_name: str, now: Instant) -> str:
    """One shift by its ends; several on days in a row by the days and their clock, where it is the same each day."""
    if stretch is None:
        return ""
    if len(stretch.pieces) > 1:
        clocks = {tuple(local(mark, zone_name)[-5:] for mark in piece) for piece in stretch.pieces}
        if len(clocks) == 1:
            ((start, end),) = clocks
            days = [local(piece[0], zone_name)[:-6] for piece in (stretch.pieces[0], stretch.pieces[-1])]
            return f"{days[0]} to {days[1]}, each day {start}-{end}"
        return "; ".join(_piece(piece, zone_name) for piece in stretch.pieces)
    if stretch.start <= now:
        return f"from now until {local(stretch.end, zone_name)}"
    return _piece(stretch.pieces[0], zone_name)


def _piece(piece: Span, zone_name: str) -> str:
    return span(*piece, zone_name).replace(" to ", " until ")
