"""Incidents that live: triggered, escalated by the clock, acknowledged, resolved, and told to webhooks.

snapshot   the policy as it was at trigger, and who is on call at one of its levels
urgency    a service's urgency rule, by support hours and by alert severity
logbook    log entries, and the webhook events that go with them
incidents  what can be done to an incident, by people and by time
clockwork  when time does it
pcl        conditions of event orchestrations
routing    an event through an orchestration: rules, actions, rewriting
events     the Events API: alerts in, incidents out
outbox     which subscription gets which event; delivery
"""
