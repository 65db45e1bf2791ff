"""Patterns and petitions open topics; people talk, propose and vote; what is carried becomes a task and is looked at again."""
