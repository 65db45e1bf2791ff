"""Who must answer: the register of an estate, its duty matrix, its ladders, and the way from a hazard to its parties."""
