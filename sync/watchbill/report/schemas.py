"""The JSON outputs and their schemas, as published in `schema/`."""

from __future__ import annotations

from typing import Any

from watchbill.apply.outcome import Outcome
from watchbill.doctor.diagnosis import Diagnosis
from watchbill.plan.document import Plan
from watchbill.plan.drift import Drift
from watchbill.plan.upgrade_preview import UpgradePreview
from watchbill.report.adopt import AdoptAnswer
from watchbill.report.change import ChangeAnswer
from watchbill.report.dated_list import LeaveAnswer, OverridesAnswer
from watchbill.report.directory import ExpertAnswer, VendorAnswer
from watchbill.report.github_answer import GithubAnswer, InitAnswer
from watchbill.report.imported import ImportAnswer
from watchbill.report.incident_json import EscalationAnswer, IncidentAnswer
from watchbill.report.incident_list import OpenIncidents
from watchbill.report.incident_open import OpenedAnswer
from watchbill.report.notices import OncallNotices
from watchbill.report.schemas_outlook import ANSWERED_BY, OUTLOOK_OUTPUTS
from watchbill.report.schemas_source import FOREIGN, SOURCE

_INSTANT = {"type": "string", "format": "date-time", "description": "UTC."}
_MAYBE_INSTANT = {"anyOf": [_INSTANT, {"type": "null"}]}
_MAYBE_TEXT = {"type": ["string", "null"]}


def _object(properties: dict[str, Any], optional: tuple[str, ...] = (), title: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }
    return {"title": title, **made} if title else made


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


_FINDING = _object(
    {
        "rule": {"type": "string"},
        "severity": {"enum": ["error", "warning", "note"]},
        "message": {"type": "string"},
        "hint": {"type": "string"},
        "file": {"type": "string"},
        "line": {"type": "integer", "minimum": 0},
        "column": {"type": "integer", "minimum": 0},
        "details": _list({"type": "string"}),
    },
    ("file", "line", "column", "details"),
)

_DUTIES = _list(
    _object(
        {
            "rotation": {"type": "string"},
            "covers": _list({"type": "string"}),
            "since": _MAYBE_INSTANT,
            "until": _MAYBE_INSTANT,
            "because": {"enum": ["turn", "override", "fallback", "shift"]},
            "turn_of": _MAYBE_TEXT,
        }
    )
)

_PERSON: dict[str, Any] = {
    "person": {"type": "string"},
    "on_duty": {"type": "boolean"},
    "duties": _DUTIES,
    "roles": _list({"type": "string"}),
    "level_one": _list(
        _object(
            {
                "domain": _MAYBE_TEXT,
                "ladder": _MAYBE_TEXT,
                "severities": _list({"type": "string"}),
                "services": _list({"type": "string"}),
            }
        )
    ),
    "next": _DUTIES,
}

WHO = _object(
    {
        "format": {"const": "watchbill.who/1"},
        "at": _INSTANT,
        "source": SOURCE,
        "answers": _list(
            _object(
                {
                    "asked": {"type": "string"},
                    "rotation": _MAYBE_TEXT,
                    "role": _MAYBE_TEXT,
                    "person": _MAYBE_TEXT,
                    "since": _MAYBE_INSTANT,
                    "until": _MAYBE_INSTANT,
                    "because": {"type": "string"},
                    "turn_of": _MAYBE_TEXT,
                    "next": {
                        "anyOf": [
                            _object({"person": {"type": "string"}, "since": _INSTANT, "until": _INSTANT}),
                            {"type": "null"},
                        ]
                    },
                    "foreign_override": FOREIGN,
                    "after_minutes": {"type": "integer", "minimum": 0},
                },
                ("after_minutes",),
            )
        ),
        "people": _list(_object(_PERSON)),
        "policy": ANSWERED_BY,
    },
    ("people", "policy"),
    title="who",
)

MINE = _object(
    {
        "format": {"const": "watchbill.mine/1"},
        "at": _INSTANT,
        "until": _INSTANT,
        "time_zone": {"type": "string"},
        "source": SOURCE,
        **_PERSON,
    },
    title="mine",
)

_OF_A_RUN = ("steps", "starts_over_after_minutes", "repeat", "acknowledged_after_minutes", "problems")

