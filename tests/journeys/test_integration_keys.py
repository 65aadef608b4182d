"""The way in for events of new services: its key goes where the settings say and nowhere else, also after trouble."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from journeys.conftest import Person
from watchbill.plan.document import INTEGRATION, KEY_PENDING
from watchbill.sandbox.server import Sandbox

SERVICES = 7


def keys_of(sandbox: Sandbox) -> dict[str, str]:
    """By name of the integration's service."""
    return {
        service["name"]: integration["integration_key"]
        for service in sandbox.store.all("service")
        for integration in sandbox.store.children("integration", service["id"])
    }


def names_of(sandbox: Sandbox) -> set[str]:
    return {
        integration["name"]
        for service in sandbox.store.all("service")
        for integration in sandbox.store.children("integration", service["id"])
    }


def say(person: Person, keys: str) -> None:
    settings = person.policies / "settings.yaml"
    settings.write_text(settings.read_text().replace("routing:", f"integration_keys: {keys}\n    routing:"))


def leaks(person: Person, outputs: str, sandbox: Sandbox, *, but: Path | None = None) -> list[str]:
    """Keys in what was said, and in any file below the person's home and folder."""
    root = person.folder.parent
    files = [p for p in root.rglob("*") if p.is_file() and p != but and p.suffix != ".sqlite"]
    texts = [outputs, *(p.read_text("utf-8", "replace") for p in files)]
    return [key for key in keys_of(sandbox).values() if any(key in text for text in texts)]


def test_keys_go_to_a_file_that_only_its_owner_reads(person: Person, populated: Sandbox) -> None:
    file = person.folder / "keys.json"
    file.write_text('{"by-hand": "kept"}')
    say(person, "{file: keys.json}")
    someone = person.at(populated)
    plan = someone.watchbill("plan", "--full", "--out", "plan.json")
    assert "its key goes to the file keys.json" in " ".join(plan.out.split())
    ran = someone.watchbill("apply", "plan.json", "--yes")
    assert ran.code == 0, ran.out + ran.err
    held = json.loads(file.read_text())
    assert held.pop("by-hand") == "kept"
    assert sorted(held.values()) == sorted(keys_of(populated).values())
    assert held["medicalcor-api"] == keys_of(populated)["MedicalCor API"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert names_of(populated) == {INTEGRATION}
    again = someone.watchbill("apply", "--yes", "--json")
    assert (again.code, again.json["writes"]) == (0, 0)
    assert not leaks(person, plan.out + ran.out + ran.err + again.out, populated, but=file)
    assert not [p for p in file.parent.iterdir() if p.name.startswith(".keys-")]


def test_keys_go_to_a_program_on_its_standard_input(person: Person, populated: Sandbox) -> None:
    store = person.folder.parent / "store.py"
    kept = person.folder.parent / "kept"
    store.write_text(
        "import pathlib, sys\n"
        f"folder = pathlib.Path({str(kept)!r}); folder.mkdir(exist_ok=True)\n"
        "(folder / sys.argv[1]).write_text(sys.stdin.read()); print('noise', sys.argv)\n"
    )
    say(person, f'{{command: [{sys.executable}, {store}, "{{service}}"]}}')
    ran = person.at(populated).watchbill("apply", "--yes")
    assert ran.code == 0, ran.out + ran.err
    assert (kept / "medicalcor-payments").read_text() == keys_of(populated)["MedicalCor Payments"]
    assert len(list(kept.iterdir())) == SERVICES
    assert "noise" not in ran.out + ran.err
    for file in kept.iterdir():
        file.unlink()
    assert not leaks(person, ran.out + ran.err, populated)


def test_without_settings_every_service_has_a_way_in_and_no_key_is_told(
    person: Person, populated: Sandbox
) -> None:
    ran = person.at(populated).watchbill("apply", "--yes")
    assert ran.code == 0, ran.out + ran.err
    assert len(keys_of(populated)) == SERVICES
    assert not leaks(person, ran.out + ran.err, populated)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("{file: nowhere/keys.json}", "its folder is missing"),
        pytest.param("{file: broken.json}", "holds something else than keys", marks=pytest.mark.long),
        pytest.param("{file: policies}", "cannot be read", marks=pytest.mark.long),
        pytest.param("{command: [no-such-program-here]}", "there is no program", marks=pytest.mark.long),
    ],
)
def test_where_no_key_can_go_nothing_is_made_and_the_next_run_finishes(
    person: Person, populated: Sandbox, keys: str, says: str
) -> None:
    (person.folder / "broken.json").write_text("[1, 2]")
    before = (person.policies / "settings.yaml").read_text()
    say(person, keys)
    someone = person.at(populated)
    ran = someone.watchbill("apply", "--yes")
    assert ran.code == 13, ran.out + ran.err
    assert says in " ".join((ran.out + ran.err).split())
    assert not keys_of(populated)
    assert (person.folder / "broken.json").read_text() == "[1, 2]"
    (person.policies / "settings.yaml").write_text(before)
    say(person, "{file: keys.json}")
    assert someone.watchbill("apply", "--yes").code == 0
    assert len(json.loads((person.folder / "keys.json").read_text())) == SERVICES


def test_a_key_that_was_not_taken_is_handed_over_by_the_next_run(person: Person, populated: Sandbox) -> None:
    before = (person.policies / "settings.yaml").read_text()
    say(person, f'{{command: [{sys.executable}, -c, "import sys; print(sys.stdin.read()); sys.exit(7)"]}}')
    someone = person.at(populated)
    failed = someone.watchbill("apply", "--yes")
    assert failed.code == 13
    assert "did not take the key: exit code 7" in failed.out
    assert names_of(populated) == {KEY_PENDING}
    made = keys_of(populated)
    assert not leaks(person, failed.out + failed.err, populated)
    (person.policies / "settings.yaml").write_text(before)
    say(person, "{file: keys.json}")
    assert someone.watchbill("apply", "--yes").code == 0
    assert sorted(json.loads((person.folder / "keys.json").read_text()).values()) == sorted(made.values())
    assert names_of(populated) == {INTEGRATION}
    assert someone.watchbill("plan", "--exit-code").code == 0
