"""What stands in pull requests and issues: for people first, with what the tool itself needs hidden at the end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from watchbill.apply.outcome import Outcome
from watchbill.model.policy import Policy
from watchbill.plan.document import Plan
from watchbill.plan.reviewed import Reviewed, decode, encode, reviewed_of
from watchbill.report.outcome import outcome_markdown
from watchbill.report.plan_markdown import LONGEST, escape, plan_markdown
from watchbill.report.safe import plain

_RECORD = re.compile(r"^<!-- watchbill-reviewed ([A-Za-z0-9+/=]+) -->$", re.MULTILINE)
_MOST_RECORD = 20_000


def plan_comment(plan: Plan, policy: Policy, *, head: str, notes: Sequence[str] = ()) -> str:
    """`head`: the commit it was planned for.  Never above `LONGEST` bytes."""
    told = "".join(f"\n> {escape(note)}" for note in notes)
    tail = f"\n{told}\n<sub>planned for commit {head[:12]}</sub>\n\n{_record(plan, head)}\n"
    room = LONGEST - len(tail.encode())
    limit = room
    text = plan_markdown(plan, policy, limit=limit)
    while len(text.encode()) > room and limit > 2_000:
        limit = limit * 3 // 4
        text = plan_markdown(plan, policy, limit=limit)
    return cut_lines(text, room) + tail


def _record(plan: Plan, head: str) -> str:
    """The changes by hash, or where they are too many, only that there was a plan."""
    record = reviewed_of(plan, head)
    text = encode(record)
    if len(text) > _MOST_RECORD:
        text = encode(record.model_copy(update={"changes": None}))
    return f"<!-- watchbill-reviewed {text} -->"


def record_in(body: str) -> Reviewed | None:
    found = _RECORD.findall(body)
    return decode(found[-1]) if found else None


def cut_lines(text: str, most: int) -> str:
    """To at most so many bytes, at a line's end, folded parts closed."""
    if len(text.encode()) <= most:
        return text
    note = "\n\n*Cut here: too long for a comment; the job's summary and the saved plan have it all.*\n"
    room = most - len(note.encode()) - 100
    kept: list[str] = []
    for line in text.splitlines(keepends=True):
        room -= len(line.encode())
        if room < 0:
            break
        kept.append(line)
    text = "".join(kept)
    return text + "\n</details>" * max(text.count("<details") - text.count("</details>"), 0) + note


def no_plan_comment(head: str, log: str) -> str:
    """`log`: what the tool said; shown as text, whatever is in it."""
    return (
        "### watchbill: no plan\n\nThere is no plan for this commit; the reason:\n\n"
        f"{fenced(log or 'nothing was said')}\n\n<sub>commit {plain(head)[:12]}</sub>\n"
    )


def outcome_comment(
    outcome: Outcome | None, *, commit: str, log: str, exit_code: int, pulls: Sequence[int] = ()
) -> str:
    """`outcome` is None where the apply ended before it began."""
    if outcome is not None:
        text = outcome_markdown(outcome)
    else:
        text = "### watchbill: not applied\n\nNothing was written to the account.\n"
    if log.strip() and (exit_code or outcome is None):
        text += f"\n{fenced(log)}\n"
    together = [f"#{number}" for number in pulls]
    if len(together) > 1:
        text += f"\nApplied together: {', '.join(together)}.\n"
    return f"{text}\n<sub>policy {plain(commit)[:12]}, exit code {exit_code}</sub>\n"


def fenced(text: str, most: int = 8_000) -> str:
    """As text: no fence inside can end it, and nothing in it is a mention or markup."""
    shown = "\n".join(plain(line) for line in text.strip("\n").splitlines())
    if len(shown) > most:
        shown = shown[:most] + "\n... (cut; the job's log has it all)"
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"
