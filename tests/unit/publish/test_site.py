"""The site's files: nothing of the runbook is lost on it, nothing of it comes from elsewhere, text stays text."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from itertools import groupby
from pathlib import Path

import pytest
from click.testing import CliRunner

from policy_text import PEOPLE, SETTINGS, policy_of
from publish_policies import HOSTILE, hostile_policy, many_rotations
from repositories import Repo
from runbook.document import read
from shared import ROOT, shared
from watchbill.checks.sound import broken
from watchbill.cli.main import root
from watchbill.config.load import assemble, load_valid
from watchbill.config.yaml_reader import read_yaml
from watchbill.errors import PolicyInvalid, UsageError
from watchbill.model.policy import Policy
from watchbill.publish.folder import calendars
from watchbill.publish.page import PAGES
from watchbill.publish.site import site
from watchbill.publish.swap import replace_folder
from watchbill.rota.clock import parse_instant
from watchbill.rota.duty import Roster

NOW = parse_instant("2026-11-23T14:00:00Z")
LARGEST = 500_000


class Seen(HTMLParser):
    """What an HTML parser makes of a page: texts, addresses, tags."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.rows: list[list[str]] = []
        self.in_cell = False
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.in_cell = True

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.in_cell:
            self.rows[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.in_cell = False


@cache
def shipped() -> dict[str, bytes]:
    policy = load_valid(ROOT / "policies").policy
    assert policy is not None
    return made(policy)


def made(policy: Policy) -> dict[str, bytes]:
    return site(policy, Roster(policy), NOW)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def pages(files: dict[str, bytes]) -> dict[str, Seen]:
    return {name: Seen(data) for name, data in files.items() if name.endswith(".html")}


def test_every_cell_item_and_line_of_the_runbook_is_on_a_page() -> None:
    seen = pages(shipped())
    rows = [row for page in seen.values() for row in page.rows]
    texts = {line.strip() for page in seen.values() for text in page.texts for line in text.splitlines()}
    told = {"".join(p.texts) for p in seen.values()}
    missing = []
    for _, group in groupby(read(shared("runbook.md")), key=lambda item: (item.line, item.table)):
        items = list(group)
        if items[0].kind == "cell":
            cells = [item.text for item in items]
            if not any(all(cell in row for cell in cells) for row in rows):
                missing.append(cells)
            continue
        for item in items:
            if item.kind in ("list", "code") and item.text not in texts:
                missing += [[item.text]] if not any(item.text in page for page in told) else []
            if item.kind == "node":
                label, _, remark = item.text.partition(" (")
                if label not in texts or (remark and f"({remark}" not in texts):
                    missing.append([item.text])
    chapters = {"Escalation Paths", "Technical Escalation", "Severity Escalation", "Security Escalation"}
    assert [m for m in missing if m[0] not in chapters] == []


def test_every_page_is_complete_and_asks_nobody_outside() -> None:
    files = shipped()
    seen = pages(files)
    assert {f"{name}.html" for name, _ in PAGES} <= seen.keys()
    for name, page in seen.items():
        tags = [tag for tag, _ in page.tags]
        assert (tags.count("main"), tags.count("h1"), tags.count("header"), tags.count("footer")) == (
            1,
            1,
            1,
            1,
        )
        ids = [a["id"] for _, a in page.tags if "id" in a]
        assert len(ids) == len(set(ids)), name
        assert not any("style" in a or any(key.startswith("on") for key in a) for _, a in page.tags), name
        for tag, attributes in page.tags:
            for key in ("src", "href"):
                address = attributes.get(key)
                if address is None:
                    continue
                file, _, anchor = address.partition("#")
                assert "//" not in address, f"{name}: {address}"
                if file.startswith("calendars/"):
                    continue
                assert not file or file in files, f"{name}: <{tag}> {address}"
                target = seen.get(file or name)
                assert not anchor or target is None or any(a.get("id") == anchor for _, a in target.tags), (
                    address
                )
    for name in ("duty.js", "site.js", "style.css"):
        assert not re.search(rb"//[a-z]|@import|url\(", files[name]), name


def test_the_search_leads_to_places_that_exist() -> None:
    files = shipped()
    seen = pages(files)
    found = json.loads(files["search.js"].decode().removeprefix("window.watchbillFound = ").rstrip(";\n"))
    assert len(found) > 150
    assert [
        "Database · DBA On-Call · Database Lead · VP Engineering",
        "By Domain",
        "matrices.html#by-domain",
    ] in found
    for _, _, address in found:
        file, _, anchor = address.partition("#")
        assert not anchor or any(a.get("id") == anchor for _, a in seen[file].tags), address


def test_placeholders_are_shown_as_such() -> None:
    page = pages(shipped())["index.html"]
    assert page.texts.count("placeholder") > 7
    assert "primary-3" in page.texts


def test_everybody_whom_a_domain_pages_at_once_is_first_for_it() -> None:
    """Follow the sun: by night the primary has nobody, and somebody is paged all the same."""
    policy = policy_of(
        "rotations:\n"
        "  east: {title: East, crew: [ana], hours: daily 08:00-12:00}\n"
        "  west: {title: West, crew: [ben]}\n"
        "severities: {P1: {urgency: high, repeat: 0, steps: {0m: domain.primary, 5m: cleo}}}\n"
        "domains:\n"
        "  pay: {title: Pay, primary: east, default_severity: P1, also: {0m: west, 15m: dan}}\n"
    )
    page = pages(made(policy))["index.html"]
    rows = [[cell.strip() for cell in row] for row in page.rows]
    assert [row for row in rows if row and row[0] == "Pay"] == [
        ["Pay", "Nobody", "East"],
        ["Pay", "Ben", "West"],
    ]


def test_no_address_and_no_number_is_shown() -> None:
    text = (
        "roles: {cto: {title: CTO, held_by: ana}}\n"
        "people: {ana: {name: Ana Pop, email: ana@secret.example, phone: {secret: PHONE_ANA}}}\n"
        "rotations: {primary: {title: Primary, crew: [ana]}}\n"
    )
    for name, data in made(policy_of(text)).items():
        assert b"secret.example" not in data, name
        assert b"PHONE_ANA" not in data, name


def test_hostile_text_is_text_on_every_page() -> None:
    files = made(hostile_policy())
    plain_tags = {tag for page in pages(shipped()).values() for tag, _ in page.tags}
    for name, page in pages(files).items():
        assert {tag for tag, _ in page.tags} <= plain_tags | {"p"}, name
        assert not any(c in "".join(page.texts) for c in "\u202e\u200f\u2066\x1b"), name
        scripts = [a for tag, a in page.tags if tag == "script"]
        assert [a["src"] for a in scripts] == ["data.js", "duty.js", "site.js"]
    for text in HOSTILE:
        shown = "".join(c if ord(c) not in (0x202E, 0x200F, 0x2066, 0x1B) else "·" for c in text)
        assert shown in "".join(pages(files)["index.html"].texts), text
    for name in ("data.js", "search.js"):
        assert files[name].isascii()
        assert files[name].count(b"\n") == 1


def test_an_empty_policy_has_a_site_too() -> None:
    settings = {"format": 1, "organization": "New", "time_zone": "Europe/Bucharest"}
    policy = Policy.model_validate({"settings": settings})
    files = site(policy, Roster(policy), NOW, [], "The policy folder is in no git repository.")
    seen = pages(files)
    assert len(seen) == len(PAGES)
    assert all(any(a.get("class") == "empty" for _, a in page.tags) for page in seen.values())


EXAMPLES = sorted((ROOT / "tests" / "examples" / "valid").rglob("*.yaml"))


def test_every_kind_of_policy_can_be_published(tmp_path: Path) -> None:
    """Those of the valid examples that are whole with settings and people."""
    published = 0
    for path in EXAMPLES:
        text = path.read_text("utf-8")
        for missing in ("", SETTINGS, PEOPLE, SETTINGS + PEOPLE):
            document = read_yaml(missing + text, path.name)
            loaded = assemble(tmp_path, [document], document.findings)
            if loaded.policy is None or not loaded.valid or broken(loaded, now=NOW):
                continue
            assert made(loaded.policy)["runbook.md"].startswith(b"<!-- Made by"), path
            assert len(calendars(loaded.policy, tmp_path, NOW)) >= len(loaded.policy.rotations), path
            published += 1
            break
    assert published > 55


def test_a_name_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    policies, out = tmp_path / "policies", tmp_path / "site"
    policies.mkdir()
    lost = "rotations: {a: {title: A, crew: [ana], hours: weekend}}\n"
    (policies / "all.yaml").write_text(SETTINGS + PEOPLE + lost, "utf-8")
    for verb in ("site", "calendars", "runbook"):
        done = CliRunner().invoke(root, ["--policies", str(policies), "publish", verb, "--out", str(out)])
        assert isinstance(done.exception, PolicyInvalid), verb
        assert "weekend" in done.exception.findings[0].message
    assert not out.exists()


def test_two_hundred_rotations_stay_small() -> None:
    """How long it takes is told by tests/bench/site.py."""
    policy = many_rotations(200)
    files = made(policy)
    sizes = {name: len(data) for name, data in files.items()}
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}
    assert sum(name.startswith("calendar") for name in files) == 10


