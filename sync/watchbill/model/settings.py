"""settings: what holds for the whole policy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from watchbill.model.base import Bool, Handle, Int, Model, OneOrMany, SomeOf, Text, Title
from watchbill.model.people import ChatName
from watchbill.model.rules import RuledModel
from watchbill.model.text import Date, Duration, Window

ALWAYS = "always"
BUSINESS = "business"
SANDBOX = "sandbox"

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$")]


class Hours(Model):
    windows: SomeOf[Window]
    """When duty happens, on the wall clock."""
    except_holidays: Country | None = None
    """Country (RO) or subdivision (DE-BY) on whose public holidays a window does not happen."""


VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]

_WITHHELD = (
    *("PAGERDUTY_", "GITHUB_", "GH_", "SLACK_", "ACTIONS_", "RUNNER_", "WATCHBILL_", "INPUT_"),
    *(
        "GIT_",
        "LD_",
        "DYLD_",
        "PYTHON",
        "NODE_OPTIONS",
        "PERL5",
        "RUBYOPT",
        "BASH_",
        "ENV",
        "IFS",
        "SHELLOPTS",
    ),
    *("PATH", "LANG", "LC_ALL"),
)
"""Beginnings of names; one that ends without `_` also stands for itself."""


def is_withheld(variable: str) -> bool:
    """watchbill's own secrets, variables that put code into a program, and those with a fixed value."""
    name = variable.upper()
    return any(
        name.startswith(start) if start.endswith("_") or start in ("PYTHON", "PERL5") else name == start
        for start in _WITHHELD
    )


class IntegrationKeys(RuledModel):
    """Where the integration key of a new service goes: it lets whoever has it send events."""

    exactly_one_of = ("file", "command")
    needs = {"env": ("command",)}

    file: Title | None = None
    """JSON file outside of the repository, readable by its owner alone: ~/.config/watchbill/keys.json"""
    command: Annotated[tuple[Title, ...], Field(min_length=1)] | None = None
    """Program and arguments; {service} is the service's handle, the key comes on standard input.  The program is an
    absolute path or a name in the system's own folders; it starts in an empty folder, in `apply` only."""
    env: Annotated[tuple[VariableName, ...], Field(max_length=20)] = ()
    """Names of the environment variables that the program gets: [VAULT_ADDR, VAULT_TOKEN].  It gets no others but a
    fixed PATH and LANG."""

    @property
    def words(self) -> str:
        """For people; arguments stay untold, they may be private."""
        return f"the file {self.file}" if self.command is None else f"the program {self.command[0]}"


class PagerDuty(Model):
    account: Annotated[str, StringConstraints(pattern=r"^(?:eu/|us/)?[a-z0-9][a-z0-9-]{0,62}$")] = SANDBOX
    """Subdomain of the account, `eu/` before it in the EU region; or `sandbox`."""
    new_schedules: Literal["shifts", "layers"] = "shifts"
    """What kind of schedule is made for a rotation that has none yet."""
    routing: Literal["domain-severity", "severity", "domain"] = "domain-severity"
    """One escalation policy per domain and severity, per severity, or per domain."""
    event_rules: Bool = True
    """Whether event rules pick the escalation policy, priority and urgency of each alert; false takes them out."""
    integration_keys: IntegrationKeys | None = None
    """Where the keys of new services' integrations go; without it they stay in PagerDuty."""
    lease: Literal["account", "ci"] = "account"
    """What keeps two applies apart: an object of ours in the account while one runs, or the CI's concurrency group."""


class Scope(Model):
    """Which of its objects a run may touch.  What is left out restricts nothing."""

    kinds: OneOrMany[Literal["rotations", "ladders", "services"]] = ()
    """rotations, ladders, services; overrides count as their rotation, event rules as their service."""
    teams: OneOrMany[Handle] = ()
    """Objects of these teams; a service is of its ladder's team."""
    names: OneOrMany[Title] = ()
    """Exact PagerDuty names, with * for any part: medicalcor-*."""


