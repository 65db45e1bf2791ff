"""A year of an estate in minutes: the governance engine itself, on a clock that leaps, among people with habits."""
