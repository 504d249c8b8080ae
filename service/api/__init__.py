"""The REST API: thin controllers, one file for each resource."""
