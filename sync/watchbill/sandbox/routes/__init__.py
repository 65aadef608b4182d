"""One module per resource; each ends in its table `ROUTES`."""

from __future__ import annotations

from watchbill.sandbox import shifts_view
from watchbill.sandbox.call import Route
from watchbill.sandbox.routes import (
    account,
    audit,
    contacts,
    control,
    oncalls,
    overrides,
    policies,
    schedules,
    services,
    teams,
    users,
    v3_rotations,
    v3_schedules,
    v3_shifts,
)
from watchbill.sandbox.schedule_view import schedule_view
from watchbill.sandbox.world import World

API_ROUTES: tuple[Route, ...] = tuple(
    route
    for module in (
        account,
        audit,
        contacts,
        oncalls,
        overrides,
        policies,
        schedules,
        services,
        teams,
        users,
        v3_rotations,
        v3_schedules,
        v3_shifts,
    )
    for route in module.ROUTES
)
CONTROL_ROUTES: tuple[Route, ...] = tuple(control.ROUTES)


def teach_views(world: World) -> None:
    """Lets `include[]` show whole objects of other kinds."""
    world.shows.update(
        {
            "user": users.user_view,
            "team": teams.team_view,
            "service": services.service_view,
            "escalation_policy": policies.policy_view,
            "schedule_v3": shifts_view.schedule_view,
            "schedule": lambda call, doc: schedule_view(call, doc, parts=()),
        }
    )
