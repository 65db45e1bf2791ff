"""People act and time passes: the deeds, the timers and the sending of what they leave to be told."""
