"""Every fact, declared once, a file for each kind of thing that facts are about."""
