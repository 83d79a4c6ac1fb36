"""What each command brings, what it may lack, and the fact that it states; a file for each phase of a case."""
