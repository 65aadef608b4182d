"""watchbill fmt"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchbill.cli.options import Globals, global_options
from watchbill.errors import EXIT_PENDING, PolicyInvalid, WatchbillError

if TYPE_CHECKING:
    from watchbill.config.yaml_reader import Document


@click.command("fmt")
@click.option("--check", is_flag=True, help="Write nothing; exit 10 if a file would change.")
@global_options
@click.pass_context
def command(ctx: click.Context, check: bool) -> None:
    """One layout for all policy files: two columns per level, one blank between things, the schema line on top.

    Words, quotes and comments stay, and the policy means the same: that is proven before anything is written.

    \b
    Example:  watchbill fmt
              watchbill fmt --check
    """
    from watchbill.config.edit_write import write_all
    from watchbill.config.format import formatted

    options = Globals.of(ctx)
    documents = _readable(options)
    texts, left = {}, []
    for document in documents:
        text = formatted(_with_schema(options, document, documents), document.file)
        if text is None:
            left.append(document.file)
        elif text != document.text:
            texts[document.file] = text
    _prove(options, documents, texts)
    if not check:
        write_all({Path(file): text for file, text in texts.items()})
    _tell(options, documents, list(texts), left, check=check)
    if check and texts:
        ctx.exit(EXIT_PENDING)


def _readable(options: Globals) -> list[Document]:
    """Raises PolicyInvalid: half a policy is not laid out."""
    from watchbill.config.files import read_files

    documents, findings = read_files(options.policies)
    errors = [finding for finding in findings if finding.is_error]
    if errors:
        raise PolicyInvalid(
            "the policy cannot be read; nothing was written", errors, remedy="mend these first"
        )
    return documents


def _with_schema(options: Globals, document: Document, documents: list[Document]) -> str:
    """The first line tells editors the format; only for files of one kind."""
    from watchbill.cli.schema_line import schema_of
    from watchbill.model.policy import KINDS

    kinds = list(document.data) if isinstance(document.data, dict) else []
    text = document.text.removeprefix("\ufeff")
    if len(kinds) != 1 or kinds[0] not in KINDS or "yaml-language-server:" in text:
        return document.text
    schema = schema_of(options.policies, [d.file for d in documents], Path(document.file), kinds[0])
    return f"# yaml-language-server: $schema={schema}\n{text}"


def _prove(options: Globals, documents: list[Document], texts: dict[str, str]) -> None:
    """Beside the proof for each file: the whole policy, as it is loaded, is the same."""
    from watchbill.config.load import assemble
    from watchbill.config.yaml_reader import read_yaml

    after = [read_yaml(texts.get(d.file, d.text), d.file) for d in documents]
    loaded = [assemble(options.policies, of, ()) for of in (documents, after)]
    if loaded[0].policy != loaded[1].policy:
        raise WatchbillError("laid out, the policy would mean something else; nothing was written")


def _tell(
    options: Globals, documents: list[Document], changed: list[str], left: list[str], *, check: bool
) -> None:
    from watchbill.report.safe import count, plain

    if options.as_json:
        told = {"format": "watchbill.fmt/1", "files": len(documents), "changed": changed, "left": left}
        click.echo(json.dumps({**told, "written": not check and bool(changed)}, indent=2, ensure_ascii=False))
        return
    for file in changed:
        click.echo(f"  {'would change' if check else 'laid out'}: {plain(file)}")
    for file in left:
        click.echo(f"  left as it is: {plain(file)} (another layout would change what it means)")
    if not changed:
        click.echo(f"{count(len(documents), 'file')} as they should be, nothing to lay out")
    else:
        verb = "would be laid out anew; run `watchbill fmt`" if check else "laid out anew"
        click.echo(f"{len(changed)} of {count(len(documents), 'file')} {verb}")
