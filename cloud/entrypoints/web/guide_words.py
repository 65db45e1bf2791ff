"""The words on screen for setting up: steps, countries, tables, and what became of messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.entrypoints.web.language import N_

STEPS: Final[Mapping[str, str]] = {
    "estate": N_("The estate"),
    "places": N_("Places and equipment"),
    "parties": N_("Who does what"),
    "members": N_("People"),
    "node": N_("The first node"),
    "test": N_("A test alarm"),
}
COUNTRIES: Final[Mapping[str, str]] = {"CN": N_("China"), "GB": N_("Great Britain")}
DELIVERIES: Final[Mapping[str, str]] = {
    "waiting": N_("being sent"),
    "sent": N_("message delivered"),
    "failed": N_("not reached"),
    "withdrawn": N_("no longer needed"),
}
TABLES: Final[Mapping[str, str]] = {
    "estate": N_("The estate"),
    "places": N_("Places"),
    "parties": N_("Parties"),
    "members": N_("Members"),
    "rosters": N_("Rosters"),
    "nodes": N_("Nodes"),
    "equipment": N_("Equipment"),
    "upkeep": N_("Dates of upkeep"),
    "duties": N_("Duties"),
}
