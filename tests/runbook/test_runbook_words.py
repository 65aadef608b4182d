"""The runbook's own words come back out of the policy: its three templates and its vendors' checklists."""

from __future__ import annotations

import re
from typing import Any

import pytest

from runbook.document import code_block, read
from runbook.places import read_policy
from shared import ROOT, shared

POLICY = read_policy(ROOT / "policies")

TEMPLATES = {"short": 239, "escalation-request": 259, "stand-down": 296}
"""The line of the runbook on which each template begins."""


def filled(message: dict[str, Any]) -> str:
    """The text with every field's example in it; a line with a field of type `lines` once per line of it."""
    return "".join(
        _filled_line(line, message["fields"]) for line in message["text"].splitlines(keepends=True)
    )


def _filled_line(line: str, fields: dict[str, Any]) -> str:
    names = re.findall(r"\{\{ (\w+) \}\}", line)
    if len(names) == 1 and fields[names[0]]["type"] == "lines":
        example = fields[names[0]]["example"]
        values = example if isinstance(example, list) else [example]
        return "".join(
            re.sub(r"^1\.", f"{number}.", line.replace(f"{{{{ {names[0]} }}}}", value))
            for number, value in enumerate(values, start=1)
        )
    for name in names:
        line = line.replace(f"{{{{ {name} }}}}", fields[name]["example"])
    return line


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_filled_with_its_examples_is_the_runbooks(name: str) -> None:
    assert filled(POLICY["messages"][name]) == code_block(shared("runbook.md"), TEMPLATES[name])


def test_there_are_no_other_templates() -> None:
    assert POLICY["messages"].keys() == TEMPLATES.keys()


def step_text(step: dict[str, Any]) -> str:
    only = f"For {', '.join(step['only_for'])}: " if "only_for" in step else ""
    when = f"{step['when']}: " if "when" in step else ""
    return only + when + ": ".join(step[key] for key in ("do", "at") if key in step)


CHECKLISTS = {
    "google-cloud": (318, 337),
    "openai": (341, 344),
    "hubspot": (348, 351),
    "360dialog": (355, 358),
    "stripe": (362, 365),
}
"""First and last line of each vendor's list in the runbook."""


@pytest.mark.parametrize("name", CHECKLISTS)
def test_a_vendors_checklist_reads_as_in_the_runbook(name: str) -> None:
    vendor = POLICY["vendors"][name]
    first, last = CHECKLISTS[name]
    lines = [i.text for i in read(shared("runbook.md")) if first <= i.line <= last and i.kind == "list"]
    told = [step_text(step) for step in vendor["steps"]]
    if "severities" in vendor:
        told[0] += ":"
        told[1:1] = [f"{severity}: {meaning}" for severity, meaning in vendor["severities"].items()]
        told[-2] = told[-2].removesuffix(vendor["steps"][1]["at"]).strip()
    else:
        include = ", ".join(vendor.get("include", ()))
        told += [f"Include: {include}"] if include else []
    assert told == lines
