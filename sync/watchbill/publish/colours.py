"""A colour for each person, the same on every page; people of one crew differ as far as there are colours."""

from __future__ import annotations

from collections import Counter

from watchbill.model.policy import Policy

COLOURS = 12


def colours(policy: Policy) -> dict[str, int]:
    found: dict[str, int] = {}
    used: Counter[int] = Counter()
    for spec in policy.rotations.values():
        crew = [name for name in spec.members if name in policy.people]
        taken = {found[name] for name in crew if name in found}
        for name in crew:
            if name not in found:
                shade = min(range(COLOURS), key=lambda n: (n in taken, used[n], n))
                found[name] = shade
                taken.add(shade)
                used[shade] += 1
    for name in policy.people:
        if name not in found:
            found[name] = min(range(COLOURS), key=lambda n: (used[n], n))
            used[found[name]] += 1
    return found
