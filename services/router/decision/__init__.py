"""What a report is, how urgent, and who must act."""
