"""Notices to the people on duty in units: who is told of what, how loudly, how often."""
