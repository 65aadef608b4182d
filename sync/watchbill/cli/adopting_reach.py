"""How far an adopted edit reaches: whose words it uses, and which other objects change with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchbill.adopt.drift_ladder import Cell
    from watchbill.cli.planning import Reading
    from watchbill.findings import Place
    from watchbill.model.policy import Policy
    from watchbill.plan.document import Change, Plan


def cell_of(policy: Policy, key: str) -> Cell:
    from watchbill.adopt.drift_ladder import Cell
    from watchbill.ladder.compose import compose

    ladder = compose(policy)[key]
    return Cell(ladder.domain, ladder.severity)


def ladder_place(policy: Policy, key: str) -> Place:
    from watchbill.ladder.compose import compose

    ladder = compose(policy)[key]
    if ladder.domain is not None and policy.domains[ladder.domain].steps is not None:
        return ("domains", ladder.domain)
    return ("severities", ladder.severity) if ladder.severity is not None else ("ladders", key)


def followers(policy: Policy, key: str) -> frozenset[str]:
    """Keys of what changes with it: rotations whose shifts come from this one's, and the parts of a service."""
    from watchbill.ladder.resolve import resolve

    kind, _, handle = key.partition("/")
    if kind == "service":
        return frozenset({f"routing/{handle}", f"integration/{handle}"})
    if kind != "rotation":
        return frozenset()
    found = set()
    for name, spec in policy.rotations.items():
        falls_back = resolve(policy, spec.otherwise) if spec.otherwise else None
        copies = spec.same_crew is not None and spec.same_crew.as_ == handle
        if copies or (falls_back is not None and falls_back.rotation == handle):
            found.add(f"rotation/{name}")
    return frozenset(found)


def belongs(change: Change, keys: frozenset[str]) -> bool:
    return change.key in keys or any(change.key.startswith(f"{key}/") for key in keys)


def newer_lost(before: Plan, after: Plan, allowed: frozenset[str]) -> list[str]:
    """Names of other objects whose own change of the policy is not in `after` any more, or is another one."""
    wants = {change.ref: _want_of(change) for change in after.changes}
    return [
        change.name
        for change in before.changes
        if change.class_ != "drift"
        and not belongs(change, allowed)
        and wants.get(change.ref, "") != _want_of(change)
    ]


def changed_since(reading: Reading, policy: Policy, key: str, at: int) -> bool:
    """Whether the YAML of the object is another one than the main branch had at `at`; False = unknown."""
    from watchbill.cli.recording import place_of
    from watchbill.history.git import repository
    from watchbill.history.policy import load_at

    repo = repository(reading.folder)
    commit = repo.main_at(at) if repo is not None else None
    past = load_at(repo, commit).policy if repo is not None and commit is not None else None
    if past is None:
        return False
    kind, handle = place_of(key)
    return bool(getattr(past, str(kind)).get(handle) != getattr(policy, str(kind)).get(handle))


def _want_of(change: Change) -> str:
    return change.want.model_dump_json() if change.want is not None else change.action
