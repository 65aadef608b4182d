"""Who is affected by a change, how and from when: short lines, the same on every surface."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.model.policy import Policy
from watchbill.plan.document import Effects, PagedStep, PagingEffect, PersonEffect
from watchbill.report.safe import count, plain
from watchbill.report.shown import who
from watchbill.report.times import full
from watchbill.rota.clock import WEEK, parse_instant, zone

MOST_NAMED = 3
MOST_SHOWN = 7
"""With heading and title they are the first ten lines of a comment."""
TITLE = "Who is affected"
UNAFFECTED = "Nobody is paged differently and no shift moves"
MERGE, APPLY = "the merge", "the apply"
"""What a change counts from: in a plan for a pull request; where a drift is put back."""


def affected(effects: Effects, policy: Policy, start: str = MERGE) -> list[str]:
    """One line for each effect; the line UNAFFECTED alone where there is none."""
    ladders = sorted(effects.paging, key=lambda effect: effect.kind == "new")
    lines = [paging_words(effect, policy, start) for effect in ladders]
    lines += [person_words(person, effects, policy, start) for person in effects.people]
    return lines or [f"{UNAFFECTED}, from {start} on."]


def most_affected(effects: Effects) -> int:
    """How many lines of `affected` a short form shows: each change of a ladder that is there, then new ones and people."""
    return max(MOST_SHOWN, sum(effect.kind != "new" for effect in effects.paging))


def person_words(person: PersonEffect, effects: Effects, policy: Policy, start: str = MERGE) -> str:
    """ben is on call 168 h less (168 h -> 0 h until ...), from the merge"""
    difference = round(person.hours_after - person.hours_before, 2)
    if person.hours_before == 0:
        how = f"is newly on call, {person.hours_after:g} h"
    elif person.hours_after == 0:
        how = f"is no longer on call, {person.hours_before:g} h less"
    elif difference:
        how = f"is on call {abs(difference):g} h {'more' if difference > 0 else 'less'}"
    else:
        how = "is on call at other times, as many hours"
    first = person.first_change or effects.since
    if first > effects.since:
        start = full(parse_instant(first), zone(policy.settings.time_zone))
    return f"{who(policy, person.person)} {how} {_window(effects, policy)}, from {start}"


def _window(effects: Effects, policy: Policy) -> str:
    """A change far ahead is compared around its own date."""
    since, until = parse_instant(effects.since), parse_instant(effects.until)
    if until - since > 6 * WEEK:
        where = zone(policy.settings.time_zone)
        return f"between {full(since, where)} and {full(until, where)}"
    return f"until {full(until, zone(policy.settings.time_zone))}"


def paging_words(effect: PagingEffect, policy: Policy, start: str = MERGE) -> str:
    return f"{_what(effect, policy)}, from {start}"


def paged_you(effect: PagingEffect, policy: Policy) -> dict[str, str]:
    """Target -> the same as a message to the people behind it."""
    if effect.target:
        name = target_name(policy, effect.target)
        told = {effect.target: _what(effect, policy).removeprefix(f"{name} is ")}
    elif effect.setting:
        told = {}
    else:
        where = _where(effect, policy).removeprefix("ladder ")
        first = {target: step.minute for step in reversed(effect.steps) for target in step.targets}
        too, gone = "paged too, {}, {}", "no longer paged ({} until now) {}"
        words = too if effect.kind == "new" else gone
        told = {target: words.format(_after(minute), where) for target, minute in first.items()}
    return {target: f"{who(policy, target)}: you are {text}." for target, text in told.items()}


def _what(effect: PagingEffect, policy: Policy) -> str:
    where = _where(effect, policy)
    if effect.setting == "service":
        names = _named(effect.places, "service")
        ladder = plain(effect.setting_after)
        if effect.kind == "new":
            return f"New service {names}: its incidents page through {ladder}"
        return f"Removed service {names}: nobody is paged for it any more (until now through {ladder})"
    if effect.kind == "new":
        return f"New {where}: {_chain(effect.steps, policy)}"
    if effect.kind == "gone":
        return f"Removed {where}: nobody is paged any more (it was {_chain(effect.steps, policy)})"
    if effect.kind == "setting":
        return _setting(effect, where)
    name, before, after = target_name(policy, effect.target), effect.before, effect.after
    if before is None:
        return f"{name} is paged too, {_after(after or 0)}, {where}"
    if after is None:
        return f"{name} is no longer paged ({_after(before)} until now) {where}"
    much = _minutes(abs(after - before))
    return f"{name} is paged {much} {effect.kind} ({after} instead of {before} min) {where}"


def _setting(effect: PagingEffect, where: str) -> str:
    old, new = plain(effect.setting_before), plain(effect.setting_after)
    if effect.setting == "escalation policy":
        names = _named(effect.places, "service")
        return f"Incidents of {names} page through {new} instead of {old or 'their own policies'}"
    if effect.setting == "urgency":
        return f"Incidents of {_named(effect.places, 'service')} have urgency {new} instead of {old}"
    if effect.setting == "repeats":
        return f"All are paged again {_times(new)} instead of {_times(old)}, if nobody answers {where}"
    return f"After the last page it takes {new} instead of {old} min to start over {where}"


def _times(number: str) -> str:
    return "once" if number == "1" else f"{number} times"


def target_name(policy: Policy, handle: str) -> str:
    """A role with its holder, where the holder has a name."""
    name = who(policy, handle)
    role = policy.roles.get(handle)
    person = policy.people.get(role.held_by) if role is not None else None
    return name if person is None or person.is_placeholder else f"{name} ({plain(person.name)})"


def _where(effect: PagingEffect, policy: Policy) -> str:
    places = _named(effect.places, "domain")
    if not effect.severities:
        return f"ladder {places}" if effect.kind in {"new", "gone"} else f"in ladder {places}"
    *most, last = effect.severities
    several = f"a {', '.join(most)} or {last}" if most else f"a {last}"
    if most and len(effect.severities) == len(policy.severities):
        several = "every incident"
    what = f"for {plain(several)} in {places}"
    return f"ladder {what}" if effect.kind in {"new", "gone"} else what


def _named(places: Sequence[str], word: str) -> str:
    if len(places) > MOST_NAMED:
        return count(len(places), word)
    *most, last = map(plain, places)
    return f"{', '.join(most)} and {last}" if most else last


def _chain(steps: Sequence[PagedStep], policy: Policy) -> str:
    """Backend On-Call at once, Engineering Manager after 15 min"""
    return ", ".join(
        f"{' + '.join(target_name(policy, name) for name in step.targets)} {_after(step.minute)}"
        for step in steps
    )


def _after(minute: int) -> str:
    return "at once" if minute == 0 else f"after {minute} min"


def _minutes(minutes: int) -> str:
    return count(minutes, "minute")
