"""The docstrings below fields: what people and editors read about a key.

pydantic can take them when it makes a class, but looks each class up in its source to do so, at every start.
Here a module is read once, when somebody asks.
"""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from pathlib import Path

from pydantic import BaseModel


@cache
def descriptions(model: type[BaseModel]) -> dict[str, str]:
    """Field -> its description, wherever in the model's line it was written last; empty without the sources."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        own = vars(base).get("__annotations__", {})
        found = {name: text for name, text in found.items() if name not in own}
        if own and issubclass(base, BaseModel) and base is not BaseModel:
            found |= _written(base.__module__).get(base.__qualname__, {})
    explicit = {name: field.description for name, field in model.model_fields.items() if field.description}
    return {name: text for name, text in (found | explicit).items() if name in model.model_fields}


@cache
def _written(module: str) -> dict[str, dict[str, str]]:
    """Class -> field -> text."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None or not Path(file).is_file():
        return {}
    tree = ast.parse(Path(file).read_bytes())
    return {node.name: _fields(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _fields(node: ast.ClassDef) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, text in zip(node.body, node.body[1:], strict=False):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            value = text.value.value
            if isinstance(value, str):
                found[field.target.id] = inspect.cleandoc(value)
    return found
