"""Paper trading: a book of simulated trades, and the bundled session that shows it."""
