"""What follows from the events: pure folds. This room knows `domain` alone and writes nothing."""
