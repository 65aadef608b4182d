"""The published runbook: every item of the original is in it, and whatever a policy says stays text."""

from __future__ import annotations

import re
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt
from markdown_it.token import Token

from policy_text import policy_of
from runbook.document import Item, read
from shared import ROOT, shared
from watchbill.cli.main import root
from watchbill.config.load import load_valid
from watchbill.model.policy import Policy
from watchbill.publish.blocks import Arrow, Box, Drawing, Heading, Listing, items, paragraph, slug, table
from watchbill.publish.markdown import markdown
from watchbill.publish.runbook import runbook_markdown

Rows = list[dict[str, str]]


@cache
def shipped() -> Policy:
    policy = load_valid(ROOT / "policies").policy
    assert policy is not None
    return policy


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> list[Item]:
    path = tmp_path_factory.mktemp("out") / "runbook.md"
    path.write_text(runbook_markdown(shipped()), "utf-8")
    return read(path)


def tables(found: list[Item]) -> list[tuple[tuple[str, ...], Rows]]:
    """Columns and rows of every table."""
    made = []
    for _, group in groupby((i for i in found if i.table), key=lambda item: item.table):
        lines = [[i.text for i in row] for _, row in groupby(group, key=lambda item: item.line)]
        head, body = lines[0], [row for row in lines[1:] if set("".join(row)) - set("- ")]
        made.append((tuple(head), [dict(zip(head, row, strict=True)) for row in body]))
    return made


def test_every_row_of_every_table_is_there_column_by_column(published: list[Item]) -> None:
    ours = tables(published)
    original = tables(read(shared("runbook.md")))
    assert len(original) == 11
    for columns, rows in original:
        same = [theirs for head, theirs in ours if set(columns) <= set(head)]
        assert same, f"no table has the columns {columns}"
        kept = [{name: row[name] for name in columns} for row in same[0]]
        assert [row for row in rows if row not in kept] == []
        assert [row for row in kept if row in rows] == rows, "in another order"


def test_every_list_item_heading_and_line_of_a_template_is_there(published: list[Item]) -> None:
    ours = {(i.kind, i.text) for i in published}
    lines = [i.text for i in published if i.kind == "code"]
    never_there = "pd incident escalate --incident-id <ID> --escalation-level 2"
    missing = [
        (item.line, item.text)
        for item in read(shared("runbook.md"))
        if item.kind in ("heading", "list", "code", "prose")
        and (item.kind, item.text) not in ours
        and item.text != never_there
    ]
    assert missing == []
    assert any(never_there in line for line in lines)


def test_every_box_of_the_drawings_is_in_the_drawing_of_that_path() -> None:
    drawn = re.findall(r"```mermaid\n(.*?)```", runbook_markdown(shipped()), re.DOTALL)
    boxes = [re.findall(r'\["(.*?)"\]', text) for text in drawn]
    wanted = [
        [item.text for item in group]
        for _, group in groupby(
            (i for i in read(shared("runbook.md")) if i.kind == "node" and "Escalation" not in i.text),
            key=lambda item: sum(item.line > line for line in (109, 137)),
        )
    ]
    assert boxes == wanted


def test_names_stand_where_people_are_known() -> None:
    text = (ROOT / "policies" / "people.yaml").read_text("utf-8")
    people = shipped().people | {"eng-manager-holder": shipped().people["eng-manager-holder"]}
    assert "eng-manager-holder: {name: placeholder" in text
    named = people["eng-manager-holder"].model_copy(update={"name": "Ana Pop"})
    policy = shipped().model_copy(update={"people": people | {"eng-manager-holder": named}})
    made = runbook_markdown(policy)
    assert "| **P1** | On-Call | Eng Manager (Ana Pop) | VP Engineering |" in made
    assert "| Engineering Manager | Ana Pop | @eng-manager | @eng-manager | [Number] |" in made
    assert 'step2["Engineering Manager<br>Ana Pop"]' in made
    assert "26 of 27 people are not named yet" in made
    assert "their place in the crew, such as primary-1." in made


