"""`fmt` on a whole policy: what it writes, what it leaves, and what it says."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from journeys.conftest import Person
from watchbill.config.load import load_valid
from watchbill.report.schemas import OUTPUTS

MESSY = "revisions:\n    -   date: 2024-12   # first\n        version: '1.0'\n        author: Platform Team\n        changes:   Initial\n"


def test_files_are_laid_out_and_a_second_run_changes_nothing(person: Person) -> None:
    before = load_valid(person.policies).digest
    assert person.watchbill("fmt", "--check").code == 0
    rotations = person.policies / "rotations.yaml"
    tidy = rotations.read_text("utf-8")
    rotations.write_text(tidy.replace("\n", "\r\n").replace("    crew:", "    crew:  "), "utf-8")
    rotations.chmod(0o640)
    checked = person.watchbill("fmt", "--check")
    assert checked.code == 10
    assert "would change: policies/rotations.yaml" in checked.out
    assert "\r" in rotations.read_bytes().decode()
    ran = person.watchbill("fmt", "--json")
    assert ran.code == 0, ran.err
    Draft202012Validator(dict(OUTPUTS)["fmt.schema.json"]).validate(ran.json)
    assert ran.json["changed"] == ["policies/rotations.yaml"]
    assert rotations.read_bytes().decode() == tidy
    assert rotations.stat().st_mode & 0o777 == 0o640
    assert load_valid(person.policies).digest == before
    again = person.watchbill("fmt")
    assert (again.code, again.out.split(",")[-1].strip()) == (0, "nothing to lay out")


def test_the_schema_line_is_added_as_the_other_files_have_it(person: Person) -> None:
    file = person.policies / "more" / "revisions.yaml"
    file.parent.mkdir()
    (person.policies / "revisions.yaml").unlink()
    file.write_text(MESSY, "utf-8")
    assert person.watchbill("fmt").code == 0
    assert file.read_text("utf-8").splitlines() == [
        "# yaml-language-server: $schema=../../schema/revisions.schema.json",
        "revisions:",
        "  - date: 2024-12   # first",
        "    version: '1.0'",
        "    author: Platform Team",
        "    changes: Initial",
    ]
    assert person.watchbill("fmt", "--check").code == 0


def test_nothing_is_written_where_a_file_cannot_be_read(person: Person) -> None:
    rotations = person.policies / "rotations.yaml"
    rotations.write_text(rotations.read_text("utf-8").replace("    crew:", "    crew:  "), "utf-8")
    (person.policies / "people.yaml").write_text("people:\n  ana: {name: Ana\n", "utf-8")
    files = {path: path.read_bytes() for path in person.policies.rglob("*.yaml")}
    ran = person.watchbill("fmt")
    assert ran.code == 3
    assert "people.yaml" in ran.err
    assert {path: path.read_bytes() for path in person.policies.rglob("*.yaml")} == files
    assert person.watchbill("--policies", "nowhere", "fmt").code == 2


def test_a_policy_with_findings_is_laid_out_all_the_same(person: Person) -> None:
    file = person.policies / "severities.yaml"
    text = file.read_text("utf-8").replace("eng-manager", "nobody-knows")
    file.write_text(text.replace("  P1:", "  P1:   "), "utf-8")
    assert person.watchbill("fmt").code == 0
    assert file.read_text("utf-8") == text
