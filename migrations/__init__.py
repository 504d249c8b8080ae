"""The history of the inventory's tables, the same on SQLite and on PostgreSQL."""
