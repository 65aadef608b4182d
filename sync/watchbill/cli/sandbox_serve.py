"""watchbill sandbox serve: the local PagerDuty over HTTP, until Ctrl-C"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchbill.cli.options import Globals, global_options

if TYPE_CHECKING:
    from watchbill.sandbox.store import Store


@click.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one (default).")
@click.option("--load", "load_file", type=click.Path(path_type=Path), help="An account file to start with.")
@click.option(
    "--clock", metavar="ISO", help="Time stands still here until it is moved; without it, real time."
)
@click.option("--state", type=click.Path(path_type=Path), help="SQLite file that keeps the account.")
@click.option(
    "--save", "save_file", type=click.Path(path_type=Path), help="Write the account here at the end."
)
@click.option(
    "--tls",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Also listen on https; the certificates are in DIR, made there if need be.",
)
@click.option(
    "--fault", "faults", metavar="FAULT", multiple=True, help="Something that goes wrong; may be repeated."
)
@click.option(
    "--latency-ms", type=click.IntRange(0, 60_000), default=0, help="Every answer takes this much longer."
)
@click.option(
    "--rate-limit",
    type=click.IntRange(0),
    default=960,
    help="Requests a minute and token; 0 is without limit (default: 960).",
)
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    port: int,
    load_file: Path | None,
    clock: str | None,
    state: Path | None,
    save_file: Path | None,
    tls: Path | None,
    faults: tuple[str, ...],
    latency_ms: int,
    rate_limit: int,
) -> None:
    """Serve until Ctrl-C.  Prints the address and a token.

    \b
    Example:  watchbill sandbox save estate.json
              watchbill sandbox serve --port 4200 --load estate.json
              watchbill sandbox serve --tls certificates        # for clients that insist on https
              watchbill sandbox serve --fault 429:0.1 --fault 500:0.05,path=/oncalls --latency-ms 200
              watchbill sandbox serve --fault drop-response:after=3    # the fourth write happens, unanswered

    A fault is KIND[:SHARE][,after=N][,times=N][,method=M][,path=REGEX][,seconds=S]; the kinds are 429,
    429-bare, 500 to 599, drop-response, slow-body, truncated-body and latency.
    """
    from watchbill.sandbox.faults import parse_fault
    from watchbill.sandbox.files import read_account_file, write_account_file
    from watchbill.sandbox.load import save_account
    from watchbill.sandbox.options import SandboxOptions
    from watchbill.sandbox.server import serve

    options = Globals.of(ctx)
    secure: dict[str, str] = {}

    def tls_ready(url: str, ca_file: Path) -> None:
        secure.update(tls_url=url, ca_file=str(ca_file))

    def ended(store: Store) -> None:
        if save_file is not None:
            write_account_file(save_file, save_account(store))
            options.say(f"wrote {save_file}")

    serve(
        port=port,
        state=state,
        clock=clock,
        load=None if load_file is None else read_account_file(load_file),
        options=SandboxOptions(
            faults=tuple(parse_fault(text) for text in faults), latency_ms=latency_ms, rate_limit=rate_limit
        ),
        tls=tls,
        ready=lambda url, token: _announce(options, url, token, secure),
        tls_ready=tls_ready,
        ended=ended,
    )


def _announce(options: Globals, url: str, token: str, secure: Mapping[str, str]) -> None:
    """`secure`: `tls_url` and `ca_file`, where there is TLS."""
    if options.as_json:
        click.echo(json.dumps({"url": url, "token": token, **secure}))
        return
    click.echo(f"export PAGERDUTY_URL={url} PAGERDUTY_TOKEN={token}")
    if secure:
        click.echo(
            f"# or PAGERDUTY_URL={secure['tls_url']}, with SSL_CERT_FILE={secure['ca_file']} "
            f"(Node: NODE_EXTRA_CA_CERTS)"
        )
    options.say("serving; Ctrl-C stops it")
