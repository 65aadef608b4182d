"""One module per resource; each ends in its table `ROUTES`."""

from __future__ import annotations

from watchbill.sandbox import shifts_view
from watchbill.sandbox.call import Route
from watchbill.sandbox.engine.clockwork import catch_up
from watchbill.sandbox.incident_view import incident_view
from watchbill.sandbox.routes import (
    account,
    analytics,
    audit,
    contacts,
    control,
    events,
    incident_actions,
    incidents,
    oncalls,
    orchestration_paths,
    orchestrations,
    overrides,
    policies,
    schedules,
    services,
    tags,
    teams,
    users,
    v3_rotations,
    v3_schedules,
    v3_shifts,
    webhooks,
)
from watchbill.sandbox.schedule_view import schedule_view
from watchbill.sandbox.world import World

API_ROUTES: tuple[Route, ...] = tuple(
    route
    for module in (
        account,
        analytics,
        audit,
        contacts,
        incident_actions,
        incidents,
        oncalls,
        orchestration_paths,
        orchestrations,
        overrides,
        policies,
        schedules,
        services,
        tags,
        teams,
        users,
        v3_rotations,
        v3_schedules,
        v3_shifts,
        webhooks,
    )
    for route in module.ROUTES
)
EVENT_ROUTES: tuple[Route, ...] = tuple(events.ROUTES)
"""Without a token."""
CONTROL_ROUTES: tuple[Route, ...] = tuple(control.ROUTES)


def teach(world: World) -> None:
    """Lets `include[]` show whole objects of other kinds, and time do its work."""
    world.catch_up = catch_up
    world.shows.update(
        {
            "user": users.user_view,
            "team": teams.team_view,
            "service": services.service_view,
            "incident": incident_view,
            "priority": account.priority_view,
            "escalation_policy": policies.policy_view,
            "schedule_v3": shifts_view.schedule_view,
            "schedule": lambda call, doc: schedule_view(call, doc, parts=()),
        }
    )
