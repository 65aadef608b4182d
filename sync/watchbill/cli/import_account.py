"""watchbill import"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from watchbill.cli.options import Globals, global_options
from watchbill.errors import AccountUnauthorised, UsageError, WatchbillError

if TYPE_CHECKING:
    from watchbill.account.objects import Account
    from watchbill.adopt.tree import Imported
    from watchbill.findings import Finding
    from watchbill.pagerduty.transport import Transport
    from watchbill.report.imported import ImportAnswer


_EMBEDDED = "the embedded sandbox"


@click.command("import")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="A folder to be made."
)
@click.option("--portable", is_flag=True, help="Without ids, to be applied to another account.")
@click.option("--team", default="", metavar="NAME", help="Only what belongs to this team.")
@click.option("--name", "names", multiple=True, metavar="GLOB", help="Only objects of such a name.")
@click.option("--everyone", is_flag=True, help="Also the users whom nothing names.")
@click.option("--account", default="", metavar="NAME", help="Which one: acme, eu/acme.")
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    out: Path,
    portable: bool,
    team: str,
    names: tuple[str, ...],
    everyone: bool,
    account: str,
) -> None:
    """An existing account as a policy tree; the plan right after is empty.

    \b
    Example:  watchbill import --out imported
              watchbill import --out other --portable --name "medicalcor-*"
    """
    from watchbill.adopt.choose import Choice
    from watchbill.adopt.files import files_of
    from watchbill.adopt.tree import import_account
    from watchbill.config.edit_write import write_text
    from watchbill.report.imported import import_text

    options = Globals.of(ctx)
    _stop_if_occupied(out)
    with _source(options.policies, out, account) as (transport, name, what):
        options.say(f"reading {what} ...")
        found = _read(transport, name, options)
        swaps = _swaps(transport, found, options.now) if portable else {}
    organization = name.removeprefix("eu/").removeprefix("us/").replace("-", " ").title()
    choice = Choice(team, names, everyone)
    imported = import_account(
        found, organization=organization, now=options.now, choice=choice, portable=portable
    )
    files = files_of(imported.data, out, out.absolute().parent / "schema")
    _prove_readable(imported, files, out)
    for path, text in files.items():
        write_text(out / path, text)
    if what == _EMBEDDED:
        _copy_sandbox(options.policies, out)
    answer = _answer(imported, files, out, _findings(out, options))
    answer = answer.model_copy(update={"notes": (*answer.notes, *_not_taken(swaps, imported))})
    if options.as_json:
        click.echo(answer.model_dump_json(indent=2))
    else:
        click.echo(import_text(answer, str(out), portable=portable, width=options.width))


def _stop_if_occupied(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.rglob("*.y*ml"))):
        raise UsageError(
            f"{out} has files already; import writes a new tree", remedy="name a folder that is empty"
        )


@contextmanager
def _source(policies: Path, out: Path, account: str) -> Iterator[tuple[Transport, str, str]]:
    """The account of the environment, else the one that --account names, else the embedded sandbox of `out`
    or of `policies`.
    """
    from pydantic import SecretStr

    from watchbill.cli.account import named_by_environment, state_file
    from watchbill.cli.credentials import credential
    from watchbill.model.settings import SANDBOX
    from watchbill.pagerduty.address import base_url, is_loopback
    from watchbill.pagerduty.transport import Transport

    url, _ = named_by_environment(sandbox_named=False)
    token = credential("PAGERDUTY_TOKEN")
    if token is not None and account != SANDBOX:
        host = urlsplit(url).hostname or ""
        with Transport(base_url(account, url), token) as transport:
            name = account or (SANDBOX if is_loopback(host) else _name_of(transport, host))
            yield transport, name, f"the account at {url}" if url else f"the account {name}"
        return
    if account not in ("", SANDBOX):
        raise AccountUnauthorised(f"no token for the account {account}", remedy="set PAGERDUTY_TOKEN")
    state = next(filter(Path.exists, map(state_file, (out, policies))), None)
    if state is None:
        raise UsageError(
            "no account to import",
            remedy="set PAGERDUTY_TOKEN, and PAGERDUTY_URL where it is not api.pagerduty.com",
        )
    from watchbill.sandbox.server import Sandbox

    with Sandbox(state) as sandbox, Transport(sandbox.url, SecretStr(sandbox.token)) as transport:
        yield transport, SANDBOX, _EMBEDDED


def _copy_sandbox(policies: Path, out: Path) -> None:
    """The embedded sandbox goes by the folder: the imported policy gets one with the same account."""
    from watchbill.cli.account import state_file
    from watchbill.sandbox.store import Store

    if state_file(out).exists():
        return
    store = Store(state_file(policies))
    try:
        store.execute("VACUUM INTO ?", str(state_file(out)))
    finally:
        store.close()


def _name_of(transport: Transport, host: str) -> str:
    """The subdomain that the account's own links show."""
    users = transport.get("/users", {"limit": 1}).items("users")
    link = str(users[0].get("html_url") or "") if users else ""
    name = (urlsplit(link).hostname or "").partition(".")[0]
    if not name:
        raise UsageError("this account does not tell its name", remedy="say it: --account acme, or eu/acme")
    return f"eu/{name}" if ".eu." in f".{host}" else name


