"""Every way watchbill stops on purpose.  Each class owns its exit code and tells the remedy.

    WatchbillError                1   internal, or nothing better is known
    ├── UsageError                2   the command line or a value on it is off
    ├── PolicyInvalid             3   the YAML has errors; carries the findings
    ├── GuardRefused             11   a guard stands in the way; carries the findings
    ├── StalePlan                12   a saved plan no longer fits; nothing was written
    ├── AppliedInPart            13   some changes were written, some were not
    ├── ForgeError               14   GitHub does not answer, or takes the token or the request not
    ├── InstallFailed            14   pip cannot find, build or install what CI needs
    └── AccountError             14   the account cannot be used
        ├── AccountUnreachable        no answer within the deadline
        ├── AccountUnauthorised       the token is missing, wrong or too weak
        └── AccountUnfit              the account lacks something the policy needs

Exit code 10 (changes or drift pending) is an answer, not an error, and has no class.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from watchbill.findings import Finding

EXIT_OK = 0
EXIT_PENDING = 10


class WatchbillError(Exception):
    """`message` says what is wrong in one sentence, `remedy` what to do next."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UsageError(WatchbillError):
    exit_code = 2


class _WithFindings(WatchbillError):
    def __init__(self, message: str, findings: Sequence[Finding] = (), *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.findings: tuple[Finding, ...] = tuple(findings)


class PolicyInvalid(_WithFindings):
    exit_code = 3


class GuardRefused(_WithFindings):
    exit_code = 11


class StalePlan(WatchbillError):
    exit_code = 12


class AppliedInPart(WatchbillError):
    exit_code = 13


class ForgeError(WatchbillError):
    exit_code = 14


class InstallFailed(WatchbillError):
    exit_code = 14


class AccountError(WatchbillError):
    exit_code = 14


class AccountUnreachable(AccountError):
    pass


class AccountUnauthorised(AccountError):
    pass


class AccountUnfit(AccountError):
    pass