class Guards(Model):
    max_deletions: Annotated[Int, Field(ge=0)] = 2
    """How many objects a plan may delete without a waiver."""
    max_changed: Annotated[str, StringConstraints(pattern=r"^(?:100|[1-9]?[0-9])%$")] = "30%"
    """Which share of the managed objects a plan may change or delete without a waiver."""
    starts_within: Duration = Duration("24h")
    """A change of people this close needs a waiver: 24h."""
    scope: Scope = Scope()
    """What a run may touch without a waiver; everything it owns, where nothing is said."""

    @property
    def max_changed_percent(self) -> int:
        return int(self.max_changed[:-1])


GUARDS = (
    "deletions",
    "changed",
    "imminent",
    "empty-level",
    "override-orphaned",
    "no-human",
    "coverage-gap",
    "scope",
    "rules",
    "outside-ci",
)
"""What a plan may not do without a waiver."""


class Waiver(Model):
    """Lets one guard pass for a while."""

    guard: Handle
    """Which guard: deletions, changed, imminent, empty-level, override-orphaned, no-human, coverage-gap, scope, rules
    or outside-ci."""
    reason: Text
    """Why it is all right this time."""
    expires: Date
    """The last day on which it holds: 2027-01-31."""


class Acknowledged(Model):
    """One hand edit that is known and left as it is for a while."""

    drift: Annotated[str, StringConstraints(pattern=r"^d[0-9a-f]{7}$")]
    """Which one: the id that `watchbill drift` shows: d3f9c2a1."""
    reason: Text
    """Why it is all right for now."""
    expires: Date
    """The last day on which it is left alone: 2027-01-31."""


EVERYONE = "everyone"
"""In `chat.may`: all people of the policy."""

ChatCommand = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{0,30}$")]


class ChatSettings(Model):
    command: Annotated[str, StringConstraints(pattern=r"^/[a-z0-9_-]{1,31}$")] = "/watchbill"
    """The slash command that chat listens to."""
    may: dict[ChatCommand, OneOrMany[Handle]] = {}
    """Who may use a command that acts: people, roles, rotations (their crew), or everyone.  What is not named here
    may nobody use; commands that only answer are for everybody."""
    phones: OneOrMany[Handle] = ()
    """Who may see phone numbers, only ever shown to them alone."""
    groups: dict[Handle, OneOrMany[Handle]] = {}
    """Slack user groups kept up to date: the group's handle -> the rotations whose people on duty are in it."""
    longest: Duration = Duration("14 days")
    """How long an act from chat (take, cover, swap) holds at once; what is longer waits for the merge of its pull request."""
    handoffs: ChatName | None = None
    """Channel that is told when duty changes hands, without #."""


HoursValue = Window | Annotated[tuple[Window, ...], Field(min_length=1)] | Hours


class Settings(Model):
    format: Annotated[Int, Field(ge=1, le=1)]
    """Version of this format: 1."""
    organization: Title
    """Whose policy it is; shown in headings."""
    time_zone: Title
    """IANA zone that holds where nothing nearer says another: Europe/Bucharest."""
    hours: dict[Handle, HoursValue] = {}
    """Named windows, usable in every `hours:`; `always` is built in."""
    pagerduty: PagerDuty = PagerDuty()
    """Which account, and how the policy is laid out in it."""
    guards: Guards = Guards()
    """Limits that a plan may not pass without a waiver."""
    waivers: tuple[Waiver, ...] = ()
    """Exceptions from the guards, each with a reason and an end."""
    acknowledged: tuple[Acknowledged, ...] = ()
    """Hand edits in the account that are known: neither drift nor reverted until they expire."""
    chat: ChatSettings = ChatSettings()
    """What chat may do, and for whom."""
    outlook: Duration = Duration("8 weeks")
    """How far `check` looks for gaps, double duty and uncovered leave."""

    def named_hours(self, name: str) -> Hours | None:
        """Raises KeyError for a name that is not defined; None means always."""
        if name == ALWAYS:
            return None
        return as_hours(self.hours[name])


def as_hours(value: HoursValue) -> Hours:
    if isinstance(value, Hours):
        return value
    return Hours(windows=value if isinstance(value, tuple) else (value,))
