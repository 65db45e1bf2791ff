"""The decoders there are, by the name under which `make fuzz TARGET=…` knows them; each is the module of that name."""

from __future__ import annotations

NAMES = (
    "telemetry",
    "event",
    "health",
    "orders",
    "controller",
    "wiegand",
    "enrolment_request",
    "enrolment_answer",
    "estate_yaml",
    "estate_csv",
    "electoral_roll",
    "calendar",
    "open311",
    "photo",
)
