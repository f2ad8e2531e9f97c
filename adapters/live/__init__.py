"""Doors to venues' interfaces: pages are fetched, kept as they came, and read like files."""
