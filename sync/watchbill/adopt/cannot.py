"""What the policy format cannot say."""

from __future__ import annotations


class CannotSay(Exception):
    """`reason` completes the sentence "it is left as it is: ..."."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
