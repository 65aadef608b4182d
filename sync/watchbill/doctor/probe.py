"""Questions that only the account can answer, asked one after the other on scratch objects.

Each is a function of a few requests, listed in its docstring; what it returns is an answer in words and what follows
from it.  A refusal is an answer or leaves the question open; it never ends the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from watchbill.doctor.diagnosis import Probed
from watchbill.doctor.lab import Lab, Stopped, Unsettled
from watchbill.errors import AccountError, AccountUnauthorised, AccountUnreachable, UsageError

AS_ASSUMED = "as watchbill assumes"
RIGHT_EITHER_WAY = (
    "not as watchbill assumes: the schedules that it writes are right either way, but what it tells of layers "
    "made by hand may be off; please report it"
)


@dataclass(frozen=True, slots=True)
class Seen:
    answer: str
    means: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    about: str
    fact: str
    question: str
    ask: Callable[[Lab], Seen]
    """Raises Unsettled, Stopped, AccountError."""


def ask_all(lab: Lab, probes: tuple[Probe, ...]) -> Iterator[Probed]:
    """Ends early, with the rest unsettled, when the account is gone or somebody stops it."""
    over = ""
    for probe in probes:
        if over:
            yield _unsettled(probe, over)
            continue
        try:
            seen = probe.ask(lab)
        except Stopped:
            over = "stopped"
            yield _unsettled(probe, over)
        except (AccountUnreachable, AccountUnauthorised) as gone:
            over = gone.message
            yield _unsettled(probe, over)
        except AccountError as refused:
            yield _unsettled(probe, refused.message)
        except Unsettled as why:
            yield _unsettled(probe, str(why))
        except (LookupError, TypeError, ValueError, UsageError) as odd:
            yield _unsettled(probe, f"the answer has another shape than documented ({odd})")
        else:
            yield Probed(
                about=probe.about,
                fact=probe.fact,
                question=probe.question,
                answer=seen.answer,
                settled=True,
                means=seen.means,
            )


def _unsettled(probe: Probe, why: str) -> Probed:
    return Probed(
        about=probe.about,
        fact=probe.fact,
        question=probe.question,
        answer=f"not settled: {why}",
        settled=False,
    )
