"""KuCoin: its statements, read together."""
