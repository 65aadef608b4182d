"""Schemas of what `gaps`, `load`, `why` and `diff` say, and of the version of the policy that answered."""

from __future__ import annotations

from typing import Any, get_args

from watchbill.plan.document import PagingKind
from watchbill.report.schemas_source import FOREIGN, SOURCE

Json = dict[str, Any]

INSTANT: Json = {"type": "string", "format": "date-time", "description": "UTC."}
MAYBE_INSTANT: Json = {"anyOf": [INSTANT, {"type": "null"}]}
_TEXT: Json = {"type": "string"}
_MAYBE_TEXT: Json = {"type": ["string", "null"]}
_HOURS: Json = {"type": "number", "minimum": 0}
_COUNT: Json = {"type": "integer", "minimum": 0}


def _object(properties: Json, *, optional: tuple[str, ...] = (), title: str = "") -> Json:
    made: Json = {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }
    return {"title": title, **made} if title else made


def _list(item: Json) -> Json:
    return {"type": "array", "items": item}


def _maybe(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _with_foreign(schema: Json) -> Json:
    properties = {**schema["properties"], "foreign_override": FOREIGN}
    return {**schema, "properties": properties, "required": list(properties)}


_COMMIT = _maybe(
    _object(
        {
            "id": {"type": "string", "pattern": "^[0-9a-f]{40,64}$"},
            "at": INSTANT,
            "author": _TEXT,
            "subject": _TEXT,
        }
    )
)

ANSWERED_BY = {
    **_object({"commit": _COMMIT, "note": _TEXT}),
    "description": "Only for questions about the past: the version of the policy that answered.",
}

_SPANS = _list(_object({"start": INSTANT, "end": INSTANT}))

_GAP = _object(
    {
        "ladder": _TEXT,
        "title": _TEXT,
        "level": {"type": "integer", "minimum": 1},
        "after_minutes": _COUNT,
        "targets": _list(_TEXT),
        "declared": {**_MAYBE_TEXT, "description": "Why the policy says that it may be empty."},
        "hours": _HOURS,
        "spans": _SPANS,
    }
)

_DOUBLE = _object(
    {
        "ladder": _TEXT,
        "title": _TEXT,
        "person": _TEXT,
        "levels": {**_list({"type": "integer", "minimum": 1}), "minItems": 2, "maxItems": 2},
        "targets": _list(_list(_TEXT)),
        "hours": _HOURS,
        "spans": _SPANS,
    }
)

GAPS = _object(
    {
        "format": {"const": "watchbill.gaps/1"},
        "since": INSTANT,
        "until": INSTANT,
        "source": SOURCE,
        "gaps": _list(_with_foreign(_GAP)),
        "double_duty": _list(_with_foreign(_DOUBLE)),
        "never_on_call": _list(_object({"rotation": _TEXT, "person": _TEXT})),
        "short_rest": _list(_object({"person": _TEXT, "shortest_hours": _HOURS, "rests": _SPANS})),
    },
    title="gaps",
)

_SHARE = _object({"person": _TEXT, "hours": _HOURS})

LOAD = _object(
    {
        "format": {"const": "watchbill.load/1"},
        "since": INSTANT,
        "until": INSTANT,
        "people": _list(
            _object(
                {
                    "person": _TEXT,
                    "hours": _HOURS,
                    "night_hours": _HOURS,
                    "weekend_hours": _HOURS,
                    "holiday_hours": _HOURS,
                    "shifts": _COUNT,
                    "shortest_rest_hours": {"type": ["number", "null"]},
                    "by_rotation": {"type": "object", "additionalProperties": _HOURS},
                }
            )
        ),
        "fairness": _list(
            _object(
                {
                    "rotation": _TEXT,
                    "most": _SHARE,
                    "least": _SHARE,
                    "mean_hours": _HOURS,
                    "spread": {**_HOURS, "description": "Most over mean; 1 is even."},
                }
            )
        ),
    },
    title="load",
)

_SOURCE = _maybe(
    _object(
        {
            "file": _TEXT,
            "line": _COUNT,
            "last_line": _COUNT,
            "commit": _COMMIT,
            "note": {**_TEXT, "description": "Why no commit is known."},
        }
    )
)

_CREW = _object(
    {
        "rotation": _TEXT,
        "version": {"type": "integer", "minimum": 1},
        "versions": {"type": "integer", "minimum": 1},
        "since": MAYBE_INSTANT,
        "order": _list(_TEXT),
        "position": {"type": "integer", "minimum": 1},
        "layer": _MAYBE_TEXT,
        "turns_later": {"type": ["integer", "null"]},
        "reason": _MAYBE_TEXT,
        "source": _SOURCE,
    }
)

_REASON: Json = {
    "rotation": _TEXT,
    "person": _MAYBE_TEXT,
    "since": MAYBE_INSTANT,
    "until": MAYBE_INSTANT,
    "duty": _maybe(_object({"since": MAYBE_INSTANT, "until": MAYBE_INSTANT})),
    "because": {"enum": ["turn", "override", "fallback", "shift", "pagerduty", "nobody"]},
    "turn": _maybe(
        _object(
            {
                "holder": _TEXT,
                "start": MAYBE_INSTANT,
                "end": MAYBE_INSTANT,
                "in_hours": {"type": "boolean"},
                "crew": _CREW,
            }
        )
    ),
    "override": _maybe(
        _object(
            {
                "person": _TEXT,
                "instead_of": _MAYBE_TEXT,
                "reason": _MAYBE_TEXT,
                "requested_by": _MAYBE_TEXT,
                "source": _SOURCE,
            }
        )
    ),
    "absences": _list(
        _object(
            {
                "person": _TEXT,
                "first_day": _TEXT,
                "last_day": _TEXT,
                "covered_by": _MAYBE_TEXT,
                "source": _SOURCE,
            }
        )
    ),
    "listed": _SOURCE,
    "fallback_to": _MAYBE_TEXT,
}

_FALLBACK = _maybe(_object({**_REASON, "fallback": {"type": "null"}}))
"""A fallback has none itself: chains are refused."""

WHY = _object(
    {
        "format": {"const": "watchbill.why/1"},
        "at": INSTANT,
        "asked": _TEXT,
        "source": SOURCE,
        "foreign_override": FOREIGN,
        **_REASON,
        "fallback": _FALLBACK,
        "policy": ANSWERED_BY,
    },
    optional=("policy",),
    title="why",
)

_EFFECTS = _object(
    {
        "since": _TEXT,
        "until": _TEXT,
        "on_call_now": _list(_object({"rotation": _TEXT, "before": _MAYBE_TEXT, "after": _MAYBE_TEXT})),
        "shifts": _list(
            _object(
                {
                    "rotation": _TEXT,
                    "start": INSTANT,
                    "end": INSTANT,
                    "before": _MAYBE_TEXT,
                    "after": _MAYBE_TEXT,
                }
            )
        ),
        "people": _list(
            _object(
                {
                    "person": _TEXT,
                    "hours_before": _HOURS,
                    "hours_after": _HOURS,
                    "first_change": MAYBE_INSTANT,
                }
            )
        ),
        "paging": _list(
            _object(
                {
                    "kind": {"enum": list(get_args(PagingKind))},
                    "target": _TEXT,
                    "severities": _list(_TEXT),
                    "places": _list(_TEXT),
                    **dict.fromkeys(("before", "after", "before_level", "after_level"), _maybe(_COUNT)),
                    "steps": _list(_object({"minute": _COUNT, "targets": _list(_TEXT)})),
                    **dict.fromkeys(("setting", "setting_before", "setting_after"), _TEXT),
                    "since": INSTANT,
                }
            )
        ),
    }
)

_VERSION = {**_object({"commit": _COMMIT}), "description": "No commit: the files as they are."}

DIFF = _object(
    {
        "format": {"const": "watchbill.diff/1"},
        "before": _VERSION,
        "after": _VERSION,
        "effects": _EFFECTS,
        "ladders": _list(
            _object(
                {
                    "ladder": _TEXT,
                    "title": _TEXT,
                    "action": {"enum": ["new", "gone", "changed"]},
                    "steps": _list(
                        _object({"after_minutes": _COUNT, "before": _list(_TEXT), "after": _list(_TEXT)})
                    ),
                    "others": _list(_TEXT),
                }
            )
        ),
        "new_gaps": _list(_GAP),
        "new_double_duty": _list(_DOUBLE),
    },
    title="diff",
)

OUTLOOK_OUTPUTS: tuple[tuple[str, Json], ...] = (
    ("gaps.schema.json", GAPS),
    ("load.schema.json", LOAD),
    ("why.schema.json", WHY),
    ("diff.schema.json", DIFF),
)
