"""The example estate that ships with Tocsin: where its files are, and who may enter it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

ESTATE: Final = "example"
ROOT: Final = Path(str(resources.files("deploy"))) / "example_estate"
ESTATE_FILE: Final = ROOT / "estate.yaml"
FIRST_HOUR: Final = ROOT / "scenarios" / "first-hour.toml"
READER: Final = "platform-operator"
"""The member whose token the runs themselves use to ask what the cloud says."""

LABELLER: Final = "duty-manager"
"""The member in whose name labels are made for its lifts and doors."""

ROLES: Final = {
    "duty-manager": ("物业值班经理", "Property: duty manager"),
    "lift-technician": ("维保技师", "Lift maintainer: technician"),
    "control-room-operator": ("消控室值班员", "Fire control room: operator"),
    "committee-officer": ("居委会值班干部", "Residents' committee: officer"),
    "security-guard": ("保安", "Security guard"),
    "platform-operator": ("平台运维员", "Platform operator: nodes and settings"),
}
"""Members that one looks through first, and what they are, in Chinese and in English."""

ESTATE_FILE_GB: Final = ROOT / "estate_gb.yaml"
"""A small one in Great Britain: another matrix, other numbers to dial."""
