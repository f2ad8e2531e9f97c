"""What would follow of a trade, a loan, a stop or a liquidation: plans, and what they come to."""
