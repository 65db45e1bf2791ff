"""Who is on duty, how members are reached, and what goes over from shift to shift."""
