"""What the services say to each other: facts, words and topics; pydantic and standard library only."""
