"""Paper trading: orders, and a simulated venue that fills them from price bars."""
