"""rotations, and what changes them for a while: shifts, overrides, absences."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from watchbill.model.base import Bool, Handle, Int, Model, OneOrMany, OnlyTrue, SomeOf, Text, Title, VendorId
from watchbill.model.rules import RuledModel
from watchbill.model.text import Date, DateOrTime, Duration, Handoff, LocalTime, ReadRecord, Turn, Window

HoursName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
HoursList = SomeOf[Window | HoursName]
Crew = Annotated[tuple[Handle, ...], Field(min_length=1, max_length=400)]
"""People in the order they serve; repeats allowed, `nobody` = a vacant turn."""

FORMS = ("crew", "crews", "same_crew", "layers", "covered_by", "listed")


class Counted(Model):
    """What says who is next: shared by a rotation, a dated crew and a layer."""

    turn: Turn | None = None
    """How long one person has it: 1 week, 1 day, 12 hours; 5 shifts counts stretches of duty, not days."""
    handoff: Handoff | None = None
    """When the next one takes over: mon 09:00 (turns of weeks), daily 09:00 (days), absent for hours."""
    counted: Literal["clock", "elapsed"] = "clock"
    """`elapsed`: a turn of hours in real time instead of on the wall clock."""
    turns_each: Annotated[Int, Field(ge=1, le=1000)] | None = None
    """Consecutive turns of one person; default 1."""
    first: Handle | None = None
    """Who has the turn under way at `from`; default: the first of the crew."""


class DatedCrew(Counted):
    from_: DateOrTime = Field(alias="from")
    """A handoff; with a time, the first turn is the rest of the running one."""
    order: Crew
    """People in the order they serve from then on."""
    hours: HoursList | None = None
    """Windows or names of windows; default: the rotation's."""
    reason: Text | None = None
    """Why it changed."""


class LayerSpec(Counted):
    name: Title | None = None
    """Name of the layer in PagerDuty."""
    from_: DateOrTime | None = Field(default=None, alias="from")
    """A handoff; with a time, the first turn is the rest of the running one."""
    crew: Crew
    """People in the order they serve."""
    hours: HoursList | None = None
    """Windows or names of windows; default: always."""
    until: DateOrTime | None = None
    """The layer ends here."""


class SameCrew(Model):
    as_: Handle = Field(alias="as")
    """The rotation whose crew serves here too."""
    turns_later: Annotated[Int, Field(ge=-400, le=400)]
    """Serves here that many turns after serving there; negative = before."""


class RotationPagerDuty(Model):
    name: Title | None = None
    """Exact PagerDuty name, where it is not the title."""
    id: VendorId | None = None
    """PagerDuty's id, when watchbill shall own an object that exists already: PABC123."""
    read: ReadRecord | None = None
    """The object as it was read, until the first apply writes to it; `import` and `adopt` write it."""
    kind: Literal["layers", "shifts"] | None = None
    """Layer-based or shift-based schedule; default: settings.pagerduty.new_schedules."""
    layer_names: tuple[Title, ...] = ()
    """Names of the layers, base layer first."""


class Rotation(RuledModel, Counted):
    """Exactly one of crew, crews, same_crew, layers, covered_by and listed says who serves."""

    exactly_one_of = FORMS

    title: Title
    """The exact PagerDuty name, unless pagerduty.name says another."""
    description: Annotated[str, StringConstraints(max_length=1024)] | None = None
    """For the readers of the schedule; null and empty are equal."""
    aliases: tuple[Title, ...] = ()
    """Other names it goes by."""
    team: OneOrMany[Handle] = ()
    """Handles of `teams`."""
    time_zone: Title | None = None
    """IANA zone; default: settings.time_zone."""
    from_: DateOrTime | None = Field(default=None, alias="from")
    """A handoff; with a time, the first turn is the rest of the running one."""
    crew: Crew | None = None
    """People in the order they serve; repeats allowed, `nobody` = a vacant turn."""
    crews: Annotated[tuple[DatedCrew, ...], Field(min_length=1)] | None = None
    """Dated crews, append only, newest last."""
    same_crew: SameCrew | None = None
    """The crew of another rotation, some turns later."""
    layers: Annotated[tuple[LayerSpec, ...], Field(min_length=1)] | None = None
    """Later entries win where they have hours."""
    covered_by: Handle | None = None
    """No schedule of its own; that rotation, role or person is paged instead."""
    listed: OnlyTrue | None = None
    """Duty comes only from `shifts`."""
    together: Bool = False
    """All at once; shift-based schedules only."""
    hours: HoursList | None = None
    """Windows or names of windows; default: always."""
    otherwise: Handle | None = None
    """Who has the rest of the time: person, role or rotation."""
    pagerduty: RotationPagerDuty = RotationPagerDuty()
    """What only PagerDuty needs to know."""
    previously: Handle | None = None
    """Former handle; makes a rename of it."""
    until: DateOrTime | None = None
    """Nobody after it; with `covered_by`, when somebody asks again."""
    reason: Text | None = None
    """Why it is so."""

    @property
    def vendor_name(self) -> str:
        return self.pagerduty.name or self.title

    @property
    def has_schedule(self) -> bool:
        return self.covered_by is None

    @property
    def members(self) -> tuple[str, ...]:
        """Everyone named in a crew of this rotation itself, in order of appearance."""
        crews: list[tuple[str, ...]] = [self.crew or ()]
        crews += [dated.order for dated in self.crews or ()]
        crews += [layer.crew for layer in self.layers or ()]
        return tuple(dict.fromkeys(name for crew in crews for name in crew))


class ShiftEntry(Model):
    """Explicit duty in a `listed` rotation."""

    rotation: Handle
    """A rotation with `listed: true`."""
    person: Handle
    """Who is on duty."""
    from_: LocalTime = Field(alias="from")
    """In the rotation's zone, included: 2026-12-01 09:00."""
    until: LocalTime
    """In the rotation's zone, excluded."""


class Override(RuledModel):
    """One person replaces another in one rotation for a while."""

    exactly_one_of = ("until", "for")

    rotation: Handle
    """In which rotation."""
    person: Handle
    """Who steps in."""
    instead_of: Handle | None = None
    """Who is replaced; default: whoever has it."""
    from_: LocalTime = Field(alias="from")
    """In the rotation's zone, included: 2026-12-24 09:00; 2026-10-25 03:30 2nd, where that time comes twice."""
    until: LocalTime | None = None
    """In the rotation's zone, excluded."""
    for_: Duration | None = Field(default=None, alias="for")
    """How long, instead of `until`: 2h.  Hours and minutes are real time, days and weeks calendar days."""
    reason: Text | None = None
    """Why; shown wherever the override is."""
    requested_by: Handle | None = None
    """Who asked for it; chat fills it in."""
    cancelled: Bool = False
    """Takes it back in the account; deleting the file only forgets it."""


class Absence(Model):
    """Moves nobody by itself; with `covered_by` it acts as overrides everywhere."""

    person: Handle
    """Who is away."""
    first_day: Date
    """First day away: 2026-12-22."""
    last_day: Date
    """Last day away, included."""
    covered_by: Handle | None = None
    """Who serves instead, everywhere."""
