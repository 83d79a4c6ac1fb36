"""What operations look at, written as code so that it is reviewed and tested like code."""
