"""What is kept of each case, counted anew."""
