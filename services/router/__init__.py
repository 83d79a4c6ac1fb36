"""Decides what a report is, how urgent, and who must act; keeps the workflow and the clocks of every case."""
