"""The published JSON Schemas: generated from the models, committed under `schema/`, checked for staleness."""

from watchbill.schema.generate import POLICY, Source, generate, policy_schema
from watchbill.schema.published import as_text, published, stale, write

__all__ = ["POLICY", "Source", "as_text", "generate", "policy_schema", "published", "stale", "write"]
