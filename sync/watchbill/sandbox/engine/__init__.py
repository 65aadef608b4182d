"""Incidents that live: triggered, escalated by the clock, acknowledged, resolved, and told to webhooks.

- snapshot: the policy as it was at trigger, and who is on call at one of its levels
- urgency: a service's urgency rule, by support hours and by alert severity
- logbook: log entries
- incidents: what can be done to an incident, by people and by time
- clockwork, timers: when time does it
- pcl: conditions of event orchestrations
- routing: an event through an orchestration: rules, actions, rewriting
- suspended: alerts that wait before they become incidents
- events: the Events API: alerts in, incidents out
- outbox, delivery: which webhook subscription gets which event, and sending it
- analytics: figures about incidents
"""
