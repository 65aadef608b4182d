"""watchbill route"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError
from watchbill.local_files import read_named

if TYPE_CHECKING:
    from watchbill.model.policy import Policy

MOST_BYTES = 1_000_000
"""PagerDuty itself takes half a megabyte at most."""


@click.command("route")
@click.argument("file", metavar="EVENT.json", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--service", metavar="NAME", help="Which service it is sent to: handle or title.")
@click.option("--at", default="now", metavar="T", help="When it comes in.")
@click.option("--ack-after", metavar="DURATION", help="Somebody acknowledges after that long: 20m.")
@global_options
@click.pass_context
def command(ctx: click.Context, file: Path, service: str | None, at: str, ack_after: str | None) -> None:
    """Which rule takes an event, which ladder it gets, and who is paged when.

    \b
    Example:  watchbill route docs/examples/event.json --service medicalcor-database --at "2026-11-29 03:00"
              echo '{"payload": {"summary": "disk full", "severity": "critical"}}' |
                  watchbill route - --service medicalcor-api --json

    \b
    The event is what is sent to the Events API v2, or its payload alone; - reads it from
    standard input.  Without --service the event says it: "service", a component or source
    of that name.  Answers from the files alone.
    """
    from watchbill.cli.load import valid_policy
    from watchbill.cli.times import parse_minutes, parse_time
    from watchbill.ladder.route import event_of, route
    from watchbill.report.route import route_json, route_text
    from watchbill.rota.clock import zone
    from watchbill.rota.duty import Roster

    options = Globals.of(ctx)
    body = read_event(file)
    _, policy = valid_policy(options)
    handle = _service(policy, service, body)
    routed = route(
        Roster(policy),
        handle,
        event_of(body),
        moment := parse_time(at, zone(policy.settings.time_zone), options.now),
        ack_after=parse_minutes(ack_after) if ack_after else None,
    )
    if options.as_json:
        click.echo(
            json.dumps(route_json(routed, event_of(body), moment, policy), indent=2, ensure_ascii=False)
        )
    else:
        click.echo(
            route_text(routed, event_of(body), moment, policy, color=options.color, width=options.width)
        )


def read_event(file: Path) -> Mapping[str, Any]:
    """Raises UsageError for what is no event that opens an incident."""
    body, name = _json(file), _shown(file)
    if not isinstance(body, dict):
        raise UsageError(f"{name} holds no event", remedy=_EXAMPLE)
    action = body.get("event_action", "trigger")
    if action != "trigger":
        raise UsageError(
            f"{name}: event_action is {str(action)!r}; only a trigger opens an incident and is routed",
            remedy="take the event with `event_action: trigger`",
        )
    payload = body.get("payload", body)
    if not isinstance(payload, dict):
        raise UsageError(f"{name}: payload is no object", remedy=_EXAMPLE)
    severity = payload.get("severity")
    if severity is not None and not isinstance(severity, str):
        raise UsageError(f"{name}: severity is no text", remedy="critical, error, warning or info")
    return body


_EXAMPLE = (
    'an event looks like {"payload": {"summary": "disk full", "source": "db-1", "severity": "critical"}}'
)


def _shown(file: Path) -> str:
    return "standard input" if str(file) == "-" else str(file)


def _json(file: Path) -> Any:
    name = _shown(file)
    try:
        return json.loads(read_named(file, MOST_BYTES))
    except OSError as bad:
        raise UsageError(f"{name} cannot be read: {bad.strerror}", remedy="give one event") from None
    except RecursionError:
        raise UsageError(f"{name} is nested too deeply to be an event", remedy=_EXAMPLE) from None
    except json.JSONDecodeError as bad:
        raise UsageError(
            f"{name}, line {bad.lineno}, column {bad.colno}: no JSON: {bad.msg}", remedy=_EXAMPLE
        ) from None
    except ValueError as bad:
        raise UsageError(f"{name} is no JSON: {bad}", remedy=_EXAMPLE) from None


def _service(policy: Policy, named: str | None, body: Mapping[str, Any]) -> str:
    """Raises UsageError where nothing says which."""
    from watchbill.cli.who import known

    titles = {spec.title.casefold(): handle for handle, spec in policy.services.items()}
    titles |= {(s.pagerduty.name or s.title).casefold(): handle for handle, s in policy.services.items()}
    pins = {s.pagerduty.id: handle for handle, s in policy.services.items() if s.pagerduty.id}

    def handle_of(name: str) -> str:
        return pins.get(name) or titles.get(name.casefold()) or known(name, list(policy.services), "service")

    if named:
        return handle_of(named)
    said = body.get("service")
    if isinstance(said, dict):
        said = next((said[key] for key in ("id", "name", "summary") if isinstance(said.get(key), str)), None)
    if isinstance(said, str) and said:
        return handle_of(said)
    handles = {handle.casefold(): handle for handle in policy.services} | titles
    found = {handles[name.casefold()] for name in _mentions(body) if name.casefold() in handles}
    if len(found) == 1:
        return found.pop()
    what = "does not say which service it is sent to" if not found else f"names {', '.join(sorted(found))}"
    raise UsageError(f"the event {what}", remedy=f"say it with --service: {', '.join(policy.services)}")


def _mentions(body: Mapping[str, Any]) -> Iterator[str]:
    payload = body.get("payload", body)
    details = payload.get("custom_details")
    places = [
        (payload, ("component", "source")),
        (details if isinstance(details, dict) else {}, ("service",)),
    ]
    for holder, keys in places:
        yield from (holder[key] for key in keys if isinstance(holder.get(key), str))
