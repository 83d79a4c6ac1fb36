"""Weather warnings in force, which make what the weather worsens more urgent."""
