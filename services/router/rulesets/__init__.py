"""The rules as data, in versions."""
