"""After intake's database was restored: the reports since are known again, as far as they left it."""
