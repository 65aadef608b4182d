"""What is wrong with a text, in plain words and at the right place; and texts made to do harm."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from watchbill.config.yaml_compose import Limits
from watchbill.config.yaml_reader import MOST_FINDINGS, read_yaml
from watchbill.findings import Finding


def only(text: str) -> Finding:
    document = read_yaml(text, "policies/x.yaml")
    assert len(document.findings) == 1, document.findings
    return document.findings[0]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a:\n\tb: 1\n", 2, 1, "a tab is used for indentation|use spaces"),
        ("a:\n  b:\n\t- x\n", 3, 1, "a tab is used for indentation|use spaces"),
        ("a: x\n\tb\n", 2, 1, "tab|use spaces"),
        ("a:\n  b: 1\n   c: 2\n", 3, 5, "begins in column 4, the one before in column 3|line it up"),
        ("a:\n  b: 1\n c: 2\n", 3, 2, "begins in column 2 and lines up with nothing|indent"),
        ("a:\r\n  b: 1\r\n c: 2\r\n", 3, 2, "begins in column 2|indent"),
        ("a:\n  b 1\n  c: 2\n", 3, 4, "the line before has no ': '|a space after the colon"),
        ("title:foo\nx: 1\n", 2, 2, "a colon without a space|with a space"),
        ("a: b: c\n", 1, 5, "a second ': ' in this line|quotes"),
        ("- a\n-b\n- c\n", 2, 1, "a list item needs a space after its -|`- item`"),
        ("- a\nb: 1\n", 2, 1, "a key stands where the list above goes on|- "),
        ("a: - b\n", 1, 4, "a list item cannot stand here|[a, b]"),
        ("slack: @ana\n", 1, 8, 'cannot begin with @|"@ana", or write ana without it'),
        ("a: [@ana, b]\n", 1, 5, '|"@ana"'),
        ("a: `x`\n", 1, 4, "cannot begin with `|quotes"),
        ("a: %x\n", 1, 4, "cannot begin with '%'|quotes"),
        ("a: **bold**\n", 1, 5, "cannot begin with *|quotes"),
        ("a: *nobody\n", 1, 4, "*nobody points to nothing|quotes"),
        ("a: &a [*a]\n", 1, 8, "*a contains itself|"),
        ("a: 'don't'\n", 1, 9, "something follows the closing quote|apostrophe"),
        ('a: "Critical" impact\n', 1, 15, "something follows the closing quote|quotes"),
        ('a: "x\nb: y\n', 1, 4, "the quote that begins here is never closed|closing quote"),
        ('a: "\\d"\n', 1, 5, "a \\ inside|\\\\"),
        ("a: [x, #db]\nb: 1\n", 1, 4, 'a # begins a comment|"#..."'),
        ("a: {x: 1\nb: 2\n", 1, 4, "the { is not closed|}"),
        ("a: b\n]", 2, 1, "a ] closes nothing|bracket"),
        ("a: [x,,y]\n", 1, 7, "a value is missing here|comma"),
        ("a: |x\n  y\n", 1, 5, "|text below"),
        ("{a:[x]}", 1, 3, "a colon inside this text is not followed by a space|quotes"),
        ("a: 1\n---\nb: 1\n", 2, 1, "a second YAML document|a file of its own"),
        ("a: \0\n", 1, 4, "NUL|UTF-8"),
        ("a\x07: 1\n", 1, 2, "control character (U+0007)|delete"),
        ("a\u2028b: 1\n", 1, 2, "invisible line break (U+2028)|line break"),
        ("a: x\u202ey\n", 1, 5, "direction of text|delete"),
        ("a: x\ufeffy\n", 1, 5, "byte order mark inside|delete"),
        ('a: "\\e[31m"\n', 1, 4, "control character (U+001B)|delete"),
        ('a: "\\u202e"\n', 1, 4, "direction of text|delete"),
        ('a: "\\uE000"\n', 1, 4, "(U+E000)|delete"),
        ("a: \ue001\n", 1, 4, "(U+E001)|delete"),
        ("a: 1\nb: 2\n'a': 3\n", 3, 1, "'a' is there twice: lines 1 and 3|keep one"),
        ("{a: 1, a: 2}\n", 1, 8, "'a' is there twice: line 1|keep one"),
        ("1: a\n'1': b\n", 2, 1, "'1' is there twice|"),
        ("a: !!str x\n", 1, 4, "'!!str': YAML tags are not used|quotes"),
        ("a: !!python/object:os.system x\n", 1, 4, "tag|quotes"),
        ("a: !important do it\n", 1, 4, "'!important'|quotes"),
        ("[a]: 1\n", 1, 1, "a key must be a word|quotes"),
        ("? {x: 1}\n: 2\n", 1, 3, "a key must be a word|"),
        ("? # c\n: x\n", 1, 2, "a key is missing before the colon|key: value"),
        ("b: {<<: 3}\n", 1, 9, "<< takes only a mapping|"),
        ("%TAG ! x\n", 1, 9, "|"),
        ("a: b\n  - c\n", 1, 4, "looks like a list item|"),
    ],
)
def test_faults(text: str, line: int, column: int, words: str) -> None:
    finding = only(text)
    message, _, hint = words.partition("|")
    assert (finding.severity, finding.line, finding.column) == ("error", line, column), finding
    assert message in finding.message
    assert hint in finding.hint
    assert finding.hint


def test_the_line_is_shown_so_that_a_caret_fits_and_a_terminal_is_safe() -> None:
    finding = only("a:\n\tb: \x1b[31m\n")
    assert (finding.file, finding.source) == ("policies/x.yaml", " b: \N{REPLACEMENT CHARACTER}[31m")


def test_a_byte_order_mark_is_only_a_warning() -> None:
    document = read_yaml("\ufeffa: 1\n", "f")
    assert document.data == {"a": 1}
    assert [(f.severity, f.line, f.column) for f in document.findings] == [("warning", 1, 1)]
    assert not document.broken


def test_after_a_fault_in_meaning_the_rest_is_still_read() -> None:
    document = read_yaml("a: 1\na: 2\nb: !x 3\nc: {d: [4]}\n", "f")
    assert document.data == {"a": 1, "b": "3", "c": {"d": [4]}} | {"b": 3}
    assert [f.rule for f in document.findings] == ["yaml-tag", "duplicate-key"]
    assert document.broken


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("channel: #db\n", "error|'#db' is a comment|\"#db\""),
        ("- #db\n", "error|'#db' is a comment|"),
        ("a: {x: &ops , y: 1}\n", "warning|&ops names an empty value|quotes"),
        ("channel: #not yet known\n", "warning|is a comment|space after the #"),
        ("name: [Name]\n", "warning|[Name] is a list with one item|placeholder"),
        ("{title: [Phone Number]}\n", "warning|list with one item|placeholder"),
        ("x: [Phone]\n", "warning|list with one item|placeholder"),
        ("steps: [Tell the team, then wait]\n", "warning|this list has 2 items|quotes"),
        ("a: {P1: Critical impact, production down}\n", "warning|'production down' is a key without|comma"),
        ("a: {b:c}\n", "warning|is a key without a value|space after the colon"),
        ("country: NO\n", 'warning|take it for false|"NO"'),
        ("a: on\n", "warning|take it for true|write true"),
        ("off: 1\n", "warning|take it for false|"),
        ("a: 12:00\n", 'warning|the number 720|"12:00"; a daily handoff is written: daily 12:00'),
        ("a: 9:00\n", 'warning|the number 540|"9:00"; a daily handoff is written: daily 09:00'),
        ("a: 1.0\n", 'warning|fraction|"1.0"'),
        ("a: 1e3\n", "warning|fraction|"),
        ("a: .inf\n", "warning|fraction|"),
        ("a: 010\n", "warning|number|"),
        ("a: 0x1F\n", "warning|number|"),
        ("a: 1_000\n", "warning|number|"),
        ("a: +40712\n", "warning|number|"),
    ],
)
def test_traps(text: str, words: str) -> None:
    finding = only(text)
    severity, message, hint = words.split("|")
    assert (finding.rule, finding.severity) == ("yaml-trap", severity)
    assert message in finding.message
    assert hint in finding.hint


@pytest.mark.parametrize(
    "text",
    [
        "a: # not yet known\n",
        "rotations: #list\n  x: 1\n",
        "a:   ##### heading\n",
        "crew: [ana]\nfrom_alerts: [critical]\nonly_for: [P1]\nteam: [mp]\n",
        "steps: [Issue is contained, Call the lead]\n",
        "include: [Project ID]\n",
        "a: 2026-01-05\nb: 2026-11-29 03:00\nc: mon 09:00\nd: 09:00\ne: 15m\nf: 1 week\n",
        "g: '12:00'\nh: \"no\"\ni: 10%\nj: 0m\nk: 2024-12\nl: 24x7\nm: nobody\nn: none\no: online\n",
        "a: text that goes\n  on below\n",
        "a: |\n  one\n  - two\n",
        "{a: , b: 1}",
    ],
)
def test_no_false_alarm(text: str) -> None:
    assert read_yaml(text, "f").findings == []


M = 1_000_000
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
DOUBLING = "a0: &a0 [x]\n" + "".join(f"a{i + 1}: &a{i + 1} [*a{i},*a{i}]\n" for i in range(60))
MERGING = "a0: &a0 {x: 1}\n" + "".join(
    f"a{i + 1}: &a{i + 1} {{<<: [*a{i},*a{i}], k{i}: 1}}\n" for i in range(40)
)
DEEP = "a0: &a0 [x]\n" + "".join(f"a{i + 1}: &a{i + 1} [*a{i}]\n" for i in range(60))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "too much in one file"),
        (DOUBLING, "too much in one file"),
        (MERGING, "too much in one file"),
        (DEEP, "nested more than 50 levels deep once aliases are expanded"),
        ("a: &a '" + "x" * 900_000 + "'\nb: [" + "*a," * 900 + "]", "too much in one file"),
        ("- &a x\n" + "- *a\n" * 1_001, "more than 1000 aliases"),
        ("[" * M, "nested more than 50"),
        ("{" * M, "nested more than 50"),
        ("- " * (M // 2), "nested more than 50"),
        ("? " * (M // 2), "nested more than 50"),
        ("- a\n" * (M // 4), "too much in one file"),
    ],
    ids=["bomb", "doubling", "merging", "deep", "scalar", "aliases", "[", "{", "- ", "? ", "long"],
)
def test_hostile_texts_end_soon(text: str, words: str) -> None:
    tracemalloc.start()
    began = time.process_time()
    finding = only(text)
    spent = time.process_time() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert finding.rule == "yaml-limits"
    assert words in finding.message
    assert spent < 20, "seconds; it takes about one, and hours without the bound"
    assert peak < 200_000_000


def test_limits_are_settable() -> None:
    assert read_yaml("[[[x]]]", "f", limits=Limits(depth=3)).findings == []
    assert read_yaml("[[[[x]]]]", "f", limits=Limits(depth=3)).findings[0].rule == "yaml-limits"
    assert read_yaml("[x, y]", "f", limits=Limits(nodes=2)).findings[0].rule == "yaml-limits"


def test_one_file_does_not_bury_the_others() -> None:
    document = read_yaml("k: v\n" * 5_000, "f")
    assert len(document.findings) == MOST_FINDINGS + 1
    assert document.findings[-1].message == "4,899 more of these in this file are not shown"


def test_a_long_line_is_not_repeated_in_full() -> None:
    finding = only("a: [" + "x, " * 5_000 + "@]")
    assert (finding.column, finding.source) == (15_005, "")
