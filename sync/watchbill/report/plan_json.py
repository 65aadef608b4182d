"""The plan document as JSON, as `plan --out` saves it and `apply` reads it back."""

from __future__ import annotations

import json

from watchbill.plan.document import Plan
from watchbill.plan.drift import Drift


def plan_json(plan: Plan | Drift) -> str:
    return json.dumps(plan.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False) + "\n"
