"""What each loan should have cost, by its venue's clock, beside what was charged."""
