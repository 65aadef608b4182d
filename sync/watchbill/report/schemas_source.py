"""Schemas of where an answer about duty comes from, and of what only PagerDuty has."""

from __future__ import annotations

from typing import Any, get_args

from watchbill.ladder.live import Cause
from watchbill.report.source import REASONS

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_MAYBE_TEXT: Json = {"type": ["string", "null"]}
_INSTANT: Json = {
    "anyOf": [{"type": "string", "format": "date-time", "description": "UTC."}, {"type": "null"}]
}
_PEOPLE: Json = {"type": "array", "items": _TEXT, "description": "Handles; PagerDuty's own names for others."}
_CAUSE: Json = {
    "enum": list(get_args(Cause)),
    "description": "An override in PagerDuty; PagerDuty's schedule itself; or not read, because PagerDuty was slow.",
}


def _object(properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


SOURCE: Json = {
    **_object(
        {
            "kind": {"enum": ["pagerduty", "files"]},
            "account": _MAYBE_TEXT,
            "reason": {"enum": [*REASONS, None], "description": "Why the files answer alone."},
            "text": {**_TEXT, "description": "The same in words."},
            "until": {
                **_INSTANT,
                "description": "PagerDuty's answer ends here; from then on the files answer.",
            },
            "differences": {
                "type": "array",
                "items": _object(
                    {
                        "rotation": _TEXT,
                        "on_call": {**_PEOPLE, "description": "In PagerDuty; empty: nobody."},
                        "by_files": {**_PEOPLE, "description": "Empty: nobody."},
                        "since": _INSTANT,
                        "until": _INSTANT,
                        "cause": _CAUSE,
                    }
                ),
            },
            "from_files": {
                "type": "array",
                "items": _TEXT,
                "description": "Rotations that no escalation policy in PagerDuty pages.",
            },
        }
    ),
    "description": "PagerDuty laid over the policy, or the policy files alone.",
}

FOREIGN: Json = {
    "anyOf": [
        _object(
            {
                "person": _MAYBE_TEXT,
                "instead_of": _PEOPLE,
                "since": _INSTANT,
                "until": _INSTANT,
                "cause": _CAUSE,
            }
        ),
        {"type": "null"},
    ],
    "description": "What PagerDuty has and the files do not; null where they agree.",
}
