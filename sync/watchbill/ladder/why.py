"""Why somebody is on duty: turn, crew version, override, leave or fallback, and where each is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from watchbill.findings import Place
from watchbill.ladder.leave import leave_span
from watchbill.ladder.resolve import resolve
from watchbill.ladder.stints import now_and_next
from watchbill.model.policy import Policy
from watchbill.model.rotations import Absence, DatedCrew, LayerSpec, Override, Rotation
from watchbill.rota.build import Source
from watchbill.rota.clock import Instant
from watchbill.rota.duty import Roster, Shift, override_span, wall
from watchbill.rota.turns import FOREVER, LONG_AGO, CrewSequence, Segment, ShiftedSequence, Turn, TurnSequence

_COUNTING = ("crew", "from", "first", "turn", "handoff", "turns_each")


@dataclass(frozen=True, slots=True)
class CrewVersion:
    """The crew in force; `number` counts from 1 among `of` crews (or layers) of `rotation`."""

    rotation: str
    number: int
    of: int
    order: tuple[str, ...]
    position: int
    """Of the holder, from 1."""
    since: Instant | None
    layer: str | None
    reason: str | None
    places: tuple[Place, ...]
    turns_later: int | None = None
    """The crew of `rotation` serves here that many turns later."""


@dataclass(frozen=True, slots=True)
class TurnRead:
    holder: str
    start: Instant | None
    """None: more than a lifetime away."""
    end: Instant | None
    in_hours: bool
    crew: CrewVersion
    on_holiday: bool = False
    """Only a holiday keeps it out of the hours."""


@dataclass(frozen=True, slots=True)
class Why:
    rotation: str
    at: Instant
    shift: Shift | None
    """None: nobody is on duty."""
    duty: Shift | None = None
    """The same, with the pieces before and after it in which the person's duty goes on."""
    turn: TurnRead | None = None
    override: tuple[Override, Place] | None = None
    absences: tuple[tuple[Absence, Place], ...] = ()
    """Those who would have it are away, one covering the other."""
    listed: Place | None = None
    fallback: Why | None = None
    """For the rotation that has the rest of the time."""
    fallback_to: str | None = None


def why(roster: Roster, rotation: str, at: Instant) -> Why:
    """`rotation` has a schedule of its own.  One of several who serve together is the first by name."""
    policy = roster.policy
    shift = next(iter(roster.around(rotation, at)), None)
    duty = next(iter(now_and_next(roster, rotation, at)[0]), None)
    spec = policy.rotations[rotation]
    turn = _turn(roster, rotation, at)
    override = _override(policy, rotation, at)
    if override is not None:
        return Why(rotation, at, shift, duty, turn, override=override)
    if shift is not None and shift.because == "shift":
        return Why(rotation, at, shift, duty, listed=_entry(policy, rotation, at, shift.person))
    outside = turn is None or not turn.in_hours
    if outside and spec.otherwise is not None and shift is not None:
        name = _behind(policy, spec.otherwise)
        away = tuple(_absences(policy, name, at))
        other = why(roster, name, at) if name in policy.rotations else None
        return Why(rotation, at, shift, duty, turn, absences=away, fallback=other, fallback_to=spec.otherwise)
    away = tuple(_absences(policy, turn.holder, at)) if turn is not None and turn.in_hours else ()
    listed = _entry(policy, rotation, at, None) if spec.listed else None
    return Why(rotation, at, shift, duty, turn, absences=away, listed=listed)


def why_live(roster: Roster, rotation: str, at: Instant) -> Why:
    """`roster` may have PagerDuty's answer laid over: who has it is PagerDuty's, the reasons are the files'."""
    found = why(Roster(roster.policy), rotation, at)
    shifts = roster.around(rotation, at)
    same = [shift for shift in shifts if found.shift is not None and shift.person == found.shift.person]
    return replace(found, shift=next(iter([*same, *shifts]), None))


def _turn(roster: Roster, rotation: str, at: Instant) -> TurnRead | None:
    """Of the layer that wins at that instant; outside all hours, of the first that has a turn under way."""
    idle: TurnRead | None = None
    streams = roster.sources(rotation)
    for number in range(len(streams) - 1, -1, -1):
        source = streams[number]
        if not source.start <= at < source.until:
            continue
        turn = next(iter(source.sequence.turns(at, at + 1)), None)
        if turn is None:
            continue
        plans = list(source.sequence.plans(at, at + 1))
        in_hours = any(plan.spans(source.zone, start, end) for start, end, plan in plans)
        read = _read(roster.policy, rotation, source, number, turn, in_hours=in_hours)
        if in_hours:
            return read
        on_holiday = any(plan.bare.spans(source.zone, start, end) for start, end, plan in plans)
        idle = replace(read, on_holiday=on_holiday)
    return idle


