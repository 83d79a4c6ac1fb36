"""Subscriptions by e-mail: confirmed by the address first, sent at once or gathered, ended by one click."""
