"""Commands that only answer: for everybody, from the files where that is enough."""

from __future__ import annotations

import json
from collections.abc import Sequence

from watchbill.chat.answer import Answer, refused
from watchbill.chat.context import Context
from watchbill.chat.verbs import READS, Ran, run_verb, unfit_option
from watchbill.errors import AccountError
from watchbill.ladder.answers import handles_for
from watchbill.model.settings import SANDBOX
from watchbill.report.times import short
from watchbill.rota.clock import parse_instant

LIVE = frozenset({"who", "mine", "why", "simulate", "gaps"})
"""Answered from PagerDuty where it answers; the first line names the source."""
FROM_FILES = frozenset({"explain", "load", "expert", "vendor"})
"""Answered by the policy alone."""
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
    ran = _live(context, [verb, *words]) if verb in LIVE else _run(context, [verb, *words])
    if ran.code not in (0, _PENDING):
        if verb not in LIVE | FROM_FILES:
            return refused(f"{verb} could not be answered: {ran.complaint}")
        return refused(ran.complaint)
    note = NOT_LIVE if verb in FROM_FILES else ""
    return Answer(
        f"{verb} {' '.join(words)}".strip() + (f" ({note})" if note else ""), table=ran.out.rstrip()
    )


def _run(context: Context, words: Sequence[str], **account: str) -> Ran:
    return run_verb(words, context.policies, context.now, email=context.email, account=account)


def _live(context: Context, words: Sequence[str]) -> Ran:
    """The verb asks the account that this chat is connected to."""
    verb, *rest = words
    words = [verb, *(["--sandbox"] if context.account == SANDBOX else []), *rest]
    if not context.is_served:
        return _run(context, words)
    try:
        with context.connect() as transport:
            token = transport.token.get_secret_value()
            return _run(context, words, PAGERDUTY_URL=transport.base_url, PAGERDUTY_TOKEN=token)
    except AccountError:  # the verb finds no account either, and its first line states why
        return _run(context, words)


def upcoming(context: Context, words: Sequence[str]) -> Answer:
    """Who is next in a rotation, or in every one."""
    handles = list(context.policy.rotations)
    if words:
        found = handles_for(context.policy, " ".join(words))
        if found is None:
            return refused(f"nothing is called {' '.join(words)!r}; `who` lists every rotation")
        handles = found
    ran = _live(context, ["who", "--json", "--", *handles])
    if ran.code:
        return refused(ran.complaint)
    told = json.loads(ran.out)
    lines = [f"source: {told['source']['text']}"]
    for answer in told["answers"]:
        then = answer["next"]
        when = "nobody"
        if then:
            since = short(parse_instant(then["since"]), context.zone, context.now)
            when = f"{context.name(then['person'])} from {since}"
        lines.append(f"{context.name(answer['asked'])}: {when}")
    return Answer("Next on duty", table="\n".join(lines))