def _read(transport: Transport, name: str, options: Globals) -> Account:
    from watchbill.pagerduty.read import read_account
    from watchbill.pagerduty.rule_sets import read_routings

    now = options.now
    found = read_account(transport, name=name, now=now, since=now, until=now + 86_400)
    routings, unreadable = read_routings(transport, {s.id: s.name for s in found.services})
    return found.model_copy(update={"routings": routings, "unroutable": unreadable})


def _swaps(transport: Transport, account: Account, now: int) -> dict[str, int]:
    """Name of a schedule -> how many overrides somebody made on it for the coming year."""
    from watchbill.account.objects import ShiftSchedule
    from watchbill.pagerduty.read import read_overrides_of
    from watchbill.pagerduty.shift_read import read_shift_extras
    from watchbill.rota.clock import DAY

    names = {schedule.id: schedule.name for schedule in account.schedules}
    shifts = [schedule.id for schedule in account.schedules if isinstance(schedule, ShiftSchedule)]
    until = now + 366 * DAY
    slots = read_overrides_of(transport, names.keys() - set(shifts), now, until)
    extras = read_shift_extras(transport, shifts, now, until)
    found = {id_: len(made) for id_, made in slots.items()} | {id_: len(e[0]) for id_, e in extras.items()}
    return {names[id_]: count for id_, count in sorted(found.items()) if count}


def _not_taken(swaps: dict[str, int], imported: Imported) -> list[str]:
    """Of the rotations in the tree; an import without --portable stays in its account, overrides included."""
    from watchbill.report.safe import count, plain

    ours = {" ".join(rotation.vendor_name.split()) for rotation in imported.policy.rotations.values()}
    return [
        f"schedule {plain(name)!r}: {count(number, 'override')} to come not taken along; declare what the other "
        "account is to have too (`watchbill override add`)"
        for name, number in swaps.items()
        if " ".join(name.split()) in ours
    ]


def _prove_readable(imported: Imported, files: dict[Path, str], out: Path) -> None:
    """What was written is read again before it is written: it must be the very policy."""
    from watchbill.config.load import assemble
    from watchbill.config.yaml_reader import read_yaml

    documents = [read_yaml(text, str(out / path)) for path, text in files.items()]
    loaded = assemble(out, documents, [f for d in documents for f in d.findings])
    if loaded.policy != imported.policy:
        first = next((f.message for f in loaded.findings), "they differ")
        raise WatchbillError(f"the files would not say what was read: {first}", remedy="please report this")


def _findings(out: Path, options: Globals) -> list[Finding]:
    from watchbill.checks.registry import run_checks
    from watchbill.config.load import load_policy
    from watchbill.findings import sort_findings
    from watchbill.model.settings import SANDBOX

    loaded = load_policy(out, schema=True)
    assert loaded.policy is not None
    real = loaded.policy.settings.pagerduty.account != SANDBOX
    return sort_findings([*loaded.findings, *run_checks(loaded, account_is_real=real, now=options.now)])


_COUNTED = ("people", "teams", "roles", "rotations", "ladders", "services", "external")


def _answer(imported: Imported, files: dict[Path, str], out: Path, findings: list[Finding]) -> ImportAnswer:
    from watchbill.report.imported import ImportAnswer, LeftUnmanaged

    return ImportAnswer(
        account=imported.policy.settings.pagerduty.account,
        files=tuple(str(out / path) for path in files),
        counts={kind: len(imported.data.get(kind, {})) for kind in _COUNTED},
        left=tuple(
            LeftUnmanaged.model_validate(
                {
                    "kind": left.kind,
                    "name": left.name,
                    "id": left.id,
                    "reason": left.reason,
                    "external": left.external or None,
                    "looked_up": left.looked_up,
                }
            )
            for left in imported.left
        ),
        notes=imported.notes,
        users_left=imported.users_left,
        errors=tuple(f"{finding.rule}: {finding.message}" for finding in findings if finding.is_error),
    )
