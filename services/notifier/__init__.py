"""The notifier: tells every subscriber what happened to the cases he asked about, and keeps how it ended."""
