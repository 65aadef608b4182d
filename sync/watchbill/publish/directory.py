"""The runbook's contacts: rotations, leadership, experts, vendors."""

from __future__ import annotations

from collections.abc import Iterator

from watchbill.model.people import Role
from watchbill.model.policy import Policy
from watchbill.model.rotations import Rotation
from watchbill.model.settings import ALWAYS
from watchbill.publish.blocks import Block, Code, Heading, Part, paragraph, table
from watchbill.publish.names import Names, phone, word
from watchbill.publish.phrases import handoff, named_hours, schedule


def contact_directory(policy: Policy, names: Names) -> Iterator[Block]:
    if not (policy.rotations or policy.roles or policy.experts or policy.vendors):
        return
    yield Heading(2, "Contact Directory")
    if policy.rotations:
        yield from rotations(policy, names)
    if policy.roles:
        yield Heading(3, "Leadership Contacts")
        yield table(
            ("Role", "Name", "PagerDuty", "Slack", "Phone"),
            (_role_row(policy, handle, role, names) for handle, role in policy.roles.items()),
        )
    if policy.experts:
        yield Heading(3, "Domain Experts")
        yield table(
            ("Domain", "Primary", "Backup", "Slack Channel"),
            (
                (e.title, names.person(e.primary), names.person(e.backup), f"#{e.channel}")
                for e in policy.experts.values()
            ),
        )
    if policy.vendors:
        yield Heading(3, "External Contacts")
        yield table(
            ("Vendor", "Support Portal", "Priority Line", "Account Manager"),
            (
                (v.title, word(v.portal), phone(v.priority_line), word(v.account_manager))
                for v in policy.vendors.values()
            ),
        )


def rotations(policy: Policy, names: Names) -> Iterator[Block]:
    yield Heading(3, "On-Call Rotations")
    yield table(
        ("Rotation", "PagerDuty Service", "Schedule", "Handoff", "Crew", "Otherwise"),
        (_rotation_row(policy, handle, names) for handle in policy.rotations),
    )
    for name in policy.settings.hours:
        zones = sorted(
            {
                policy.zone_of(handle)
                for handle, spec in policy.rotations.items()
                if name in (spec.hours or ())
            }
        )
        if zones and name != ALWAYS:
            where = f"{zones[0]} time" if len(zones) == 1 else "by the clock of each rotation"
            yield paragraph(f"{name.capitalize()} hours: {named_hours(policy, name)}, {where}.")


def _rotation_row(policy: Policy, handle: str, names: Names) -> tuple[str | Part, ...]:
    spec = policy.rotations[handle]
    if spec.covered_by is not None:
        until = f" until {spec.until}" if spec.until else ""
        return spec.title, "-", f"Covered by {names.title(spec.covered_by)}{until}", "-", "-", "-"
    crew = ", ".join(names.member(member) for member in _crew(spec))
    if spec.same_crew is not None:
        crew = f"as {names.title(spec.same_crew.as_)}, {spec.same_crew.turns_later} turns later"
    rest = names.title(spec.otherwise) if spec.otherwise else "-"
    where = policy.zone_of(handle)
    abroad = f" ({where} time)" if where != policy.settings.time_zone else ""
    return spec.title, Code(spec.vendor_name), schedule(spec) + abroad, handoff(spec), crew or "-", rest


def _crew(spec: Rotation) -> tuple[str, ...]:
    """The last of dated crews: what is to come; each person once."""
    order = spec.crews[-1].order if spec.crews else spec.members
    return tuple(dict.fromkeys(order))


def _role_row(policy: Policy, handle: str, role: Role, names: Names) -> tuple[str, ...]:
    person = policy.people.get(role.held_by)
    chat = f"@{person.slack}" if person and person.slack else "-"
    if role.notify is not None and role.notify.slack:
        chat = f"#{role.notify.slack}"
    number = phone(person.phone) if person else "-"
    paged = f"@{names.pagerduty(handle)}" if role.holder else "-"
    return role.title, names.person(handle), paged, chat, number
