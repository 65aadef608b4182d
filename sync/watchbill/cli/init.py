"""watchbill init"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.cli.init_install import Bundle
    from watchbill.report.github_answer import InitAnswer

_SECRETS = """\
secrets to set on GitHub:
  PAGERDUTY_READ_TOKEN    repository: a read-only key of the account, for plans and drift
  PAGERDUTY_WRITE_TOKEN   environment `pagerduty`, for the branch main only: a key that may write
  WATCHBILL_GITHUB_TOKEN  optional: an App's or a person's token, so that pull requests which
                          the workflows open are checked like any other
settings of the repository: README.md has each as a line for gh and as clicks;
`watchbill doctor --github` shows what is missing"""


@click.command("init")
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--organization", default="", help="Whose policy it is (default: the folder's name).")
@click.option("--time-zone", default="Etc/UTC", show_default=True, help="Where nothing nearer says another.")
@click.option("--owner", "owners", multiple=True, metavar="@LOGIN", help="May approve; for CODEOWNERS.")
@click.option(
    "--install",
    default="",
    metavar="WHAT",
    help="What pip installs in CI, without hashes (default: this watchbill and all it needs, with hashes).",
)
@click.option("--lock", is_flag=True, help="Only write the lock file anew, with this watchbill's wheel.")
@click.option(
    "--try/--no-try",
    "wanted_try",
    default=None,
    help="Run CI's steps in a fresh environment at the end (default: yes, without --install).",
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
    lock: bool,
    wanted_try: bool | None,
    from_account: bool,
    account: str,
) -> None:
    """A new policy repository: workflows, CODEOWNERS, an example policy, editor and hook set-up.

    What is there already stays as it is.  CI installs the very watchbill that runs this: its
    wheel and a lock file with the hashes of all packages go into the repository.  Exit code 14:
    pip found no package index, or not what is needed; then nothing is written.

    \b
    Example:  watchbill init --owner @ana --owner @ben --time-zone Europe/Bucharest
              watchbill init oncall --from-account --owner @ana
              watchbill init --lock
    """
    from watchbill.cli import init_install
    from watchbill.forge.starter_files import LOCK, Wish, starter_files
    from watchbill.report.github_answer import InitAnswer
    from watchbill.schema import generate
    from watchbill.schema.published import as_text

    options = Globals.of(ctx)
    if lock and (install or from_account):
        raise UsageError("--lock writes the lock file only", remedy="give it alone")
    _known_zone(time_zone)
    policies = folder / "policies"
    has_policy = policies.is_dir() and any(policies.rglob("*.y*ml"))
    wish = Wish(
        organization=organization or folder.resolve().name.replace("-", " ").title() or "Example",
        time_zone=time_zone,
        install=install or LOCK,
        owners=owners,
        with_policy=not from_account and not has_policy,
    )
    texts = starter_files(wish) | {f"schema/{name}": as_text(schema) for name, schema in generate().items()}
    files = {} if lock else {folder / name: text.encode() for name, text in texts.items()}
    _stop_if_in_the_way([*files, policies / "x", folder / LOCK], folder)
    kept_lock = not lock and not install and (folder / LOCK).exists()
    wants_lock, wants_try = not install and not kept_lock, not install if wanted_try is None else wanted_try
    with init_install.python_for(options, wanted=wants_lock or wants_try) as fresh:
        bundle = init_install.made_bundle(fresh, folder, options) if fresh and wants_lock else None
        if from_account:
            from watchbill.cli.import_account import command as import_command

            ctx.invoke(import_command, out=policies, account=account)
        new = {path: data for path, data in files.items() if not path.exists() and not path.is_symlink()}
        new |= {folder / name: data for name, data in bundle.files.items()} if bundle else {}
        _write(folder, new, bundle)
        answer = InitAnswer(
            folder=str(folder),
            written=tuple(map(str, sorted(new))),
            kept=tuple(map(str, sorted(set(files) - set(new) | ({folder / LOCK} if kept_lock else set())))),
            git=not lock and _git_init(folder),
            install=wish.install,
            locked=bundle.packages if bundle else 0,
            tried=init_install.tried(fresh, folder, wish.install, options, with_plan=not from_account)
            if fresh and wants_try and (bundle is None or bundle.fits_here)
            else (),
        )
    text = answer.model_dump_json(indent=2) if options.as_json else ""
    click.echo(text or _text(answer, owners=bool(owners), example=wish.with_policy, only_lock=lock))
    ctx.exit(init_install.exit_code(answer.tried))


def _write(folder: Path, files: Mapping[Path, bytes], bundle: Bundle | None) -> None:
    """The lock file last: it never names a wheel that is not there."""
    from watchbill.cli.init_install import remove_old_wheels
    from watchbill.config.edit_write import write_bytes

    for path in sorted(files, key=lambda path: path.suffix == ".lock"):
        write_bytes(path, files[path])
    if bundle is not None:
        remove_old_wheels(folder, bundle)


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


def _text(answer: InitAnswer, *, owners: bool, example: bool, only_lock: bool) -> str:
    own = ", a git repository of its own" if answer.git else ""
    lines = [f"{len(answer.written)} files written to {answer.folder}{own}"]
    if answer.kept:
        more = f" and {len(answer.kept) - 3} more" if len(answer.kept) > 3 else ""
        lines.append(f"{len(answer.kept)} stay as they are: {', '.join(answer.kept[:3])}{more}")
    lines += _installed(answer)
    if only_lock:
        return "\n".join(lines)
    lines += ["", _SECRETS, ""]
    if not owners:
        lines.append("approvers: name them in .github/CODEOWNERS, or nothing will be applied")
    where = "" if answer.folder == "." else f"cd {answer.folder} && "
    then = " && watchbill apply --sandbox" if example else ""  # another policy may be pinned to its account
    return "\n".join([*lines, f"next: {where}watchbill check && watchbill plan{then}"])


def _installed(answer: InitAnswer) -> list[str]:
    lines = [f"CI installs {answer.install}"]
    if answer.locked:
        lines[0] += f": {answer.locked} packages, each with its hashes"
    lines += [f"  {'failed' if step.code else 'works'}: {step.command}" for step in answer.tried]
    if not answer.tried:
        lines.append("  not tried in a fresh environment")
    return lines
