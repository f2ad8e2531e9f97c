"""Files of price bars: what they hold, and what of it a book records."""
