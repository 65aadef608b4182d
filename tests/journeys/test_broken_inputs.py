"""Input that is broken on purpose: a finding with its line and a hint, the documented exit code, nothing written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from journeys.conftest import Person

Break = Callable[[Path], None]


def bad_indent(policies: Path) -> None:
    (policies / "people.yaml").write_text("people:\n  ana:\n    name: Ana\n   email: ana@x.example\n")


def tab(policies: Path) -> None:
    (policies / "people.yaml").write_text("people:\n\tana: {name: Ana, email: ana@x.example}\n")


def duplicate_key(policies: Path) -> None:
    file = policies / "severities.yaml"
    file.write_text(file.read_text() + "  P1: {urgency: high, repeat: 0, steps: {0m: primary}}\n")


def unknown_role(policies: Path) -> None:
    file = policies / "severities.yaml"
    file.write_text(file.read_text().replace("eng-manager", "eng-manger"))


def offset_in_a_time(policies: Path) -> None:
    folder = policies / "overrides" / "primary"
    folder.mkdir(parents=True)
    (folder / "one.yaml").write_text(
        "overrides:\n  - rotation: primary\n    person: primary-1\n"
        "    from: 2026-12-24T09:00:00+02:00\n    until: 2026-12-26 09:00\n"
    )


def alias_bomb(policies: Path) -> None:
    lines = ["people: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"k{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    (policies / "people.yaml").write_text("\n".join(lines) + "\n")


def fifty_megabytes(policies: Path) -> None:
    with (policies / "people.yaml").open("w") as file:
        file.writelines("# " + "x" * 1021 + "\n" for _ in range(50 * 1024))


def binary(policies: Path) -> None:
    (policies / "people.yaml").write_bytes(bytes(range(256)) * 40)


def empty_directory(policies: Path) -> None:
    shutil.rmtree(policies)
    policies.mkdir()


def dangling_link(policies: Path) -> None:
    (policies / "people.yaml").unlink()
    (policies / "people.yaml").symlink_to("nowhere.yaml")


def directory_named_like_a_file(policies: Path) -> None:
    (policies / "x.yaml").mkdir()


CASES: list[tuple[Break, str, str]] = [
    (bad_indent, "people.yaml", "4:"),
    (tab, "tab", "2:1"),
    (duplicate_key, "P1", "severities.yaml"),
    (unknown_role, "did you mean", "eng-manager"),
    (offset_in_a_time, "2026-12-24 09:00", "4:"),
    (alias_bomb, "alias", "people.yaml"),
    (fifty_megabytes, "people.yaml", "MB"),
    (binary, "people.yaml", ""),
    (empty_directory, "no policy", ""),
    (dangling_link, "people.yaml", "link"),
    (directory_named_like_a_file, "x.yaml", ""),
]


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize(("spoil", "says", "also"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_broken_input_costs_nothing(person: Person, spoil: Break, says: str, also: str) -> None:
    spoil(person.policies)
    before = snapshot(person.folder)
    check = person.watchbill("check")
    assert check.code == 3, check.out + check.err
    assert says in check.out
    assert also in check.out
    assert "error" in check.out
    apply = person.watchbill("apply", "--yes")
    assert apply.code == 3, apply.out + apply.err
    assert snapshot(person.folder) == before
    assert not list(Path(person.env["XDG_DATA_HOME"]).rglob("*.sqlite"))


def test_a_folder_that_is_not_there(person: Person) -> None:
    ran = person.watchbill("check", "--policies", "nowhere")
    assert ran.code == 2
    assert "nowhere" in ran.err


def test_every_finding_of_every_file_in_one_run(person: Person) -> None:
    (person.policies / "vendors.yaml").write_text("vendors:\n  a:\n    title: A\n   portal: b\n")
    unknown_role(person.policies)
    duplicate_key(person.policies)
    out = person.watchbill("check").out
    assert "vendors.yaml" in out
    assert "severities.yaml" in out
    assert "[duplicate-key]" in out
    assert "did you mean 'eng-manager'" in out
