"""The watchdog: what the runbook wants to happen by itself, also after somebody acknowledged."""
