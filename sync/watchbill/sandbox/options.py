"""What can be set about a sandbox.  Where PagerDuty's behaviour is not known for certain, the switch is here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from watchbill.rota.readings import RULED, Reading
from watchbill.sandbox.faults import Fault

TOKEN = "sandbox-token-000001"  # noqa: S105  20 characters, as real keys have
"""Opens the sandbox's control endpoints where `tokens` is empty; the API then takes any other too."""
ABILITIES = (
    "advanced_permissions",
    "audit_trail_reporting",
    "coordinated_responding",
    "event_rules",
    "global_sms_phone",
    "incident_priorities",
    "manual_alerts",
    "operations_console",
    "permissions_service",
    "preview_incident_alert_split",
    "read_only_users",
    "response_operations",
    "round_robin_scheduling",
    "service_support_hours",
    "team_responders",
    "teams",
    "time_based_alert_grouping",
    "urgencies",
)


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    tokens: tuple[str, ...] = ()
    """Accepted API tokens; empty accepts every token."""
    read_only_tokens: tuple[str, ...] = ()
    """Tokens that may read and get 403 for every write."""
    rate_limit: int = 960
    """Requests a minute and token; 0 is without limit."""
    abilities: tuple[str, ...] = ABILITIES
    """What the account's plan can do; taking one away makes what needs it answer 402 (403 for round robin)."""
    reverse_layers: bool = True
    """GET lists layers highest precedence first while PUT and POST take lowest first (facts 2.4)."""
    omitted_layers: Literal["keep", "end", "refuse"] = "keep"
    """What a PUT does to a live layer it leaves out; a layer is never removed (undocumented, facts 2.5)."""
    layers_with_ids: Literal["array", "stored"] = "array"
    """Whether layers sent with their ids take the order of the array or keep their own (facts 2.4)."""
    end_left_out: Literal["keep", "clear"] = "keep"
    """What a layer sent without `end` does with the end it had."""
    lost_overrides: bool = False
    """A write of the layers loses the schedule's overrides (terraform-provider-pagerduty#817)."""
    unique_names: bool = True
    """Schedules and escalation policies refuse a name that another one has."""
    reading: Reading = RULED
    """How turns, windows and shifts are counted where the documents leave it open."""
    create_schedule_status: Literal[200, 201] = 201
    """201 is documented; 200 is reported from the wild (PagerDuty/api-schema#497)."""
    v3_put_is_whole: bool = True
    """PUT /v3/schedules/{id} wants name and time_zone each time (PagerDuty's MCP server), not just what changes."""
    keep_rule_ids: bool = True
    """Escalation rules sent with their id keep it; without, every PUT issues new ones."""
    shuffle: bool = True
    """Targets of a rule and teams come back in an order of the server's own."""
    max_targets: int = 10
    """Escalation targets of a rule; older accounts stop at 5."""
    strict_zones: bool = True
    """Refuse time zones that are not on PagerDuty's published list."""
    offboarding: bool = False
    """The plan's offboarding lets a user with open incidents be deleted."""
    seats: int = 5000
    """People that the plan's licenses allow, of each kind."""
    unevaluated: tuple[str, ...] = ()
    """Orchestration actions the plan saves but does not evaluate; each rule with one is told in `warnings`."""
    latency_ms: int = 0
    lag_seconds: float = 0
    """How long tag and team-role writes stay invisible to reads."""
    analytics_lag_seconds: int = 0
    """Incidents younger than this are not in the figures yet; the real service lags up to a day."""
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    """For faults and shuffling."""
    subdomain: str = "sandbox"
    webhook_retry_seconds: tuple[int, ...] = field(default=(1, 5, 30, 120, 600, 3600))
