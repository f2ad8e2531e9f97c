"""Bitfinex: ledgers and trades, read together."""
