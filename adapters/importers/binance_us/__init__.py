"""Binance.US: its tax report of all transactions."""
