"""A folder of files to one policy: everything that is wrong, in one run, where it stands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from watchbill.config.load import Loaded, load_policy, load_valid
from watchbill.errors import PolicyInvalid, UsageError
from watchbill.findings import Finding

SETTINGS = "settings: {format: 1, organization: Example, time_zone: Europe/Bucharest}\n"


def loaded(folder: Path, **files: str) -> Loaded:
    for name, text in files.items():
        (folder / f"{name.replace('_', '-')}.yaml").write_text(text, "utf-8")
    return load_policy(folder, schema=True)


def one(result: Loaded, rule: str) -> Finding:
    found = [f for f in result.findings if f.rule == rule]
    assert len(found) == 1, result.findings
    return found[0]


def test_kinds_may_be_spread_over_files_and_files_may_hold_several(tmp_path: Path) -> None:
    (tmp_path / "teams").mkdir()
    (tmp_path / "teams" / "web.yaml").write_text("people: {ben: {name: Ben, email: b@x.example}}\n")
    result = loaded(
        tmp_path,
        all=SETTINGS
        + "people: {ana: {name: Ana, email: a@x.example}}\nroles: {cto: {title: CTO, held_by: ana}}\n",
    )
    assert result.valid
    assert result.policy is not None
    assert set(result.policy.people) == {"ana", "ben"}
    assert result.policy.roles["cto"].held_by == "ana"
    assert [Path(f).name for f in result.files] == ["all.yaml", "web.yaml"]


def test_lists_are_counted_through_the_files(tmp_path: Path) -> None:
    one_override = "overrides:\n  - {{rotation: r, person: {0}, from: 2026-12-24 09:00, for: 2h}}\n"
    result = loaded(
        tmp_path,
        a=SETTINGS,
        b=one_override.format("ana") + "  - {nonsense: true}\n",
        c=one_override.format("ben"),
    )
    assert result.policy is not None
    assert [o.person for o in result.policy.overrides] == ["ana", "ben"]
    spot = result.locator.spot(("overrides", 1, "person"))
    assert spot is not None
    assert (Path(spot.file).name, spot.line, spot.source[spot.column - 1 :][: spot.width]) == (
        "c.yaml",
        2,
        "ben",
    )


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        (("rotations", "web", "crew", 1), "ben"),
        (("rotations", "web"), "web"),
        (("rotations", "web", "nothing", 3), "web"),
        (("rotations", "web", "team", 0), "mp"),
        (("triggers", "needs", "help", "page"), "ana"),
        (("settings", "time_zone"), "Europe/Bucharest"),
        (("rotations",), "rotations"),
    ],
)
def test_a_place_is_found_in_its_file(tmp_path: Path, place: tuple[str | int, ...], shown: str) -> None:
    text = "rotations:\n  web: {title: Web, crew: [ana, ben], team: mp}\ntriggers: {needs: {help: {title: H, page: ana}}}\n"
    spot = loaded(tmp_path, a=SETTINGS, b=text).locator.spot(place)
    assert spot is not None
    assert spot.source[spot.column - 1 :][: spot.width] == shown


def test_a_place_that_no_file_has_is_not_found(tmp_path: Path) -> None:
    assert loaded(tmp_path, a=SETTINGS).locator.spot(("people", "ana")) is None


def test_a_handle_in_two_files_names_both(tmp_path: Path) -> None:
    person = "people:\n  ana: {name: Ana, email: a@x.example}\n"
    finding = one(loaded(tmp_path, a=SETTINGS, b=person, c=person), "duplicate-handle")
    assert Path(finding.file).name == "c.yaml"
    assert finding.line == 2
    assert "b.yaml:2" in finding.hint


def test_people_roles_rotations_and_external_share_their_handles(tmp_path: Path) -> None:
    text = "people: {web: {name: Web, email: w@x.example}}\nrotations: {web: {title: Web, crew: [web]}}\n"
    finding = one(loaded(tmp_path, a=SETTINGS, b=text), "duplicate-handle")
    assert "rotations" in finding.message
    assert "people" in finding.message


def test_the_first_of_two_stays_in_the_policy(tmp_path: Path) -> None:
    text = "people: {{ana: {{name: {0}, email: a@x.example}}}}\n"
    result = loaded(tmp_path, a=SETTINGS, b=text.format("First"), c=text.format("Second"))
    assert result.policy is not None
    assert result.policy.people["ana"].name == "First"


def test_settings_are_missed(tmp_path: Path) -> None:
    result = loaded(tmp_path, b="people: {ana: {name: Ana, email: a@x.example}}\n")
    assert one(result, "settings-missing").hint
    assert result.policy is not None
    assert not result.valid


def test_settings_twice(tmp_path: Path) -> None:
    finding = one(loaded(tmp_path, a=SETTINGS, b=SETTINGS), "duplicate-handle")
    assert Path(finding.file).name == "b.yaml"
    assert "a.yaml:1" in finding.message


def test_broken_settings_leave_the_rest_to_be_checked(tmp_path: Path) -> None:
    text = "settings: {format: 1, organization: Example, time_zone: Europe/Bucharest, outlook: long, hours: {b: mon-fri 09:00-18:00}}\n"
    result = loaded(tmp_path, a=text)
    assert "outlook" in {f.source[f.column - 10 : f.column - 3] for f in result.findings}
    assert result.policy is not None
    assert result.policy.settings.time_zone == "Europe/Bucharest"
    assert "b" in result.policy.settings.hours
    assert not result.valid


def test_one_broken_object_does_not_hide_the_others(tmp_path: Path) -> None:
    text = """\
