"""Imports beside a running service: each in a process of its own, one at a time."""
