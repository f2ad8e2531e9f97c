"""BitMEX: its wallet history."""
