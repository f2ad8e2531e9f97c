"""What traders read off price bars."""
