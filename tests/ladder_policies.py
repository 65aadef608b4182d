"""The runbook's matrices as a policy with rotations and roles whose answers are easy to tell."""

from __future__ import annotations

from typing import Any

from watchbill.model.policy import Policy

DOMAINS = {
    "api-backend": "API/Backend",
    "database": "Database",
    "ai-scoring": "AI/Scoring",
    "infrastructure": "Infrastructure",
    "integrations": "Integrations",
}
STEPS: dict[str, dict[str, Any]] = {
    "P1": {"0m": "domain.primary", "15m": "eng-manager", "30m": "vp-engineering", "1h": "cto", "2h": "ceo"},
    "P2": {"0m": "domain.primary", "15m": "eng-manager", "30m": "vp-engineering"},
    "P3": {"0m": "domain.primary", "30m": "eng-manager"},
    "P4": {"0m": "domain.primary"},
}
ROLES = ("eng-manager", "vp-engineering", "cto", "ceo", "ciso", "legal", "security-lead", "database-lead")


def severities() -> dict[str, Any]:
    made: dict[str, Any] = {
        name: {
            "urgency": "low" if name == "P4" else "high",
            "repeat": 0 if name == "P4" else 2,
            "steps": steps,
        }
        for name, steps in STEPS.items()
    }
    made["P1"]["ack_timeout"] = "30m"
    return made


def matrices(
    *,
    routing: str = "domain-severity",
    database: dict[str, Any] | None = None,
    roles: dict[str, str] | None = None,
    rotations: dict[str, Any] | None = None,
    **rest: Any,
) -> Policy:
    """Each primary is a rotation of one person `on-<domain>`; each role is held by `the-<role>`.

    `database` replaces keys of that domain (None takes one out), `roles` holders, `rotations` rotations.
    """
    domains: dict[str, Any] = {
        handle: {
            "title": title,
            "primary": f"{handle}-primary",
            "tertiary": "vp-engineering",
            "default_severity": "P2",
        }
        for handle, title in DOMAINS.items()
    }
    domains["database"]["secondary"] = "database-lead"
    changed = {**domains["database"], **(database or {})}
    domains["database"] = {key: value for key, value in changed.items() if value is not None}
    domains["security"] = {
        "title": "Security",
        "primary": "security-primary",
        "default_severity": "P1",
        "tags": "security",
        "steps": {
            "0m": ["domain.primary", "security-lead"],
            "15m": "ciso",
            "30m": ["vp-engineering", "legal"],
        },
    }
    people = [f"on-{handle}" for handle in domains] + [f"the-{role}" for role in ROLES]
    holders = {role: f"the-{role}" for role in ROLES} | (roles or {})
    return Policy.model_validate(
        {
            "settings": {
                "format": 1,
                "organization": "Test",
                "time_zone": "Europe/Bucharest",
                "pagerduty": {"routing": routing},
            },
            "people": {p: {"name": p, "email": f"{p}@x.example"} for p in people},
            "roles": {role: {"title": role, "held_by": holder} for role, holder in holders.items()},
            "rotations": {
                f"{handle}-primary": {"title": f"{handle}-primary", "crew": [f"on-{handle}"]}
                for handle in domains
            }
            | {name: {"title": name, **spec} for name, spec in (rotations or {}).items()},
            "severities": severities(),
            "domains": domains,
            **rest,
        }
    )
