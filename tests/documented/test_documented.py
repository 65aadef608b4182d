"""Every command in the README, in the other pages and in `--help` runs in a fresh clone, letter by letter."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from documented.collect import FILES, Group, groups_of, help_groups
from documented.desk import Desk
from documented.run import run_group

QUICK = groups_of("README.md", "policies/README.md")
REST = [*groups_of(*FILES[2:]), *help_groups()]


def id_of(group: Group) -> str:
    return group.name


@pytest.mark.parametrize("group", QUICK, ids=id_of)
def test_the_readmes_commands_run(
    desk: Desk, group: Group, record_property: Callable[[str, object], None]
) -> None:
    _runs(desk, group, record_property, long=False)


@pytest.mark.long
@pytest.mark.parametrize("group", QUICK, ids=id_of)
def test_the_readmes_commands_run_next_year(
    later_desk: Desk, group: Group, record_property: Callable[[str, object], None]
) -> None:
    _runs(later_desk, group, record_property)


@pytest.mark.long
@pytest.mark.parametrize("group", REST, ids=id_of)
def test_the_commands_of_help_run(
    desk: Desk, group: Group, record_property: Callable[[str, object], None]
) -> None:
    _runs(desk, group, record_property)


def _runs(
    desk: Desk, group: Group, record_property: Callable[[str, object], None], *, long: bool = True
) -> None:
    wrong = run_group(desk, group, long=long)
    assert not wrong, "\n\n".join(wrong)
    record_property("documented commands", len(group.commands))