people:
  ana: {name: Ana, email: nowhere}
  ben: {name: Ben, email: b@x.example, nick: Benny}
  cleo: {name: Cleo, email: c@x.example}
rotations:
  web: {title: Web}
"""
    result = loaded(tmp_path, a=SETTINGS, b=text)
    assert [(f.rule, f.line) for f in result.findings] == [
        ("structure", 2),
        ("unknown-key", 3),
        ("missing-key", 6),
    ]
    assert result.policy is not None
    assert set(result.policy.people) == {"cleo"}
    assert result.broken == {("people", "ana"), ("people", "ben"), ("rotations", "web")}


def test_a_file_that_cannot_be_read_makes_its_kinds_uncertain(tmp_path: Path) -> None:
    result = loaded(
        tmp_path, a=SETTINGS, b="people:\n\tana: {name: Ana}\nroles:\n  cto: {title: CTO, held_by: ana}\n"
    )
    assert result.unread == {"people", "roles"}
    assert result.policy is not None


def test_a_misspelt_key_is_told_once(tmp_path: Path) -> None:
    result = loaded(tmp_path, a=SETTINGS, b="roles: {cto: {title: CTO, heldby: ana}}\n")
    assert [f.rule for f in result.findings] == ["unknown-key"]
    assert result.findings[0].hint == "did you mean 'held_by'?"


def test_a_key_rule_is_told_beside_the_faults_of_the_fields(tmp_path: Path) -> None:
    result = loaded(tmp_path, a=SETTINGS, b="rotations: {web: {title: Web, colour: red, turn: weekly}}\n")
    assert sorted(f.rule for f in result.findings) == ["missing-key", "structure", "unknown-key"]


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("hours: Mon-Fri 9:00-17:00", "write it like 'mon-fri 09:00-17:00'"),
        ("hours: monday - friday 09:00 - 18:00", "write it like 'mon-fri 09:00-18:00'"),
        ("until: 2026-12-24T09:00:00+02:00", "write it like '2026-12-24 09:00'"),
        ("turn: 1 weak", "write it like '1 week'"),
        ("team: Team MP", "write it like 'team-mp'"),
        ("turns_each: two", "write a number without quotes"),
        ("together: yes", "write true or false"),
        ("title: [Web]", "one text only; if the brackets belong to it, put it in quotes"),
        ("title: 24", 'put it in quotes: "24"'),
        ("title: {{ web }}", 'a text with {{ ... }} in it must be put in quotes: "{{ name }}"'),
        ("crew: ana", "write [a, b], or one item per line, each after a dash"),
        ("pagerduty: {kind: layer}", "did you mean 'layers'?"),
    ],
)
def test_the_hint_says_what_to_write(tmp_path: Path, written: str, hint: str) -> None:
    keys = {"title": "title: Web", "crew": "crew: [ana]"}
    keys.pop(written.split(":", maxsplit=1)[0], None)
    text = "rotations:\n  web:\n" + "".join(f"    {line}\n" for line in [*keys.values(), written])
    result = loaded(tmp_path, a=SETTINGS, b=text)
    assert hint in {f.hint for f in result.findings}, result.findings


def test_titles_and_aliases_lead_to_the_handle(tmp_path: Path) -> None:
    text = """\
