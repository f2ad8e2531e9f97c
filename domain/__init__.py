"""What is true: events, lots, accounts, terms. Standard library and attrs; no I/O, no clock, no randomness."""
