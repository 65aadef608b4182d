"""The plan document as JSON, as `plan --out` saves it and `apply` reads it back."""

from __future__ import annotations

import json

from watchbill.plan.document import Plan, sealed
from watchbill.plan.drift import Drift


def plan_json(plan: Plan | Drift) -> str:
    if isinstance(plan, Plan):
        plan = sealed(plan)
    return json.dumps(plan.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False) + "\n"
