"""Chat bots: thin clients of the r1plan API, which import neither the planner nor the service."""
