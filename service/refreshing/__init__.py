"""Sources read by their schedule: one after the other, in one process at a time."""
