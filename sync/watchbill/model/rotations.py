"""rotations, and what changes them for a while: shifts, overrides, absences."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from watchbill.model.base import Bool, Handle, Int, Model, OneOrMany, Text, Title, VendorId
from watchbill.model.text import Date, DateOrTime, Duration, Handoff, LocalTime, Turn, Window

HoursName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
HoursList = OneOrMany[Window | HoursName]
Crew = Annotated[tuple[Handle, ...], Field(min_length=1, max_length=400)]
"""People in the order they serve; repeats allowed, `nobody` = a vacant turn."""

FORMS = ("crew", "crews", "same_crew", "layers", "covered_by", "listed")


def exactly_one(*names: str) -> dict[str, Any]:
    """JSON Schema for: one of these keys is there and not null."""
    return {"oneOf": [{"required": [n], "properties": {n: {"not": {"type": "null"}}}} for n in names]}


class Counted(Model):
    """What says who is next: shared by a rotation, a dated crew and a layer."""

    turn: Turn | None = None
    handoff: Handoff | None = None
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
    hours: HoursList | None = None
    reason: Text | None = None


class LayerSpec(Counted):
    name: Title | None = None
    from_: DateOrTime | None = Field(default=None, alias="from")
    crew: Crew
    hours: HoursList | None = None
    until: DateOrTime | None = None


class SameCrew(Model):
    model_config = ConfigDict(populate_by_name=True)

    as_: Handle = Field(alias="as")
    turns_later: Annotated[Int, Field(ge=-400, le=400)]
    """Serves here that many turns after serving there; negative = before."""


class RotationPagerDuty(Model):
    name: Title | None = None
    """Exact PagerDuty name, where it is not the title."""
    id: VendorId | None = None
    kind: Literal["layers", "shifts"] | None = None
    layer_names: tuple[Title, ...] = ()
    """Base layer first."""


class Rotation(Counted):
    """Exactly one of crew, crews, same_crew, layers, covered_by and listed says who serves."""

    model_config = ConfigDict(json_schema_extra=exactly_one(*FORMS))

    title: Title
    description: Annotated[str, StringConstraints(max_length=1024)] | None = None
    aliases: tuple[Title, ...] = ()
    team: OneOrMany[Handle] = ()
    time_zone: Title | None = None
    """IANA zone; default: settings.time_zone."""
    from_: DateOrTime | None = Field(default=None, alias="from")
    """A handoff; with a time, the first turn is the rest of the running one."""
    crew: Crew | None = None
    crews: Annotated[tuple[DatedCrew, ...], Field(min_length=1)] | None = None
    """Dated crews, append only, newest last."""
    same_crew: SameCrew | None = None
    layers: Annotated[tuple[LayerSpec, ...], Field(min_length=1)] | None = None
    """Later entries win where they have hours."""
    covered_by: Handle | None = None
    """No schedule of its own; that rotation, role or person is paged instead."""
    listed: Literal[True] | None = None
    """Duty comes only from `shifts`."""
    together: Bool = False
    """All at once; shift-based schedules only."""
    hours: HoursList | None = None
    """Windows or names of windows; default: always."""
    otherwise: Handle | None = None
    """Who has the rest of the time: person, role or rotation."""
    pagerduty: RotationPagerDuty = RotationPagerDuty()
    previously: Handle | None = None
    """Former handle; makes a rename of it."""
    until: DateOrTime | None = None
    """Nobody after it."""
    reason: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_form(cls, data: Any) -> Any:
        given = [form for form in FORMS if isinstance(data, dict) and data.get(form) is not None]
        if isinstance(data, dict) and len(given) != 1:
            found = "none of them" if not given else " and ".join(given)
            raise ValueError(f"a rotation needs exactly one of {', '.join(FORMS)}; this one has {found}")
        return data

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
    person: Handle
    from_: LocalTime = Field(alias="from")
    until: LocalTime


class Override(Model):
    model_config = ConfigDict(json_schema_extra=exactly_one("until", "for"))

    rotation: Handle
    person: Handle
    instead_of: Handle | None = None
    """Default: whoever has it."""
    from_: LocalTime = Field(alias="from")
    until: LocalTime | None = None
    for_: Duration | None = Field(default=None, alias="for")
    reason: Text | None = None
    requested_by: Handle | None = None
    cancelled: Bool = False
    """Takes it back in the account; deleting the file only forgets it."""

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if (self.until is None) == (self.for_ is None):
            raise ValueError("an override needs exactly one of until and for")
        return self


class Absence(Model):
    """Moves nobody by itself; with `covered_by` it acts as overrides everywhere."""

    person: Handle
    first_day: Date
    last_day: Date
    """Included."""
    covered_by: Handle | None = None
