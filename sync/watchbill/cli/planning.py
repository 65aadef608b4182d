"""From the files and an account to a plan: what `plan`, `apply` and `drift` share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchbill import __version__
from watchbill.cli.git_here import git_here
from watchbill.cli.options import Globals
from watchbill.cli.times import parse_seconds
from watchbill.errors import PolicyInvalid
from watchbill.findings import Finding, has_errors, sort_findings

if TYPE_CHECKING:
    from watchbill.account.objects import Account
    from watchbill.cli.account import Opened
    from watchbill.cli.judging import Asked
    from watchbill.config.load import Loaded
    from watchbill.history.overrides import PastOverride
    from watchbill.model.policy import Policy
    from watchbill.model.settings import Waiver
    from watchbill.pagerduty.override_read import OverridesRead
    from watchbill.plan.attribution import Trail
    from watchbill.plan.document import Plan, PolicyIdentity
    from watchbill.plan.forgotten import Forgotten
    from watchbill.plan.hand_deleted import Deletion
    from watchbill.plan.rules import Rules

_CLONE = "--to takes an earlier version from git; run it in a clone of the policy repository"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line adds to the policy, for one run."""

    waivers: tuple[Waiver, ...] = ()
    claims: frozenset[str] = frozenset()
    """Keys to take over."""
    forgets: frozenset[str] = frozenset()
    """Keys to release."""
    only_upkeep: bool = False
    since: str = ""
    """The commit whose rules judge, where the command line names it."""


def checked_policy(
    options: Globals, *, sandbox_named: bool = False, to: str = ""
) -> tuple[Loaded, Policy, list[Finding]]:
    """The policy with the findings of every check; that of the commit `to` where one is named.

    Raises PolicyInvalid if a finding is an error.
    """
    from watchbill.checks.registry import run_checks
    from watchbill.cli.account import account_name
    from watchbill.config.load import load_policy
    from watchbill.model.settings import SANDBOX

    loaded = load_policy(options.policies, schema=True) if not to else _policy_at(options, to)
    account = SANDBOX
    if loaded.policy is not None:
        account = account_name(loaded.policy.settings.pagerduty.account, sandbox_named=sandbox_named)
    checked = run_checks(loaded, account_is_real=account != SANDBOX, now=options.now)
    findings = sort_findings([*loaded.findings, *checked])
    if loaded.policy is None or has_errors(findings):
        count = sum(f.is_error for f in findings)
        raise PolicyInvalid(
            f"the policy has {count} error{'' if count == 1 else 's'}; nothing was written",
            findings,
            remedy="mend them, then run `watchbill check`",
        )
    return loaded, loaded.policy, findings


def _policy_at(options: Globals, to: str) -> Loaded:
    from watchbill.history.policy import load_valid_at

    repo = git_here(options, remedy=_CLONE)
    return load_valid_at(repo, repo.commit(to))


def commit_named(options: Globals, to: str) -> str:
    """The commit's id.  Raises UsageError where git knows no such commit, or there is no git."""
    return git_here(options, remedy=_CLONE).commit(to).id if to else ""


