"""Kraken: ledgers and trades, read together."""
