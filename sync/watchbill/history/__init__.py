"""The policy at a past commit: read from git's objects, without a work tree."""
