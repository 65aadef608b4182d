"""A PagerDuty on your machine: a real HTTP server on loopback, its state in SQLite.

Built from what is known of PagerDuty's REST API, never from what the reconciler believes about it, so that one
can judge the other.  Of watchbill it imports only `rota`, `findings` and `errors`.

    server    starts and stops it: `Sandbox` (context manager) and `serve` (blocking)
    http      one request: authentication, rate limit, faults, transaction, log
    routes/   one module per resource, each with its table `ROUTES`
    views, schedule_view, shifts_view, incident_view   stored documents -> what the API answers
    layers, events_v3, service_fields                  what a write may say, checked
    engine/   incidents that live: escalation by the clock, events, orchestrations, webhooks, figures
    store     documents, links between them, request log
    world     what a handler may touch: store, clock, options, on-call rendering
    load      an estate file in and out; people, teams and schedules made for embedded use
    tamper    edits as a human makes them in the web UI; upgrade makes a schedule shift-based
    faults    what goes wrong on purpose
"""
