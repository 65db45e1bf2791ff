"""Requests to a node, and the receipts that say what came of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import EpochSeconds, Uuid, WireModel


class Command(WireModel):
    """A request. It names the boot it is meant for and expires: on the node's monotonic clock since receipt
    (`expires_in_s`), and on its wall clock where that is synchronised (`expires_at`).
    """

    id: Uuid
    boot: Uuid
    action: Literal["identify", "test-alarm", "reload", "rotate-credentials"]
    expires_in_s: Annotated[float, Field(gt=0, le=3600)]
    expires_at: EpochSeconds | None = None
    arguments: dict[str, str | float | bool] = {}


class Receipt(WireModel):
    """What came of a command. `refused` says why in `detail`; a repeated id is answered as it was the first time."""

    command: Uuid
    outcome: Literal["done", "failed", "refused"]
    detail: str = Field(default="", max_length=512)
    t: EpochSeconds | None = None
