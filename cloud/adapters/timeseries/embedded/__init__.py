"""The default engine: the journal's readings settled into compressed chunks of the same file."""
