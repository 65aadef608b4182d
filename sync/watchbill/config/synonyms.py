"""Words that people type for a command, and the commands that do it."""

from __future__ import annotations

from collections.abc import Iterable

from watchbill.config.suggest import nearest

OVERVIEW = ""
"""The command line without a verb."""

SYNONYMS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("lint", "validate", "verify", "test", "tests", "valid"), ("check",)),
    **dict.fromkeys(("status", "overview", "dashboard", "summary", "info"), (OVERVIEW,)),
    **dict.fromkeys(("list", "ls"), ("who", "incident list")),
    **dict.fromkeys(
        ("oncall", "oncalls", "on-call", "on-duty", "onduty", "now", "current", "whois", "whos", "duty"),
        ("who",),
    ),
    **dict.fromkeys(("next", "upcoming", "schedule", "schedules", "rota", "roster"), ("next", "who")),
    **dict.fromkeys(("my", "myself", "shifts", "my-shifts", "myshifts", "calendar"), ("mine",)),
    **dict.fromkeys(("escalate", "page", "escalation"), ("incident escalate",)),
    **dict.fromkeys(("incidents", "open", "alerts"), ("incident list", "incident")),
    **dict.fromkeys(("format", "prettify"), ("fmt",)),
    **dict.fromkeys(("preview", "dry-run", "dryrun", "changes", "pending"), ("plan",)),
    **dict.fromkeys(("sync", "deploy", "push", "install"), ("apply",)),
    **dict.fromkeys(("edits", "diverged"), ("drift",)),
    **dict.fromkeys(("compare", "changed"), ("diff",)),
    **dict.fromkeys(("new", "setup", "create", "bootstrap"), ("init",)),
    **dict.fromkeys(("vacation", "holiday", "holidays", "absence", "absent", "away", "pto"), ("leave",)),
    **dict.fromkeys(("blame", "history", "log", "because", "reason"), ("why",)),
    **dict.fromkeys(("stats", "report", "kpi", "kpis"), ("metrics",)),
    **dict.fromkeys(("fairness", "hours", "workload"), ("load",)),
    **dict.fromkeys(("coverage", "holes", "uncovered"), ("gaps",)),
    **dict.fromkeys(("dryfire", "ladder", "whatif", "what-if"), ("simulate",)),
    **dict.fromkeys(("supplier", "suppliers", "vendors"), ("vendor",)),
    **dict.fromkeys(("experts", "knows"), ("expert",)),
    **dict.fromkeys(("get", "describe", "inspect"), ("show",)),
    **dict.fromkeys(("slack",), ("chat slack", "chat")),
    **dict.fromkeys(("serve", "server"), ("sandbox serve",)),
    **dict.fromkeys(("offboard", "leaver"), ("person remove",)),
    **dict.fromkeys(("html", "docs"), ("publish site", "publish")),
}
"""A command that does not exist where it is asked for is left out, so one table serves terminal and chat."""

MOST = 3


def meant(word: str, commands: Iterable[str]) -> list[str]:
    """The commands that `word` may stand for, best first: those it is another word for, else those of a near name."""
    known = dict.fromkeys(commands)
    found = called(word, known)
    if found:
        return found
    near = nearest(word, [name for name in {*known, *SYNONYMS} if name])
    return _first(command for name in near for command in called(name, known))


def called(word: str, commands: Iterable[str]) -> list[str]:
    """By that very word: the command itself, a synonym, a subcommand of that name."""
    known = dict.fromkeys(commands)
    typed = word.casefold().replace("_", "-")
    if typed in known:
        return [typed]
    found = [command for command in SYNONYMS.get(typed, ()) if command in known]
    return _first(found or [command for command in known if command.endswith(f" {typed}")])


def _first(commands: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(commands))[:MOST]
