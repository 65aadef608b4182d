"""Edits of the policy's files as one draft: tried in memory first, written only if the policy stays sound."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from watchbill.cli.options import Globals
from watchbill.errors import PolicyInvalid, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from watchbill.config.load import Loaded
    from watchbill.config.yaml_data import Data
    from watchbill.findings import Finding, Place
    from watchbill.model.policy import Policy
    from watchbill.plan.document import ShiftEffect
    from watchbill.report.change import LeftOver
    from watchbill.rota.clock import Instant


class Draft:
    """`written` stays false with --dry-run."""

    def __init__(self, options: Globals, *, dry_run: bool) -> None:
        from watchbill.cli.load import valid_policy

        self.options = options
        self.written = False
        self.dry_run = dry_run
        self.loaded: Loaded
        self.before: Policy
        self.loaded, self.before = valid_policy(options, mending=True)
        self.texts: dict[str, str] = {}
        """What changed files will hold, by shown name."""
        self.created: dict[Path, str] = {}
        self.deleted: set[str] = set()
        """Shown names of files that go."""
        self._originals: dict[str, str] = {}
        self._tried: tuple[Loaded, Policy] | None = None
        self._findings: dict[int, list[Finding]] = {}

    def edit(self, place: Place, change: Callable[[str, Place, str], str]) -> None:
        """`change`: (text, path in it, file) -> text.  `place`: as the policy was loaded."""
        home = self.loaded.locator.home(place)
        assert home is not None, place
        document, path = home
        self._tried = None
        self._originals[document.file] = document.text
        text = change(self.texts.get(document.file, document.text), path, document.file)
        self.texts[document.file] = text
        if text == document.text:
            del self.texts[document.file]

    def raw(self, place: Place) -> Data:
        """What stands there now, edits so far included; None where nothing does."""
        from watchbill.config.yaml_reader import read_yaml

        home = self.loaded.locator.home(place)
        if home is None:
            return None
        document, path = home
        data: Data = read_yaml(self.texts.get(document.file, document.text), document.file).data
        for step in path:
            data = data.get(step) if isinstance(data, dict) else None
        return data

    def save(self) -> dict[str, str]:
        return dict(self.texts)

    def restore(self, saved: dict[str, str]) -> None:
        """Takes back the edits since `save`; files that were created stay."""
        self.texts = dict(saved)
        self._tried = None

    def create(self, name: str, kind: str, value: dict[str, Data]) -> Path:
        """A new file with one item of one kind.  `name`: below the policy folder, numbered if it is taken."""
        from watchbill.config.edit_dump import dump_fragment

        return self.create_text(name, kind, dump_fragment({kind: [value]}, style="block"))

    def create_text(self, name: str, kind: str, text: str) -> Path:
        self._tried = None
        path = self.options.policies / f"{name}.yaml"
        number = 1
        while path.exists() or path in self.created:
            number += 1
            path = self.options.policies / f"{name}-{number}.yaml"
        from watchbill.cli.schema_line import schema_of

        schema = schema_of(self.options.policies, self.loaded.files, path, kind)
        head = f"# yaml-language-server: $schema={schema}\n"
        self.created[path] = f"{head}{text}\n"
        return path

    def drop(self, path: Path) -> None:
        """A file that `create` made is not to be made after all."""
        self._tried = None
        del self.created[path]

    def delete(self, file: str) -> None:
        """`file`: as it is shown."""
        from watchbill.config.files import read_files

        self._tried = None
        self._originals[file] = next(d.text for d in read_files(self.options.policies)[0] if d.file == file)
        self.deleted.add(file)

    def after(self) -> tuple[Loaded, Policy]:
        """The policy as it will be.  Raises PolicyInvalid where the edit would make errors that were not there."""
        from watchbill.config.file_text import shown
        from watchbill.config.files import read_files
        from watchbill.config.load import assemble
        from watchbill.config.yaml_reader import read_yaml
        from watchbill.findings import sort_findings

        if self._tried is not None:
            return self._tried
        documents, _ = read_files(self.options.policies)
        read = [
            read_yaml(self.texts.get(d.file, d.text), d.file) for d in documents if d.file not in self.deleted
        ]
        read += [read_yaml(text, shown(path)) for path, text in self.created.items()]
        loaded = assemble(self.options.policies, read, [f for d in read for f in d.findings])
        known = Counter(_key(f) for f in self._errors(self.loaded))
        new = []
        for finding in self._errors(loaded):
            known[_key(finding)] -= 1
            if known[_key(finding)] < 0:
                new.append(finding)
        if new or loaded.policy is None:
            message = f"the policy would have {len(new)} new error{'' if len(new) == 1 else 's'}; nothing was written"
            raise PolicyInvalid(
                message, sort_findings(new), remedy="change these too, or ask for something else"
            )
        self._tried = loaded, loaded.policy
        return self._tried

    def write(self) -> None:
        """All files or none."""
        from watchbill.config.edit_write import write_text
        from watchbill.config.files import read_files

        if self.dry_run:
            return
        now = {d.file: d.text for d in read_files(self.options.policies)[0]}
        for file in (*self.texts, *self.deleted):
            if now.get(file) != self._originals[file]:
                raise UsageError(f"{file} was changed by somebody else just now", remedy="try again")
        done: list[tuple[Path, str | None]] = []
        try:
            for file, text in self.texts.items():
                write_text(Path(file), text)
                done.append((Path(file), self._originals[file]))
            for path, text in self.created.items():
                write_text(path, text)
                done.append((path, None))
            for file in self.deleted:
                done.append((Path(file), self._originals[file]))
                Path(file).unlink()
        except BaseException:
            for path, original in done:
                if original is not None:
                    write_text(path, original)
                else:
                    path.unlink(missing_ok=True)
            raise
        self.written = bool(done)

    @property
    def will_write(self) -> bool:
        return not self.dry_run and bool(self.texts or self.created or self.deleted)

    def changes(self) -> list[tuple[str, str, str]]:
        """(file, text before, text after) of every file that `write` will change, make or delete."""
        from watchbill.config.file_text import shown

        changed = [(file, self._originals[file], text) for file, text in self.texts.items()]
        changed += [(shown(path), "", text) for path, text in self.created.items()]
        return changed + [(file, self._originals[file], "") for file in self.deleted]

    def files(self) -> list[tuple[Literal["changed", "created", "deleted"], str]]:
        """(what happens to it, file)"""
        from watchbill.config.file_text import shown

        return [
            *(("changed", file) for file in self.texts),
            *(("created", shown(path)) for path in self.created),
            *(("deleted", file) for file in sorted(self.deleted)),
        ]

    def _errors(self, loaded: Loaded) -> list[Finding]:
        return [f for f in self.findings(loaded) if f.is_error]

    def findings(self, loaded: Loaded) -> list[Finding]:
        from watchbill.checks.registry import run_checks
        from watchbill.model.settings import SANDBOX

        if loaded.policy is None:
            return loaded.findings
        if id(loaded) not in self._findings:
            real = loaded.policy.settings.pagerduty.account != SANDBOX
            checked = run_checks(loaded, account_is_real=real, now=self.options.now)
            self._findings[id(loaded)] = [*loaded.findings, *checked]
        return self._findings[id(loaded)]


def _key(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.message


def known_rotation(policy: Policy, name: str) -> str:
    """By handle, title or another name it goes by, whatever the case."""
    from watchbill.cli.who import known

    said = {
        text.casefold(): handle
        for handle, spec in policy.rotations.items()
        for text in (spec.vendor_name, spec.title, *spec.aliases)
    }
    return known(said.get(name.casefold(), name), list(policy.rotations), "rotation")


def known_person(policy: Policy, name: str, *, or_nobody: bool = False) -> str:
    """By handle or full name, whatever the case."""
    from watchbill.cli.who import known
    from watchbill.model.base import NOBODY

    said = {p.name.casefold(): handle for handle, p in policy.people.items() if not p.is_placeholder}
    names = [*policy.people, NOBODY] if or_nobody else list(policy.people)
    return known(said.get(name.casefold(), name), names, "person")


dry_run_option = click.option("--dry-run", is_flag=True, help="Show what would happen; write nothing.")


def show(
    draft: Draft,
    *,
    verb: str,
    head: str,
    at: Instant | None,
    tables: Sequence[Sequence[ShiftEffect]],
    asked: dict[str, str | None],
    notes: Sequence[str] = (),
    left: Sequence[LeftOver] = (),
) -> None:
    """Checks, words the effect, writes, and only then prints: nothing is written that could not be shown."""
    from watchbill.plan.side_by_side import effects_on
    from watchbill.report.change import Told, change_json, change_text

    options = draft.options
    _, after = draft.after()
    effects = effects_on(draft.before, after, options.now, options.now if at is None else at)
    told = Told(
        verb=verb,
        head=head,
        now=options.now,
        policy=after,
        effects=effects,
        at=at,
        tables=tables,
        notes=notes,
        left=left,
        files=draft.files(),
        written=draft.will_write,
        asked=asked,
        on_duty=_on_duty(after, asked.get("rotation"), options.now),
    )
    if options.as_json:
        text = json.dumps(change_json(told), indent=2, ensure_ascii=False)
    else:
        text = change_text(told, color=options.color, width=options.width)
    draft.write()
    click.echo(text)
    if options.as_json:
        return
    if draft.written:
        options.say("next: `git diff` shows the lines; commit them and open a pull request")


def _on_duty(policy: Policy, rotation: str | None, now: Instant) -> str:
    from watchbill.report.times import short
    from watchbill.rota.clock import zone
    from watchbill.rota.duty import Roster
    from watchbill.rota.turns import FOREVER

    if rotation is None:
        return ""
    where = zone(policy.zone_of(rotation))
    shifts = Roster(policy).around(rotation, now)
    ends = ["" if s.end >= FOREVER else f" until {short(s.end, where, now)}" for s in shifts]
    return ", ".join(
        f"{policy.title_of(s.person or 'nobody')}{end}" for s, end in zip(shifts, ends, strict=True)
    )
