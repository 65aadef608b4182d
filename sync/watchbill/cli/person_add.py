"""A new entry in `people`: judged before anything is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from watchbill.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchbill.cli.changing import Draft
    from watchbill.config.edit_dump import Style
    from watchbill.config.yaml_data import Data
    from watchbill.model.policy import Policy


def entry_of(policy: Policy, handle: str, options: Mapping[str, str | None]) -> dict[str, Data]:
    """As the file will hold it.  Raises UsageError."""
    from pydantic import TypeAdapter, ValidationError

    from watchbill.model.base import Handle
    from watchbill.model.people import Person

    _refuse_taken(policy, handle, options["email"] or "")
    value: dict[str, Data] = {
        key: text.removeprefix("@") if key in ("slack", "github") else text
        for key in ("name", "email", "slack", "github", "time_zone")
        if (text := options[key]) is not None
    }
    if options["phone_secret"] is not None:
        value["phone"] = {"secret": options["phone_secret"]}
    try:
        TypeAdapter(Handle).validate_python(handle)
    except ValidationError:
        near = handle_for(handle)
        raise UsageError(
            f"{handle!r} cannot be a handle",
            remedy=f"use small letters, digits and dashes, for example {near or 'dora'}",
        ) from None
    try:
        Person.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]).replace("_", "-")
        said = "" if key == "phone" else f": {value.get(str(first['loc'][0]))!r}"
        raise UsageError(f"invalid {key}{said}", remedy=_REMEDY[key]) from None
    _refuse_zone(options["time_zone"])
    return value


_REMEDY = {
    "name": "--name 'Dora Example'",
    "email": "--email dora@medicalcor.example",
    "slack": "--slack dora, without @ and blanks",
    "github": "--github dora, without @ and blanks",
    "time-zone": "--time-zone Europe/Bucharest",
    "phone": "--phone-secret PHONE_DORA: the name of the secret, never the number",
}


def _refuse_taken(policy: Policy, handle: str, email: str) -> None:
    if handle in policy.people:
        raise UsageError(
            f"{handle} is in `people` already: {policy.title_of(handle)}", remedy="take another handle"
        )
    for kind in ("roles", "rotations", "external"):
        if handle in getattr(policy, kind):
            raise UsageError(
                f"{handle} is taken: it is one of the {kind}",
                remedy="take another handle; they share one namespace",
            )
    for other, person in policy.people.items():
        if person.email.casefold() == email.casefold():
            raise UsageError(
                f"{email} is the address of {other} already", remedy=f"name {other}, or give another address"
            )


def _refuse_zone(name: str | None) -> None:
    from zoneinfo import ZoneInfoNotFoundError

    from watchbill.rota.clock import zone

    if name is None:
        return
    try:
        zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"there is no time zone {name!r}", remedy=_REMEDY["time-zone"]) from None


def put(draft: Draft, handle: str, value: dict[str, Data]) -> None:
    """Behind the last person, in that person's file and layout; in people.yaml where nobody is there yet."""
    from watchbill.config.edit import insert_key
    from watchbill.config.edit_dump import dump_fragment

    people = list(draft.before.people)
    if not people:
        draft.create_text("people", "people", dump_fragment({"people": {handle: value}}, style="block"))
        return

    home = draft.loaded.locator.home(("people", people[-1]))
    style: Style = "flow" if home is None or _is_flow(home[0].text, people[-1]) else "block"

    def change(text: str, path: tuple[str | int, ...], file: str) -> str:
        return insert_key(text, path[:-1], handle, value, style=style, file=file)

    draft.edit(("people", people[-1]), change)


def _is_flow(text: str, handle: str) -> bool:
    """Whether that entry stands in braces on the line of its handle."""
    return re.search(rf"^\s*[\"']?{re.escape(handle)}[\"']?\s*:\s*\{{", text, re.MULTILINE) is not None


def handle_for(name: str) -> str:
    """dora-example for Dora Example."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:63]


def offer(name: str) -> str:
    """The line that adds somebody who is unknown."""
    handle = handle_for(name) or "dora"
    full = name if handle != name else "..."
    return f'watchbill person add {handle} --name "{full}" --email ...'
