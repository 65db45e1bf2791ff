"""Who hashes, seals, counts and vouches for accounts. Each is imported when it is first used: most hours nobody signs in."""
