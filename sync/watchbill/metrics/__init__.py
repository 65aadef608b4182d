"""The runbook's metrics, measured on what happened."""