def test_who_else_is_paged_and_by_whose_clock_is_told() -> None:
    made = runbook_markdown(
        policy_of(
            "settings: {format: 1, organization: Example, time_zone: Europe/Bucharest, "
            "hours: {business: mon-fri 09:00-18:00, office: mon-fri 10:00-16:00}}\n"
            "rotations:\n"
            "  east: {title: East, crew: [ana], hours: daily 08:00-20:00}\n"
            "  west: {title: West, time_zone: America/Chicago, crew: [ben], hours: business}\n"
            "  both: {title: Both, time_zone: America/Chicago, crew: [ben], hours: office}\n"
            "  here: {title: Here, crew: [ana], hours: office}\n"
            "severities: {P1: {urgency: high, repeat: 0, steps: {0m: domain.primary}}}\n"
            "domains:\n"
            "  pay: {title: Pay, primary: east, default_severity: P1, also: {0m: [west, both], 15m: here}}\n"
        )
    )
    assert "**Pay** also pages, whatever the severity: at once West + Both; after 15 min Here." in made
    assert "| Business hours (America/Chicago time) |" in made
    assert "| Daily 08:00-20:00 |" in made
    assert "Business hours: Mon-Fri 09:00-18:00, America/Chicago time." in made
    assert "Office hours: Mon-Fri 10:00-16:00, by the clock of each rotation." in made


def test_no_number_and_no_secret_is_shown() -> None:
    text = (
        "roles: {cto: {title: CTO, held_by: ana}}\n"
        "vendors: {v: {title: V, priority_line: {secret: V_LINE}, steps: [Call them]}}\n"
        "people: {ana: {name: Ana, email: ana@x.example, phone: {secret: PHONE_ANA}}}\n"
    )
    made = runbook_markdown(policy_of(text))
    assert "PHONE_ANA" not in made
    assert "V_LINE" not in made
    assert made.count("on file, not shown") == 2
    assert "ana@x.example" not in made


def test_links_of_the_contents_lead_to_headings() -> None:
    made = runbook_markdown(shipped())
    anchors = {slug(line.lstrip("# ")) for line in made.splitlines() if line.startswith("#")}
    linked = re.findall(r"\]\(#(.*?)\)", made)
    assert len(linked) == 10
    assert set(linked) <= anchors


HOSTILE = [
    '<script>alert("x")</script>',
    "<b>bold</b> &lt;i&gt; &copy;",
    "**strong** _em_ *em* ~~gone~~ `code`",
    "[link](https://evil.example) ![image](https://evil.example/x.png) [ref]: x",
    "a | b \\| c \\",
    "# heading",
    "- item",
    "1. item",
    "12) item",
    "> quote",
    "---",
    "===",
    "```",
    "    indented",
    "\u202eright to left\u202c \u200b\x1b[31m",
    "x" * 300,
    "$x$ {{ 7*7 }} ${x} #{x}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_everywhere(text: str) -> None:
    """A parser nobody here wrote reads every place as plain text."""
    shown = "".join("·" if ord(c) in (0x202E, 0x202C, 0x200B, 0x1B) else c for c in text)
    made = markdown(
        [
            Heading(2, f"x {text}"),
            paragraph(text),
            table(("A", text), [(text, text)]),
            items([text]),
            items([text], ordered=True),
            Listing(text),
        ]
    )
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(made)
    kinds = {t.type for t in tokens} | {c.type for t in tokens for c in t.children or ()}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "em_open", "strong_open", "s_open"}
    assert not kinds & {"code_inline", "code_block", "blockquote_open", "hr"}
    seen = [_inline(token) for token in tokens if token.type == "inline"]
    assert seen == [f"x {shown}".strip(), shown.strip(), "A", *[shown.strip()] * 5]
    assert [t.content for t in tokens if t.type == "fence"] == [f"{shown}\n"]


def _inline(token: Token) -> str:
    return "".join(child.content for child in token.children or ()).strip()


def test_hostile_names_cannot_leave_a_box() -> None:
    drawing = Drawing("x", (Box('a"] --> b["<img src=x>`#quot;', 'who"]'), Box("b")), (Arrow(0, 1, '|x| "'),))
    lines = markdown([drawing]).splitlines()
    assert lines[2] == ('  step1["a#quot;] --> b[#quot;#lt;img src=x>#96;#35;quot;<br>who#quot;]"]')
    assert lines[4] == '  step1 -->|"|x| #quot;"| step2'


def test_a_stale_runbook_is_noticed(tmp_path: Path) -> None:
    out = tmp_path / "docs" / "RUNBOOK.md"
    base = ["--policies", str(ROOT / "policies"), "publish", "runbook", "--out", str(out)]

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(root, [*base, *words])
        return done.exit_code, done.output

    assert run("--check")[0] == 10
    assert not out.exists()
    assert run()[0] == 0
    assert run("--check")[0] == 0
    assert run("--now", "2030-01-01", "--check")[0] == 0, "time alone makes nothing stale"
    out.write_text(out.read_text("utf-8").replace("CTO", "CFO"), "utf-8")
    code, told = run("--check")
    assert code == 10
    assert "is stale" in told


def test_check_without_a_file_is_a_question_of_usage() -> None:
    done = CliRunner().invoke(root, ["--policies", str(ROOT / "policies"), "publish", "runbook", "--check"])
    assert done.exit_code == 2
