"""OKX: its statements and pages, read together."""
