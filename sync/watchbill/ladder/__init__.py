"""Severity x domain -> ladder, and the one resolver of "who is paged for X at T".  Pure."""
