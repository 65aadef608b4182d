"""People: who they are, whether they are known, whether anybody needs them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from watchbill.checks.context import Context
from watchbill.checks.rotations import served
from watchbill.checks.rule import Problem, Rule
from watchbill.model.base import NOBODY, WORDS
from watchbill.model.policy import NAMED


def _placeholder(context: Context) -> Iterator[Problem]:
    paged: dict[str, str] = {}
    for ladder in context.ladders.values():
        for step in ladder.steps:
            for name in {person for target in step.targets for person in context.people_of(target)}:
                paged.setdefault(name, f"{ladder.title} at {step.minute}m")
    for handle, person in context.policy.people.items():
        if person.is_placeholder and handle in paged:
            message = f"nobody knows yet who '{handle}' is, but {paged[handle]} may page them"
            hint = "write the name and the e-mail address that PagerDuty knows"
            yield Problem(
                ("people", handle, "name"), message, hint, None if context.account_is_real else "note"
            )


def _duplicate_email(context: Context) -> Iterator[Problem]:
    said = ((handle, person.email) for handle, person in context.policy.people.items())
    for handle, first, email in _twice(said):
        message = f"'{first}' has the address {email} too: PagerDuty would see one user"
        yield Problem(("people", handle, "email"), message, "one person, one handle: delete one of them")


def _duplicate_chat_name(context: Context) -> Iterator[Problem]:
    for key in ("slack", "github"):
        people = context.policy.people.items()
        said = ((handle, name) for handle, person in people if (name := getattr(person, key)) is not None)
        for handle, first, name in _twice(said):
            message = f"'{first}' is {name} on {key} too"
            yield Problem(
                ("people", handle, key),
                message,
                "commands from chat would not know who asks: mend one of them",
            )


def _twice(said: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """(handle, the handle that had it first, what), letter case ignored."""
    first: dict[str, str] = {}
    for handle, text in said:
        other = first.setdefault(text.casefold(), handle)
        if other != handle:
            yield handle, other, text


def _never_used(context: Context) -> Iterator[Problem]:
    named = {use.name for use in context.uses}
    for handle in context.policy.people:
        if handle not in named and not context.loaded.broken and not context.loaded.unread:
            yield Problem(
                ("people", handle),
                f"nothing names '{handle}'",
                "put them in a crew or a role, or delete them",
            )


def _reserved_handle(context: Context) -> Iterator[Problem]:
    for kind in NAMED:
        for handle in getattr(context.policy, kind):
            if handle in WORDS:
                message = f"'{handle}' is a word with a meaning of its own"
                yield Problem((kind, handle), message, "take another handle")


def _crew_of_nobody(context: Context) -> Iterator[Problem]:
    for crew in served(context.policy):
        if set(crew.crew) == {NOBODY}:
            place = (*crew.place, crew.crew_key)
            yield Problem(place, "every turn is vacant", "name at least one person")


RULES = (
    Rule("placeholder", "error", "A person on a ladder whom nobody knows yet", _placeholder),
    Rule("duplicate-email", "error", "Two people with one address", _duplicate_email),
    Rule("duplicate-chat-name", "error", "Two people with one chat name", _duplicate_chat_name),
    Rule("never-used", "note", "A person whom nothing names", _never_used),
    Rule("reserved-handle", "error", "A handle that is a word of the format", _reserved_handle),
    Rule("crew-of-nobody", "error", "A crew of vacant turns", _crew_of_nobody),
)
