"""Bodies without an account that people phone, by country; they stand in every estate there unless its file describes its own."""

from __future__ import annotations

from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind

EXTERNALS: Final = (
    Party("fire-119", PartyKind.EXTERNAL, Names("119 消防", "Fire service 119"), phone="119"),
    Party("lift-96333", PartyKind.EXTERNAL, Names("96333 电梯应急", "Lift emergency line 96333"), phone="96333"),
    Party("medical-120", PartyKind.EXTERNAL, Names("120 急救", "Ambulance 120"), phone="120"),
    Party("police-110", PartyKind.EXTERNAL, Names("110 报警", "Police 110"), phone="110"),
)
"""Bodies without an account that any estate in China can reach by phone; a file may describe them itself instead."""
EXTERNALS_GB: Final = (
    Party("emergency-999", PartyKind.EXTERNAL, Names("999 紧急服务", "Emergency services 999"), phone="999"),
    Party("gas-emergency", PartyKind.EXTERNAL, Names("燃气紧急热线", "Gas emergency line"), phone="0800111999"),
)
EXTERNALS_OF: Final = {"CN": EXTERNALS, "GB": EXTERNALS_GB}
