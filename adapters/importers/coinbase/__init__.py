"""Coinbase: its statements, read together."""
