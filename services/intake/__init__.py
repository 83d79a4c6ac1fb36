"""The front door: takes reports, gives receipts, keeps personal data to itself."""
