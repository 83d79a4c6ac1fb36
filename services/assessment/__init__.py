"""Measures from the recorded events what was due, and what was done in time."""
