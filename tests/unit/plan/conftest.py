from __future__ import annotations

import pytest

from pretend import Pretend, applied_from_nothing, shipped_policy
from watchbill.model.policy import Policy


@pytest.fixture
def policy() -> Policy:
    return shipped_policy()


@pytest.fixture
def applied(policy: Policy) -> Pretend:
    return applied_from_nothing(policy)
