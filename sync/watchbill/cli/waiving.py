"""`--waive`: one guard, one reason, and if one likes a last day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.model.settings import Waiver


def parse_waivers(texts: tuple[str, ...], now: int) -> tuple[Waiver, ...]:
    """`deletions=we merged two teams`, for this run; with a last day: `deletions=...:2027-01-31`.

    Raises UsageError.
    """
    from watchbill.config.suggest import did_you_mean
    from watchbill.model.settings import GUARDS, Waiver
    from watchbill.rota.clock import date_of

    found = []
    for text in texts:
        guard, _, rest = text.partition("=")
        dated = _WITH_LAST_DAY.fullmatch(rest.strip())
        reason, expires = dated.groups() if dated else (rest, date_of(now // 86_400 + 2).isoformat())
        if not guard or not reason.strip():
            raise click.UsageError(
                f"--waive {text!r} names no guard and reason; write it like deletions='two teams merge'"
            )
        if guard not in GUARDS:
            near = did_you_mean(guard, GUARDS) or f"the guards are {', '.join(GUARDS)}"
            raise UsageError(f"there is no guard {guard!r} to waive", remedy=near)
        try:
            waiver = Waiver.model_validate({"guard": guard, "reason": reason.strip(), "expires": expires})
        except ValueError:
            raise click.UsageError(f"--waive {text!r}: {expires} is no day") from None
        found.append(waiver)
    return tuple(found)


_WITH_LAST_DAY = re.compile(r"(.*\S)\s*:\s*(\d{4}-\d\d-\d\d)", re.DOTALL)


waive_option = click.option(
    "--waive",
    "waive",
    multiple=True,
    metavar="GUARD=REASON[:LAST-DAY]",
    help="Let this guard pass, this once.",
)
