"""Estates loaded, and members let in."""
