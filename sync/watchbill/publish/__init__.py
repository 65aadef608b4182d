"""What people read, from the policy alone: the runbook, the site, the calendars."""
