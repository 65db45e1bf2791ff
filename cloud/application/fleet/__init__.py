"""Nodes let in, configured, commanded and watched."""
