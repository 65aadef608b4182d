"""watchbill render, and the same as `watchbill sandbox render`"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from watchbill.cli.options import FROM, Globals, global_options
from watchbill.errors import UsageError
from watchbill.local_files import json_of, read_named


@click.command("render")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@click.option(*FROM, required=True, metavar="ISO")
@click.option("--until", required=True, metavar="ISO")
@click.option("--layer", metavar="NAME", help="This layer alone, without the others and without overrides.")
@click.option("--overflow", is_flag=True, help="Entries that stick out of the window are returned whole.")
@global_options
@click.pass_context
def command(
    ctx: click.Context, file: Path, since: str, until: str, layer: str | None, overflow: bool
) -> None:
    """The shifts of a PagerDuty schedule object, of either kind.

    \b
    Example:  watchbill render docs/examples/schedule.json \\
                --since 2026-11-23T00:00Z --until 2026-12-07T00:00Z
    """
    from watchbill.report.times import full
    from watchbill.rota.clock import parse_instant, zone
    from watchbill.rota.render import render_document

    options = Globals.of(ctx)
    document = _read(file)
    window = []
    for name, text in (("--since", since), ("--until", until)):
        try:
            window.append(parse_instant(text))
        except ValueError:
            raise UsageError(
                f"{name} {text!r} is no ISO time with an offset", remedy="write 2026-11-23T00:00:00Z"
            ) from None
    result = render_document(document, since=window[0], until=window[1], layer=layer, overflow=overflow)
    if options.as_json:
        click.echo(json.dumps(result, indent=2, ensure_ascii=False))
        return
    body = document.get("schedule", document)
    where = zone(str(body.get("time_zone") or "UTC"))
    for entry in result["entries"]:
        start, end = parse_instant(entry["start"]), parse_instant(entry["end"])
        source = f"  {entry['source']}" if entry.get("source") else ""
        click.echo(f"{full(start, where)}  {full(end, where)}  {entry['user'] or 'NOBODY'}{source}")
    click.echo(
        f"{result['coverage_percent']} % covered, {full(window[0], where)} to {full(window[1], where)} ({where.name})"
    )


def _read(file: Path) -> dict[str, Any]:
    remedy = "give one schedule as the API returns it"
    try:
        document = json_of(read_named(file))
    except OSError as bad:
        raise UsageError(f"{file} cannot be read: {bad.strerror}", remedy=remedy) from None
    except ValueError as bad:
        raise UsageError(f"{file} is not JSON: {bad}", remedy=remedy) from None
    if not isinstance(document, dict):
        raise UsageError(
            f"{file} holds no schedule object", remedy="give one object, bare or as {'schedule': ...}"
        )
    return document
