"""What was earned, at average cost and marks, and the return on own capital."""
