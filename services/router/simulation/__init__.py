"""What another ruleset would have made of the reports that came in, before anybody puts it in force."""
