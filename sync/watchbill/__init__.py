"""watchbill: the escalation runbook, executable."""

__version__ = "0.1.0"
