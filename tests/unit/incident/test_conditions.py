from __future__ import annotations

from watchbill.incident.conditions import CLOCKS, FACTS
from watchbill.model.escalation import When


def test_every_key_of_a_condition_is_evaluated() -> None:
    """A key that nothing evaluates would hold for every incident."""
    assert not FACTS.keys() & CLOCKS.keys()
    assert FACTS.keys() | CLOCKS.keys() == When.model_fields.keys()
