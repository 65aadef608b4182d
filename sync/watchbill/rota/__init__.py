"""Calendar mathematics.  Pure: no input or output, no clock.

Two families live here and share nothing but `clock` and `spans`, so that one can judge the other:
the policy's turns (`turns`, `windows`, `duty`) and PagerDuty's documents (`layers`, `shifts`).
An instant is an int, seconds since the Unix epoch.  Spans are half open, [start, end).
"""
