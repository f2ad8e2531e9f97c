"""Gemini: its transaction history."""
