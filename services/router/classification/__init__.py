"""What a report is about, from its own words, when nobody has said."""
