"""Batches made durable and known again: one SQLite file that acknowledges, whatever engine draws the readings."""
