"""What follows from an alarm: incidents, their tasks, and who is called."""
