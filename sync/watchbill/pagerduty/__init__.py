"""The wire to PagerDuty: transport, wire models, read (-> account), write (a change -> requests)."""
