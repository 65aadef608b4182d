"""Findings for code scanning."""

from __future__ import annotations

import base64
import gzip

from github import GithubException

from watchbill.forge.client import Forge


def upload_sarif(forge: Forge, sarif: bytes, commit: str, ref: str) -> str:
    """Why GitHub did not take it: code scanning is off, or not in this plan.  "" = taken."""
    body = {
        "commit_sha": commit,
        "ref": ref,
        "sarif": base64.b64encode(gzip.compress(sarif, mtime=0)).decode(),
    }
    try:
        forge.github.requester.requestJsonAndCheck(
            "POST", f"/repos/{forge.name}/code-scanning/sarifs", input=body
        )
    except GithubException as refused:
        if refused.status not in {403, 404}:
            raise
        return refused.data.get("message", "") if isinstance(refused.data, dict) else str(refused.status)
    return ""
