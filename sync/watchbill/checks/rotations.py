"""What a rotation needs to have turns, and what its ways of having none exclude."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from watchbill.checks.context import Context
from watchbill.checks.rule import Problem, Rule
from watchbill.findings import Place
from watchbill.model.policy import Policy
from watchbill.model.rotations import Counted, Rotation
from watchbill.model.text import DateOrTime
from watchbill.rota.build import inherit


class Served(NamedTuple):
    """One crew with what counts its turns: a rotation's own, a dated one, or a layer's."""

    handle: str
    place: Place
    crew_key: str
    crew: tuple[str, ...]
    counted: Counted
    since: DateOrTime | None
    together: bool

    @property
    def takes_turns(self) -> bool:
        return len(set(self.crew)) > 1 and not self.together


def served(policy: Policy) -> Iterator[Served]:
    for handle, rotation in policy.rotations.items():
        place: Place = ("rotations", handle)
        if rotation.crew is not None:
            yield Served(handle, place, "crew", rotation.crew, rotation, rotation.from_, rotation.together)
        for i, dated in enumerate(rotation.crews or ()):
            here = (*place, "crews", i)
            counted = inherit(dated, rotation)
            yield Served(handle, here, "order", dated.order, counted, dated.from_, rotation.together)
        for i, layer in enumerate(rotation.layers or ()):
            yield Served(
                handle, (*place, "layers", i), "crew", layer.crew, layer, layer.from_, rotation.together
            )


def _turn_missing(context: Context) -> Iterator[Problem]:
    for crew in served(context.policy):
        if not crew.takes_turns:
            continue
        counted, missing = crew.counted, []
        if counted.turn is None:
            missing = ["turn", "handoff"] if counted.handoff is None else ["turn"]
        elif counted.handoff is None and counted.turn.unit in ("weeks", "days"):
            missing = ["handoff"]
        if crew.since is None:
            missing.append("from")
        if missing:
            example = {"turn": "turn: 1 week", "handoff": "handoff: mon 09:00", "from": "from: 2026-01-05"}
            if counted.turn is not None and counted.turn.unit == "days":
                example["handoff"] = "handoff: daily 09:00"
            needs = " and ".join(missing)
            hint = f"add {', '.join(example[key] for key in missing)}"
            yield Problem(crew.place, f"two or more people take turns here, so it needs {needs}", hint)


def _handoff_unit(context: Context) -> Iterator[Problem]:
    for crew in served(context.policy):
        turn, handoff = crew.counted.turn, crew.counted.handoff
        if turn is None or handoff is None:
            continue
        place = (*crew.place, "handoff")
        if turn.unit == "weeks" and handoff.weekday is None:
            yield Problem(
                place, f"turns of {turn} change on a day of the week, not daily", "write it like 'mon 09:00'"
            )
        elif turn.unit == "days" and handoff.weekday is not None:
            hint = f"write 'daily {handoff.text.split()[1]}', or count the turns in weeks"
            yield Problem(place, f"turns of {turn} do not always change on a {handoff.text.split()[0]}", hint)
        elif turn.unit == "hours":
            hint = "delete handoff; `from` says when the first turn begins: 2026-01-05 09:00"
            yield Problem(place, f"turns of {turn} have no handoff of their own", hint)
        elif turn.unit == "shifts":
            hint = "delete handoff; turns change where the hours begin"
            yield Problem(place, f"turns of {turn} have no handoff of their own", hint)


def _counted_elapsed(context: Context) -> Iterator[Problem]:
    for crew in served(context.policy):
        counted = crew.counted
        if counted.turn is None or (counted.turn.unit != "hours" and counted.counted == "elapsed"):
            if counted.counted == "elapsed":
                yield Problem(
                    crew.place, "only turns of hours can be counted in real time", "delete `counted`"
                )
        elif counted.turn.unit == "hours" and 24 % counted.turn.count and counted.counted == "clock":
            message = f"turns of {counted.turn} cannot follow the wall clock, they drift through the day"
            hint = "say so with `counted: elapsed`, or take a number of hours that divides 24"
            yield Problem((*crew.place, "turn"), message, hint, "warning")


def _first_not_in_crew(context: Context) -> Iterator[Problem]:
    for crew in served(context.policy):
        first = crew.counted.first
        if first is not None and first not in crew.crew:
            names = ", ".join(dict.fromkeys(crew.crew))
            yield Problem((*crew.place, "first"), f"'{first}' is not in this crew", f"one of: {names}")


def _no_effect(context: Context) -> Iterator[Problem]:
    for handle, rotation in context.policy.rotations.items():
        for key in _idle_keys(rotation):
            form = _form(rotation)
            yield Problem(
                ("rotations", handle, key),
                f"'{key}' does nothing beside '{form}'",
                f"delete it; {_WHY[form]}",
            )


_WHY = {
    "crews": "each dated crew has its own",
    "same_crew": "turns are those of the other rotation",
    "layers": "each layer has its own",
    "covered_by": "it has no turns of its own",
    "listed": "duty comes only from `shifts`",
}
_TURNS = ("turn", "handoff", "turns_each")
_IDLE = {
    "crew": (),
    "crews": ("from", "first"),
    "same_crew": (*_TURNS, "from", "first", "together"),
    "layers": (*_TURNS, "from", "first", "hours"),
    "covered_by": (*_TURNS, "from", "first", "hours", "otherwise", "together"),
    "listed": (*_TURNS, "from", "first", "hours", "together"),
}


def _form(rotation: Rotation) -> str:
    return next(form for form in _IDLE if getattr(rotation, form) is not None)


def _idle_keys(rotation: Rotation) -> list[str]:
    fields = {"from": "from_"}
    return [
        key for key in _IDLE[_form(rotation)] if getattr(rotation, fields.get(key, key)) not in (None, False)
    ]


def _ends_before_it_begins(context: Context) -> Iterator[Problem]:
    for handle, rotation in context.policy.rotations.items():
        begins = rotation.from_ or (rotation.crews[0].from_ if rotation.crews else None)
        if rotation.until and begins and rotation.until.text <= begins.text:
            yield Problem(
                ("rotations", handle, "until"), f"it ends on {rotation.until}, but begins on {begins}", _LATER
            )
        for i, layer in enumerate(rotation.layers or ()):
            if layer.until and layer.from_ and layer.until.text <= layer.from_.text:
                place = ("rotations", handle, "layers", i, "until")
                yield Problem(place, f"it ends on {layer.until}, but begins on {layer.from_}", _LATER)


_LATER = "`until` is the first moment after it"


def _listed_shifts(context: Context) -> Iterator[Problem]:
    policy = context.policy
    named = {shift.rotation for shift in policy.shifts}
    for handle, rotation in policy.rotations.items():
        if rotation.listed and handle not in named and not context.loaded.unread & {"shifts"}:
            hint = f"add shifts: [{{rotation: {handle}, person: ..., from: ..., until: ...}}]"
            yield Problem(
                ("rotations", handle, "listed"),
                "no shift names this rotation: it has nobody",
                hint,
                "warning",
            )
    for i, shift in enumerate(policy.shifts):
        known = policy.rotations.get(shift.rotation)
        if known is not None and not known.listed:
            hint = "say `listed: true` there instead of a crew, or write an override"
            message = f"'{shift.rotation}' has turns of its own; shifts are for rotations with `listed: true`"
            yield Problem(("shifts", i, "rotation"), message, hint)


RULES = (
    Rule("turn-missing", "error", "People take turns, and nothing says when", _turn_missing),
    Rule("handoff-unit", "error", "A handoff that does not fit the turn", _handoff_unit),
    Rule("turn-counting", "error", "A turn that cannot be counted that way", _counted_elapsed),
    Rule("first-not-in-crew", "error", "First is somebody else", _first_not_in_crew),
    Rule("no-effect", "warning", "A key that does nothing", _no_effect),
    Rule("until-before-from", "error", "It ends before it begins", _ends_before_it_begins),
    Rule("listed-shifts", "error", "Shifts and `listed` belong together", _listed_shifts),
)
