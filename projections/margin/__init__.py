"""What each account is worth, how near it is to liquidation, and how near it ever came."""
