"""`/v1/inventory`: what operations keep, as resources that are read and changed, and the trail of the changes."""
