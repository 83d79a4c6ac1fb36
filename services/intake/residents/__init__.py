"""What reporters are told of their own reports, through the contact that never leaves the vault."""
