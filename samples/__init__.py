"""A made-up district and a day of reports in it; nothing here is anybody's."""
