"""A fault in plain words: (rule, message, hint)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, get_args, get_origin

from watchbill.config.annotations import is_model, required_keys
from watchbill.config.faults import Fault
from watchbill.config.lines import quoted
from watchbill.config.near_window import near_window
from watchbill.config.patterns import (
    comma_missing,
    handle_hint,
    meaning_of,
    spelled,
    two_digits,
    without_offset,
)
from watchbill.config.suggest import did_you_mean
from watchbill.model.text import TextValue, Window


class Words(NamedTuple):
    rule: str
    message: str
    hint: str


def name(fault: Fault) -> str:
    """The key it is about; for an item of a list, its number in it."""
    last = fault.path[-1] if fault.path else "the file"
    if isinstance(last, int):
        key = next((step for step in reversed(fault.path) if isinstance(step, str)), "the list")
        return f"item {last + 1} of {quoted(key)}"
    return quoted(str(last))


def unknown_key(fault: Fault, owner: str, keys: Iterable[str]) -> Words:
    key, known = str(fault.path[-1]), sorted(keys)
    hint = did_you_mean(key, known) or (f"it may have: {', '.join(known)}" if known else "delete it")
    return Words("unknown-key", f"{owner} has no key {quoted(key)}", hint)


def missing_key(key: str, owner: str, described: dict[str, str]) -> Words:
    return Words(
        "missing-key", f"{owner} needs the key '{key}'", f"{key}: {described.get(key, '')}".strip(": ")
    )


def broken_key_rule(fault: Fault, owner: str) -> Words:
    keys, found = fault.context["keys"], fault.context["found"]
    listed = ", ".join(keys)
    if fault.type == "needs":
        message = f"{owner} has {quoted(found[0])} and so needs {' and '.join(map(quoted, keys))}"
        return Words("missing-key", message, "add what is missing")
    if fault.type == "at_least_one_of":
        return Words("missing-key", f"{owner} needs at least one of {listed}", "add one of them")
    if found:
        return Words(
            "structure", f"{owner} has {' and '.join(found)}, which exclude each other", "keep one of them"
        )
    return Words("missing-key", f"{owner} needs exactly one of {listed}", "add one of them")


def wrong_value(
    fault: Fault, expected: Sequence[Any], names: dict[str, str], *, listed: bool = False
) -> Words:
    """`names` maps titles and aliases, case folded, to handles.  `listed`: several values may stand there."""
    words = (
        _wrong_text(fault, expected, names, listed=listed)
        or _wrong_word(fault, expected)
        or _wrong_size(fault)
    )
    if words is not None:
        return words
    return _wrong_shape(fault, expected)


def _wrong_text(
    fault: Fault, expected: Sequence[Any], names: dict[str, str], *, listed: bool
) -> Words | None:
    tried = [fault, *fault.others]
    if not isinstance(fault.value, str) or not {f.type for f in tried} & {
        "value_error",
        "string_pattern_mismatch",
    }:
        return None
    texts = [kind for kind in expected if isinstance(kind, type) and issubclass(kind, TextValue)]
    if fault.type == "value_error" and fault.at_key:
        message, _, example = fault.message.removeprefix("Value error, ").partition("; write it like ")
        return Words("structure", message, f"write it like {example}")
    meanings = [short_meaning(kind) for kind in texts]
    examples = [quoted(kind.examples[0]) for kind in texts]
    hints = [_text_hint(fault.value, texts)]
    for other in tried:
        if other.type == "string_pattern_mismatch":
            meaning, example = meaning_of(other.context["pattern"])
            meanings.append(meaning)
            examples.append(example)
            hints.append(handle_hint(fault.value, other.context["pattern"], names, listed=listed))
    hint = next((hint for hint in hints if hint), f"write it like {' or '.join(examples)}")
    message = f"{quoted(fault.value)} is no {' and no '.join(meanings)}"
    near = near_window(fault.value) if Window in texts else None
    if near is not None:
        message = f"{message}: {near.wrong}" if near.wrong else message
        takes_names = any(other.type == "string_pattern_mismatch" for other in tried)
        hint = f"write it like {(near if takes_names else near.as_windows).as_yaml}"
    return Words("structure", message, hint)


def _text_hint(value: str, texts: Sequence[type[TextValue]]) -> str:
    fixed = value.strip().lower()
    for change in (lambda t: t, two_digits, without_offset, spelled):
        fixed = change(fixed)
        if any(_parses(kind, fixed) for kind in texts):
            return f"write it like {quoted(fixed)}"
    return ""


def _parses(kind: type[TextValue], text: str) -> bool:
    try:
        kind.parse(text)
    except ValueError:
        return False
    return True


def _wrong_word(fault: Fault, expected: Sequence[Any]) -> Words | None:
    if fault.type != "literal_error":
        return None
    words = [str(word) for kind in expected for word in get_args(kind) if not is_model(kind)]
    if True in [word for kind in expected for word in get_args(kind)]:
        return Words("structure", f"{name(fault)} is either true or absent", "write true, or delete the key")
    if any(is_model(kind) and "secret" in kind.model_fields for kind in expected):
        hint = "a number never stands here: write {secret: NAME}, or a word such as placeholder"
        return Words("secret-in-file", f"{name(fault)} takes the name of a secret, or {_either(words)}", hint)
    value = quoted(fault.value) if isinstance(fault.value, str) else quoted(str(fault.value))
    hint = did_you_mean(str(fault.value), words) or "write one of these words"
    return Words("structure", f"{value} is not one of {', '.join(words)}", hint)


def _wrong_size(fault: Fault) -> Words | None:
    context = fault.context
    if fault.type == "missing" or (fault.type == "too_short" and context.get("min_length", 1) > 1):
        hint = _split_hint(fault.value) or "write it like [a, b]"
        return Words("structure", f"{name(fault)} needs {context.get('min_length', 2)} values", hint)
    if fault.type in ("too_short", "string_too_short"):
        return Words("structure", f"{name(fault)} is empty", "write a value, or delete the key")
    if fault.type in ("too_long", "string_too_long"):
        unit = "characters" if fault.type == "string_too_long" else "values"
        return Words("structure", f"{name(fault)} takes at most {context['max_length']} {unit}", "shorten it")
    if fault.type in ("greater_than_equal", "less_than_equal"):
        limit = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
        return Words("structure", f"{name(fault)} is {fault.value}, but must be {limit}", f"write {limit}")
    return None


def _wrong_shape(fault: Fault, expected: Sequence[Any]) -> Words:
    if fault.type == "tuple_type" and not fault.others:
        expected = [kind for kind in expected if get_origin(kind) is tuple]
    wanted = _either(dict.fromkeys(shape_of(kind) for kind in expected)) or "something else"
    if fault.value is None:
        return Words(
            "structure", f"{name(fault)} is empty, but takes {wanted}", "write a value, or delete the key"
        )
    message = f"{name(fault)} takes {wanted}; this is {shape_found(fault.value)}"
    return Words("structure", message, _shape_hint(fault.value, expected))


def _shape_hint(value: Any, expected: Sequence[Any]) -> str:
    texts = [kind for kind in expected if isinstance(kind, type) and issubclass(kind, TextValue)]
    if texts:
        return f"write it like {quoted(texts[0].examples[0])}"
    if str in expected and isinstance(value, bool | int):
        return f'put it in quotes: "{str(value).lower() if isinstance(value, bool) else value}"'
    if str in expected and isinstance(value, list):
        return "one text only; if the brackets belong to it, put it in quotes"
    if str in expected and isinstance(value, dict):
        return 'if the text has ": " or {...} in it, put it in quotes'
    if bool in expected:
        return "write true or false"
    if int in expected:
        return "write a number without quotes"
    if any(get_origin(kind) is tuple for kind in expected):
        return _split_hint([value]) or "write [a, b], or one item per line, each after a dash"
    models = [kind for kind in expected if is_model(kind)]
    if models:
        return f"write {{{', '.join(f'{key}: ...' for key in required_keys(models[0]))}}}"
    return "write `key: value`, one per line"


def _split_hint(value: Any) -> str:
    """For a list that is one text with blanks or commas in it."""
    if not (isinstance(value, list) and len(value) == 1 and isinstance(value[0], str)):
        return ""
    items = [word for word in re.split(r"[\s,]+", value[0]) if word]
    return comma_missing(items) if 1 < len(items) <= _MOST_SPLIT else ""


_MOST_SPLIT = 12
"""Words; what is longer is a sentence."""


def shape_of(kind: Any) -> str:
    origin = get_origin(kind)
    if origin is tuple:
        return "a list"
    if origin is dict or is_model(kind):
        return "a mapping (key: value)"
    if kind is bool:
        return "true or false"
    if kind is int:
        return "a whole number"
    if isinstance(kind, type) and issubclass(kind, TextValue):
        return f"a {short_meaning(kind)}"
    return "a text" if kind is str else f"one of {', '.join(str(word) for word in get_args(kind))}"


def short_meaning(kind: type[TextValue]) -> str:
    return re.split("[:;]| in the zone", kind.meaning)[0]


def shape_found(value: Any) -> str:
    if isinstance(value, bool):
        return f"the word {str(value).lower()}"
    if isinstance(value, int):
        return f"the number {value}"
    if isinstance(value, dict):
        return "a mapping (key: value)"
    return "a list" if isinstance(value, list) else "a text"


def _either(words: Iterable[str]) -> str:
    *most, last = [*words] or [""]
    return f"{', '.join(most)} or {last}" if most else last