SIMULATE = _object(
    {
        "format": {"const": "watchbill.simulate/1"},
        "source": SOURCE,
        "ladder": {"type": "string"},
        "title": {"type": "string"},
        "opened": _INSTANT,
        "steps": _list(
            _object(
                {
                    "after_minutes": {"type": "integer", "minimum": 0},
                    "level": {"type": "integer", "minimum": 1},
                    "at": _INSTANT,
                    "targets": _list(
                        _object(
                            {
                                "role": _MAYBE_TEXT,
                                "rotation": _MAYBE_TEXT,
                                "person": {"type": "string"},
                                "because": {"type": "string"},
                                "foreign_override": FOREIGN,
                            }
                        )
                    ),
                    "note": {"type": "string"},
                }
            )
        ),
        "starts_over_after_minutes": {"type": ["integer", "null"]},
        "repeat": {"type": "integer"},
        "acknowledged_after_minutes": {"type": ["integer", "null"]},
        "problems": _list(_FINDING),
    },
    title="simulate",
)

ROUTE = _object(
    {
        "format": {"const": "watchbill.route/1"},
        "at": _INSTANT,
        "service": {"type": "string"},
        "event_severity": _MAYBE_TEXT,
        "asked": _list(
            _object(
                {
                    "rule": {"type": "string"},
                    "condition": {"type": "string"},
                    "matches": {"type": "boolean"},
                }
            )
        ),
        "rule": _MAYBE_TEXT,
        "domain": _MAYBE_TEXT,
        "severity": _MAYBE_TEXT,
        "priority": _MAYBE_TEXT,
        "alert_severity": {"type": "string"},
        "urgency": {"enum": ["high", "low"]},
        "ladder": {"type": "string"},
        "title": {"type": "string"},
        **{name: SIMULATE["properties"][name] for name in _OF_A_RUN},
    },
    title="route",
)

RENDER = _object(
    {
        "entries": _list(
            _object(
                {
                    "start": _INSTANT,
                    "end": _INSTANT,
                    "user": _MAYBE_TEXT,
                    "source": {"type": "string"},
                    "rotation_id": _MAYBE_TEXT,
                },
                ("source", "rotation_id"),
            )
        ),
        "coverage_percent": {"type": ["number", "null"]},
    },
    title="render",
)

FINDINGS = _object(
    {"format": {"const": "watchbill.findings/1"}, "findings": _list(_FINDING)}, title="findings"
)

FMT = _object(
    {
        "format": {"const": "watchbill.fmt/1"},
        "files": {"type": "integer", "minimum": 0, "description": "Files of the policy."},
        "changed": _list({"type": "string"}),
        "left": _list(
            {"type": "string", "description": "A file that no layout of ours would leave its meaning."}
        ),
        "written": {"type": "boolean"},
    },
    title="watchbill fmt --json",
)

OUTPUTS: tuple[tuple[str, Any], ...] = (
    ("who.schema.json", WHO),
    ("mine.schema.json", MINE),
    ("simulate.schema.json", SIMULATE),
    ("route.schema.json", ROUTE),
    ("render.schema.json", RENDER),
    ("fmt.schema.json", FMT),
    ("findings.schema.json", FINDINGS),
    ("plan.schema.json", Plan),
    ("drift.schema.json", Drift),
    ("upgrade-preview.schema.json", UpgradePreview),
    ("notices.schema.json", OncallNotices),
    ("outcome.schema.json", Outcome),
    ("adopt.schema.json", AdoptAnswer),
    ("import.schema.json", ImportAnswer),
    ("doctor.schema.json", Diagnosis),
    ("change.schema.json", ChangeAnswer),
    ("override-list.schema.json", OverridesAnswer),
    ("leave-list.schema.json", LeaveAnswer),
    ("expert.schema.json", ExpertAnswer),
    ("vendor.schema.json", VendorAnswer),
    ("incident.schema.json", IncidentAnswer),
    ("incidents.schema.json", OpenIncidents),
    ("incident-opened.schema.json", OpenedAnswer),
    ("escalation.schema.json", EscalationAnswer),
    ("github.schema.json", GithubAnswer),
    ("init.schema.json", InitAnswer),
    *OUTLOOK_OUTPUTS,
)
