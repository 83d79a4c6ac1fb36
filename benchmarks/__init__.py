"""What performance claims rest on: each measured beside a bare baseline in the same run."""
