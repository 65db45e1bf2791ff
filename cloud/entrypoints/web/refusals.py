"""With what access is refused, in words that pages can translate."""

from __future__ import annotations

from typing import Final

from cloud.entrypoints.web.language import N_

BOARD: Final = N_("Residents see their own reports, not the board. Ask the property manager if you have duties here.")
MACHINERY: Final = N_("This is for managers, operators and administrators. Ask one of them.")
NODES: Final = N_("What a node is told is for operators and administrators. Ask one of them.")
ENROLMENT: Final = N_("Nodes are enrolled by operators and administrators. Ask one of them.")
REGISTERS: Final = N_("Registers are for managers, overseers and administrators. Ask one of them.")
PERSONAL: Final = N_("What is kept of people is for administrators. Ask one of them.")
MEMBERS: Final = N_("Members are invited and removed by managers and administrators. Ask one of them.")
SETUP: Final = N_("Estates are set up by administrators. Ask one of them.")
FACTOR: Final = N_(
    "Your role requires a second factor. Enter a code or set one up at /account/second-factor, then go on."
)
SCREEN: Final = N_("This screen shows the duty room and nothing else. Sign in on a device of your own.")
MESSAGE: Final = N_("The link in the message opens its task and nothing else. Sign in for the rest.")
