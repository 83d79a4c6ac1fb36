"""Limits, calendars and the clocks that run on a case."""
