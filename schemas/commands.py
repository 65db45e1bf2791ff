"""Requests to a node, and the receipts that say what came of them - and of a configuration it was sent."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from schemas.base import EpochSeconds, Uuid, WireModel

Action = Literal[
    "identify",
    "test-alarm",
    "reload",
    "report-configuration",
    "rotate-credentials",
    "accept-card-key",
    "mute",
    "unmute",
    "sound",
    "hush",
]
LONGEST_EXPIRY_S = 3600.0
LONGEST_MUTE_S = 900.0
"""15 minutes: longer nobody on site may keep a sounder quiet (governance.md, the safety floor)."""

LONGEST_SOUND_S = 900.0
"""A call sheet that is still due then is sounded anew; a cloud that has vanished leaves no beacon sounding for ever."""


class Command(WireModel):
    """A request. It names the boot it is meant for and expires: on the node's monotonic clock since receipt
    (`expires_in_s`), and on its wall clock where that is synchronised (`expires_at`).

    Arguments: `identify` takes `seconds` (1 to 300, 10 unless given). `test-alarm` takes `equipment`, `hazard` and
    `seconds` (1 to 3600, 60 unless given); what it raises is an exercise. `accept-card-key` takes what
    `schemas.card_keys.CardKeyOrder` says. `mute` takes `equipment` (ids, parted by blanks) and `seconds` (1 to 900, 900 unless
    given): sirens and beacons that sound for alarms of that equipment and of nothing else keep quiet, until then or until
    anything new holds a reflex or puts life at risk; `unmute` ends it. Neither touches what releases gates. `sound` takes
    `incident` and `seconds` (1 to 900): beacons in the duty room sound until then, or until `hush` for the same `incident`; no
    mute silences them. `incident` in `mute` and `unmute` is for who asked. The others take none.
    """

    id: Uuid
    boot: Uuid
    action: Action
    expires_in_s: Annotated[float, Field(gt=0, le=LONGEST_EXPIRY_S)]
    expires_at: EpochSeconds | None = None
    arguments: dict[str, str | float | bool] = {}


class Receipt(WireModel):
    """What came of a command. `refused` says why in `detail`; a repeated id is answered as it was the first time.

    `configuration`: the document in force at the node, as it stands there; only where `report-configuration` asked.
    """

    command: Uuid
    outcome: Literal["done", "failed", "refused"]
    detail: str = Field(default="", max_length=512)
    t: EpochSeconds | None = None
    configuration: dict[str, Any] | None = None


class ConfigurationReceipt(WireModel):
    """What came of a configuration that was sent to the node.

    `refused`: it does not hold together, or its version does not grow; `failed`: the node tried and went back to the
    last good one. `version` and `hash` are of what was sent; None where it could not be read so far.
    """

    configuration_version: int | None
    configuration_hash: Annotated[str, Field(max_length=64)] | None = None
    outcome: Literal["applied", "refused", "failed"]
    detail: str = Field(default="", max_length=512)
    t: EpochSeconds | None = None


AnyReceipt = Receipt | ConfigurationReceipt
