"""An unknown word leads to the command that was meant."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from watchbill.cli.main import root
from watchbill.config.synonyms import OVERVIEW, SYNONYMS, meant
from watchbill.errors import UsageError


def refused(*words: str) -> UsageError:
    done = CliRunner().invoke(root, list(words), standalone_mode=False)
    assert isinstance(done.exception, UsageError), (words, done.exception, done.output)
    assert done.exception.exit_code == 2
    return done.exception


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("lint", "watchbill check"),
        ("validate", "watchbill check"),
        ("status", "watchbill"),
        ("escalate", "watchbill incident escalate"),
        ("oncall", "watchbill who"),
        ("on-call", "watchbill who"),
        ("on_call", "watchbill who"),
        ("OnCall", "watchbill who"),
        ("next", "watchbill who"),
        ("update", "watchbill incident update"),
        ("validte", "watchbill check"),
        ("chekc", "watchbill check"),
    ],
)
def test_a_word_for_one_command(typed: str, command: str) -> None:
    error = refused(typed, "more", "words")
    assert (error.message, error.remedy) == (f"no command {typed!r}", f"use '{command}'")


def test_a_word_for_several_commands() -> None:
    assert refused("list").remedy.startswith("use 'watchbill who'")
    remedy = refused("add").remedy
    assert "'watchbill crew add' or 'watchbill override add'" in remedy


def test_a_word_that_is_near_nothing() -> None:
    assert refused("xyzzy").remedy == "'watchbill --help' lists the commands"


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        (("incident", "esclate"), "use 'watchbill incident escalate'"),
        (("incident", "page"), "use 'watchbill incident escalate'"),
        (("crew", "ad"), "use 'watchbill crew add'"),
        (("crew", "foo"), "there are: add, move, remove"),
    ],
)
def test_inside_a_group(typed: tuple[str, ...], remedy: str) -> None:
    error = refused(*typed)
    assert (error.message, error.remedy) == (f"no command '{' '.join(typed)}'", remedy)


def test_every_group_answers_that_way() -> None:
    context = click.Context(root)
    groups = [name for name in root.list_commands(context) if _is_group(root.get_command(context, name))]
    assert len(groups) > 5
    for name in groups:
        assert refused(name, "xyzzy").message == f"no command '{name} xyzzy'"


def test_no_synonym_hides_a_command_and_each_leads_somewhere() -> None:
    context = click.Context(root)
    verbs = set(root.list_commands(context))
    assert not verbs & set(SYNONYMS)
    for word in SYNONYMS:
        assert refused(word).remedy.startswith("use 'watchbill"), word


def test_only_commands_that_exist_are_named() -> None:
    assert meant("list", ["who"]) == ["who"]
    assert meant("status", ["who", OVERVIEW]) == [OVERVIEW]
    assert meant("status", ["plan"]) == []


def _is_group(command: click.Command | None) -> bool:
    return isinstance(command, click.Group)
