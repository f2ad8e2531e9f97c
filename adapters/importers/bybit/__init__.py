"""Bybit: its statements and pages, read together."""
