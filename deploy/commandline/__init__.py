"""The `tocsin` command: the rooms behind it, opened when they are asked for, and its manual."""
