"""Who and where: the tree of places, parties and their members, hours, and what lets a member in."""
