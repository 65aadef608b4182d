"""Which incident a verb is about: an argument, or the runbook's `--incident-id`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, TypeVar

import click

from watchbill.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])

_NAME = re.compile(
    r"(?:#|inc-|#inc-)?\d+|\S*/incidents/\S+|(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{7,}", re.IGNORECASE
)
"""What is an incident's name at first sight: a number or an address; an id has letters and digits."""

id_option = click.option(
    "--incident-id",
    "ids",
    multiple=True,
    metavar="ID",
    help="The same as INCIDENT, as the runbook writes it.",
)


def incident_named(function: F) -> F:
    """Gives the verb `incident`, as it was written."""

    @click.argument("named", required=False, metavar="[INCIDENT]")
    @id_option
    @wraps(function)
    def command(*args: Any, named: str | None, ids: tuple[str, ...], **values: Any) -> Any:
        return function(*args, incident=one_incident((named, *ids)), **values)

    return command  # type: ignore[return-value]


def one_incident(names: Iterable[str | None]) -> str:
    """Raises UsageError for none, and for several."""
    from watchbill.pagerduty.incidents import incident_ref

    given = {incident_ref(name): name for name in names if name is not None}
    if not given:
        raise UsageError(
            "the command does not name an incident",
            remedy="`watchbill incident list` shows the open ones; name one: 1234, INC-1234, or '#1234' in quotes",
        )
    if len(given) > 1:
        raise UsageError(
            f"the command names {len(given)} incidents: {', '.join(given.values())}",
            remedy="name one, as an argument or with --incident-id",
        )
    return next(iter(given.values()))


def incident_and_words(words: Sequence[str], ids: Sequence[str]) -> tuple[str, str]:
    """`INCIDENT WORDS...`, or `--incident-id INCIDENT WORDS...`.  Raises UsageError."""
    if not ids or (len(words) > 1 and _NAME.fullmatch(words[0])):
        names, words = [*ids, *words[:1]], words[1:]
    else:
        names = list(ids)
    text = " ".join(words).strip()
    if names and not text:
        raise UsageError(
            "the command has no words, or it does not name an incident",
            remedy='name the incident first: watchbill incident update 1234 "rolled back"',
        )
    return one_incident(names), text
