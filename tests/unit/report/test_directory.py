"""`expert` and `vendor` say all that the policy says, and never a number."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from journeys.conftest import ROOT
from stage import shipped
from watchbill.cli.main import root
from watchbill.model.directory import VendorStep
from watchbill.report.directory import ExpertAnswer, VendorAnswer, find


def run(*words: str) -> str:
    ran = CliRunner().invoke(root, [*words, "--policies", str(ROOT / "policies")], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output


@pytest.mark.parametrize("handle", shipped().vendors)
def test_every_line_of_a_vendor_is_told(handle: str) -> None:
    vendor, text = shipped().vendors[handle], run("vendor", handle)
    said = [vendor.title, vendor.portal, vendor.status, *vendor.include]
    for step in vendor.steps:
        said += [step.do, step.at, step.when] if isinstance(step, VendorStep) else [step]
    for words in said:
        assert words is None or words in text
    Draft202012Validator(VendorAnswer.model_json_schema()).validate(
        json.loads(run("vendor", handle, "--json"))
    )


@pytest.mark.parametrize("handle", shipped().experts)
def test_every_expert_is_found_by_handle_and_title(handle: str) -> None:
    expert = shipped().experts[handle]
    for name in (handle, expert.title, expert.title.upper()):
        text = run("expert", name)
        assert expert.title in text
        assert f"#{expert.channel}" in text
    Draft202012Validator(ExpertAnswer.model_json_schema()).validate(
        json.loads(run("expert", handle, "--json"))
    )


def test_only_the_steps_of_a_severity() -> None:
    assert "hotline" in run("vendor", "google-cloud", "--severity", "p1")
    assert "Critical impact, production down" in run("vendor", "google-cloud", "--severity", "P1")
    assert "hotline" not in run("vendor", "google-cloud", "--severity", "P4")


def test_a_part_of_a_name_suffices_where_it_is_the_only_one() -> None:
    assert find(shipped().vendors, "google") == "google-cloud"
    assert find(shipped().experts, "whats") == "whatsapp"
    assert find(shipped().experts, "o") is None
