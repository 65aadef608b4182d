"""The key of an object that the command line names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.model.policy import Policy


def key_named(policy: Policy, name: str) -> str:
    """The key of an object of the policy, by handle, title, PagerDuty name or key.  Raises UsageError."""
    from watchbill.account.wanted import keys_of
    from watchbill.config.suggest import did_you_mean
    from watchbill.ladder.compose import compose

    titles = {f"rotation/{h}": {r.title, r.vendor_name} for h, r in policy.rotations.items()}
    titles |= {f"ladder/{key}": {ladder.title, ladder.vendor_name} for key, ladder in compose(policy).items()}
    titles |= {f"service/{h}": {s.title} for h, s in policy.services.items()}
    keys = sorted(keys_of(policy))
    handles = {k: k.partition("/")[2] for k in keys if not k.startswith("routing/")}
    found = [k for k in keys if name in {k, handles.get(k)} or name in titles.get(k, ())]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{name!r} may be {' or '.join(found)}", remedy="write the one you mean")
    near = did_you_mean(name, [k.partition("/")[2] for k in keys])
    raise UsageError(f"the policy has no object {name!r}", remedy=near or "`watchbill plan` lists them")
