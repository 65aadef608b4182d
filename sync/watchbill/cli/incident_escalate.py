"""watchbill incident escalate"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from watchbill.cli.incident_live import as_option, live, sandbox_option
from watchbill.cli.incident_named import incident_named
from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.report.incident_json import EscalationAnswer

_FIELDS = ("impact", "tried", "why", "ask", "channel")


@click.command("escalate")
@incident_named
@click.option(
    *("--to-level", "--escalation-level", "levels"),
    type=int,
    multiple=True,
    metavar="N",
    help="A level of its ladder, above the present one.",
)
@click.option("--path", metavar="NAME", help="The next step of a path: technical, severity, security.")
@click.option("--need", metavar="NEED", help="Whoever has what is needed: decision-authority, ...")
@click.option("--impact", multiple=True, help="What is broken for whom; may be repeated.")
@click.option("--tried", multiple=True, help='What was tried: "action - result"; may be repeated.')
@click.option("--why", multiple=True, help="Why it is escalated; may be repeated.")
@click.option("--ask", multiple=True, help="What whoever comes shall do; may be repeated.")
@click.option("--channel", help="The incident's channel, inc-YYYYMMDD-description.")
@click.option("--reason", default="", metavar="HANDLE", help="A reason not to delay; stands for the rest.")
@click.option("--emergency", default="", metavar="REASON", help="Why levels are skipped.")
@click.option("--confirm", "confirmed", is_flag=True, help="The condition of the path's step holds.")
@click.option("--next-update", default="30m", metavar="LENGTH", help="When they hear again (default: 30m).")
@click.option("--print", "only_print", is_flag=True, help="Only show whom and the filled message.")
@as_option
@sandbox_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    incident: str,
    levels: tuple[int, ...],
    path: str | None,
    need: str | None,
    reason: str,
    emergency: str,
    confirmed: bool,
    next_update: str,
    only_print: bool,
    email: str | None,
    sandbox: bool,
    **said: tuple[str, ...] | str | None,
) -> None:
    """Page the next level, the next step of a path, or whoever has what you need.

    \b
    Example:  watchbill incident escalate 1 --to-level 2 \\
                --impact "logins fail" --tried "restart - no change" \\
                --why "stuck" --ask "look at the locks"
              watchbill incident escalate 1 --need more-hands \\
                --reason stuck

    A level at or below the present one is refused. The present level is where the
    ladder is; while somebody has the incident (acknowledged, snoozed, assigned
    directly), it is the highest level that was paged.
    """
    from watchbill.cli.chat_port import connected_chat
    from watchbill.cli.times import parse_minutes
    from watchbill.incident.escalate import carry_out, prepare
    from watchbill.incident.request import Request
    from watchbill.report.incident import escalated_text, prepared_text
    from watchbill.report.incident_json import escalation_answer

    if len(set(levels)) + bool(path) + bool(need) != 1:
        raise UsageError(
            "an escalation has one goal: a level, a path or a need",
            remedy="use one of --to-level N, --path NAME and --need NEED",
        )
    options = Globals.of(ctx)
    request = Request(
        level=levels[0] if levels else None,
        path=path or "",
        need=need or "",
        said={name: _lines(said[name]) for name in _FIELDS if said[name]},
        reason=reason,
        emergency=emergency,
        confirmed=confirmed,
        next_update=parse_minutes(next_update),
    )
    with live(options, writes=not only_print, sandbox=sandbox) as here:
        prepared = prepare(here.duty, here.people, here.situation(incident), request)
        if only_print:
            made = escalation_answer(prepared.targets, prepared.text)
            _show(options, made, prepared_text(prepared, here.policy, color=options.color))
            return
        done = carry_out(here.transport, here.people, here.actor(email), connected_chat(here), prepared)
        made = escalation_answer(prepared.targets, prepared.text, done.rung, done.problems)
        _show(options, made, escalated_text(done, here.policy, color=options.color))
        if done.rung.how == "nobody":
            raise UsageError(
                "nobody could be paged beside the owner: this account has no responder requests",
                remedy=f"call them: watchbill incident phone {incident}",
            )


def _show(options: Globals, made: EscalationAnswer, text: str) -> None:
    click.echo(made.model_dump_json(indent=2) if options.as_json else text)


def _lines(value: tuple[str, ...] | str | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()
