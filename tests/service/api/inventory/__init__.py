"""Writes over the API."""
