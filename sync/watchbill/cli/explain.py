"""watchbill explain"""

from __future__ import annotations

import json
import textwrap

import click

from watchbill.cli.options import Globals, global_options


@click.command("explain")
@click.argument("rule", required=False)
@global_options
@click.pass_context
def command(ctx: click.Context, rule: str | None) -> None:
    """What a rule means, with a bad and a good example.  Without a name: all rules.

    \b
    Example:  watchbill explain unknown-name
    """
    from watchbill.checks.registry import RULES, explain
    from watchbill.report.paint import Paint

    options = Globals.of(ctx)
    if rule is None:
        if options.as_json:
            click.echo(
                json.dumps(
                    [{"rule": r.id, "severity": r.severity, "title": r.title} for r in RULES], indent=2
                )
            )
            return
        width = max(len(r.id) for r in RULES)
        for known in RULES:
            click.echo(f"{known.id:<{width}}  {known.severity:<7}  {known.title}")
        return
    found = explain(rule)
    if options.as_json:
        parts = {"explanation": found.explanation, "bad": found.bad_example, "good": found.good_example}
        told = {"rule": found.id, "severity": found.severity, "title": found.title, **parts}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    paint = Paint(options.color)
    prose = "\n\n".join(_filled(part, options.width) for part in found.explanation.strip().split("\n\n"))
    click.echo(f"{paint.bold(found.id)} ({found.severity}): {found.title}\n\n{prose}\n")
    for word, example in (("Bad", found.bad_example), ("Good", found.good_example)):
        if example.strip():
            click.echo(f"{paint.bold(word)}\n{textwrap.indent(example, '    ')}")


def _filled(paragraph: str, width: int) -> str:
    """Prose to the terminal's width; lists and examples as they are."""
    is_prose = all(line[:1].isalnum() or line[:1] in "`'(*" for line in paragraph.splitlines())
    return textwrap.fill(paragraph, width, break_on_hyphens=False) if is_prose else paragraph
