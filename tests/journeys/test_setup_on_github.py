"""The set-up that README.md of a new repository documents, line by line, and `doctor --github` that reads it back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pydantic import SecretStr

from github_server.gh import Gh
from github_server.server import GitHubServer
from github_server.state import Repo, Settings
from journeys.conftest import ROOT, Person, Ran, clean_environment
from repositories import Repo as Clone
from watchbill.doctor.diagnosis import Line
from watchbill.forge.github import open_forge
from watchbill.forge.settings import settings_lines
from watchbill.forge.settings_reader import GithubReader
from watchbill.forge.setup_steps import STEPS
from watchbill.forge.starter_files import LOCK, Wish, starter_files

AT = "2026-11-23T14:00:00Z"
OWNERS = ".github/CODEOWNERS"
OPTIONAL = ("WATCHBILL_BOT", "pages")


def new_files(*, with_policy: bool = True) -> dict[str, str]:
    return starter_files(Wish("Acme", "Etc/UTC", LOCK, ("@ana",), with_policy=with_policy))


def documented() -> list[str]:
    """Every line for gh in the new repository's README.md."""
    blocks = re.findall(r"```sh\n(.*?)```", new_files()["README.md"], re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip().startswith("gh ")]


@dataclass
class Place:
    github: GitHubServer
    repo: Repo
    clone: Clone
    person: Person

    def gh(self, *lines: str, by: str = "ana") -> None:
        gh = Gh(self.github.url, self.github.token(by), self.repo.full_name)
        for line in lines:
            gh.run(line)

    def push(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            self.clone.write(name, text)
        self.clone.commit(AT, "files")
        self.clone.git("push", "--quiet", "origin", "main")

    def doctor(self, *words: str, by: str = "ana") -> Ran:
        env = {"GITHUB_API_URL": self.github.url, "GITHUB_TOKEN": self.github.token(by)}
        return self.person.watchbill("doctor", "--github", "--repo", "acme/runbook", *words, **env)

    def bad(self, by: str = "ana") -> dict[str, list[Line]]:
        """By the same functions as the command, in this process: the command itself takes a second."""
        token = SecretStr(self.github.token(by))
        with open_forge(self.repo.full_name, token, api_url=self.github.url) as forge:
            lines = settings_lines(GithubReader(forge), "main", "policies")
        return {
            about: bad
            for about in dict.fromkeys(line.about for line in lines)
            if (bad := [line for line in lines if line.about == about and line.level != "ok"])
        }


@contextmanager
def place_at(folder: Path) -> Iterator[Place]:
    with GitHubServer(folder / "github") as github:
        repo = github.repository("acme", "runbook", ana="admin", ben="write")
        clone = Clone.new(folder / "clone")
        clone.git("remote", "add", "origin", str(repo.bare.folder))
        place = Place(github, repo, clone, Person(clone.folder, clean_environment(folder / "home")))
        place.push(new_files())
        yield place


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place_at(tmp_path_factory.mktemp("setup")) as made:
        yield made


@pytest.fixture
def fresh(shared: Place) -> Iterator[Place]:
    """What `init` wrote, pushed; nothing is set."""
    shared.repo.settings = Settings()
    yield shared
    shared.push({OWNERS: new_files()[OWNERS]})


@pytest.fixture
def place(fresh: Place) -> Place:
    """Every documented line was run."""
    fresh.gh(*documented())
    return fresh


def test_after_the_documented_lines_everything_is_in_order(fresh: Place) -> None:
    before = fresh.bad()
    assert set(before) == {
        "branch main",
        *("environment pagerduty", "environment pagerduty-read", "workflow permissions"),
        *("secret PAGERDUTY_READ_TOKEN", "secret PAGERDUTY_WRITE_TOKEN"),
    }
    assert fresh.doctor().code == 14
    lines = documented()
    assert len(lines) == sum(len(step.lines) for step in STEPS.values())
    fresh.gh(*lines)
    assert fresh.bad() == {}
    schema = json.loads((ROOT / "schema" / "doctor.schema.json").read_text())
    jsonschema_rs.validator_for(schema).validate(fresh.doctor("--json").json)
    ran = fresh.doctor()
    assert (ran.code, ran.out.rstrip().splitlines()[-1].startswith("fit: 0 failures, 0 warnings")) == (
        0,
        True,
    )
    assert all(len(line) <= 80 for line in ran.out.splitlines())


def test_each_remedy_repairs_what_is_missing(fresh: Place) -> None:
    """The lines that the doctor itself shows, in place of the README's."""
    for lines in fresh.bad().values():
        for remedy in dict.fromkeys(line.remedy for line in lines):
            fresh.gh(*remedy.split(" && "))
    assert fresh.bad() == {}


@pytest.mark.parametrize("name", [name for name in STEPS if name not in OPTIONAL])
def test_a_step_that_was_left_out_is_shown_with_its_line(fresh: Place, name: str) -> None:
    needs = {name, "PAGERDUTY_WRITE_TOKEN"} if name == "pagerduty" else {name}
    fresh.gh(*(line for key, step in STEPS.items() if key not in needs for line in step.lines))
    remedies = [line.remedy for lines in fresh.bad().values() for line in lines]
    assert " && ".join(STEPS[name].lines) in remedies


SPOILED: dict[str, tuple[Callable[[Repo], object], str, str]] = {
    "a weaker protection": (
        lambda repo: repo.settings.protection["required_pull_request_reviews"].update(
            require_code_owner_reviews=False
        ),
        "branch main",
        "an approval by a code owner",
    ),
    "a check that is not required": (
        lambda repo: repo.settings.protection["required_status_checks"]["contexts"].remove(
            "plan for the account"
        ),
        "branch main",
        "the check `plan for the account`",
    ),
    "force pushes": (
        lambda repo: repo.settings.protection.update(allow_force_pushes=True),
        "branch main",
        "no force push",
    ),
    "administrators": (
        lambda repo: repo.settings.protection.update(enforce_admins=False),
        "branch main",
        "administrators",
    ),
    "one more branch": (
        lambda repo: repo.settings.environments["pagerduty"].branches.append(
            {"id": 9, "node_id": "x", "name": "*", "type": "branch"}
        ),
        "environment pagerduty",
        "may be used by branch *",
    ),
    "every branch": (
        lambda repo: setattr(repo.settings.environments["pagerduty"], "policy", None),
        "environment pagerduty",
        "every branch may use it",
    ),
    "every protected branch": (
        lambda repo: setattr(
            repo.settings.environments["pagerduty"],
            "policy",
            {"protected_branches": True, "custom_branch_policies": False},
        ),
        "environment pagerduty",
        "every protected branch",
    ),
    "no environment": (
        lambda repo: repo.settings.environments.pop("pagerduty-read"),
        "environment pagerduty-read",
        "does not exist",
    ),
    "a write key for every workflow": (
        lambda repo: repo.settings.secrets.update(PAGERDUTY_WRITE_TOKEN="x"),
        "secret PAGERDUTY_WRITE_TOKEN",
        "a secret of the repository",
    ),
    "a write key of the organisation": (
        lambda repo: repo.settings.of_organization.append("PAGERDUTY_WRITE_TOKEN"),
        "secret PAGERDUTY_WRITE_TOKEN",
        "a secret of the repository",
    ),
    "an empty environment": (
        lambda repo: repo.settings.environments["pagerduty"].secrets.clear(),
        "secret PAGERDUTY_WRITE_TOKEN",
        "not set",
    ),
    "a bot without a name": (
        lambda repo: repo.settings.variables.clear(),
        "variable WATCHBILL_BOT",
        "not set",
    ),
    "tokens that write": (
        lambda repo: repo.settings.workflow.update(default_workflow_permissions="write"),
        "workflow permissions",
        "the default is write",
    ),
    "Actions off": (lambda repo: repo.settings.actions.update(enabled=False), "Actions", "may not run"),
    "Pages from a branch": (lambda repo: setattr(repo.settings, "pages", "legacy"), "Pages", "from a branch"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_one_wrong_setting_is_found(place: Place, name: str) -> None:
    spoil, about, says = SPOILED[name]
    spoil(place.repo)
    bad = place.bad()
    assert set(bad) == {about}
    assert says in " ".join(line.says for line in bad[about])


RULES: list[dict[str, Any]] = [
    {
        "type": "pull_request",
        "ruleset_id": 7,
        "parameters": {
            "dismiss_stale_reviews_on_push": True,
            "require_code_owner_review": True,
            "require_last_push_approval": True,
            "required_approving_review_count": 1,
            "required_review_thread_resolution": False,
        },
    },
    {"type": "non_fast_forward", "ruleset_id": 7},
    {"type": "deletion", "ruleset_id": 7},
    {
        "type": "required_status_checks",
        "ruleset_id": 7,
        "parameters": {
            "strict_required_status_checks_policy": False,
            "required_status_checks": [{"context": "check the policy"}, {"context": "plan for the account"}],
        },
    },
]


def test_a_ruleset_is_as_good_and_who_may_bypass_it_is_shown(place: Place) -> None:
    place.repo.settings.protection = None
    place.repo.settings.rules = RULES
    assert place.bad() == {}
    place.repo.settings.bypass = [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}]
    assert place.bad()["branch main"][0].says == "1 may bypass the ruleset 7"
    place.repo.settings.bypass = []
    place.repo.settings.rules = RULES[1:]
    assert "an approval by a code owner" in str(place.bad()["branch main"])


@pytest.mark.parametrize(
    ("added", "says"),
    [
        ("/policies/rotations.yaml\n", "nobody owns policies/rotations.yaml"),
        ("/.github/workflows/\n", "nobody owns .github/workflows/apply.yml"),
        ("/.github/CODEOWNERS\n", "nobody owns .github/CODEOWNERS"),
        ("/policies/ @ana nobody\n", "line 9: Invalid owner"),
    ],
)
def test_a_pattern_after_ours_that_takes_the_owners_away_is_found(
    place: Place, added: str, says: str
) -> None:
    place.push({OWNERS: new_files()[OWNERS] + added})
    bad = place.bad()
    assert set(bad) == {"CODEOWNERS"}
    assert says in bad["CODEOWNERS"][0].says


def test_what_a_token_may_not_read_is_never_good(place: Place) -> None:
    bad = place.bad(by="ben")
    assert set(bad) == {
        *("branch main", "secrets of the repository", "secret PAGERDUTY_WRITE_TOKEN"),
        *("Actions", "workflow permissions"),
    }
    for lines in bad.values():
        assert lines[0].level == "fail"
        assert lines[0].says.startswith("cannot be read: needs ")
    place.repo.settings.pages = ""
    assert place.bad(by="ben")["Pages"][0].says.startswith("cannot be read: needs ")


def test_no_value_of_a_secret_is_read(place: Place) -> None:
    before = len(place.github.exchanges)
    place.bad()
    sealed = {*place.repo.settings.secrets.values()}
    sealed |= {v for e in place.repo.settings.environments.values() for v in e.secrets.values()}
    asked = [e for e in place.github.exchanges if e.method == "GET"]
    assert sealed
    assert not [e for e in asked if any(value in json.dumps(e.answer) for value in sealed)]
    assert {e.method for e in place.github.exchanges[before:]} == {"GET"}


def test_without_a_token_and_with_other_questions_it_stops(fresh: Place) -> None:
    assert fresh.person.watchbill("doctor", "--github", "--repo", "acme/runbook").code != 0
    assert fresh.doctor("--probe").code == 2


def test_the_texts_fit_a_policy_that_was_imported() -> None:
    files = new_files(with_policy=False)
    text = "".join(files.values())
    for word in ("crew add primary", "P1 website", "in place of the sandbox"):
        assert word in new_files()["README.md"]
        assert word not in text
    assert not [name for name in files if name.startswith("policies/")]


def test_environments_of_the_readme_are_those_of_the_workflows() -> None:
    used = set()
    for name, text in new_files().items():
        if name.startswith(".github/workflows/"):
            used |= set(re.findall(r"(?m)^    environment: ([a-z-]+)$", text))
            used |= set(re.findall(r"inputs.environment \|\| '([a-z-]+)'", text))
    assert used == {"pagerduty", "pagerduty-read"}
