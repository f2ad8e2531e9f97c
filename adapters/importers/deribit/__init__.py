"""Deribit: its transaction log."""
