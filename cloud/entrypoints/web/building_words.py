"""The words on screen for a building's equipment: its states, and what lifts and doors say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.entrypoints.web.language import N_

STATES: Final[Mapping[str, str]] = {
    "life": N_("Life safety"),
    "alarm": N_("Alarm"),
    "fault": N_("Fault"),
    "unheard": N_("Not heard"),
    "maintenance": N_("Maintenance"),
    "exercise": N_("Exercise"),
    "unwatched": N_("No sensor"),
    "normal": N_("Normal"),
}
MODES: Final[Mapping[str, str]] = {
    "0": N_("stopped"),
    "1": N_("in normal service"),
    "2": N_("inspection mode"),
    "3": N_("fire recall"),
    "4": N_("firefighter's service"),
    "5": N_("emergency power"),
    "6": N_("earthquake mode"),
    "7": N_("unknown mode"),
}
"""A lift's service modes as its controller numbers them (equipment.md)."""
DIRECTIONS: Final[Mapping[str, str]] = {"up": N_("up"), "down": N_("down"), "none": N_("none")}
TRUTHS: Final[Mapping[str, str]] = {"true": N_("yes"), "false": N_("no")}
WINDOWS: Final[Mapping[str, str]] = {"hour": N_("One hour"), "day": N_("One day"), "month": N_("30 days")}
KINDS: Final[Mapping[str, str]] = {
    "access_gate": N_("Door or gate"),
    "smoke_detector": N_("Smoke detector"),
    "lift": N_("Lift"),
    "node": N_("Node"),
    "other": N_("Other equipment"),
}
