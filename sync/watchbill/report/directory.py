"""Directory answers: who knows a subject, how a vendor is reached.  From the files alone."""

from __future__ import annotations

from typing import Any, Literal

from watchbill.ladder.resolve import reached
from watchbill.model.base import NOT_APPLICABLE, PLACEHOLDER, WORDS, Model, SecretRef
from watchbill.model.directory import Vendor, VendorStep
from watchbill.model.policy import Policy
from watchbill.report.paint import Paint
from watchbill.report.safe import plain
from watchbill.rota.duty import Roster


class ExpertAnswer(Model):
    format: Literal["watchbill.expert/1"] = "watchbill.expert/1"
    expert: str
    title: str
    domain: str
    primary: tuple[str, ...]
    """People, handles; empty while it is not known who."""
    backup: tuple[str, ...]
    channel: str


class VendorAnswer(Model):
    format: Literal["watchbill.vendor/1"] = "watchbill.vendor/1"
    vendor: str
    title: str
    portal: str | None
    status: str | None
    priority_line: str | None
    """Name of the secret that holds the number, or a word; never the number."""
    account_manager: str | None
    severity: str | None
    means: str | None
    """What that severity is on the vendor's own scale."""
    steps: tuple[str, ...]
    include: tuple[str, ...]


def expert_answer(roster: Roster, handle: str, at: int) -> ExpertAnswer:
    expert = roster.policy.experts[handle]
    return ExpertAnswer(
        expert=handle,
        title=expert.title,
        domain=expert.domain,
        primary=_people(roster, expert.primary, at),
        backup=_people(roster, expert.backup, at),
        channel=expert.channel,
    )


def vendor_answer(policy: Policy, handle: str, severity: str | None = None) -> VendorAnswer:
    """`severity`: on the vendor's scale; steps for other ones are left out."""
    vendor = policy.vendors[handle]
    line = vendor.priority_line
    return VendorAnswer(
        vendor=handle,
        title=vendor.title,
        portal=vendor.portal,
        status=vendor.status,
        priority_line=line.secret if isinstance(line, SecretRef) else line,
        account_manager=vendor.account_manager,
        severity=severity,
        means=vendor.severities.get(severity) if severity else None,
        steps=tuple(_step(step) for step in vendor.steps if _concerns(step, severity)),
        include=vendor.include,
    )


def expert_text(answer: ExpertAnswer, policy: Policy, *, color: bool) -> str:
    paint = Paint(color)
    rows = [("ask", answer.primary), ("else", answer.backup)]
    lines = [paint.bold(f"{plain(answer.title)} ({plain(policy.domains[answer.domain].title)})")]
    for word, people in rows:
        names = ", ".join(plain(policy.title_of(person)) for person in people)
        lines.append(f"  {word:<5} {names or paint.yellow('not known yet')}")
    return "\n".join([*lines, f"  in    #{plain(answer.channel)}"])


def vendor_text(answer: VendorAnswer, policy: Policy, *, color: bool) -> str:
    paint = Paint(color)
    lines = [paint.bold(plain(answer.title))]
    if answer.severity:
        lines.append(f"  {plain(answer.severity)} there: {plain(answer.means or 'not on their scale')}")
    facts = {
        "portal": answer.portal,
        "status": answer.status,
        "priority line": _line(policy.vendors[answer.vendor], answer),
        "account manager": answer.account_manager,
    }
    lines += [f"  {name:<16} {_word(value, paint)}" for name, value in facts.items() if value is not None]
    lines += [f"  {place}. {plain(step)}" for place, step in enumerate(answer.steps, start=1)]
    if answer.include:
        lines += ["  Include:", *(f"  [ ] {plain(item)}" for item in answer.include)]
    return "\n".join(lines)


def find(named: dict[str, Any], text: str) -> str | None:
    """A handle, by handle, title or alias, whatever the case; else by a part of a title, if it is the only one."""
    wanted = text.casefold()
    for handle, spec in named.items():
        if wanted in (
            handle.casefold(),
            spec.title.casefold(),
            *(a.casefold() for a in getattr(spec, "aliases", ())),
        ):
            return handle
    near = [handle for handle, spec in named.items() if wanted in f"{handle} {spec.title}".casefold()]
    return near[0] if len(near) == 1 else None


def _people(roster: Roster, name: str, at: int) -> tuple[str, ...]:
    return () if name in WORDS else tuple(duty.person for duty in reached(roster, name, at))


def _concerns(step: str | VendorStep, severity: str | None) -> bool:
    return isinstance(step, str) or not step.only_for or severity is None or severity in step.only_for


def _step(step: str | VendorStep) -> str:
    if isinstance(step, str):
        return step
    parts = [step.when, step.do]
    told = ": ".join(part for part in parts if part)
    told = f"{told} ({step.at})" if told and step.at else told or step.at or ""
    return f"{told} [{', '.join(step.only_for)} only]" if step.only_for else told


def _line(vendor: Vendor, answer: VendorAnswer) -> str | None:
    if isinstance(vendor.priority_line, SecretRef):
        return f"in the secret {answer.priority_line}"
    return answer.priority_line


def _word(value: str, paint: Paint) -> str:
    if value == PLACEHOLDER:
        return paint.yellow("not known yet")
    return "there is none" if value == NOT_APPLICABLE else plain(value)