roles: {eng-manager: {title: Engineering Manager, aliases: [Eng Manager], held_by: unset}}
severities: {P1: {urgency: high, repeat: 0, steps: {0m: Eng Manager, 5m: ENGINEERING MANAGER}}}
"""
    result = loaded(tmp_path, a=SETTINGS, b=text)
    assert [f.hint for f in result.findings] == ["its handle is 'eng-manager'"] * 2


@pytest.mark.parametrize(
    "line",
    [
        "phone: 0722 123 456",
        'phone: "+40 (722) 123-456"',
        "phone: 0722123456",
        "phone: {secret: 0722123456}",
        "nick: x, phone: '0722.123.456'",
    ],
)
def test_a_phone_number_is_never_repeated(tmp_path: Path, line: str) -> None:
    result = loaded(tmp_path, a=SETTINGS, b=f"people:\n  ana: {{name: Ana, email: a@x.example, {line}}}\n")
    assert not result.valid
    for finding in result.findings:
        assert "123" not in f"{finding.message} {finding.hint} {finding.source}", finding


def test_load_valid_raises_with_all_findings(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("people: {ana: {}, ben: {}}\n")
    with pytest.raises(PolicyInvalid) as caught:
        load_valid(tmp_path)
    assert len(caught.value.findings) == 5
    assert caught.value.exit_code == 3
    assert caught.value.remedy


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        load_policy(tmp_path / "nowhere")


def test_the_digest_is_of_what_is_meant(tmp_path: Path) -> None:
    def digest(name: str, text: str) -> str:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a.yaml").write_text(text)
        return load_valid(folder).digest

    first = digest(
        "1", SETTINGS + "rotations:\n  b: {title: B, crew: [ana]}\n  a: {title: A, crew: [ana], team: mp}\n"
    )
    same = "# words\nrotations:\n  a: {crew: [ana], title: A, team: [mp], description: null}\n  b: {title: 'B', crew:\n    - ana}\n"
    other = SETTINGS + "rotations:\n  b: {title: B, crew: [ana]}\n  a: {title: A, crew: [ben], team: mp}\n"
    assert digest("2", same.replace("crew:\n    - ana", "crew: [ana]") + SETTINGS) == first
    assert digest("3", other) != first


def test_who_and_simulate_do_not_wait_for_the_schema(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SETTINGS)
    code = (
        "import sys; from pathlib import Path; from watchbill.config.load import load_valid; "
        f"load_valid(Path({str(tmp_path)!r})); assert 'jsonschema' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_schema_files_of_another_version_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jsonschema import Draft202012Validator

    from watchbill.config import schema_check
    from watchbill.schema import policy_schema

    older = policy_schema()
    del older["properties"]["people"]
    monkeypatch.setattr(schema_check, "_validator", lambda: Draft202012Validator(older))
    finding = one(
        loaded(tmp_path, a=SETTINGS, b="people: {ana: {name: Ana, email: a@x.example}}\n"), "schema-verdict"
    )
    assert Path(finding.file).name == "b.yaml"
    assert "watchbill schema" in finding.hint
