"""What is true: events, lots, accounts, terms. Only the standard library and attrs; no I/O."""
