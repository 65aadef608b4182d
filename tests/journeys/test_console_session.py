"""The session in the README is what the console says, to the letter."""

from __future__ import annotations

import re
import shlex

from journeys.conftest import ROOT, Person
from stage import stage
from watchbill.rota.clock import iso

FORM = ["1", "", "", "all logins fail since 03:00", "", "restart - no change", "", "stuck on locks", ""]
TYPED = [
    *("who database", "escalate 1", *FORM, "look at the locks", "", "", "", ""),
    *('update 1 "locks cleared, logins work again"', "stand-down 1", "1", "", "1", "quit"),
]


def session() -> str:
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.search(r"<!-- session -->\n```text\n(.*?)\n```", text, re.DOTALL)
    assert found, "README.md has no recorded session"
    return found[1]


def test_the_readmes_session_is_what_happens(person: Person) -> None:
    with stage() as live:
        live.open(title="Logins fail")
        me = person.at(live.sandbox)
        env = {**me.env, "WATCHBILL_NOW": iso(live.now), "WATCHBILL_AS": live.email("primary-2")}
        ran = Person(me.folder, env).watchbill("chat", "console", stdin="\n".join([*TYPED, ""]))
        assert ran.code == 0, ran.err
        assert [line.rstrip() for line in ran.out.splitlines()] == [
            line.rstrip() for line in session().splitlines()
        ]
        assert live.notes(next(iter(live.sandbox.store.all("incident")))["id"])[-1].endswith("needed=yes")


def test_without_github_what_was_taken_is_added_by_the_line_that_is_told(person: Person) -> None:
    with stage() as live:
        me = person.at(live.sandbox)
        env = {**me.env, "WATCHBILL_NOW": iso(live.now), "WATCHBILL_AS": live.email("primary-2")}
        me = Person(me.folder, env)
        typed = "take primary 2h\ncrew add primary infra-1\nquit\n"
        said = me.watchbill("chat", "console", stdin=typed).out
        assert "would be changed: policies/rotations.yaml" in said
        assert "dry run: nothing was written" in said
        command = re.search(r"Add it: (watchbill .*)", said)
        assert command, said
        assert me.watchbill(*shlex.split(command[1])[1:]).code == 0
        assert [path.parent.name for path in (me.policies / "overrides").rglob("*.yaml")] == ["primary"]
        assert me.watchbill("plan", "--exit-code").code == 0, "what holds there is what the files say"
