"""Cases as they are kept: found, listed in queue order, shown to whom they concern, and acted on over HTTP."""