def test_equal_headings_have_one_anchor() -> None:
    vendor = {"title": "Same", "steps": ["Call them"]}
    settings = {"format": 1, "organization": "New", "time_zone": "Europe/Bucharest"}
    policy = Policy.model_validate({"settings": settings, "vendors": {"a": vendor, "b": vendor}})
    page = pages(made(policy))["directory.html"]
    assert page.texts.count("Same Support") >= 2
    assert [a.get("id") for _, a in page.tags].count("same-support") == 1


def test_the_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    out = tmp_path / "site"
    replace_folder(out, {"data.js": b"window.watchbill = {};", "a/b.txt": b"1"})
    replace_folder(out, {"data.js": b"window.watchbill = {};", "c.txt": b"2"})
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*")) == ["c.txt", "data.js"]
    assert names(tmp_path) == ["site"]


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("x")
    (tmp_path / "file").write_text("x")
    monkeypatch.chdir(tmp_path / "other")
    for name in ("other", "file", ".", "other/.."):
        with pytest.raises(UsageError):
            replace_folder(tmp_path / name, {"data.js": b""})
    assert (tmp_path / "other" / "thesis.txt").read_text() == "x"
    assert names(tmp_path) == ["file", "other"]


def test_the_verb_tells_what_each_change_did_to_people(tmp_path: Path) -> None:
    rotation = (
        "rotations:\n  primary: {{title: Primary, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [{}]}}\n"
        "severities: {{P1: {{urgency: high, repeat: 0, steps: {{0m: domain.primary, {}: ben}}}}}}\n"
        "domains: {{db: {{title: DB, primary: primary, default_severity: P1}}}}\n"
    )
    repo = Repo.new(tmp_path / "repo")
    settings = "settings: {format: 1, organization: Example, time_zone: Europe/Bucharest}\n"
    repo.write("policies/settings.yaml", settings)
    people = "".join(f"  {n}: {{name: {n.title()}, email: {n}@x.example}}\n" for n in ("ana", "ben", "cleo"))
    repo.write("policies/people.yaml", f"people:\n{people}")
    repo.write("policies/rotations.yaml", rotation.format("ana, ben", "15m"))
    repo.commit("2026-11-01T10:00:00Z", "First")
    repo.write("policies/rotations.yaml", rotation.format("ana, cleo", "20m"))
    repo.commit("2026-11-20T10:00:00Z", "Cleo for <b>Ben</b>")
    out = tmp_path / "out" / "site"
    words = ["--policies", str(repo.folder / "policies"), "--now", "2026-11-23T14:00:00Z", "publish", "site"]
    for _ in range(2):
        done = CliRunner().invoke(root, [*words, "--out", str(out)])
        assert done.exit_code == 0, done.output
    text = "".join(Seen((out / "history.html").read_bytes()).texts)
    assert "Cleo for <b>Ben</b>" in text
    assert "Primary: Cleo for Ben" in text
    assert "ladder DB P1, minute 15: ben → nobody" in text
    assert "The first version." in text
    assert (out / "calendars" / "rotations" / "primary.ics").is_file()
    assert names(out.parent) == ["site"]
