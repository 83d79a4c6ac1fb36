"""The state machine of a case, as one table with its commands: pure rules."""
