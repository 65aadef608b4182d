"""watchbill check"""

from __future__ import annotations

import json
from pathlib import Path

import click

from watchbill.cli.options import Globals, global_options
from watchbill.errors import PolicyInvalid

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("check")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
)
@click.option(
    "--real", is_flag=True, help="As for a real account: placeholders and unset holders are errors."
)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option(
    "--base",
    metavar="COMMIT",
    help="Warn of running crews edited since then (default: the last commit, where files differ from it).",
)
@click.option("--summary", type=_FILE, help="Also append all findings to this file, as Markdown.")
@click.option("--sarif", "sarif_file", type=_FILE, help="Also write them to this file, as SARIF.")
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    form: str,
    real: bool,
    strict: bool,
    base: str | None,
    summary: Path | None,
    sarif_file: Path | None,
) -> None:
    """All findings of all policy files, in one run.  Exit code 3 if one is an error.

    \b
    Example:  watchbill check
              watchbill check --format github --base origin/main --summary summary.md
    """
    from watchbill.checks.registry import run_checks
    from watchbill.cli.past import version_before
    from watchbill.config.edit_write import write_text
    from watchbill.config.load import load_policy
    from watchbill.findings import sort_findings
    from watchbill.model.settings import SANDBOX
    from watchbill.report.annotations import findings_json, findings_markdown, github_annotations, sarif
    from watchbill.report.findings import render_findings

    options = Globals.of(ctx)
    loaded = load_policy(options.policies, schema=True)
    if loaded.policy is not None:
        real = real or loaded.policy.settings.pagerduty.account != SANDBOX
    before = version_before(options, base)
    checked = run_checks(loaded, account_is_real=real, now=options.now, before=before)
    findings = sort_findings([*loaded.findings, *checked])
    if summary is not None:
        with summary.open("a", encoding="utf-8") as file:
            file.write(findings_markdown(findings))
    if sarif_file is not None:
        write_text(sarif_file, sarif(findings) + "\n")
    if options.as_json or form == "json":
        click.echo(json.dumps(findings_json(findings), indent=2, ensure_ascii=False))
    elif form == "github":
        click.echo(github_annotations(findings))
    elif form == "sarif":
        click.echo(sarif(findings))
    else:
        click.echo(render_findings(findings, color=options.color, width=options.width))
    if any(f.is_error or (strict and f.severity == "warning") for f in findings):
        ctx.exit(PolicyInvalid.exit_code)
