"""Where a node touches the world: pins, converters, buses, disk, wire, clock and supervisor."""
