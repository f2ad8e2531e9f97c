"""Binance: its statements, trade and futures histories, and what its margin charges."""
