"""watchbill init"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchbill import __version__
from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.report.github_answer import InitAnswer

_SECRETS = """\
secrets to set on GitHub:
  PAGERDUTY_READ_TOKEN    repository: a read-only key of the account, for plans and drift
  PAGERDUTY_WRITE_TOKEN   environment `pagerduty`, for the branch main only: a key that may write
  WATCHBILL_GITHUB_TOKEN  optional: an App's or a person's token, so that pull requests which
                          the workflows open are checked like any other"""


@click.command("init")
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--organization", default="", help="Whose policy it is (default: the folder's name).")
@click.option("--time-zone", default="Etc/UTC", show_default=True, help="Where nothing nearer says another.")
@click.option("--owner", "owners", multiple=True, metavar="@LOGIN", help="May approve; for CODEOWNERS.")
@click.option(
    "--install", default=f"watchbill=={__version__}", show_default=True, help="What pip installs in CI."
)
@click.option(
    "--from-account", is_flag=True, help="The policy of an existing account instead of the example."
)
@click.option("--account", default="", metavar="NAME", help="Which one, as `import` takes it.")
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path,
    organization: str,
    time_zone: str,
    owners: tuple[str, ...],
    install: str,
    from_account: bool,
    account: str,
) -> None:
    """A new policy repository: workflows, CODEOWNERS, an example policy, editor and hook set-up.

    What is there already stays as it is.

    \b
    Example:  watchbill init --owner @ana --owner @ben --time-zone Europe/Bucharest
              watchbill init oncall --from-account --owner @ana
    """
    from watchbill.config.edit_write import write_text
    from watchbill.forge.starter_files import Wish, starter_files
    from watchbill.report.github_answer import InitAnswer
    from watchbill.schema import generate
    from watchbill.schema.published import as_text

    options = Globals.of(ctx)
    _known_zone(time_zone)
    policies = folder / "policies"
    has_policy = policies.is_dir() and any(policies.rglob("*.y*ml"))
    wish = Wish(
        organization=organization or folder.resolve().name.replace("-", " ").title() or "Example",
        time_zone=time_zone,
        install=install,
        owners=owners,
        with_policy=not from_account and not has_policy,
    )
    files = {folder / name: text for name, text in starter_files(wish).items()}
    files |= {folder / "schema" / name: as_text(schema) for name, schema in generate().items()}
    _stop_if_in_the_way([*files, policies / "x"], folder)
    if from_account:
        from watchbill.cli.import_account import command as import_command

        ctx.invoke(import_command, out=policies, account=account)
    new = {path: text for path, text in files.items() if not path.exists() and not path.is_symlink()}
    for path, text in new.items():
        write_text(path, text)
    answer = InitAnswer(
        folder=str(folder),
        written=tuple(map(str, sorted(new))),
        kept=tuple(map(str, sorted(set(files) - set(new)))),
        git=_git_init(folder),
    )
    text = answer.model_dump_json(indent=2) if options.as_json else ""
    click.echo(text or _text(answer, owners=bool(owners), imported=from_account))


def _known_zone(name: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"{name!r} is no time zone", remedy="write it like Europe/Bucharest") from None


def _git_init(folder: Path) -> bool:
    """Whether a repository was made: not inside one, and not without git."""
    try:
        return not _git(folder, "rev-parse", "--git-dir") and _git(folder, "init", "--initial-branch=main")
    except OSError:
        return False


def _git(folder: Path, *words: str) -> bool:
    done = subprocess.run(  # noqa: S603  no shell, and no words of others
        ["git", "-C", str(folder), *words],  # noqa: S607  git as the user has it
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def _stop_if_in_the_way(files: list[Path], folder: Path) -> None:
    """Raises UsageError before anything is written, where a file stands at a folder's place."""
    for path in files:
        for above in (folder, *(p for p in path.parents if p.is_relative_to(folder))):
            if (above.exists() or above.is_symlink()) and not above.is_dir():
                raise UsageError(
                    f"{above} is no folder; nothing was written", remedy="move it out of the way"
                )


def _text(answer: InitAnswer, *, owners: bool, imported: bool) -> str:
    own = ", a git repository of its own" if answer.git else ""
    lines = [f"{len(answer.written)} files written to {answer.folder}{own}"]
    if answer.kept:
        more = f" and {len(answer.kept) - 3} more" if len(answer.kept) > 3 else ""
        lines.append(f"{len(answer.kept)} stay as they are: {', '.join(answer.kept[:3])}{more}")
    lines += ["", _SECRETS, ""]
    if not owners:
        lines.append("approvers: name them in .github/CODEOWNERS, or nothing will be applied")
    where = "" if answer.folder == "." else f"cd {answer.folder} && "
    then = "" if imported else " && watchbill apply --sandbox"  # what was imported is pinned to its account
    return "\n".join([*lines, f"next: {where}watchbill check && watchbill plan{then}"])
