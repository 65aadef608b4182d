"""An apply under a lease in a process of its own; a module by itself, so that a new interpreter finds it."""

from __future__ import annotations

import os
import random
from pathlib import Path

from pydantic import SecretStr

from faults.dying import Moment, deadly_wire
from journeys.leases import terms
from unit.apply.plans import NOW
from watchbill.apply.execute import execute
from watchbill.pagerduty.transport import Transport
from watchbill.plan.document import Plan


def apply_under_lease(url: str, document: str, state: Path, at: int, moment: Moment) -> None:
    wire = deadly_wire(url, at, moment)
    with Transport(url, SecretStr("any-token"), wire=wire, jitter=random.Random(1)) as transport:
        lease = terms("the first", beat=60.0, limit=600.0, wait=30.0)
        outcome = execute(Plan.model_validate_json(document), transport, now=NOW, state=state, lease=lease)
    os._exit(outcome.exit_code)
