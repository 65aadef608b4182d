"""watchbill doctor"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import click

from watchbill.cli.forging import base_option, repo_option
from watchbill.cli.options import Globals, global_options
from watchbill.cli.planning import sandbox_option
from watchbill.errors import AccountError, AccountUnauthorised, AccountUnreachable, PolicyInvalid, UsageError

if TYPE_CHECKING:
    from watchbill.cli.account import Opened
    from watchbill.doctor.diagnosis import Diagnosis, Line
    from watchbill.doctor.facts import Facts
    from watchbill.doctor.probing import Outcome
    from watchbill.model.policy import Policy

_POLICY = "policy"
INTERRUPTED = 130


class _Wish(NamedTuple):
    probe: bool
    yes: bool
    sandbox_named: bool


@click.command("doctor")
@click.option("--probe", is_flag=True, help="Also try out what PagerDuty's documents leave open.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before --probe writes.")
@click.option("--github", "on_github", is_flag=True, help="The settings of the repository on GitHub instead.")
@repo_option
@base_option
@sandbox_option
@global_options
@click.pass_context
def command(
    ctx: click.Context, probe: bool, yes: bool, on_github: bool, repo: str, base: str, sandbox_named: bool
) -> None:
    """What this account and token can and cannot do.  Exit code 14 when they do not fit the policy.

    Writes nothing.  With --probe it makes scratch schedules and escalation policies that page nobody, and removes
    them again; what a killed run left is removed by the next one.  With --github it reads whether the settings of
    the repository on GitHub guard the review; a setting that GITHUB_TOKEN may not read counts as a failure.

    \b
    Example:  watchbill doctor
              watchbill doctor --probe --yes
              watchbill doctor --github --repo acme/runbook
    """
    from watchbill.report.doctor import doctor_text

    options = Globals.of(ctx)
    wish = _Wish(probe, yes, sandbox_named)
    if on_github and (probe or sandbox_named):
        raise UsageError("--github asks no account", remedy="give it without --probe and --sandbox")
    diagnosis, interrupted = (
        (_diagnose_github(options, repo, base), False) if on_github else _diagnose(options, wish)
    )
    if options.as_json:
        click.echo(diagnosis.model_dump_json(indent=2))
    else:
        click.echo(doctor_text(diagnosis, color=options.color, width=options.width))
    if interrupted:
        ctx.exit(INTERRUPTED)
    failed = {line.about for line in diagnosis.lines if line.level == "fail"}
    if failed:
        ctx.exit(PolicyInvalid.exit_code if failed == {_POLICY} else AccountError.exit_code)


def _diagnose(options: Globals, wish: _Wish) -> tuple[Diagnosis, bool]:
    """Also of an account that does not answer, and of a policy that is not there or not right."""
    from watchbill.doctor.diagnosis import Diagnosis, fail
    from watchbill.doctor.probing import Outcome, scratch_lines
    from watchbill.rota.clock import iso

    policy, lines = _policy_lines(options, sandbox_named=wish.sandbox_named)
    name = policy.settings.pagerduty.account if policy is not None else ""
    url, requests, outcome = "", 0, Outcome()
    try:
        with _opened(options, policy, wish) as opened:
            options.say(f"asking {opened.what} ...")
            name, url = opened.name, opened.transport.base_url
            facts, found = _account_lines(options, policy, opened)
            lines += found
            if not wish.probe:
                lines += scratch_lines(opened.transport)
            else:
                zone = policy.settings.time_zone if policy is not None else "Etc/UTC"
                outcome = _probe(options, opened, facts, zone, yes=wish.yes)
                lines += outcome.lines
            requests = opened.transport.tally.total
    except (AccountUnauthorised, AccountUnreachable) as error:
        about = "token" if isinstance(error, AccountUnauthorised) else "address"
        lines.append(fail(about, error.message, "nothing can be planned or applied", error.remedy))
    diagnosis = Diagnosis(
        account=name,
        url=url,
        at=iso(options.now),
        fit=all(line.level != "fail" for line in lines),
        requests=requests,
        lines=tuple(lines),
        probes=outcome.probed,
    )
    return diagnosis, outcome.interrupted


def _diagnose_github(options: Globals, repo: str, base: str) -> Diagnosis:
    from watchbill.cli.forging import connected, folder_in_repository
    from watchbill.doctor.diagnosis import Diagnosis
    from watchbill.forge.settings import settings_lines
    from watchbill.forge.settings_reader import GithubReader
    from watchbill.history.git import repository
    from watchbill.rota.clock import iso

    git = repository(options.policies) if options.policies.is_dir() else None
    folder = folder_in_repository(git) if git is not None else options.policies.name
    with connected(repo) as forge:
        read = GithubReader(forge)
        lines = settings_lines(read, base, folder)
        return Diagnosis(
            account="",
            url=forge.url,
            at=iso(options.now),
            fit=all(line.level != "fail" for line in lines),
            requests=read.count,
            lines=tuple(lines),
        )


def _probe(options: Globals, opened: Opened, facts: Facts, zone: str, *, yes: bool) -> Outcome:
    from watchbill.apply.lock import one_at_a_time
    from watchbill.cli.account import state_folder
    from watchbill.cli.apply import confirmed
    from watchbill.doctor.probing import PROBES, Outcome, probe_account

    question = f"ask {len(PROBES)} questions with scratch schedules and policies in {opened.what}?"
    if not yes and not confirmed(question):
        options.say("nothing was written")
        return Outcome()
    with one_at_a_time(opened.state or state_folder(), f"doctor-{opened.name or 'account'}"):
        return probe_account(
            opened.transport,
            facts,
            options.later(),
            zone,
            lambda probed: options.say(f"{probed.about}: {probed.answer}"),
        )


def _policy_lines(options: Globals, *, sandbox_named: bool) -> tuple[Policy | None, list[Line]]:
    """None where there is no policy, or one that cannot be used."""
    from watchbill.checks.registry import run_checks
    from watchbill.cli.account import account_name
    from watchbill.config.load import load_policy
    from watchbill.doctor.diagnosis import fail, ok, warn
    from watchbill.doctor.policy_lines import offline_lines
    from watchbill.model.settings import SANDBOX

    if not options.policies.is_dir():
        remedy = "--policies names it; `watchbill import --out policies` makes one from the account"
        return None, [warn(_POLICY, f"no folder {options.policies}", "only the account is looked at", remedy)]
    loaded = load_policy(options.policies, schema=True)
    if loaded.policy is None:
        return None, [fail(_POLICY, "it cannot be read", "", "`watchbill check` says why")]
    account = account_name(loaded.policy.settings.pagerduty.account, sandbox_named=sandbox_named)
    checked = run_checks(loaded, account_is_real=account != SANDBOX, now=options.now)
    errors = sum(finding.is_error for finding in (*loaded.findings, *checked))
    if errors:
        says = f"{errors} error{'' if errors == 1 else 's'}"
        first = fail(_POLICY, says, "it cannot be planned or applied", "`watchbill check` tells each")
    else:
        first = ok(_POLICY, f"{len(loaded.files)} files, no error")
    return loaded.policy, [first, *offline_lines(loaded.policy)]


def _account_lines(options: Globals, policy: Policy | None, opened: Opened) -> tuple[Facts, list[Line]]:
    from watchbill.doctor.account_lines import account_lines
    from watchbill.doctor.policy_lines import fit_lines
    from watchbill.doctor.read import read_facts

    facts = read_facts(opened.transport, options.later)
    lines = [line for line in account_lines(facts) if line.about != "clock" or not options.now_is_given]
    if policy is not None:
        lines += fit_lines(policy, facts, sandbox=opened.is_sandbox)
    return facts, lines


@contextmanager
def _opened(options: Globals, policy: Policy | None, wish: _Wish) -> Iterator[Opened]:
    """As every verb opens it; without a policy the account that the environment names."""

    from watchbill.cli.account import Opened, named_by_environment, open_account
    from watchbill.cli.credentials import credential
    from watchbill.pagerduty.address import base_url
    from watchbill.pagerduty.transport import Transport

    if policy is not None:
        with open_account(options, policy, writes=wish.probe, sandbox_named=wish.sandbox_named) as opened:
            yield opened
        return
    url, _ = named_by_environment(sandbox_named=wish.sandbox_named)
    token = credential("PAGERDUTY_TOKEN")
    if token is None:
        raise AccountUnauthorised("no policy and no token", remedy="set PAGERDUTY_TOKEN, or --policies")
    if wish.sandbox_named and not url:
        raise UsageError("the embedded sandbox belongs to a policy folder", remedy="name one with --policies")
    with Transport(base_url("", url), token) as transport:
        yield Opened(transport, "", f"the account at {transport.base_url}")
