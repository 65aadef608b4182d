"""Rules about a policy that has the right shape: each with an id, an explanation, a bad and a good example."""

from watchbill.checks.registry import RULES, explain, run_checks
from watchbill.checks.rule import Problem, Rule

__all__ = ["RULES", "Problem", "Rule", "explain", "run_checks"]
