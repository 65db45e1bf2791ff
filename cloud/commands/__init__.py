"""What an operator types at the machine that runs the cloud, by noun."""
