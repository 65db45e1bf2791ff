"""Channels through which people are told."""