@dataclass(slots=True)
class Reading:
    """The account as it is now; any number of policies can be planned against it."""

    folder: Path
    opened: Opened
    account: Account
    """Its overrides are read when a plan needs them."""
    now: int
    _overrides: OverridesRead | None = None
    """None = none was asked for yet."""
    _asked: set[str] = field(default_factory=set)
    """Ids of services whose rule sets were read."""
    _incidents_read: bool = False
    _past: tuple[PastOverride, ...] | None = None
    """Overrides of earlier versions; None = not asked yet."""
    deleted: dict[str, Trail] = field(default_factory=dict)
    """Of the last plan: what somebody deleted in the account, by `ref`."""
    gone: frozenset[str] = frozenset()
    """Of the last plan: refs of what somebody deleted, where one of them is acknowledged."""
    _rules: tuple[Asked, Policy, Rules] | None = None
    deletions: tuple[list[Deletion], str] | None = None
    """What the trail tells of deletes; None = not asked yet."""

    @classmethod
    def of(cls, options: Globals, policy: Policy, opened: Opened, now: int) -> Reading:
        from watchbill.model.settings import SANDBOX
        from watchbill.pagerduty.read import read_account

        until = _horizon(policy, now)
        account = read_account(
            opened.transport,
            name=opened.name,
            now=now,
            since=now,
            until=until,
            contacts=opened.name != SANDBOX,
        )
        return cls(options.policies, opened, account, now)

    def plan(self, loaded: Loaded, policy: Policy, wishes: Wishes = Wishes(), commit: str = "") -> Plan:
        """`commit`: of a policy that is not the files as they are."""
        from watchbill.cli.hand_deleted import with_hand_deleted
        from watchbill.cli.settled import settled
        from watchbill.plan.acknowledged import acknowledged_now

        self.gone = frozenset()
        while True:
            plan = settled(self, self.unsettled(loaded, policy, wishes, commit), policy)
            plan, self.deleted = with_hand_deleted(self, plan, policy)
            known = acknowledged_now(policy, self.now)
            found = frozenset(c.ref for c in plan.changes if c.ref in self.deleted and c.drift_id in known)
            if not found:
                return plan
            self.gone |= found  # planned once more without them

    def unsettled(self, loaded: Loaded, policy: Policy, wishes: Wishes = Wishes(), commit: str = "") -> Plan:
        """By the account and this one policy alone; open incidents are read where they decide something."""
        from watchbill.plan.preflight_incidents import incidents_matter

        plan = self._built(loaded, policy, wishes, commit)
        if self._incidents_read or not incidents_matter(plan.changes):
            return plan
        self._read_incidents()
        return self._built(loaded, policy, wishes, commit)

    def _read_incidents(self) -> None:
        from watchbill.errors import AccountUnfit
        from watchbill.pagerduty.incidents import open_incidents

        self._incidents_read = True
        try:
            found = tuple(open_incidents(self.opened.transport))
        except AccountUnfit:  # the token may not see them; the plan says what follows
            return
        self.account = self.account.model_copy(update={"open_incidents": found})

    def _built(self, loaded: Loaded, policy: Policy, wishes: Wishes, commit: str) -> Plan:
        from watchbill.account.wanted import wanted
        from watchbill.cli.known_keys import keys_before
        from watchbill.plan.build import build, overrides_to_read
        from watchbill.plan.document import PolicyIdentity
        from watchbill.plan.routing import rules_to_read
        from watchbill.rota.duty import Roster

        want = wanted(policy, self.account, roster=Roster(policy), now=self.now)
        forgotten = self._forgotten(policy)
        keys = {one.key for one in forgotten}
        account = self._with_rules(self.account, rules_to_read(want, self.account, wishes.claims))
        earlier = keys_before(self.folder, policy, account)
        ids = overrides_to_read(want, account, now=self.now, also=keys, history=earlier.keys)
        account = self.with_overrides(ids, policy)
        identity = identity_of(self.folder, loaded)
        return build(
            want,
            account,
            policy,
            identity=PolicyIdentity(commit=commit, digest=loaded.digest) if commit else identity,
            now=self.now,
            tool=__version__,
            rules=self.rules(policy, wishes.since, commit),
            history=earlier.keys,
            history_is_cut=earlier.is_cut,
            waivers=wishes.waivers,
            claims=wishes.claims,
            forgets=wishes.forgets,
            only_upkeep=wishes.only_upkeep,
            forgotten=forgotten,
            deleted=self.gone,
        )

    def rules(self, policy: Policy, since: str = "", commit: str = "") -> Rules:
        """What judges this policy; `commit`: of a policy that is not the files as they are."""
        from watchbill.cli.judging import Asked, rules_for

        asked = Asked(self.folder, self.opened.name, self.opened.state, since, commit)
        if self._rules is None or self._rules[0] != asked or self._rules[1] is not policy:
            self._rules = asked, policy, rules_for(asked, policy)
        return self._rules[2]

    def _forgotten(self, policy: Policy) -> tuple[Forgotten, ...]:
        """Overrides that earlier versions of the policy declared, where git knows any."""
        from watchbill.history.git import repository
        from watchbill.history.overrides import past_overrides
        from watchbill.plan.forgotten import no_longer_declared

        if self._past is None:
            repo = repository(self.folder)
            self._past = past_overrides(repo) if repo is not None else ()
        return no_longer_declared(self._past, policy, self.now)

    def _with_rules(self, account: Account, services: dict[str, str]) -> Account:
        """Kept in `account` too, so that what was read shows wherever the account is asked."""
        from watchbill.pagerduty.rule_sets import read_routings

        unread = {id_: name for id_, name in services.items() if id_ not in self._asked}
        if unread:
            found, unroutable = read_routings(self.opened.transport, unread)
            self._asked |= unread.keys()
            rules = {"routings": (*self.account.routings, *found)}
            self.account = self.account.model_copy(
                update={**rules, "unroutable": {**self.account.unroutable, **unroutable}}
            )
        read = {"routings": self.account.routings, "unroutable": self.account.unroutable}
        return account.model_copy(update=read)

    def with_overrides(self, ids: tuple[str, ...], policy: Policy) -> Account:
        from watchbill.pagerduty.override_read import OverridesRead

        if self._overrides is None:
            self._overrides = OverridesRead()
        until = _horizon(policy, self.now)
        return self._overrides.laid_on(self.account, ids, self.opened.transport, until)


def _horizon(policy: Policy, now: int) -> int:
    from watchbill.account.layers import derivation_end
    from watchbill.rota.clock import zone

    return derivation_end(now, zone(policy.settings.time_zone)) + 86_400


def make_plan(
    options: Globals,
    loaded: Loaded,
    policy: Policy,
    opened: Opened,
    wishes: Wishes = Wishes(),
    *,
    now: int | None = None,
    commit: str = "",
) -> Plan:
    """`now`: another present than the command's, for reading back after work was done."""
    reading = Reading.of(options, policy, opened, options.now if now is None else now)
    return reading.plan(loaded, policy, wishes, commit)


def identity_of(policies: Path, loaded: Loaded) -> PolicyIdentity:
    """The commit is None outside git, and with edits that are not committed."""
    from watchbill.history.git import repository
    from watchbill.plan.document import PolicyIdentity

    repo = repository(policies)
    commit = repo.commit("HEAD").id if repo is not None and not repo.is_edited else None
    return PolicyIdentity(commit=commit, digest=loaded.digest)


full_option = click.option("--full", is_flag=True, help="Every shift and field of a long plan.")
to_option = click.option(
    "--to", "to", default="", metavar="COMMIT", help="The way back to the policy of an earlier commit."
)
applied_option = click.option(
    "--applied", "since", default="", metavar="COMMIT", help="What was applied last: its rules judge."
)
deadline_option = click.option(
    "--deadline",
    default=None,
    callback=lambda _ctx, _param, value: None if value is None else parse_seconds(value),
    metavar="4m",
    help="Give the account up after so long without any answer.",
)
sandbox_option = click.option(
    "--sandbox",
    "sandbox_named",
    is_flag=True,
    help="The embedded sandbox, whatever the settings and environment say.",
)
