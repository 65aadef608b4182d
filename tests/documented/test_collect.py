"""What the collector finds, and that a wrong line of a page is found by running it."""

from __future__ import annotations

import re

import click
import pytest

from documented.collect import FILES, Group, groups_of, help_groups, markdown_groups, walk
from documented.desk import Desk
from documented.run import SPECIAL, run_group
from shared import ROOT
from watchbill.cli.main import root

PAGE = """\
# A page

Text with `watchbill who` and `crew remove`, and `watchbill` alone;
then `watchbill simulate P1
database`.

| see | `watchbill gaps`, with exit code 10; `--json` |
|---|---|

## Second

```sh
# a comment
watchbill plan --out plan.json &&
  watchbill apply plan.json   # both
export WATCHBILL_AS=a@x.example
```

```yaml
key: `watchbill load`
```

    watchbill check

    watchbill is what this output starts with, but no command: it has no verb
      PAGERDUTY_URL=http://127.0.0.1:1 .venv/bin/watchbill drift
"""


def test_every_way_to_write_a_command_is_found() -> None:
    first, second = markdown_groups("page.md", PAGE)
    assert [(c.line, c.text) for c in first.commands] == [
        (3, "watchbill who"),
        (4, "watchbill simulate P1 database"),
        (7, "watchbill gaps"),
    ]
    assert [(c.line, c.text) for c in second.commands] == [
        (14, "watchbill plan --out plan.json &&\nwatchbill apply plan.json   # both"),
        (16, "export WATCHBILL_AS=a@x.example"),
        (23, "watchbill check"),
        (25, "watchbill is what this output starts with, but no command: it has no verb"),
        (26, "PAGERDUTY_URL=http://127.0.0.1:1 .venv/bin/watchbill drift"),
    ]


def test_every_verb_and_sub_command_has_an_example_of_itself() -> None:
    names = {group.name.removesuffix(" --help") for group in help_groups()}
    assert names == {" ".join(words) for words, _ in walk(root, ("watchbill",))}
    for group in help_groups():
        verb = group.name.removesuffix(" --help").replace("sandbox render", "render")
        assert any(verb in command.text for command in group.commands), group.name


def test_nothing_of_a_page_is_passed_over() -> None:
    """A search that knows nothing of Markdown finds no command that the collector has not."""
    for name in FILES:
        text = (ROOT / name).read_text("utf-8")
        found = sorted(c.text.split("\n")[0] for g in groups_of(name) for c in g.commands)
        for verb in root.list_commands(click.Context(root)):
            plain = re.findall(rf"^(?!>).*?(?<![/\w])watchbill {verb}\b", text, re.MULTILINE)
            ours = sum(len(re.findall(rf"watchbill {verb}\b", line)) for line in found)
            assert ours >= len(plain), f"{name}: {verb}"


def test_each_special_treatment_is_for_some_command() -> None:
    texts = [c.text for g in [*groups_of(*FILES), *help_groups()] for c in g.commands]
    for special in SPECIAL:
        assert any(re.fullmatch(special.command, text, re.DOTALL) for text in texts), special.command
        assert special.reason


WRONG = (
    ("`watchbill gaps`", "`watchbill gap`", "no command 'gap'"),
    ("`watchbill expert stripe`", "`watchbill expert plumbing`", "plumbing"),
    ("watchbill simulate P1 database", "watchbill simulate P1 databases", "databases"),
    ("docs/examples/event.json", "event.json", "cannot be read"),
    ("`watchbill load`", "`watchbill load --exit-code`", "--exit-code"),
    ("`watchbill check`, ", "`watchbill check`, with exit code 10, ", "ends with 0, not 10"),
)


@pytest.mark.parametrize(("old", "new", "why"), WRONG, ids=[new for _, new, _ in WRONG])
def test_a_line_of_the_readme_that_does_not_run_is_found(desk: Desk, old: str, new: str, why: str) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    groups = markdown_groups("README.md", text.replace(old, new, 1))
    only = tuple(c for group in groups for c in group.commands if c.line == line)
    wrong = run_group(desk, Group("README.md: changed", only))
    assert wrong
    assert f"README.md:{line}: " in wrong[0]
    assert why in "".join(wrong)
