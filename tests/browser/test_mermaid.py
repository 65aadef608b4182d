"""The runbook's drawings, judged by Mermaid itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from publish_policies import HOSTILE, hostile_policy
from shared import ROOT
from watchbill.config.load import load_valid
from watchbill.model.policy import Policy
from watchbill.publish.runbook import runbook_markdown

if TYPE_CHECKING:
    from browser_tools import Open


def drawings(policy: Policy) -> list[str]:
    return re.findall(r"```mermaid\n(.*?)```", runbook_markdown(policy), re.DOTALL)


def rendered(texts: list[str], packages: Path, open_page: Open) -> list[list[str]]:
    """The words in each box."""
    with open_page() as watched:
        watched.page.goto("about:blank")
        watched.page.add_script_tag(path=packages / "mermaid" / "dist" / "mermaid.min.js")
        found: list[list[str]] = watched.page.evaluate(
            """async (texts) => {
                mermaid.initialize({startOnLoad: false, securityLevel: "strict"});
                const found = [];
                for (const [number, text] of texts.entries()) {
                    const {svg} = await mermaid.render(`drawing${number}`, text);
                    const holder = document.createElement("div");
                    holder.innerHTML = svg;
                    found.push([...holder.querySelectorAll(".nodeLabel")].map((e) => e.textContent));
                }
                return found;
            }""",
            texts,
        )
        assert [said for said in watched.said if said.startswith("error")] == []
    return found


def test_mermaid_draws_the_paths(packages: Path, open_page: Open) -> None:
    policy = load_valid(ROOT / "policies").policy
    assert policy is not None
    boxes = rendered(drawings(policy), packages, open_page)
    assert [len(found) for found in boxes] == [5, 5, 7]
    assert boxes[1][-1] == "CEO (P1 > 2 hours, major customer impact)"
    assert boxes[2][0] == "Incident Detected"


def test_hostile_text_is_text_in_a_drawing(packages: Path, open_page: Open) -> None:
    texts = drawings(hostile_policy())
    assert len(texts) == len(HOSTILE)
    boxes = rendered(texts, packages, open_page)
    for text, found in zip(HOSTILE[:1], boxes, strict=False):
        assert text in found[0]
    assert all(len(found) == 4 for found in boxes)
