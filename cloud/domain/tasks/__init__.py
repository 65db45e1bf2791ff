"""What is asked of the parties: tasks, their parts and clocks, and every way in which they move."""
