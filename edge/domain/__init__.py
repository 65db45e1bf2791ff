"""What signals mean. Pure: every function takes the time it needs, none does I/O."""
