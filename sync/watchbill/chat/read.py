"""Commands that only answer: for everybody, from the files where that is enough."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.chat.answer import Answer, refused
from watchbill.chat.context import Context
from watchbill.chat.verbs import READS, run_verb, unfit_option
from watchbill.ladder.answers import handles_for, who
from watchbill.report.times import short

FROM_FILES = frozenset({"who", "mine", "why", "simulate", "explain", "gaps", "load", "expert", "vendor"})
"""Answered by the policy alone; said so, since somebody may have made an override in PagerDuty."""
NOT_LIVE = "from policy, not live"
_PENDING = 10


def ask(context: Context, verb: str, words: Sequence[str]) -> Answer:
    wrong = unfit_option(verb, words)
    if wrong:
        allowed = ", ".join(sorted(READS[verb])) or "none"
        return refused(f"{verb} takes no {wrong} here; options: {allowed}")
    if context.person is None and (verb == "mine" or (verb == "who" and "me" in words)):
        return refused(
            f"no person of the policy is {context.asker}: add yourself to people.yaml, with the e-mail that"
            " chat has for you"
        )
    ran = run_verb([verb, *words], context.policies, context.now, context.email)
    if ran.code not in (0, _PENDING):
        if verb not in FROM_FILES:
            return refused(f"{verb} could not be answered: {ran.complaint}")
        return refused(ran.complaint)
    note = NOT_LIVE if verb in FROM_FILES else ""
    return Answer(
        f"{verb} {' '.join(words)}".strip() + (f" ({note})" if note else ""), table=ran.out.rstrip()
    )


def upcoming(context: Context, words: Sequence[str]) -> Answer:
    """Who is next in a rotation, or in every one."""
    handles = list(context.policy.rotations)
    if words:
        found = handles_for(context.policy, " ".join(words))
        if found is None:
            return refused(f"nothing is called {' '.join(words)!r}; `who` lists every rotation")
        handles = found
    lines = []
    for answer in who(context.roster, handles, context.now):
        then = answer.next
        when = (
            f"{context.name(then.person)} from {short(then.since, context.zone, context.now)}"
            if then
            else "nobody"
        )
        lines.append(f"{answer.title}: {when}")
    return Answer(f"Next on duty ({NOT_LIVE})", table="\n".join(lines))
