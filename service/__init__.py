"""The service: the inventory, the API and the command line around the planner."""
