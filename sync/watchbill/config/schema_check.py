"""A file against the published JSON Schema, which editors and other tools use: its verdict must be ours."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from watchbill.config.validate import finding_at
from watchbill.config.words import Words
from watchbill.config.yaml_reader import Document
from watchbill.findings import Finding
from watchbill.schema import published


@cache
def _validator() -> Any:
    return Draft202012Validator(published())


def schema_findings(document: Document, *, agrees: bool) -> list[Finding]:
    """`agrees`: the models accepted the file.  The same verdict again is no finding."""
    problem = best_match(_validator().iter_errors(document.data))
    if (problem is None) == agrees:
        return []
    if problem is None:
        words = Words("schema-verdict", "the published schema accepts this file, the models do not", _REMEDY)
        return [finding_at(None, words, document.file)]
    words = Words("schema-verdict", f"the published schema refuses this: {problem.message}", _REMEDY)
    return [finding_at(document.spot(tuple(problem.absolute_path)), words, document.file)]


_REMEDY = "the schema files do not fit this version: `watchbill schema` writes them anew"
