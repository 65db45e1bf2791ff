"""How messages of nodes enter: decoded, handed to their use cases, and acknowledged once they are durable."""
