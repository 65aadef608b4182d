"""The runbook's procedures on a live incident: what chat, command line and watchdog all call."""
