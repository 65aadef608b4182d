"""`tidy` takes out what is over and nothing else; `show` tells where an object stands."""

from __future__ import annotations

from journeys.conftest import Person

OVER = "overrides:\n  - {rotation: primary, person: primary-1, from: 2026-11-01 09:00, until: 2026-11-02 09:00}\n"
TO_COME = "overrides:\n  - {rotation: primary, person: primary-1, from: 2026-12-01 09:00, until: 2026-12-02 09:00}\n"
BOTH = """# kept
absences:
  - {person: infra-1, first_day: 2026-10-01, last_day: 2026-10-03} # gone
  - {person: infra-1, first_day: 2027-10-01, last_day: 2027-10-03} # stays
"""


def test_only_what_is_over_goes(person: Person) -> None:
    folder = person.policies / "overrides"
    folder.mkdir()
    (folder / "over.yaml").write_text(OVER, "utf-8")
    (folder / "to-come.yaml").write_text(TO_COME, "utf-8")
    both = person.policies / "absences.yaml"
    both.write_text(BOTH, "utf-8")
    dry = person.watchbill("tidy", "--dry-run")
    assert dry.code == 0, dry.err
    assert "2 entries would be taken out" in dry.out
    assert (folder / "over.yaml").exists()
    ran = person.watchbill("tidy")
    assert ran.code == 0, ran.err
    assert "2 entries taken out, 1 file with nothing else in it deleted" in ran.out
    assert not (folder / "over.yaml").exists()
    assert (folder / "to-come.yaml").read_text("utf-8") == TO_COME
    text = both.read_text("utf-8")
    assert "# kept" in text
    assert "# stays" in text
    assert "2026-10-01" not in text
    assert person.watchbill("tidy").out == "nothing is over; nothing to tidy\n"
    assert person.watchbill("check").code == 0


def test_show_tells_place_words_and_uses(person: Person) -> None:
    ran = person.watchbill("show", "backend")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("rotation backend  policies/rotations.yaml:")
    assert "otherwise: primary" in ran.out
    assert "domain api-backend: primary  policies/domains.yaml:" in ran.out
    wrong = person.watchbill("show", "bakend")
    assert wrong.code == 2
    assert "backend" in wrong.err
