"""Machines of one's own: nodes, and the reservations that promise their GPUs to somebody."""
