"""Two accounts -> changes, effects, order, guards: a plan is data, and apply takes nothing else.  Pure."""