def _read(
    policy: Policy, rotation: str, source: Source, number: int, turn: Turn, *, in_hours: bool
) -> TurnRead:
    start = None if turn.start <= LONG_AGO else turn.start
    end = None if turn.end >= FOREVER else min(turn.end, source.until)
    crew = _crew(policy, rotation, source.sequence, number, turn)
    return TurnRead(turn.holder, start, end, in_hours, crew)


def _crew(policy: Policy, rotation: str, sequence: TurnSequence, number: int, turn: Turn) -> CrewVersion:
    later = None
    ordinal = turn.ordinal
    places: tuple[Place, ...] = ()
    if isinstance(sequence, ShiftedSequence):
        later = 0
        while isinstance(sequence, ShiftedSequence):
            places = (*places, ("rotations", rotation, "same_crew"))
            same = policy.rotations[rotation].same_crew
            assert same is not None
            later, rotation, sequence = later + sequence.later, same.as_, sequence.of
        ordinal -= later
    assert isinstance(sequence, CrewSequence)
    segment = _in_force(sequence, ordinal)
    spec = policy.rotations[rotation]
    written: DatedCrew | LayerSpec | Rotation = spec
    here: tuple[Place, ...] = tuple(
        ("rotations", rotation, key) for key in _COUNTING if getattr(spec, _field(key)) is not None
    )
    layer, count, version = None, 1, 0
    if spec.layers is not None:
        written, count, version, layer = (
            spec.layers[number],
            len(spec.layers),
            number,
            spec.layers[number].name,
        )
        here = (("rotations", rotation, "layers", number),)
    elif spec.crews is not None:
        written, count, version = spec.crews[segment.number], len(spec.crews), segment.number
        here = (("rotations", rotation, "crews", segment.number),)
    return CrewVersion(
        rotation=rotation,
        number=version + 1,
        of=count,
        order=segment.order,
        position=segment.place(ordinal - segment.base) + 1,
        since=None if segment.start <= LONG_AGO else segment.start,
        layer=layer,
        reason=getattr(written, "reason", None),
        places=(*here, *places),
        turns_later=later,
    )


def _in_force(sequence: CrewSequence, ordinal: int) -> Segment:
    begun = [segment for segment in sequence.segments if segment.base <= ordinal]
    return begun[-1] if begun else sequence.segments[0]


def _field(key: str) -> str:
    return "from_" if key == "from" else key


def _override(policy: Policy, rotation: str, at: Instant) -> tuple[Override, Place] | None:
    for index, override in enumerate(policy.overrides):
        if override.rotation == rotation and not override.cancelled:
            start, end = override_span(policy, override)
            if start <= at < end:
                return override, ("overrides", index)
    return None


def _absences(policy: Policy, person: str, at: Instant) -> Iterator[tuple[Absence, Place]]:
    """From whoever would have it to whoever covers in the end."""
    seen: set[str] = set()
    name: str | None = person
    while name is not None and name not in seen:
        seen.add(name)
        found = next((a for a in enumerate(policy.absences) if _covers(policy, a[1], name, at)), None)
        if found is None:
            return
        yield found[1], ("absences", found[0])
        name = found[1].covered_by


def _covers(policy: Policy, absence: Absence, person: str, at: Instant) -> bool:
    if absence.person != person or absence.covered_by is None:
        return False
    low, high = leave_span(policy, absence)
    return low <= at < high


def _entry(policy: Policy, rotation: str, at: Instant, person: str | None) -> Place | None:
    where = policy.zone_of(rotation)
    for index, entry in enumerate(policy.shifts):
        if entry.rotation == rotation and (person is None or entry.person == person):
            start, end = wall(entry.from_.text, where), wall(entry.until.text, where)
            if start <= at < end:
                return ("shifts", index)
    return None


def _behind(policy: Policy, name: str) -> str:
    """Through roles and covers."""
    paged = resolve(policy, name)
    return name if paged is None else paged.rotation or paged.person or name
