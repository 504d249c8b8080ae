"""The planner: a request and an inventory in, the cheapest deployments that really fit out.

Pure: no database, no network, no clock, no environment; the same arguments give the same answer.
"""

PLANNER_VERSION = "1"
