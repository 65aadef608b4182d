"""The whole runbook from the policy.  It depends on nothing else, not on the time of day either: what is
committed is stale when the policy has moved, and only then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watchbill.model.policy import Policy
from watchbill.publish.blocks import Block, Heading, Link, items, paragraph, slug
from watchbill.publish.directory import contact_directory
from watchbill.publish.markdown import markdown
from watchbill.publish.matrix import assumptions, escalation_matrix, when_to_escalate
from watchbill.publish.names import Names
from watchbill.publish.procedures import (
    escalation_paths,
    escalation_procedures,
    external_escalations,
    guidance,
    metrics,
    revisions,
    standing_down,
)

HEAD = "<!-- Made by `watchbill publish runbook` from the policy. Edit the policy, not this file. -->\n\n"


def runbook_markdown(policy: Policy) -> str:
    return HEAD + markdown(runbook(policy))


def runbook(policy: Policy) -> list[Block]:
    names = Names(policy)
    sections: list[Block] = [
        *escalation_matrix(policy, names),
        *when_to_escalate(policy, names),
        *escalation_paths(policy, names),
        *contact_directory(policy, names),
        *escalation_procedures(policy),
        *standing_down(policy),
        *external_escalations(policy),
        *guidance(policy),
        *metrics(policy),
        *revisions(policy),
    ]
    unknown = assumptions(policy)
    return [
        Heading(1, "Escalation Runbook"),
        paragraph(
            "Escalation paths, decision criteria, and contact information for "
            f"{policy.settings.organization} platform incidents."
        ),
        *((unknown,) if unknown else ()),
        *_contents(sections),
        *sections,
    ]


def _contents(sections: Sequence[Block]) -> Iterable[Block]:
    chapters = [block for block in sections if isinstance(block, Heading) and block.level == 2]
    if chapters:
        yield Heading(2, "Table of Contents")
        yield items((Link(chapter.text, slug(chapter.text)),) for chapter in chapters)
